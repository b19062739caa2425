//! Arrows between crates point one way, and the domain stays pure.

use std::{collections::BTreeMap, process::Command};

use serde_json::Value;

/// Which crates each crate may use.
const ALLOWED: [(&str, &[&str]); 6] = [
    ("cns-schemas", &[]),
    ("cns-narrative", &["cns-schemas"]),
    ("cns-state", &["cns-schemas"]),
    ("cns-processors", &["cns-schemas", "cns-narrative", "cns-state"]),
    ("cns-api", &["cns-schemas", "cns-narrative", "cns-state"]),
    ("cns", &["cns-schemas", "cns-narrative", "cns-state", "cns-processors", "cns-api"]),
];

/// What would let the domain do I/O, or run something beside itself.
const IMPURE: [&str; 9] = [
    "tokio",
    "rocksdb",
    "rdkafka",
    "reqwest",
    "ureq",
    "crossbeam-channel",
    "rand",
    "fastrand",
    "tracing",
];

/// Async code lives in the API alone (and later in the HTTP clients of models).
const ASYNC: [&str; 2] = ["tokio", "axum"];

fn dependencies() -> BTreeMap<String, Vec<(String, bool)>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let name = |value: &Value| value["name"].as_str().expect("a name").to_owned();
    packages
        .iter()
        .map(|package| {
            let uses = package["dependencies"].as_array().expect("dependencies");
            (name(package), uses.iter().map(|d| (name(d), d["kind"] == "dev")).collect())
        })
        .collect()
}

#[test]
fn crates_use_only_what_they_may() {
    let found = dependencies();
    assert_eq!(found.len(), ALLOWED.len(), "a crate is missing here: {:?}", found.keys());
    for (name, allowed) in ALLOWED {
        for (used, dev) in &found[name] {
            let ours = used.starts_with("cns");
            assert!(
                !ours || *dev || allowed.contains(&used.as_str()),
                "{name} must not use {used}"
            );
        }
    }
}

#[test]
fn the_domain_has_no_way_out() {
    let found = dependencies();
    for (name, banned) in [
        ("cns-narrative", &IMPURE[..]),
        ("cns-schemas", &IMPURE[..]),
        ("cns-state", &ASYNC[..]),
        ("cns-processors", &ASYNC[..]),
    ] {
        for (used, dev) in &found[name] {
            assert!(*dev || !banned.contains(&used.as_str()), "{name} must not use {used}");
        }
    }
}
