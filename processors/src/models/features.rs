//! What a calibration sees of a premise, a hypothesis and the scores that a model gave them.
//!
//! Invariant: every feature is finite, whatever the texts and the scores are; their order is part of the
//! format of a calibration and changes only with it. Logarithms come from `libm`, so that every machine gives the
//! same bits.

use std::collections::BTreeSet;

use cns_narrative::words::{content_stems, words};
use cns_schemas::Scores;

use super::lexical;

/// How many features there are.
pub const COUNT: usize = 10;

/// Their names, in their order.
pub const NAMES: [&str; COUNT] = [
    "log_entailment",
    "log_neutral",
    "log_contradiction",
    "lexical_entailment",
    "lexical_neutral",
    "lexical_contradiction",
    "cover",
    "denial_mismatch",
    "number_mismatch",
    "log_length_ratio",
];

/// A probability counts as at least this, so that its logarithm is one.
const PROBABILITY_LEAST: f64 = 1e-6;

/// Words that deny, as [`words`] gives them.
const DENIALS: [&str; 16] = [
    "absent", "barely", "cannot", "fail", "failed", "fails", "hardly", "lack", "lacks", "neither",
    "never", "no", "none", "nor", "not", "without",
];

/// A text, read once for many pairs.
#[derive(Debug, Clone)]
pub struct Read {
    statement: lexical::Statement,
    stems: BTreeSet<String>,
    words: usize,
    denies: bool,
}

impl Read {
    /// Reads a text.
    pub fn of(text: &str) -> Read {
        let words = words(text);
        Read {
            statement: lexical::Statement::read(text),
            stems: content_stems(text).into_iter().collect(),
            denies: denies(&words),
            words: words.len(),
        }
    }

    /// Whether the text has an odd number of words that deny.
    pub fn denies(&self) -> bool {
        self.denies
    }

    /// What words and numbers alone say of a hypothesis.
    pub fn by_words(&self, hypothesis: &Read) -> Scores {
        self.statement.entails(&hypothesis.statement)
    }

    /// Its content stems.
    pub fn stems(&self) -> &BTreeSet<String> {
        &self.stems
    }

    /// The share of `hypothesis`'s content stems that are here; 0 when it has none.
    pub fn covers(&self, hypothesis: &Read) -> f64 {
        if hypothesis.stems.is_empty() {
            return 0.0;
        }
        let found = hypothesis.stems.intersection(&self.stems).count();
        found as f64 / hypothesis.stems.len() as f64
    }
}

/// An even number of denials takes itself back.
fn denies(words: &[String]) -> bool {
    words.iter().filter(|word| DENIALS.contains(&word.as_str())).count() % 2 == 1
}

/// The features of a pair to which a model gave `raw`.
pub fn features(premise: &Read, hypothesis: &Read, raw: Scores) -> [f64; COUNT] {
    let [entailment, neutral, contradiction] = distribution(raw).map(libm::log);
    let lexical = premise.by_words(hypothesis);
    let flag = |holds: bool| f64::from(u8::from(holds));
    let length = |read: &Read| libm::log(read.words as f64 + 1.0);
    [
        entailment,
        neutral,
        contradiction,
        f64::from(lexical.entailment),
        f64::from(lexical.neutral),
        f64::from(lexical.contradiction),
        premise.covers(hypothesis),
        flag(premise.denies != hypothesis.denies),
        flag(premise.statement.denies_a_number_of(&hypothesis.statement)),
        length(premise) - length(hypothesis),
    ]
}

/// Entailment, neutral, contradiction as probabilities above 0, whatever a model gave.
pub(super) fn distribution(raw: Scores) -> [f64; 3] {
    let part = |x: f32| if x.is_finite() { f64::from(x).clamp(0.0, 1.0) } else { 0.0 };
    let mut parts = [part(raw.entailment), part(raw.neutral), part(raw.contradiction)];
    // One after the other: where nothing usable was given, all three are equally likely.
    for part in &mut parts {
        *part = part.max(PROBABILITY_LEAST);
    }
    let sum: f64 = parts.iter().sum();
    parts.map(|part| part / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(premise: &str, hypothesis: &str, feature: &str, wanted: f64) {
        let raw = Scores { entailment: 0.5, neutral: 0.25, contradiction: 0.25 };
        let got = features(&Read::of(premise), &Read::of(hypothesis), raw);
        let place = NAMES.iter().position(|name| *name == feature).expect("a feature");
        assert!((got[place] - wanted).abs() < 1e-4, "{feature}: {} is not {wanted}", got[place]);
    }

    #[test]
    fn features_see_words_denials_and_numbers() {
        let claim = "Coffee increases output.";
        check("Coffee increases the output of workers.", claim, "cover", 1.0);
        check("Bells are tuned.", claim, "cover", 0.0);
        check("Coffee doesn't increase output.", claim, "denial_mismatch", 1.0);
        check("It is not true that coffee has no effect.", claim, "denial_mismatch", 0.0);
        check("Output rose by 4 percent.", "Output rose by 9 percent.", "number_mismatch", 1.0);
        check("Output rose by 4 percent.", "Output rose by 4 percent.", "number_mismatch", 0.0);
        check("Output rose by 4 percent.", "Output rose in 9 weeks.", "number_mismatch", 0.0);
        check(claim, claim, "log_length_ratio", 0.0);
        check(claim, claim, "log_entailment", 0.5f64.ln());
    }

    #[test]
    fn useless_scores_are_an_even_distribution() {
        let raw = Scores { entailment: f32::NAN, neutral: -1.0, contradiction: f32::INFINITY };
        assert_eq!(distribution(raw), [1.0 / 3.0; 3]);
    }
}
