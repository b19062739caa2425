//! A model's name stands for its files: the same name only from the same bytes.

use std::{collections::BTreeSet, fs};

use cns_processors::models::{Entailment, Model, onnx::Manifest};
use serde_json::json;

use crate::{
    runtime,
    tiny::{LABELS, Tiny},
};

const FILES: [&str; 6] = [
    "config.json",
    "tokenizer.json",
    "model.onnx",
    "sentence_bert_config.json",
    "modules.json",
    "1_Pooling/config.json",
];

fn full() -> Tiny {
    let tiny = Tiny::encoder();
    tiny.pool(&json!({ "pooling_mode": "mean" }));
    tiny.write("sentence_bert_config.json", json!({ "max_seq_length": 64 }).to_string());
    tiny
}

#[test]
fn the_same_files_have_one_name_and_any_other_byte_another() {
    let Some(runtime) = runtime() else { return };
    let manifest = |tiny: &Tiny| -> Manifest { tiny.embedder(&runtime).manifest().clone() };
    let (first, second) = (full(), full());
    assert_eq!(manifest(&first), manifest(&second));
    let name = manifest(&first).name();
    assert_eq!((&name[..5], name.len()), ("tiny@", 17));
    assert_eq!(first.embedder(&runtime).name(), name);
    let read: Vec<String> = manifest(&first).files.into_iter().map(|(file, _)| file).collect();
    assert_eq!(BTreeSet::from(FILES), read.iter().map(String::as_str).collect());

    let mut names = BTreeSet::from([name]);
    let mut identities = BTreeSet::from([manifest(&first).identity()]);
    for file in FILES {
        let whole = first.read(file);
        let mut changed = whole.clone();
        if file == "model.onnx" {
            // A bit of the weights: the table is the last number of the graph that is 8.
            let eight = 8f32.to_le_bytes();
            let at = whole.windows(4).rposition(|bytes| bytes == eight).unwrap();
            changed[at] ^= 1;
        } else {
            changed.push(b' ');
        }
        first.write(file, changed);
        assert!(names.insert(manifest(&first).name()), "{file}");
        assert!(identities.insert(manifest(&first).identity()), "{file}");
        first.write(file, whole);
    }
    // What is not read changes nothing.
    first.write("README.md", "other");
    assert_eq!(manifest(&first), manifest(&second));
}

#[test]
fn the_library_is_in_the_name_and_not_in_the_identity() {
    let Some(runtime) = runtime() else { return };
    let manifest = full().embedder(&runtime).manifest().clone();
    assert!(
        manifest.runtime.contains("ONNX Runtime") && manifest.text().contains(&manifest.runtime)
    );
    let other = Manifest { runtime: "another".into(), ..manifest.clone() };
    assert_eq!(other.identity(), manifest.identity());
    assert_ne!(other.name(), manifest.name());
    let renamed = Manifest { model: "other".into(), ..manifest.clone() };
    assert_ne!(renamed.identity(), manifest.identity());

    let tiny = Tiny::classifier(&LABELS);
    let entailment = tiny.entailment(&runtime);
    assert_eq!(entailment.identity(), entailment.manifest().identity());
    assert_eq!(entailment.name(), entailment.manifest().name());
    assert_eq!(entailment.entail(&[("a", "b")]).unwrap().len(), 1);
}

#[test]
fn the_graph_may_lie_in_a_folder() {
    let tiny = Tiny::encoder();
    let graph = tiny.read("model.onnx");
    fs::remove_file(tiny.path().join("model.onnx")).unwrap();
    tiny.write("onnx/model.onnx", graph);
    assert!(tiny.open().files.iter().any(|(file, _)| file == "onnx/model.onnx"));
    let Some(runtime) = runtime() else { return };
    tiny.embedder(&runtime);
}
