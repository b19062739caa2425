//! The demo: the same on each run, and what README shows of it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;

use crate::run::{command, finish};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What the demo prints, without what a run cannot repeat: its port and how long it took.
fn demo() -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let examples = format!("{ROOT}/examples");
    let ran =
        finish(command().current_dir(folder.path()).args(["demo", "--examples", &examples]), b"");
    ran.went_well(&["The narrative of"]);
    let repeated = |line: &&str| !line.starts_with("server ") && !line.starts_with("settled in");
    ran.out.lines().filter(repeated).map(str::to_owned).collect()
}

#[test]
fn the_demo_is_the_same_on_each_run_and_as_readme_shows_it() {
    let first = demo();
    assert_eq!(first, demo());
    let duplicates: Vec<&String> = first.iter().filter(|line| line.contains(" repeats ")).collect();
    assert_eq!(duplicates.len(), 3, "{duplicates:?}");
    for line in duplicates {
        assert!(line.contains("/wire-copy.txt duplicate – repeats press-"), "{line}");
    }
    let readme = fs::read_to_string(format!("{ROOT}/README.md")).unwrap();
    let shown = readme.split("## What it looks like").nth(1).unwrap();
    let shown = shown.split("```").nth(1).unwrap().lines().skip(1);
    let of_run = |line: &&str| {
        !line.starts_with(['$', '…']) && !line.starts_with("settled in") && line.trim() != "…"
    };
    for line in shown.filter(of_run) {
        assert!(first.iter().any(|known| known == line), "README shows `{line}`");
    }
}
