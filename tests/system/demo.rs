//! The demo: the same on each run, and what README shows of it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;

use crate::run::{command, finish, runtime_is_here};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What the demo prints, without what a run cannot repeat: its port and how long it took.
fn demo(variables: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let examples = format!("{ROOT}/examples");
    let mut command = command();
    command.current_dir(folder.path()).envs(variables.iter().copied());
    let ran = finish(command.args(["demo", "--examples", &examples]), b"");
    ran.went_well(&["The narrative of"]);
    let repeated = |line: &&str| !line.starts_with("server ") && !line.starts_with("settled in");
    ran.out.lines().filter(repeated).map(str::to_owned).collect()
}

#[test]
fn the_demo_is_the_same_on_each_run() {
    let first = demo(&[]);
    assert_eq!(first, demo(&[]));
    let duplicates: Vec<&String> = first.iter().filter(|line| line.contains(" repeats ")).collect();
    assert_eq!(duplicates.len(), 3, "{duplicates:?}");
    for line in duplicates {
        assert!(line.contains("/wire-copy.txt duplicate – repeats press-"), "{line}");
    }
}

/// Two machines may differ in the last digits of a model's scores.
fn rounded(line: &str) -> String {
    let mut rest = line;
    let mut text = String::new();
    while let Some(place) = rest.find("0.") {
        text.push_str(&rest[..place]);
        text.push_str("0.…");
        rest = rest[place + 2..].trim_start_matches(|c: char| c.is_ascii_digit());
    }
    text + rest
}

#[test]
fn readme_shows_the_demo_with_the_models_that_come_with_the_project() {
    if !runtime_is_here() {
        return;
    }
    let (encoder, entailment) =
        (format!("{ROOT}/models/minilm-l6"), format!("{ROOT}/models/minilm-l6-nli"));
    let models = [("CNS_MODELS_EMBEDDER", &*encoder), ("CNS_MODELS_ENTAILMENT", &*entailment)];
    let known: Vec<String> = demo(&models).iter().map(|line| rounded(line)).collect();
    let readme = fs::read_to_string(format!("{ROOT}/README.md")).unwrap();
    let shown = readme.split("## What it looks like").nth(1).unwrap();
    let shown = shown.split("```").nth(1).unwrap().lines().skip(1);
    let of_run = |line: &&str| {
        !line.starts_with(['$', '…']) && !line.starts_with("settled in") && line.trim() != "…"
    };
    for line in shown.filter(of_run) {
        assert!(known.contains(&rounded(line)), "README shows `{line}`");
    }
}
