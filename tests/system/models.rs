//! `cns models`: what is at work and why, and whether a model does what its port needs.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value;

use crate::{
    node::Node,
    run::{self, Ran, finish, runtime_is_here},
};

/// The binary as its users have it: with the models that it finds.
fn command() -> std::process::Command {
    let mut command = run::command();
    command.env_remove("CNS_MODELS_EMBEDDER").env_remove("CNS_MODELS_ENTAILMENT");
    command
}

fn cns(arguments: &[&str]) -> Ran {
    finish(command().args(arguments), b"")
}

fn cns_with(variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
    finish(command().envs(variables.iter().copied()).args(arguments), b"")
}

fn list() -> Value {
    let ran = cns(&["models", "list", "--json"]);
    ran.went_well(&[]);
    serde_json::from_str(&ran.out).unwrap()
}

fn check(directory: &str) -> Value {
    let ran = cns(&["models", "check", directory, "--json"]);
    ran.went_well(&[]);
    serde_json::from_str(&ran.out).unwrap()
}

/// Every row is there, and begins as expected.
#[track_caller]
fn rows(found: &Value, expected: &[(&str, &str)]) {
    for (what, begins) in expected {
        let told = found[what].as_str().unwrap_or_else(|| panic!("no {what} in {found}"));
        assert!(told.starts_with(begins), "{what}: {told}");
    }
}

#[test]
fn the_models_at_work_are_listed() {
    if !runtime_is_here() {
        return;
    }
    let rows = list();
    let named = |number: usize, part: &str| {
        let name = rows[number]["name"].as_str().unwrap();
        assert!(name.starts_with(part), "{name}");
        assert_eq!(rows[number]["where"], "at work");
    };
    named(0, "minilm-l6@");
    named(1, "minilm-l6-nli@");
    assert_eq!(rows[3]["where"], "models/minilm-l6");
    assert_eq!(rows[4]["where"], "models/minilm-l6-nli");
    cns(&["models", "list"]).went_well(&["FOR", "at work", "minilm-l6-nli", "ONNX Runtime"]);
}

#[test]
fn the_models_of_the_project_do_what_their_ports_need() {
    if !runtime_is_here() {
        return;
    }
    let shared = [("tokens at most", ""), ("config.json", "sha256 "), ("model.onnx", "sha256 ")];
    let encoder = check("models/minilm-l6");
    rows(&encoder, &shared);
    let expected = [
        ("port", "embedder"),
        ("dimension", "384"),
        ("pooling", "mean"),
        ("a paraphrase is near", "ok"),
        ("another topic is far", "ok"),
        ("alone as in a batch", "ok"),
        ("name in results", "minilm-l6@"),
    ];
    rows(&encoder, &expected);
    let entailment = check("models/minilm-l6-nli");
    rows(&entailment, &shared);
    let expected = [
        ("port", "entailment"),
        ("labels", "entailment "),
        ("a sentence entails itself", "ok"),
        ("another topic is neutral", "ok"),
        ("a denial contradicts", "ok"),
        ("name in results", "minilm-l6-nli@"),
    ];
    rows(&entailment, &expected);
}

#[test]
fn a_directory_that_is_none_is_told() {
    if !runtime_is_here() {
        return;
    }
    let parts = ["/nowhere/config.json is missing", "tokenizer.json"];
    cns(&["models", "check", "/nowhere"]).failed(3, &parts);
    cns_with(&[("CNS_MODELS_EMBEDDER", "/nowhere")], &["models", "list"]).failed(3, &parts);
}

#[test]
fn a_library_that_is_named_and_not_there_is_told() {
    let ran = cns_with(&[("CNS_MODELS_RUNTIME", "/nowhere.so")], &["models", "list"]);
    ran.failed(3, &["/nowhere.so", "no such file", "make runtime", "builtin"]);
}

#[test]
fn without_a_library_the_built_in_models_work_and_it_says_why() {
    let home = tempfile::tempdir().unwrap();
    let without = |arguments: &[&str]| {
        let mut command = command();
        command.env("HOME", home.path()).env("XDG_CACHE_HOME", home.path());
        command.env_remove("ORT_DYLIB_PATH").args(arguments);
        finish(&mut command, b"")
    };
    let ran = without(&["models", "list"]);
    // A library that the system has is found without a home.
    if ran.out.contains("libonnxruntime") {
        println!("Not tried: this system has an ONNX Runtime library of its own.");
        return;
    }
    let why = ["at work", "lexical-", "not here", "make runtime"];
    ran.went_well(&why);
    without(&["models", "check", "models/minilm-l6"]).failed(4, &["library", "make runtime"]);
    let mut named = command();
    named.env("HOME", home.path()).env("XDG_CACHE_HOME", home.path()).env_remove("ORT_DYLIB_PATH");
    named.env("CNS_MODELS_EMBEDDER", "models/minilm-l6").args(["models", "list"]);
    finish(&mut named, b"").failed(3, &["models/minilm-l6", "library is not here", "make runtime"]);
}

#[test]
fn vectors_of_another_encoder_are_refused_and_stay_usable() {
    if !runtime_is_here() {
        return;
    }
    let state = tempfile::tempdir().unwrap();
    let with_built_in = || assert_eq!(Node::start(state.path()).terminate(), Some(0));
    with_built_in();
    let mut other = command();
    other.args(["serve", "--listen", "127.0.0.1:0", "--state"]).arg(state.path());
    let parts = ["hashing-encoder-1", "minilm-l6@", "cannot be compared", "--state"];
    finish(&mut other, b"").failed(3, &parts);
    with_built_in();
}
