//! The runbook: its commands are there, its promise is the README's, its backup works.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeSet, fs, path::Path};

use crate::{
    node::Node,
    papers::{con, got, pro, submit},
    run::cns,
};

fn read(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Words of a command before its options and arguments.
fn words(command: &str) -> Vec<&str> {
    let name = |word: &&str| {
        !word.starts_with('-') && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    };
    command.split_whitespace().skip(1).take_while(name).collect()
}

#[test]
fn the_commands_of_the_runbook_are_there() {
    let (runbook, alerts) = (read("docs/operations.md"), read("deploy/grafana/alerts.yaml"));
    let firsts = alerts.lines().filter_map(|line| line.trim().strip_prefix("first: "));
    let firsts = firsts.map(|first| first.trim_matches('"').split(',').next().unwrap());
    let told = runbook.split('`').chain(firsts).filter(|part| part.starts_with("cns "));
    let commands: BTreeSet<&str> = told.collect();
    assert!(commands.len() > 6, "{commands:?}");
    for command in commands {
        let words = words(command);
        let ran = cns(&[words.as_slice(), &["--help"]].concat());
        assert_eq!(ran.code, Some(0), "`{command}` is not there: {}", ran.err);
        for option in command.split_whitespace().filter(|word| word.starts_with("--")) {
            assert!(ran.out.contains(option), "`{command}`: there is no {option}");
        }
    }
}

/// The guarantee stands everywhere in the same words.
#[test]
fn the_runbook_promises_what_the_readme_promises() {
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let promise = "effects on the log, the state and the views happen exactly once; model calls happen at least once \
                   (again only after a crash or a loss of ownership), and their recorded result exactly once.";
    for path in ["README.md", "ARCHITECTURE.md", "docs/operations.md"] {
        assert!(flat(&read(path)).contains(promise), "{path}");
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let into = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &into);
        } else {
            fs::copy(entry.path(), into).unwrap();
        }
    }
}

#[test]
fn a_copy_of_a_stopped_state_folder_is_a_backup_with_or_without_its_views() {
    let state = tempfile::tempdir().unwrap();
    let node = Node::start(state.path());
    submit(&node, "coffee", "pro", &pro());
    submit(&node, "coffee", "con", &con());
    let snos = |node: &Node| got(node, "/v1/snos")["items"].clone();
    let before = snos(&node);
    assert_eq!(node.terminate(), Some(0));
    for with_views in [true, false] {
        let backup = tempfile::tempdir().unwrap();
        copy(state.path(), backup.path());
        if !with_views {
            fs::remove_dir_all(backup.path().join("views")).unwrap();
        }
        let node = Node::start(backup.path());
        assert_eq!(snos(&node), before, "with views: {with_views}");
    }
}
