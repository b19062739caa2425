//! Compared pairs, and conflicts: the pairs that oppose each other.

use cns_narrative::contradiction::contradiction_type;
use cns_narrative::pairing::{alignments, contradiction, opposes};
use cns_schemas::{PairDecided, PairFate, PairSide, Relational, StatementPair, StatementVerdict};
use serde::{Deserialize, Serialize};

use super::{Recorded, SnoStatus, word};

/// A compared pair.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Pair {
    /// Its id.
    pub pair_id: String,
    /// Its corpus.
    pub corpus: String,
    /// What became of it.
    pub status: ConflictStatus,
    /// Why, with the value and the gate.
    pub reason: String,
    /// Of which type the contradiction is that made it, when it is a conflict: `logical`, `temporal_order` and so on.
    pub contradiction_type: Option<String>,
    /// What told the type.
    pub contradiction_basis: String,
    /// The highest contradiction of two aligned statements.
    #[serde(deserialize_with = "super::number")]
    pub opposition: f64,
    /// The gate that it was held against.
    #[serde(deserialize_with = "super::number")]
    pub opposition_gate: f64,
    /// The relational metrics.
    pub relational: RelationalView,
    /// The side with the lower id.
    pub a: PairSideView,
    /// The other.
    pub b: PairSideView,
    /// Evidence that both cite.
    pub shared_evidence: Vec<String>,
    /// What was compared: first what counts, strongest contradiction first. The first one of a conflict made it.
    pub statements: Vec<Statement>,
    /// The synthesis that was proposed.
    pub synthesis_id: Option<String>,
    /// Where it was decided.
    pub recorded: Recorded,
}

/// What became of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConflictStatus {
    /// Compared; nothing that opposes.
    #[default]
    NoConflict,
    /// In conflict, and a synthesis was proposed.
    Synthesized,
    /// In conflict, and left at that.
    Unsynthesized,
}

impl ConflictStatus {
    /// All of them.
    pub const ALL: [ConflictStatus; 3] =
        [ConflictStatus::NoConflict, ConflictStatus::Synthesized, ConflictStatus::Unsynthesized];
}

/// One side of a pair.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PairSideView {
    /// The SNO.
    pub sno_id: String,
    /// The documents that it rests on.
    pub document_ids: Vec<String>,
    /// Its hypothesis.
    pub hypothesis: String,
    /// Its trust when the pair was proposed.
    #[serde(deserialize_with = "super::number")]
    pub trust: f64,
    /// Its generation.
    pub generation: u32,
    /// Where the SNO stands now; filled in when it is shown.
    pub status: Option<SnoStatus>,
}

/// The relational metrics of a pair.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RelationalView {
    /// Cosine of the two hypotheses.
    #[serde(deserialize_with = "super::number")]
    pub cosine: f64,
    /// (1 − cosine)·T_a·T_b.
    #[serde(deserialize_with = "super::number")]
    pub chirality_published: f64,
    /// The same with opposition halved.
    #[serde(deserialize_with = "super::number")]
    pub chirality_normalised: f64,
    /// |E_a ∩ E_b| / |E_a ∪ E_b|.
    #[serde(deserialize_with = "super::number")]
    pub entanglement: f64,
    /// opposition·√(T_a·T_b).
    #[serde(deserialize_with = "super::number")]
    pub chirality: f64,
    /// √(chirality·entanglement)·(1 + 0.2·(1 − |chirality − entanglement|)).
    #[serde(deserialize_with = "super::number")]
    pub potential: f64,
}

/// Two statements that were compared.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Statement {
    /// Claim on side a.
    pub a_claim: String,
    /// Its text.
    pub a_text: String,
    /// Claim on side b.
    pub b_claim: String,
    /// Its text.
    pub b_text: String,
    /// Why these two were compared.
    pub alignment: String,
    /// The two are about the same thing, so that their contradiction counts.
    pub counts: bool,
    /// How far they are about the same thing, 0 to 1.
    #[serde(deserialize_with = "super::number")]
    pub aligned: f64,
    /// What they oppose each other: aligned × contradiction × (1 − follows / 2).
    #[serde(deserialize_with = "super::number")]
    pub opposition: f64,
    /// The higher entailment of the two directions.
    #[serde(deserialize_with = "super::number")]
    pub follows: f64,
    /// The mean contradiction of the two directions.
    #[serde(deserialize_with = "super::number")]
    pub contradiction: f64,
    /// Of which type their contradiction would be; none where it does not count.
    pub contradiction_type: Option<String>,
    /// What told the type.
    pub contradiction_basis: String,
    /// Contradiction with a as premise.
    #[serde(deserialize_with = "super::number")]
    pub forward: f32,
    /// Contradiction with b as premise.
    #[serde(deserialize_with = "super::number")]
    pub backward: f32,
}

