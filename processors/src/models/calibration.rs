//! A calibration: what turns the scores of an entailment model into probabilities that hold on labelled data.
//!
//! Invariant: a pure function of the texts and the raw scores, and always a distribution. The recorded form is
//! JSON with a format number; what is read back is checked before it is used.

use cns_schemas::Scores;
use serde::{Deserialize, Serialize};

use super::features::{self, COUNT, Read, features};

/// The format that this version writes and reads.
pub const FORMAT: u32 = 1;
/// Classes, in the order entailment, neutral, contradiction.
pub const CLASSES: usize = 3;
/// A neutral factor outside of this is a mistake.
const FACTOR_RANGE: (f64, f64) = (1e-6, 1e6);

/// Why a calibration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalibrationError {
    /// Not JSON of the right shape.
    #[error("it is no calibration: {0}")]
    Malformed(String),
    /// Written by another version.
    #[error("its format is {0}, this version reads {FORMAT}")]
    Format(u64),
    /// Fitted on the scores of another model.
    #[error("it was fitted for the model `{fitted}`, this process has `{here}`")]
    OtherModel {
        /// The model that it was fitted for.
        fitted: String,
        /// The one that is here.
        here: String,
    },
}

/// A fitted calibration, with where it comes from and what it is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// [`FORMAT`].
    pub format: u32,
    /// The model whose scores it was fitted on.
    pub model: String,
    /// How scores are turned.
    pub method: Method,
    /// The data that it was fitted on.
    pub fitted_on: Vec<FittedOn>,
    /// Rows in all of it.
    pub rows: u64,
    /// How it did on rows that it was not fitted on.
    pub cross_validated: CrossValidated,
}

/// How scores are turned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Method {
    /// The neutral probability is multiplied, and all three are normalised again.
    NeutralFactor {
        /// What it is multiplied by.
        factor: f64,
    },
    /// Multinomial logistic regression over the standardised features.
    Logistic(Logistic),
}

/// A multinomial logistic regression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logistic {
    /// The features by name; this version knows [`features::NAMES`].
    pub features: Vec<String>,
    /// What is taken from each feature.
    pub means: Vec<f64>,
    /// What it is then divided by.
    pub scales: Vec<f64>,
    /// For entailment, neutral and contradiction: a weight for each feature, then the constant.
    pub weights: Vec<Vec<f64>>,
}

/// A file that a calibration was fitted on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FittedOn {
    /// The file's name, without its folder.
    pub name: String,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// Rows of it that were used.
    pub rows: u64,
}

/// Measures on rows held out, the mean over the files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrossValidated {
    /// Parts that the data was divided into, by claim.
    pub folds: u32,
    /// What the division was drawn with.
    pub seed: u64,
    /// The model's own scores.
    pub raw: Quality,
    /// With this calibration.
    pub calibrated: Quality,
}

/// What scores are worth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quality {
    /// Macro-F1 of the three classes.
    pub macro_f1: f64,
    /// Expected calibration error.
    pub ece: f64,
}

impl Calibration {
    /// Reads one and checks it.
    ///
    /// # Errors
    /// [`CalibrationError::Malformed`], [`CalibrationError::Format`].
    pub fn parse(json: &[u8]) -> Result<Calibration, CalibrationError> {
        let malformed = |error: serde_json::Error| CalibrationError::Malformed(error.to_string());
        let value: serde_json::Value = serde_json::from_slice(json).map_err(malformed)?;
        match value.get("format").and_then(serde_json::Value::as_u64) {
            Some(format) if format == u64::from(FORMAT) => {}
            Some(format) => return Err(CalibrationError::Format(format)),
            None => return Err(CalibrationError::Malformed("it has no `format`".into())),
        }
        let read: Calibration = serde_json::from_value(value).map_err(malformed)?;
        read.method.check().map_err(CalibrationError::Malformed)?;
        Ok(read)
    }

