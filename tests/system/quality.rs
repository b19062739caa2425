//! What the models that come with the project find in documents that people have labelled. The goals are held on the
//! pairs that the gates were chosen on; the held-out ones, which nothing was chosen on, are only measured.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value;

use crate::run::{command, finish, runtime_is_here};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The report of the system itself on a file of `tests/quality`, by the name of each measure.
fn measured(file: &str) -> impl Fn(&str) -> f64 {
    let mut command = command();
    command
        .env("CNS_MODELS_EMBEDDER", format!("{ROOT}/models/minilm-l6"))
        .env("CNS_MODELS_ENTAILMENT", format!("{ROOT}/models/minilm-l6-nli"));
    let path = format!("{ROOT}/tests/quality/{file}");
    let ran = finish(command.args(["eval", &path, "--json", "--resamples", "0"]), b"");
    ran.went_well(&[]);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let system = report["files"][0]["systems"][0]["measures"].clone();
    println!("{file}: {system}");
    move |name| system[name]["value"].as_f64().unwrap()
}

#[test]
fn conflicts_are_found_and_little_else() {
    if !runtime_is_here() {
        return;
    }
    let value = measured("documents.jsonl");
    assert!(value("precision_at_10") >= 0.8);
    assert!(value("recall") >= 0.7);
    for label in ["agreement", "paraphrase", "unrelated"] {
        assert!(value(&format!("false_{label}")) <= 0.02, "{label}");
    }
    let held_out = measured("held-out.jsonl");
    assert_eq!((held_out("false_unrelated"), held_out("false_agreement")), (0.0, 0.0));
}

#[test]
fn the_same_study_is_recognised_under_its_forms() {
    if !runtime_is_here() {
        return;
    }
    assert!(measured("evidence.jsonl")("accuracy") >= 0.95);
}
