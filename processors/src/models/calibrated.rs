//! An entailment model together with its calibration.

use std::collections::HashMap;
use std::sync::Arc;

use cns_schemas::Scores;
use sha2::{Digest, Sha256};

use super::calibration::{Calibration, CalibrationError};
use super::features::Read;
use super::{Entailment, Model, ModelError};

/// Hexadecimal digits of the calibration's hash in the name.
const NAME_DIGITS: usize = 8;

/// An entailment model whose scores go through a calibration. The name changes with the calibration's bytes,
/// so that a recorded result says which one it went through.
pub struct Calibrated {
    model: Arc<dyn Entailment>,
    calibration: Calibration,
    name: String,
}

impl Calibrated {
    /// Puts the calibration of these bytes behind a model.
    ///
    /// # Errors
    /// [`CalibrationError`]: it cannot be read, or was fitted for another model.
    pub fn new(model: Arc<dyn Entailment>, json: &[u8]) -> Result<Calibrated, CalibrationError> {
        let calibration = Calibration::parse(json)?;
        if calibration.model != model.identity() {
            let here = model.identity().to_owned();
            return Err(CalibrationError::OtherModel { fitted: calibration.model, here });
        }
        let mut digits: String =
            Sha256::digest(json).iter().map(|byte| format!("{byte:02x}")).collect();
        digits.truncate(NAME_DIGITS);
        let name = format!("{}+cal-{digits}", model.name());
        Ok(Calibrated { model, calibration, name })
    }
}

/// Where words and numbers say something, they count by so much; the model has the rest.
const WORDS_WEIGHT: f32 = 0.8;

/// The model's scores together with what words say. A word list that finds nothing in common says neutral and knows
/// nothing, so only what it says of entailment and contradiction counts, and as far as it says it. Then it is seldom
/// wrong: it sees a plain denial or a number that a small model overlooks.
fn with_words(model: Scores, words: Scores) -> Scores {
    let said = words.entailment + words.contradiction;
    let weight = WORDS_WEIGHT * said.clamp(0.0, 1.0);
    if weight <= 0.0 {
        return model;
    }
    let mixed = |of_model: f32, of_words: f32| (1.0 - weight) * of_model + weight * of_words / said;
    Scores {
        entailment: mixed(model.entailment, words.entailment),
        neutral: (1.0 - weight) * model.neutral,
        contradiction: mixed(model.contradiction, words.contradiction),
    }
}

impl Model for Calibrated {
    fn name(&self) -> &str {
        &self.name
    }

    fn remote(&self) -> bool {
        self.model.remote()
    }
}

impl Entailment for Calibrated {
    fn entail(&self, pairs: &[(&str, &str)]) -> Result<Vec<Scores>, ModelError> {
        let raw = self.model.entail(pairs)?;
        // A text stands in many pairs.
        let mut read: HashMap<&str, Read> = HashMap::new();
        for text in pairs.iter().flat_map(|(premise, hypothesis)| [*premise, *hypothesis]) {
            read.entry(text).or_insert_with(|| Read::of(text));
        }
        let calibrated = |((premise, hypothesis), raw): (&(&str, &str), Scores)| {
            let (premise, hypothesis) = (&read[premise], &read[hypothesis]);
            let scores = self.calibration.apply_read(premise, hypothesis, raw);
            with_words(scores, premise.by_words(hypothesis))
        };
        Ok(pairs.iter().zip(raw).map(calibrated).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::LexicalEntailment;

    const JSON: &str = r#"{"format": 1, "model": "lexical-entailment-1",
        "method": {"kind": "neutral_factor", "factor": 0.5}, "fitted_on": [], "rows": 0,
        "cross_validated": {"folds": 5, "seed": 1, "raw": {"macro_f1": 0.4, "ece": 0.3},
                            "calibrated": {"macro_f1": 0.5, "ece": 0.2}}}"#;

    #[test]
    fn the_name_changes_with_the_bytes() {
        let model = || Arc::new(LexicalEntailment);
        let named = |json: &str| Calibrated::new(model(), json.as_bytes()).unwrap().name;
        // printf '%s' "$JSON" | sha256sum
        assert_eq!(named(JSON), "lexical-entailment-1+cal-e684f5b0");
        assert_ne!(named(JSON), named(&JSON.replace("0.2", "0.1")));
    }

    #[test]
    fn scores_go_through_the_calibration() {
        let model = Calibrated::new(Arc::new(LexicalEntailment), JSON.as_bytes()).unwrap();
        let pair = ("Coffee raises output.", "Output is measured in units.");
        let raw = LexicalEntailment.entail(&[pair]).unwrap()[0];
        let calibrated = Calibration::parse(JSON.as_bytes()).unwrap().apply(pair.0, pair.1, raw);
        let wanted = with_words(calibrated, raw);
        assert_eq!(model.entail(&[pair]).unwrap(), [wanted]);
        assert_ne!(wanted, raw);
    }

    #[test]
    fn words_count_as_far_as_they_say_something() {
        let model = Scores { entailment: 0.2, neutral: 0.3, contradiction: 0.5 };
        let silent = Scores { entailment: 0.0, neutral: 1.0, contradiction: 0.0 };
        assert_eq!(with_words(model, silent), model);
        let mixed = with_words(model, Scores { entailment: 1.0, neutral: 0.0, contradiction: 0.0 });
        assert!((mixed.entailment - (0.2 * 0.2 + 0.8)).abs() < 1e-6, "{mixed:?}");
        assert!((mixed.contradiction - 0.1).abs() < 1e-6, "{mixed:?}");
        let sum = mixed.entailment + mixed.neutral + mixed.contradiction;
        assert!((sum - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_calibration_of_another_model_is_refused() {
        let json = JSON.replace("lexical-entailment-1", "other-1");
        let error = Calibrated::new(Arc::new(LexicalEntailment), json.as_bytes()).err();
        assert!(error.unwrap().to_string().contains("`other-1`"));
    }
}
