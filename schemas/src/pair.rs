//! Pairs of SNOs: proposed, judged, decided.

use apache_avro::AvroSchema;
use serde::{Deserialize, Serialize};

use crate::Scores;

/// A pair to judge. It carries only the statements to compare, never whole documents.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct PairProposed {
    /// `pair_` and 16 hexadecimal digits, independent of the order of the sides.
    pub pair_id: String,
    /// The collection.
    pub corpus: String,
    /// The side with the lower id.
    pub a: PairSide,
    /// The side with the higher id.
    pub b: PairSide,
    /// Evidence that both cite.
    pub shared_evidence: Vec<String>,
    /// What to compare; the first is always the two hypotheses.
    pub statements: Vec<StatementPair>,
    /// What is known before the comparison.
    pub relational: Relational,
}

/// One side of a pair.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct PairSide {
    /// The SNO.
    pub sno_id: String,
    /// The documents that it rests on.
    pub document_ids: Vec<String>,
    /// Its hypothesis.
    pub hypothesis: String,
    /// Its trust when the pair was proposed.
    pub trust: f64,
    /// Its generation.
    pub generation: u32,
}

/// Two statements to compare.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct StatementPair {
    /// Claim id on side a.
    pub a_claim: String,
    /// Its text.
    pub a_text: String,
    /// Claim id on side b.
    pub b_claim: String,
    /// Its text.
    pub b_text: String,
    /// Why these two are compared.
    pub alignment: Alignment,
}

/// Why two statements are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[serde(rename_all = "snake_case")]
#[avro(namespace = "cns")]
pub enum Alignment {
    // They are the two hypotheses.
    #[default]
    Hypotheses,
    // They cite the same evidence.
    SharedEvidence,
    // They say something near to each other.
    Nearness,
}

/// The relational metrics of a pair, as published and as used.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Relational {
    /// Cosine of the two hypotheses.
    pub cosine: f64,
    /// CScore as published: (1 − cos)·T_a·T_b, in [0, 2].
    pub chirality_published: f64,
    /// The same with opposition halved, in [0, 1].
    pub chirality_normalised: f64,
    /// EScore: |E_a ∩ E_b| / |E_a ∪ E_b|; 0 when both are empty.
    pub entanglement: f64,
    /// The opposition that gates: the highest contradiction of two aligned statements in both directions.
    pub opposition: f64,
    /// opposition·√(T_a·T_b).
    pub chirality: f64,
    /// √(chirality·entanglement)·(1 + 0.2·(1 − |chirality − entanglement|)).
    pub potential: f64,
}

/// A judged pair.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct PairJudged {
    /// The pair as proposed; `relational` now has opposition, chirality and potential.
    pub pair: PairProposed,
    /// One for each of its statements, in their order.
    pub verdicts: Vec<StatementVerdict>,
}

/// What the entailment model says about two statements, in both directions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct StatementVerdict {
    /// a as premise, b as hypothesis.
    pub forward: Scores,
    /// b as premise, a as hypothesis.
    pub backward: Scores,
}

/// What became of a pair.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct PairDecided {
    /// The pair as judged.
    pub judged: PairJudged,
    /// Its fate.
    pub fate: PairFate,
    /// Why, in one sentence, with the value and the gate.
    pub reason: String,
    /// The gate that opposition was held against.
    pub opposition_gate: f64,
    /// The synthesis that was proposed, when one was.
    pub synthesis_id: Option<String>,
}

/// What became of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[serde(rename_all = "snake_case")]
#[avro(namespace = "cns")]
pub enum PairFate {
    // Compared; nothing that opposes.
    #[default]
    NoConflict,
    // In conflict, and a synthesis was proposed.
    Synthesized,
    // In conflict, and left at that (generation limit, a side left the population).
    Unsynthesized,
}
