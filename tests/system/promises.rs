//! Every test that docs/promises.md names exists.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeSet, fs, path::Path};

/// Names of functions in all sources below a folder.
fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let lines = text.lines().map(str::trim_start);
            let named = lines.filter_map(|line| {
                let line = line.strip_prefix("async ").unwrap_or(line);
                line.strip_prefix("fn ")?.split('(').next()
            });
            found.extend(named.map(str::to_owned));
        }
    }
}

#[test]
fn every_test_that_a_promise_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut known = BTreeSet::new();
    for folder in ["tests", "api", "processors", "narrative", "state", "schemas", "src"] {
        functions(&root.join(folder), &mut known);
    }
    let page = fs::read_to_string(root.join("docs/promises.md")).unwrap();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert_eq!(rows.len(), 40);
    for row in rows {
        let shown = row.split('|').nth(3).unwrap();
        let names: Vec<&str> = shown.split('`').skip(1).step_by(2).collect();
        let tests = names.iter().filter(|name| name.contains('_') && !name.contains('.'));
        let missing: Vec<_> = tests.clone().filter(|name| !known.contains(**name)).collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert!(tests.count() > 0 || shown.contains("not"), "nothing shows it: {row}");
    }
}