impl Pair {
    /// The form of a decision, with at most so many statements.
    pub fn of(decided: &PairDecided, at: Recorded, statements_max: usize) -> Pair {
        let pair = &decided.judged.pair;
        let compared = pair.statements.iter().zip(&decided.judged.verdicts);
        let mut statements: Vec<Statement> = compared
            .zip(alignments(pair))
            .map(|((statement, verdict), aligned)| Statement::of(statement, verdict, aligned))
            .collect();
        statements
            .sort_by(|x, y| y.counts.cmp(&x.counts).then(y.opposition.total_cmp(&x.opposition)));
        statements.truncate(statements_max);
        let made_it = statements.first().filter(|_| decided.fate != PairFate::NoConflict);
        Pair {
            contradiction_type: made_it.and_then(|made_it| made_it.contradiction_type.clone()),
            contradiction_basis: made_it
                .map(|made_it| made_it.contradiction_basis.clone())
                .unwrap_or_default(),
            pair_id: pair.pair_id.clone(),
            corpus: pair.corpus.clone(),
            status: match decided.fate {
                PairFate::NoConflict => ConflictStatus::NoConflict,
                PairFate::Synthesized => ConflictStatus::Synthesized,
                PairFate::Unsynthesized => ConflictStatus::Unsynthesized,
            },
            reason: decided.reason.clone(),
            opposition: pair.relational.opposition,
            opposition_gate: decided.opposition_gate,
            relational: RelationalView::of(&pair.relational),
            a: PairSideView::of(&pair.a),
            b: PairSideView::of(&pair.b),
            shared_evidence: pair.shared_evidence.clone(),
            statements,
            synthesis_id: decided.synthesis_id.clone(),
            recorded: at,
        }
    }
}

impl RelationalView {
    fn of(r: &Relational) -> RelationalView {
        RelationalView {
            cosine: r.cosine,
            chirality_published: r.chirality_published,
            chirality_normalised: r.chirality_normalised,
            entanglement: r.entanglement,
            chirality: r.chirality,
            potential: r.potential,
        }
    }
}

impl PairSideView {
    fn of(side: &PairSide) -> PairSideView {
        PairSideView {
            sno_id: side.sno_id.clone(),
            document_ids: side.document_ids.clone(),
            hypothesis: side.hypothesis.clone(),
            trust: side.trust,
            generation: side.generation,
            status: None,
        }
    }
}

impl Statement {
    fn of(pair: &StatementPair, verdict: &StatementVerdict, aligned: f64) -> Statement {
        let (forward, backward) = (verdict.forward.contradiction, verdict.backward.contradiction);
        let typed = (aligned > 0.0).then(|| contradiction_type(&pair.a_text, &pair.b_text));
        Statement {
            contradiction_type: typed.as_ref().map(|typed| typed.kind.name().to_owned()),
            contradiction_basis: typed.map(|typed| typed.basis).unwrap_or_default(),
            a_claim: pair.a_claim.clone(),
            a_text: pair.a_text.clone(),
            b_claim: pair.b_claim.clone(),
            b_text: pair.b_text.clone(),
            alignment: word(&pair.alignment),
            counts: aligned > 0.0,
            aligned,
            opposition: opposes(aligned, verdict),
            follows: f64::from(verdict.forward.entailment.max(verdict.backward.entailment)),
            contradiction: contradiction(verdict),
            forward,
            backward,
        }
    }
}

/// A pair as it is shown: with what became of its synthesis.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Conflict {
    /// The pair.
    #[serde(flatten)]
    pub pair: Pair,
    /// The synthesis, when one was proposed.
    pub synthesis: Option<SynthesisRef>,
}

/// What became of a synthesis.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SynthesisRef {
    /// The synthesized SNO.
    pub sno_id: String,
    /// `pending`, `accepted`, `archived`, `superseded` or `failed`.
    pub status: String,
    /// Why, unless it is accepted.
    pub reason: String,
    /// Its trust, once it is decided.
    pub trust: Option<f64>,
}
