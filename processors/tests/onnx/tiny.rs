//! Models of a few numbers in directories of their own, whose results can be computed by hand.

use std::{
    fs,
    path::{Path, PathBuf},
};

use cns_processors::models::onnx::{Directory, OnnxEmbedder, OnnxEntailment, Runtime};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::graph::{FLOAT, Graph};

/// The vocabulary; a token's id is its place.
pub const WORDS: [&str; 10] = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "a", "b", "c", "d", "e", "f"];
const UNKNOWN: usize = 3;
/// Numbers of a vector.
pub const DIMENSION: usize = 4;
/// The vector of each token. Padding is far off, so that it shows wherever it gets in.
pub const TABLE: [[f32; DIMENSION]; WORDS.len()] = [
    [90.0, -90.0, 90.0, 90.0],
    [1.0, 0.0, 0.0, 2.0],
    [0.0, 3.0, 1.0, 0.0],
    [2.0, 2.0, -2.0, -1.0],
    [4.0, 0.0, -2.0, 1.0],
    [-1.0, 5.0, 0.0, 0.0],
    [0.0, -2.0, 6.0, 3.0],
    [-3.0, 1.0, 1.0, -4.0],
    [7.0, 0.0, 1.0, 0.0],
    [0.0, 0.0, -1.0, 8.0],
];
/// What each token adds to the three logits. Padding would decide everything.
pub const LOGITS: [[f32; 3]; WORDS.len()] = [
    [50.0, -50.0, 0.0],
    [0.5, 0.0, 0.0],
    [0.0, 0.25, 0.0],
    [0.0, 0.0, 0.125],
    [1.0, -0.5, 0.25],
    [-0.5, 0.75, 0.0],
    [0.0, -0.25, 1.5],
    [0.25, 0.25, -1.0],
    [0.125, 0.0, -0.25],
    [-0.25, 0.5, 0.5],
];
/// What a token of the first and of the second text adds besides.
pub const SIDES: [[f32; 3]; 2] = [[0.0, 0.0, 0.0], [0.25, -0.125, 0.0]];

pub const INPUTS: [&str; 3] = ["input_ids", "attention_mask", "token_type_ids"];
pub const LABELS: [&str; 3] = ["entailment", "neutral", "contradiction"];

/// The ids of a text's words.
pub fn ids(text: &str) -> impl Iterator<Item = usize> {
    text.split_whitespace()
        .map(|word| WORDS.iter().position(|known| *known == word).unwrap_or(UNKNOWN))
}

/// The ids of a text as the encoder gets them.
pub fn framed(text: &str) -> Vec<usize> {
    [1].into_iter().chain(ids(text)).chain([2]).collect()
}

/// A graph with these inputs that looks each id up in a table.
pub fn lookup(inputs: &[&str], table: &[impl AsRef<[f32]>], to: &str) -> Graph {
    let wide = table[0].as_ref().len();
    let values: Vec<f32> = table.iter().flat_map(|row| row.as_ref().to_vec()).collect();
    let graph = inputs.iter().fold(Graph::default(), |graph, name| graph.input(name));
    graph.floats("table", &[table.len(), wide], &values).node(
        "Gather",
        &["table", "input_ids"],
        to,
        &[],
    )
}

/// One vector a token.
pub fn encoder_graph(inputs: &[&str]) -> Vec<u8> {
    let side = DIMENSION.to_string();
    lookup(inputs, &TABLE, "last_hidden_state")
        .output("last_hidden_state", &["batch", "seq", &side])
        .model()
}

