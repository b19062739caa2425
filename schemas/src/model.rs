//! Model calls and their answers: the non-deterministic part, recorded.

use apache_avro::AvroSchema;
use serde::{Deserialize, Serialize};

use crate::hash_hex;

/// Which kind of model.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    AvroSchema,
)]
#[serde(rename_all = "snake_case")]
#[avro(namespace = "cns")]
pub enum Port {
    // Text → vector.
    #[default]
    Embedder,
    // Premise, hypothesis → entailment, neutral, contradiction.
    Entailment,
    // Brief → text.
    Completer,
}

/// One call of a model: a batch of inputs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Call {
    /// Which kind of model.
    pub port: Port,
    /// The model's name with its version.
    pub model: String,
    /// The texts: to embed, to compare, or the one brief to complete.
    pub texts: Vec<String>,
    /// For entailment: which of `texts` to compare.
    pub pairs: Vec<PairIndex>,
}

/// Two indices into [`Call::texts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct PairIndex {
    /// The premise.
    pub premise: u32,
    /// The hypothesis.
    pub hypothesis: u32,
}

impl Call {
    /// The effect key: 32 hexadecimal digits over model and input. Equal calls have equal keys.
    pub fn key(&self) -> String {
        let mut parts: Vec<Vec<u8>> = vec![vec![self.port as u8], self.model.clone().into_bytes()];
        parts.extend(self.texts.iter().map(|text| text.clone().into_bytes()));
        parts.extend(self.pairs.iter().map(|pair| {
            let mut bytes = pair.premise.to_be_bytes().to_vec();
            bytes.extend(pair.hypothesis.to_be_bytes());
            bytes
        }));
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        hash_hex(&parts, 32)
    }
}

/// A model's answer to one [`Call`]: the part that its port fills, or a failure.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Answer {
    /// The key of the call.
    pub effect: String,
    /// The model that answered.
    pub model: String,
    /// From an embedder: one for each text.
    pub vectors: Vec<Vector>,
    /// From an entailment model: one for each pair.
    pub scores: Vec<Scores>,
    /// From a completer.
    pub text: String,
    /// Why there is no answer, after all retries.
    pub failure: Option<String>,
}

/// A unit vector as integers: component·127, rounded. Integers make sums independent of their order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Vector {
    /// Two's complement, one byte a dimension.
    #[avro(with)]
    #[serde(with = "apache_avro::serde::bytes")]
    pub components: Vec<u8>,
}

impl Vector {
    /// Normalises and rounds. A vector of zeros stays one.
    pub fn from_floats(floats: &[f32]) -> Vector {
        let norm = floats.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt();
        let scale = if norm > 0.0 { 127.0 / norm } else { 0.0 };
        let components =
            floats.iter().map(|x| ((f64::from(*x) * scale).round() as i8) as u8).collect();
        Vector { components }
    }

    /// Cosine with another vector of the same dimension; 0 when a norm is 0 or the dimensions differ.
    pub fn cosine(&self, other: &Vector) -> f64 {
        if self.components.len() != other.components.len() {
            return 0.0;
        }
        let (mut dot, mut a, mut b) = (0i64, 0i64, 0i64);
        for (x, y) in self.components.iter().zip(&other.components) {
            let (x, y) = (i64::from(*x as i8), i64::from(*y as i8));
            dot += x * y;
            a += x * x;
            b += y * y;
        }
        if a == 0 || b == 0 {
            return 0.0;
        }
        dot as f64 / ((a as f64).sqrt() * (b as f64).sqrt())
    }
}

/// Three probabilities that sum to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Scores {
    /// The hypothesis follows from the premise.
    pub entailment: f32,
    /// Neither.
    pub neutral: f32,
    /// They cannot both be true.
    pub contradiction: f32,
}

/// A call for the performer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct ModelRequested {
    /// The key of the call.
    pub effect: String,
    /// The call.
    pub call: Call,
    /// The inbox that waits for the answer.
    pub reply_topic: String,
    /// Its partition.
    pub reply_partition: u32,
    /// The order key under which the record that asked is parked.
    pub order_key: String,
    /// How long tries may go on after the first, milliseconds.
    pub patience_ms: i64,
}

/// An answer, in the inbox that asked.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct ModelReplied {
    /// The order key under which the record that asked is parked.
    pub order_key: String,
    /// The answer, or the failure.
    pub answer: Answer,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosine_of_equal_and_opposite_vectors() {
        let v = Vector::from_floats(&[0.6, 0.8, 0.0]);
        let w = Vector::from_floats(&[-0.6, -0.8, 0.0]);
        assert!((v.cosine(&v) - 1.0).abs() < 1e-12);
        assert!((v.cosine(&w) + 1.0).abs() < 1e-12);
        assert_eq!(v.cosine(&Vector::from_floats(&[0.0; 3])), 0.0);
    }

    #[test]
    fn key_depends_on_model_and_input() {
        let call = Call { model: "m".into(), texts: vec!["a".into()], ..Call::default() };
        assert_eq!(call.key(), call.clone().key());
        assert_ne!(call.key(), Call { model: "n".into(), ..call.clone() }.key());
        assert_ne!(call.key(), Call { texts: vec!["b".into()], ..call }.key());
    }
}
