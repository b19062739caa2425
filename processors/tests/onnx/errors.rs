//! A model that cannot be used is refused before it is used, with the file and what to do.

use std::fs;

use cns_processors::models::onnx::{Directory, Kind, OnnxEmbedder, OnnxEntailment};
use serde_json::json;

use crate::{
    runtime,
    tiny::{
        DIMENSION, INPUTS, LABELS, LOGITS, TABLE, Tiny, WORDS, classifier_graph, encoder_graph,
        lookup,
    },
};

/// What is said when the model is loaded as what its files say it is.
#[track_caller]
pub fn said(tiny: &Tiny) -> String {
    let runtime = runtime().unwrap();
    let directory = match Directory::open(&tiny.path()) {
        Ok(directory) => directory,
        Err(error) => return error.to_string(),
    };
    let error = match directory.kind {
        Kind::Encoder { .. } => OnnxEmbedder::load(&runtime, &directory).err(),
        Kind::Entailment(_) => OnnxEntailment::load(&runtime, &directory).err(),
    };
    error.expect("the model is refused").to_string()
}

#[track_caller]
fn says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
}

#[test]
fn a_missing_directory_or_file_is_named() {
    let tiny = Tiny::encoder();
    let nowhere = tiny.path().join("nowhere");
    let error = Directory::open(&nowhere).unwrap_err().to_string();
    says(&error, &[&nowhere.display().to_string(), "missing", "model.onnx", "tokenizer.json"]);
    tiny.pool(&json!({ "pooling_mode": "mean" }));
    for name in ["config.json", "tokenizer.json", "model.onnx", "1_Pooling/config.json"] {
        let kept = tiny.read(name);
        fs::remove_file(tiny.path().join(name)).unwrap();
        let error = Directory::open(&tiny.path()).unwrap_err().to_string();
        says(&error, &[&tiny.path().join(name).display().to_string(), "missing"]);
        tiny.write(name, kept);
    }
    tiny.open();
}

#[test]
fn damaged_files_are_named() {
    let Some(_) = runtime() else { return };
    let whole = Tiny::encoder();
    let graph = whole.read("model.onnx");
    let noise: Vec<u8> =
        (0..5_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let cases: [(&str, &[u8], &[&str]); 8] = [
        ("model.onnx", &graph[..graph.len() / 2], &["no ONNX model", "fetch the model again"]),
        ("model.onnx", &noise, &["no ONNX model", "fetch the model again"]),
        ("model.onnx", b"", &["no ONNX model", "fetch the model again"]),
        ("config.json", b"hidden_size: 4", &["no JSON", "fetch the model again"]),
        ("config.json", b"\xff\xfe", &["no JSON"]),
        ("tokenizer.json", b"{\"version\": \"1.0\"}", &["no tokenizer", "fetch the model again"]),
        ("sentence_bert_config.json", b"[", &["no JSON"]),
        ("modules.json", b"", &["no JSON"]),
    ];
    for (name, content, parts) in cases {
        let tiny = Tiny::encoder();
        tiny.write(name, content);
        let error = said(&tiny);
        says(&error, &[&tiny.path().join(name).display().to_string()]);
        says(&error, parts);
    }
}

#[test]
fn a_damaged_graph_in_its_folder_is_named_there() {
    let Some(_) = runtime() else { return };
    let tiny = Tiny::encoder();
    fs::remove_file(tiny.path().join("model.onnx")).unwrap();
    tiny.write("onnx/model.onnx", "no graph");
    says(&said(&tiny), &["onnx/model.onnx is no ONNX model"]);
}

#[test]
fn what_the_files_say_is_held_against_the_model() {
    let Some(_) = runtime() else { return };
    let tiny = Tiny::encoder();
    let path = tiny.path().display().to_string();
    tiny.write("config.json", json!({ "hidden_size": 5 }).to_string());
    says(&said(&tiny), &[&path, "hidden_size 5", "4]"]);
    tiny.write("config.json", "{}");
    says(&said(&tiny), &[&path, "hidden_size"]);
    // Files of an encoder, weights of a classifier, and the other way round.
    tiny.write("config.json", json!({ "hidden_size": DIMENSION }).to_string());
    tiny.write("model.onnx", classifier_graph(&LOGITS));
    says(&said(&tiny), &[&path, "hidden_size 4", "3]"]);
    tiny.label(&LABELS);
    tiny.write("model.onnx", encoder_graph(&INPUTS));
    says(&said(&tiny), &[&path, "3 labels", "4]"]);
}

#[test]
fn a_model_for_the_other_port_is_refused() {
    let Some(runtime) = runtime() else { return };
    let encoder = Tiny::encoder();
    let error = OnnxEntailment::load(&runtime, &encoder.open()).err().unwrap().to_string();
    says(&error, &[&encoder.path().display().to_string(), "no labels", "id2label"]);
    let classifier = Tiny::classifier(&LABELS);
    let error = OnnxEmbedder::load(&runtime, &classifier.open()).err().unwrap().to_string();
    says(&error, &[&classifier.path().display().to_string(), "a classifier"]);
}

#[test]
fn an_unknown_input_is_named() {
    let Some(_) = runtime() else { return };
    let tiny = Tiny::encoder();
    tiny.write("model.onnx", encoder_graph(&["input_ids", "attention_mask", "position_ids"]));
    says(&said(&tiny), &["tiny", "wants the input position_ids", "attention_mask"]);
}

#[test]
fn one_pooling_has_to_be_chosen() {
    let tiny = Tiny::encoder();
    let cases = [
        (json!({}), "no pooling is chosen"),
        (json!({ "pooling_mode": "other" }), "no pooling is chosen"),
        (json!({ "pooling_mode_cls_token": false }), "no pooling is chosen"),
        (
            json!({ "pooling_mode_cls_token": true, "pooling_mode_max_tokens": true }),
            "several poolings",
        ),
    ];
    for (config, part) in cases {
        tiny.pool(&config);
        let error = Directory::open(&tiny.path()).unwrap_err().to_string();
        says(&error, &["1_Pooling/config.json", part]);
    }
}

#[test]
fn numbers_that_are_none_are_refused() {
    let Some(_) = runtime() else { return };
    let side = DIMENSION.to_string();
    let mut table = TABLE;
    // One number of one token, in the sentence that every model is tried on.
    table[3][2] = f32::NAN;
    let encoder = Tiny::encoder();
    let graph = lookup(&INPUTS, &table, "last_hidden_state");
    encoder
        .write("model.onnx", graph.output("last_hidden_state", &["batch", "seq", &side]).model());
    for pooling in ["mean", "max", "weightedmean"] {
        encoder.pool(&json!({ "pooling_mode": pooling }));
        says(&said(&encoder), &["tiny", "no number"]);
    }
    for value in [f32::NAN, f32::INFINITY] {
        let classifier = Tiny::classifier(&LABELS);
        classifier.write("model.onnx", classifier_graph(&[[value, 0.0, 0.0]; WORDS.len()]));
        says(&said(&classifier), &["tiny", "no numbers"]);
    }
}

#[test]
fn rows_of_another_width_are_refused() {
    let Some(_) = runtime() else { return };
    let tiny = Tiny::encoder();
    // One row for all tokens, where one for each is expected.
    let graph = lookup(&INPUTS, &TABLE, "token")
        .node("ReduceMean", &["token"], "last_hidden_state", &[("axes", 1), ("keepdims", 1)])
        .output("last_hidden_state", &["batch", "1", "4"]);
    tiny.write("model.onnx", graph.model());
    says(&said(&tiny), &["tiny", "1, 4]"]);
}
