//! No text is too odd for a model.

use cns_processors::models::{Embedder, Entailment};
use proptest::{collection::vec, prelude::*};

use crate::{
    runtime,
    tiny::{DIMENSION, LABELS, Tiny},
};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("\0\u{1}\u{7f}\u{200b}\u{feff}\r\n\t".to_owned()),
        Just("🦀👩‍👩‍👧 e\u{301} \u{202e}ab".to_owned()),
        "[a-f ]{0,40}",
        any::<String>(),
        ("[a-f\u{1f980}]{1,3}", 1..20_000usize)
            .prop_map(|(word, times)| (word + " ").repeat(times)),
        (1..200_000usize).prop_map(|length| "x".repeat(length)),
        "(\\[CLS\\]|\\[SEP\\]|\\[PAD\\]| |a){0,9}",
    ]
}

#[test]
fn any_text_embeds_and_entails() {
    let Some(runtime) = runtime() else { return };
    let embedder = Tiny::encoder().embedder(&runtime);
    let entailment = Tiny::classifier(&LABELS).entailment(&runtime);
    proptest!(ProptestConfig::with_cases(96), |(texts in vec(text(), 0..6))| {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let vectors = embedder.embed(&texts).unwrap();
        prop_assert_eq!(vectors.len(), texts.len());
        for (text, vector) in texts.iter().zip(vectors) {
            prop_assert_eq!(vector.components.len(), DIMENSION);
            prop_assert_eq!(embedder.embed(&[text]).unwrap(), [vector]);
        }
        let pairs: Vec<(&str, &str)> =
            texts.iter().flat_map(|a| texts.iter().map(|b| (*a, *b))).collect();
        let all = entailment.entail(&pairs).unwrap();
        prop_assert_eq!(all.len(), pairs.len());
        for scores in all {
            let parts = [scores.entailment, scores.neutral, scores.contradiction];
            prop_assert!(parts.iter().all(|part| (0.0..=1.0).contains(part)));
            prop_assert!((parts.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        }
    });
}