    /// Its recorded form.
    ///
    /// # Errors
    /// [`CalibrationError::Malformed`] when it could not be read back.
    pub fn to_json(&self) -> Result<Vec<u8>, CalibrationError> {
        self.method.check().map_err(CalibrationError::Malformed)?;
        let json = serde_json::to_vec_pretty(self);
        let mut json = json.map_err(|error| CalibrationError::Malformed(error.to_string()))?;
        json.push(b'\n');
        Ok(json)
    }

    /// The calibrated scores of a pair to which the model gave `raw`.
    pub fn apply(&self, premise: &str, hypothesis: &str, raw: Scores) -> Scores {
        match &self.method {
            Method::NeutralFactor { .. } => self.method.apply(|| [0.0; COUNT], raw),
            Method::Logistic(_) => self.apply_read(&Read::of(premise), &Read::of(hypothesis), raw),
        }
    }

    /// The same of texts that were read before.
    pub fn apply_read(&self, premise: &Read, hypothesis: &Read, raw: Scores) -> Scores {
        self.method.apply(|| features(premise, hypothesis, raw), raw)
    }
}

impl Method {
    /// The calibrated scores; the features are asked for only where they count.
    pub fn apply(&self, features: impl FnOnce() -> [f64; COUNT], raw: Scores) -> Scores {
        match self {
            Method::NeutralFactor { factor } => {
                let [entailment, neutral, contradiction] = features::distribution(raw);
                scores([entailment, neutral * factor, contradiction])
            }
            Method::Logistic(logistic) => scores(logistic.exponentials(&features())),
        }
    }

    fn check(&self) -> Result<(), String> {
        match self {
            Method::NeutralFactor { factor } => {
                let (least, most) = FACTOR_RANGE;
                let sound = (least..=most).contains(factor);
                sound.then_some(()).ok_or_else(|| format!("the neutral factor is {factor}"))
            }
            Method::Logistic(logistic) => logistic.check(),
        }
    }
}

impl Logistic {
    /// Proportional to the probabilities; the highest is 1, so that none overflows.
    fn exponentials(&self, features: &[f64; COUNT]) -> [f64; CLASSES] {
        let places = features.iter().zip(&self.means).zip(&self.scales);
        let standard: Vec<f64> = places.map(|((x, mean), scale)| (x - mean) / scale).collect();
        let mut sums = [0.0; CLASSES];
        for (sum, weights) in sums.iter_mut().zip(&self.weights) {
            let weighted: f64 = standard.iter().zip(weights).map(|(x, weight)| x * weight).sum();
            *sum = weighted + weights.get(COUNT).copied().unwrap_or_default();
        }
        let highest = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        sums.map(|sum| libm::exp(sum - highest))
    }

    fn check(&self) -> Result<(), String> {
        if self.features != features::NAMES {
            return Err(format!("its features are {:?}", self.features));
        }
        let rows = self.weights.iter().map(Vec::len);
        if self.means.len() != COUNT || self.scales.len() != COUNT || !rows.eq([COUNT + 1; CLASSES])
        {
            return Err("a mean, a scale or a weight is missing, or there is one too many".into());
        }
        let small = |x: &f64| x.is_finite() && x.abs() <= 1e6;
        let all = self.means.iter().chain(self.weights.iter().flatten());
        if !all.clone().all(small) || !self.scales.iter().all(|x| (1e-6..=1e6).contains(x)) {
            return Err("a mean, a scale or a weight is out of range".into());
        }
        Ok(())
    }
}

/// Probabilities of parts that are not all 0. Their sum is 1 also after rounding.
fn scores(parts: [f64; CLASSES]) -> Scores {
    let sum: f64 = parts.iter().sum();
    let [entailment, _, contradiction] = parts.map(|part| (part / sum) as f32);
    Scores { entailment, contradiction, neutral: (1.0 - entailment - contradiction).max(0.0) }
}

#[cfg(test)]
#[path = "calibration_tests.rs"]
mod tests;
