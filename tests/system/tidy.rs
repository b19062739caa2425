//! Small files, short functions, plain names.

use std::{
    fs,
    path::{Path, PathBuf},
};

const FILE_LINES_MAX: usize = 450;
const FUNCTION_LINES_MAX: usize = 75;
const COLUMNS_MAX: usize = 140;
const BANNED_NAMES: [&str; 8] =
    ["utils", "util", "common", "helpers", "helper", "manager", "impl", "misc"];
const BANNED_WORDS: [&str; 4] = ["todo!(", "unimplemented!(", "dbg!(", "#[ignore"];

fn sources() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let folders =
        ["schemas", "narrative", "state", "processors", "api", "src", "tests", "benches", "fuzz"];
    let mut open: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    while let Some(path) = open.pop() {
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            open.extend(
                fs::read_dir(&path).expect("readable").map(|entry| entry.expect("an entry").path()),
            );
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    assert!(found.len() > 50, "the sources are found");
    found
}

/// Every fault in every file, so that one run shows them all.
fn faults(check: impl Fn(&Path, &str) -> Vec<String>) {
    let mut faults = Vec::new();
    for path in sources() {
        let text = fs::read_to_string(&path).expect("UTF-8");
        faults.extend(
            check(&path, &text).into_iter().map(|fault| format!("{}: {fault}", path.display())),
        );
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn files_are_small_and_say_what_they_are() {
    faults(|path, text| {
        let mut faults = Vec::new();
        let lines = text.lines().count();
        if lines > FILE_LINES_MAX {
            faults.push(format!("{lines} lines"));
        }
        if !text.starts_with("//!") && !text.starts_with("#!") {
            faults.push("does not say what it is".into());
        }
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if BANNED_NAMES.contains(&stem) {
            faults.push("its name says nothing".into());
        }
        faults
    });
}

#[test]
fn lines_are_short_and_nothing_is_left_for_later() {
    let itself = Path::new(file!()).file_name().expect("a name").to_owned();
    faults(|path, text| {
        let mut faults = Vec::new();
        for (number, line) in text.lines().enumerate() {
            // Patterns and word lists in a literal are not broken.
            if line.chars().count() > COLUMNS_MAX && !in_literal(line) {
                faults.push(format!("line {} has {} columns", number + 1, line.chars().count()));
            }
            if path.file_name() != Some(&itself)
                && BANNED_WORDS.iter().any(|word| line.contains(word))
            {
                faults.push(format!("line {}: {}", number + 1, line.trim()));
            }
        }
        faults
    });
}

fn in_literal(line: &str) -> bool {
    line.contains('"') || line.trim_start().starts_with('|') || line.ends_with('\\')
}

#[test]
fn functions_fit_a_screen() {
    faults(|_, text| {
        let lines: Vec<&str> = text.lines().collect();
        let indent = |line: &str| line.len() - line.trim_start().len();
        let begins = |line: &str| {
            let words: Vec<&str> =
                line.split_whitespace().take_while(|word| !word.contains('(')).collect();
            let before = &words[..words.len().min(5)];
            line.contains('(') && before.contains(&"fn")
        };
        let mut faults = Vec::new();
        for (start, line) in lines.iter().enumerate().filter(|(_, line)| begins(line)) {
            let close =
                |other: &&str| indent(other) == indent(line) && other.trim_start().starts_with('}');
            let length = lines[start..].iter().position(close).map_or(0, |end| end + 1);
            if length > FUNCTION_LINES_MAX {
                faults.push(format!("line {} begins a function of {length} lines", start + 1));
            }
        }
        faults
    });
}