/// The sum of the table's rows and the sides' rows over all tokens that the mask lets through.
pub fn classifier_graph(table: &[[f32; 3]]) -> Vec<u8> {
    lookup(&INPUTS, table, "token")
        .floats("sides", &[2, 3], SIDES.as_flattened())
        .axis("last", 2)
        .axis("tokens", 1)
        .node("Gather", &["sides", "token_type_ids"], "side", &[])
        .node("Add", &["token", "side"], "both", &[])
        .node("Cast", &["attention_mask"], "mask", &[("to", FLOAT as i64)])
        .node("Unsqueeze", &["mask", "last"], "wide", &[])
        .node("Mul", &["both", "wide"], "masked", &[])
        .node("ReduceSum", &["masked", "tokens"], "logits", &[("keepdims", 0)])
        .output("logits", &["batch", "3"])
        .model()
}

/// Words split at white space, with the frame of BERT.
pub fn tokenizer() -> Value {
    let special = |name: &str, side: u8| json!({ "SpecialToken": { "id": name, "type_id": side } });
    let text = |name: &str, side: u8| json!({ "Sequence": { "id": name, "type_id": side } });
    let frame = |name: &str, id: u8| json!({ "id": name, "ids": [id], "tokens": [name] });
    let vocabulary: serde_json::Map<String, Value> =
        WORDS.iter().enumerate().map(|(id, word)| ((*word).to_owned(), json!(id))).collect();
    json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
        "normalizer": null, "decoder": null,
        "pre_tokenizer": { "type": "WhitespaceSplit" },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [special("[CLS]", 0), text("A", 0), special("[SEP]", 0)],
            "pair": [
                special("[CLS]", 0), text("A", 0), special("[SEP]", 0),
                text("B", 1), special("[SEP]", 1),
            ],
            "special_tokens": { "[CLS]": frame("[CLS]", 1), "[SEP]": frame("[SEP]", 2) },
        },
        "model": { "type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]" },
    })
}

/// A model's directory, gone with the test.
pub struct Tiny {
    folder: TempDir,
}

impl Tiny {
    /// An encoder with three inputs and no pooling module.
    pub fn encoder() -> Tiny {
        let tiny = Tiny { folder: tempfile::tempdir().unwrap() };
        tiny.write("config.json", json!({ "hidden_size": DIMENSION }).to_string());
        tiny.write("tokenizer.json", tokenizer().to_string());
        tiny.write("model.onnx", encoder_graph(&INPUTS));
        tiny
    }

    /// A classifier with these labels in this order.
    pub fn classifier(labels: &[&str]) -> Tiny {
        let tiny = Tiny::encoder();
        tiny.label(labels);
        tiny.write("model.onnx", classifier_graph(&LOGITS));
        tiny
    }

    /// Gives it other labels.
    pub fn label(&self, labels: &[&str]) {
        let named: serde_json::Map<String, Value> =
            labels.iter().enumerate().map(|(id, name)| (id.to_string(), json!(name))).collect();
        let config =
            json!({ "architectures": ["BertForSequenceClassification"], "id2label": named });
        self.write("config.json", config.to_string());
    }

    /// Gives it a pooling module.
    pub fn pool(&self, config: &Value) {
        let kind = "sentence_transformers.models.Pooling";
        let modules = json!([
            { "idx": 0, "path": "", "type": "sentence_transformers.models.Transformer" },
            { "idx": 1, "path": "1_Pooling", "type": kind },
        ]);
        self.write("modules.json", modules.to_string());
        self.write("1_Pooling/config.json", config.to_string());
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("tiny")
    }

    /// Writes a file of it, or another one in its place.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path().join(name)).unwrap()
    }

    #[track_caller]
    pub fn open(&self) -> Directory {
        Directory::open(&self.path()).unwrap()
    }

    #[track_caller]
    pub fn embedder(&self, runtime: &Runtime) -> OnnxEmbedder {
        OnnxEmbedder::load(runtime, &self.open()).unwrap_or_else(|error| panic!("{error}"))
    }

    #[track_caller]
    pub fn entailment(&self, runtime: &Runtime) -> OnnxEntailment {
        OnnxEntailment::load(runtime, &self.open()).unwrap_or_else(|error| panic!("{error}"))
    }
}
