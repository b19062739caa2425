//! What is longer than a model reads is cut, by the smallest of the limits.

use cns_processors::{limits::MODEL_TOKENS_MAX, models::Embedder, models::Entailment};
use serde_json::{Value, json};

use crate::{
    labels::{near, probabilities},
    runtime,
    tiny::{DIMENSION, LABELS, Tiny},
};

/// A model of these limits; `None` where a file says nothing.
fn limited(sequence: Option<usize>, positions: Option<usize>) -> Tiny {
    let tiny = Tiny::encoder();
    if let Some(sequence) = sequence {
        tiny.write("sentence_bert_config.json", json!({ "max_seq_length": sequence }).to_string());
    }
    let positions = positions.map_or(Value::Null, |positions| json!(positions));
    let config = json!({ "hidden_size": DIMENSION, "max_position_embeddings": positions });
    tiny.write("config.json", config.to_string());
    tiny
}

#[test]
fn the_smallest_limit_wins() {
    let runtime = runtime();
    let cases = [
        (None, None, MODEL_TOKENS_MAX),
        (Some(9), Some(512), 9),
        (Some(512), Some(9), 9),
        (Some(12), None, 12),
        (None, Some(12), 12),
        (Some(512), Some(514), MODEL_TOKENS_MAX),
    ];
    for (sequence, positions, tokens_max) in cases {
        let tiny = limited(sequence, positions);
        assert_eq!(tiny.open().tokens_max, tokens_max);
        let Some(runtime) = &runtime else { continue };
        let embedder = tiny.embedder(runtime);
        // Two tokens are the frame. What is cut away would turn the vector elsewhere.
        let kept = "a ".repeat(tokens_max - 2);
        let long = kept.clone() + &"b ".repeat(1_000);
        let vectors = embedder.embed(&[&long, &kept, "a"]).unwrap();
        assert_eq!(vectors[0], vectors[1]);
        let shorter = embedder.embed(&["a ".repeat(tokens_max - 3).as_str()]).unwrap();
        assert!(vectors[1] != shorter[0] || tokens_max > 100, "the last word is read");
    }
}

#[test]
fn a_pair_that_is_too_long_keeps_both() {
    let Some(runtime) = runtime() else { return };
    let tiny = Tiny::classifier(&LABELS);
    tiny.write("sentence_bert_config.json", json!({ "max_seq_length": 13 }).to_string());
    let entailment = tiny.entailment(&runtime);
    // Three tokens are the frame, ten are for both.
    let cases = [
        ("a ".repeat(50), "b c".to_owned(), ("a a a a a a a a", "b c")),
        ("b c".to_owned(), "a ".repeat(50), ("b c", "a a a a a a a a")),
        ("a ".repeat(50), "b ".repeat(40), ("a a a a a", "b b b b b")),
    ];
    for (premise, hypothesis, kept) in cases {
        let scores = entailment.entail(&[(&premise, &hypothesis)]).unwrap();
        near(&scores[0], probabilities(kept.0, kept.1));
    }
}

#[test]
fn a_limit_that_leaves_no_room_for_a_word_is_refused() {
    let Some(_) = runtime() else { return };
    for (labels, tokens_max) in [(None, 0), (None, 2), (Some(&LABELS), 4)] {
        let tiny = labels.map_or_else(Tiny::encoder, |labels| Tiny::classifier(labels));
        let config = json!({ "max_seq_length": tokens_max }).to_string();
        tiny.write("sentence_bert_config.json", config);
        let said = crate::errors::said(&tiny);
        assert!(said.contains("tiny") && said.contains(&format!("{tokens_max} tokens")), "{said}");
    }
}
