//! What the critics say, and what became of an SNO.

use apache_avro::AvroSchema;
use serde::{Deserialize, Serialize};

use crate::Sno;

/// One critic's report.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct CriticReport {
    /// `grounding`, `logic` or `novelty`.
    pub critic: String,
    /// In [0, 1].
    pub score: f64,
    /// How sure the critic is, in [0, 1]; reported, not part of trust.
    pub confidence: f64,
    /// One or two sentences for a person.
    pub explanation: String,
    /// The parts that the score was made from.
    pub sub_scores: Vec<SubScore>,
}

/// A named part of a score.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct SubScore {
    /// A claim id, or the name of a term of the formula.
    pub name: String,
    /// Its value.
    pub value: f64,
}

/// An SNO with the reports of the two critics that look at it alone.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct SnoJudged {
    /// The SNO; the statuses of its claims are now set.
    pub sno: Sno,
    /// The pair that led to it; `None` for a document.
    pub pair_id: Option<String>,
    /// Grounding, then logic.
    pub reports: Vec<CriticReport>,
}

/// What became of an SNO: the only place where trust is recorded.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct SnoDecided {
    /// The SNO as judged.
    pub sno: Sno,
    /// Its fate.
    pub fate: SnoFate,
    /// Why, in one sentence; empty when admitted.
    pub reason: String,
    /// Σ weight·score / Σ weight over `reports`.
    pub trust: f64,
    /// Grounding, logic, novelty.
    pub reports: Vec<CriticReport>,
    /// The weights of the three, in the order of `reports`.
    pub weights: Vec<f64>,
    /// The document that this one repeats.
    pub duplicate_of: Option<String>,
    /// The SNOs that this one supersedes (older versions of its document).
    pub supersedes: Vec<String>,
    /// The pair that led to it; `None` for a document.
    pub pair_id: Option<String>,
}

/// What became of an SNO.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[serde(rename_all = "snake_case")]
#[avro(namespace = "cns")]
pub enum SnoFate {
    // In the population.
    #[default]
    Admitted,
    // Kept, with a reason, but not compared any more.
    Archived,
    // Repeats another document.
    Duplicate,
}
