//! The settings that decisions depend on. They reach a stage only as a record in its inbox.

use apache_avro::AvroSchema;
use serde::{Deserialize, Serialize};

use crate::hash_hex;

/// Weights, gates and models, as a record in each inbox partition. What follows it in the partition is
/// decided with it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Configured {
    /// How much each critic counts.
    pub weights: Weights,
    /// Thresholds and limits of decisions.
    pub gates: Gates,
    /// Which models are asked.
    pub models: Models,
}

/// How much each critic counts; normalised by their sum.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Weights {
    /// Default 0.4.
    pub grounding: f64,
    /// Default 0.3.
    pub logic: f64,
    /// Default 0.3.
    pub novelty: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Weights { grounding: 0.4, logic: 0.3, novelty: 0.3 }
    }
}

/// Thresholds and limits of decisions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Gates {
    /// A document's SNO is admitted above this trust.
    pub admit_trust: f64,
    /// A synthesis is accepted from this trust on.
    pub synthesis_trust: f64,
    /// Two SNOs conflict from this opposition on.
    pub opposition: f64,
    /// Two texts are near-duplicates from this word-set similarity on.
    pub near_duplicate: f64,
    /// Near neighbours looked up for each SNO.
    pub neighbours_max: u32,
    /// Pairs proposed for each SNO.
    pub pairs_per_sno_max: u32,
    /// A synthesis of this generation is not synthesized further.
    pub generation_max: u32,
}

impl Default for Gates {
    fn default() -> Self {
        Gates {
            admit_trust: 0.3,
            synthesis_trust: 0.5,
            opposition: 0.6,
            near_duplicate: 0.8,
            neighbours_max: 20,
            pairs_per_sno_max: 10,
            generation_max: 1,
        }
    }
}

/// Which models are asked, by name with version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Models {
    /// Text → vector.
    pub embedder: String,
    /// Premise, hypothesis → scores.
    pub entailment: String,
    /// Brief → text.
    pub completer: String,
    /// What the local ones came from, as JSON: files with their SHA-256, runtime, options. A model's name ends with the
    /// beginning of the SHA-256 of its text here.
    #[serde(default)]
    #[avro(default = "[]")]
    pub manifests: Vec<String>,
}

impl Default for Models {
    fn default() -> Self {
        Models {
            embedder: "hashing-encoder-1".into(),
            entailment: "lexical-entailment-1".into(),
            completer: "extractive-1".into(),
            manifests: Vec::new(),
        }
    }
}

impl Configured {
    /// The first 16 hexadecimal digits of SHA-256 over all settings: what facts name.
    pub fn hash(&self) -> String {
        let mut parts: Vec<Vec<u8>> = Vec::new();
        let (w, g, m) = (&self.weights, &self.gates, &self.models);
        let floats = [
            w.grounding,
            w.logic,
            w.novelty,
            g.admit_trust,
            g.synthesis_trust,
            g.opposition,
            g.near_duplicate,
        ];
        parts.extend(floats.iter().map(|x| x.to_bits().to_be_bytes().to_vec()));
        let counts = [g.neighbours_max, g.pairs_per_sno_max, g.generation_max];
        parts.extend(counts.iter().map(|n| n.to_be_bytes().to_vec()));
        parts.extend(
            [&m.embedder, &m.entailment, &m.completer].map(|name| name.clone().into_bytes()),
        );
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        hash_hex(&parts, 16)
    }
}
