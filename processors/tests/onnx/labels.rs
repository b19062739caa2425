//! The order of a classifier's labels is its own; what it says arrives in ours.

use cns_processors::models::{Entailment, onnx::Directory};
use cns_schemas::Scores;

use crate::{
    runtime,
    tiny::{LABELS, LOGITS, SIDES, Tiny, ids},
};

/// Other names of the three, in the same order.
const SPELLINGS: [[&str; 3]; 5] = [
    LABELS,
    ["ENTAILMENT", "NEUTRAL", "CONTRADICTION"],
    ["Entails", "Neutral", "contradictS"],
    ["SUPPORTS", "NOT_ENOUGH_INFO", "REFUTES"],
    ["entail", "not_enough_info", "contradict"],
];
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// The probabilities of the model's three outputs, by hand.
pub fn probabilities(premise: &str, hypothesis: &str) -> [f64; 3] {
    let first = [1].into_iter().chain(ids(premise)).chain([2]).map(|id| (id, 0));
    let second = ids(hypothesis).chain([2]).map(|id| (id, 1));
    let mut logits = [0.0f64; 3];
    for (id, side) in first.chain(second) {
        for (place, logit) in logits.iter_mut().enumerate() {
            *logit += f64::from(LOGITS[id][place]) + f64::from(SIDES[side][place]);
        }
    }
    let exps = logits.map(f64::exp);
    exps.map(|exp| exp / exps.iter().sum::<f64>())
}

/// Equal but for the rounding of 32 bits.
#[track_caller]
pub fn near(scores: &Scores, by_hand: [f64; 3]) {
    let scores = [scores.entailment, scores.neutral, scores.contradiction];
    for (score, by_hand) in scores.iter().zip(by_hand) {
        assert!((f64::from(*score) - by_hand).abs() < 1e-5, "{scores:?} {by_hand}");
    }
}

#[test]
fn every_order_of_labels_gives_its_own_scores() {
    let Some(runtime) = runtime() else { return };
    let tiny = Tiny::classifier(&LABELS);
    let pairs = [("a b", "c"), ("", ""), ("f e d c b a", "a a a a"), ("c", "a b")];
    for order in ORDERS {
        for spelling in SPELLINGS {
            // `order[i]` is the label in place i.
            tiny.label(&order.map(|label| spelling[label]));
            let scores = tiny.entailment(&runtime).entail(&pairs).unwrap();
            for ((premise, hypothesis), scores) in pairs.iter().zip(scores) {
                let given = probabilities(premise, hypothesis);
                let mut mapped = [0.0; 3];
                order.iter().zip(given).for_each(|(label, value)| mapped[*label] = value);
                near(&scores, mapped);
            }
        }
    }
}

#[test]
fn many_pairs_come_back_in_their_order() {
    let Some(runtime) = runtime() else { return };
    let entailment = Tiny::classifier(&LABELS).entailment(&runtime);
    let texts: Vec<(String, String)> =
        (0..300).map(|n: usize| ("a b c ".repeat(n * 7 % 11), "d f ".repeat(n * 5 % 9))).collect();
    let pairs: Vec<(&str, &str)> = texts.iter().map(|(p, h)| (p.as_str(), h.as_str())).collect();
    let scores = entailment.entail(&pairs).unwrap();
    assert_eq!(scores.len(), pairs.len());
    for ((premise, hypothesis), scores) in pairs.iter().zip(scores) {
        near(&scores, probabilities(premise, hypothesis));
    }
    assert_eq!(entailment.entail(&[]).unwrap(), []);
}

#[test]
fn labels_that_cannot_be_mapped_are_named() {
    let cases: [(&[&str], &str); 6] = [
        (&["LABEL_0", "LABEL_1", "LABEL_2"], "label_0, label_1, label_2"),
        (&["entailment", "not_entailment"], "entailment, not_entailment"),
        (&["entailment", "entailment", "neutral"], "entailment, entailment, neutral"),
        (&["entailment", "neutral", "contradiction", "other"], "contradiction, other"),
        (&["positive", "neutral", "negative"], "positive, neutral, negative"),
        (&[], "none"),
    ];
    let tiny = Tiny::encoder();
    for (labels, named) in cases {
        tiny.label(labels);
        let said = Directory::open(&tiny.path()).unwrap_err().to_string();
        let parts = [named, "config.json", "id2label", &tiny.path().display().to_string()];
        for part in parts {
            assert!(said.contains(part), "`{part}` is not in: {said}");
        }
    }
}
