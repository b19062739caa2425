//! Vectors are those that the model's own pooling gives, whatever else is in the batch.

use cns_processors::{
    limits::MODEL_BATCH_TOKENS_MAX,
    models::{
        Embedder,
        onnx::{Kind, Pooling},
    },
};
use cns_schemas::Vector;
use serde_json::{Value, json};

use crate::{
    runtime,
    tiny::{DIMENSION, INPUTS, TABLE, Tiny, encoder_graph, framed, lookup, tokenizer},
};

/// Each pooling by both of its names, and the vector of `a b` by hand: its rows are
/// [1, 0, 0, 2], [4, 0, -2, 1], [-1, 5, 0, 0] and [0, 3, 1, 0].
const POOLINGS: [(&str, &str, [f32; DIMENSION]); 6] = [
    ("cls", "pooling_mode_cls_token", [1.0, 0.0, 0.0, 2.0]),
    ("mean", "pooling_mode_mean_tokens", [1.0, 2.0, -0.25, 0.75]),
    ("mean_sqrt_len", "pooling_mode_mean_sqrt_len_tokens", [2.0, 4.0, -0.5, 1.5]),
    ("max", "pooling_mode_max_tokens", [4.0, 5.0, 1.0, 2.0]),
    ("weightedmean", "pooling_mode_weightedmean_tokens", [0.6, 2.7, 0.0, 0.4]),
    ("lasttoken", "pooling_mode_lasttoken", [0.0, 3.0, 1.0, 0.0]),
];

/// The old form: every pooling is listed, one is on.
fn listed(on: &str) -> Value {
    POOLINGS.iter().map(|(_, old, _)| ((*old).to_owned(), json!(*old == on))).collect()
}

/// The mean of a text's rows, by hand.
fn mean(text: &str) -> Vector {
    let ids = framed(text);
    let mut sum = [0.0; DIMENSION];
    for id in &ids {
        sum.iter_mut().zip(TABLE[*id]).for_each(|(sum, value)| *sum += value);
    }
    Vector::from_floats(&sum.map(|sum| sum / ids.len() as f32))
}

#[test]
fn every_pooling_gives_the_vector_by_hand() {
    let Some(runtime) = runtime() else { return };
    let tiny = Tiny::encoder();
    for (name, old, by_hand) in POOLINGS {
        for config in [json!({ "pooling_mode": name }), listed(old)] {
            tiny.pool(&config);
            let embedder = tiny.embedder(&runtime);
            assert_eq!(embedder.dimension(), DIMENSION);
            assert!(embedder.manifest().options.contains(&format!("{name} pooling")));
            // A longer text in the batch pads the first.
            let texts = ["a b", "c d e f a b c d e f", ""];
            let vectors = embedder.embed(&texts).unwrap();
            assert_eq!(vectors[0], Vector::from_floats(&by_hand), "{config}");
            for (text, vector) in texts.iter().zip(vectors) {
                assert_eq!(embedder.embed(&[text]).unwrap(), [vector], "{config}: {text}");
            }
        }
    }
}

#[test]
fn poolings_that_differ_in_length_only_are_told_apart() {
    let rows: Vec<f32> = framed("a b").iter().flat_map(|id| TABLE[*id]).collect();
    for (name, _, by_hand) in POOLINGS {
        let pooling = Pooling::of(&json!({ "pooling_mode": name })).unwrap();
        assert_eq!(pooling.name(), name);
        assert_eq!(pooling.pool(&rows, DIMENSION), by_hand, "{name}");
    }
}

#[test]
fn without_a_module_it_is_the_mean() {
    let tiny = Tiny::encoder();
    let mean = Kind::Encoder { dimension: DIMENSION, pooling: Pooling::Mean };
    assert_eq!(tiny.open().kind, mean);
    tiny.write("modules.json", "[]");
    assert_eq!(tiny.open().kind, mean);
}

#[test]
fn many_texts_come_back_in_their_order() {
    let Some(runtime) = runtime() else { return };
    let embedder = Tiny::encoder().embedder(&runtime);
    let words = ["a", "b", "c", "d", "e", "f", "other"];
    let text = |number: usize| -> String {
        let length = number * 37 % 61;
        (0..length)
            .map(|place| words[(number + place * place) % words.len()].to_owned() + " ")
            .collect()
    };
    let texts: Vec<String> = (0..400).map(text).collect();
    let tokens: usize = texts.iter().map(|text| framed(text).len()).sum();
    assert!(tokens > 4 * MODEL_BATCH_TOKENS_MAX, "{tokens} tokens are several batches");
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let vectors = embedder.embed(&texts).unwrap();
    assert_eq!(vectors, texts.iter().map(|text| mean(text)).collect::<Vec<_>>());
    assert_eq!(embedder.embed(&[]).unwrap(), []);
}

#[test]
fn a_model_may_have_two_inputs_in_any_order() {
    let Some(runtime) = runtime() else { return };
    let tiny = Tiny::encoder();
    for inputs in [&["attention_mask", "input_ids"][..], &["input_ids"]] {
        tiny.write("model.onnx", encoder_graph(inputs));
        assert_eq!(tiny.embedder(&runtime).embed(&["c d"]).unwrap(), [mean("c d")]);
    }
}

#[test]
fn a_model_that_pools_by_itself_is_taken_at_its_word() {
    let Some(runtime) = runtime() else { return };
    let tiny = Tiny::encoder();
    // The files say cls, the graph gives the mean.
    tiny.pool(&json!({ "pooling_mode": "cls" }));
    let graph = lookup(&INPUTS, &TABLE, "token")
        .node("ReduceMean", &["token"], "sentence_embedding", &[("axes", 1), ("keepdims", 0)])
        .output("sentence_embedding", &["batch", "4"]);
    tiny.write("model.onnx", graph.model());
    assert_eq!(tiny.embedder(&runtime).embed(&["e f a"]).unwrap(), [mean("e f a")]);
}

#[test]
fn a_text_without_a_token_is_one_of_padding() {
    let Some(runtime) = runtime() else { return };
    let tiny = Tiny::encoder();
    let mut bare = tokenizer();
    bare["post_processor"] = Value::Null;
    tiny.write("tokenizer.json", bare.to_string());
    let vectors = tiny.embedder(&runtime).embed(&["", "a", " \n "]).unwrap();
    let by_hand = [0, 4, 0].map(|id: usize| Vector::from_floats(&TABLE[id]));
    assert_eq!(vectors, by_hand);
}
