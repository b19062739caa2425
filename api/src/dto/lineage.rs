//! Where an SNO comes from, and what rests on it.

use serde::{Deserialize, Serialize};

use super::{Conflict, QuoteView, Recorded, SnoStatus, SpanView};

/// Lineage both ways.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Lineage {
    /// The SNO asked for.
    pub sno: SnoRef,
    /// The documents at the ground of it, with the places that it speaks of.
    pub documents: Vec<DocumentSpans>,
    /// The SNOs that it was synthesized from, and theirs, nearest first.
    pub parents: Vec<Placed>,
    /// The pair that led to it.
    pub pair: Option<Conflict>,
    /// What was synthesized from it, and from that, nearest first.
    pub children: Vec<Placed>,
    /// The facts that made it: stage, code, configuration, models.
    pub made_by: Vec<Making>,
    /// A limit was hit and something was left out.
    pub truncated: bool,
}

/// An SNO in a lineage.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SnoRef {
    /// Its id.
    pub sno_id: String,
    /// `document` or `synthesis`.
    pub provenance: String,
    /// Where it stands.
    pub status: SnoStatus,
    /// Its hypothesis.
    pub hypothesis: String,
    /// Its trust.
    pub trust: Option<f64>,
    /// Its generation.
    pub generation: u32,
    /// The documents that it rests on.
    pub document_ids: Vec<String>,
    /// The SNOs that it was synthesized from.
    pub parent_ids: Vec<String>,
    /// The pair that led to it.
    pub pair_id: Option<String>,
}

/// An SNO at a distance.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Placed {
    /// 1 for the nearest.
    pub distance: u32,
    /// The SNO.
    #[serde(flatten)]
    pub sno: SnoRef,
}

/// A document, and where in it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct DocumentSpans {
    /// The document.
    pub document_id: String,
    /// Its corpus.
    pub corpus: String,
    /// Where it comes from.
    pub source: Option<String>,
    /// The version that the SNO was made from.
    pub version: Option<u32>,
    /// The SNO of the document.
    pub sno_id: Option<String>,
    /// The places, in order.
    pub spans: Vec<PlacedSpan>,
    /// The sentences that cite evidence.
    pub quotes: Vec<QuoteView>,
}

/// A place in a document, and the claim that stands there.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PlacedSpan {
    /// The claim.
    pub claim_id: String,
    /// Where in the submitted text.
    pub span: SpanView,
    /// The words.
    pub text: String,
}

/// A fact that made an SNO.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Making {
    /// The fact.
    pub fact_id: String,
    /// Its stage.
    pub stage: String,
    /// What it recorded of the SNO.
    pub event_type: String,
    /// The version of the code.
    pub logic_version: String,
    /// The configuration.
    pub config_hash: String,
    /// The models whose answers it read.
    pub models: Vec<String>,
    /// The job.
    pub job_id: String,
    /// Where it is recorded.
    pub recorded: Recorded,
}

/// A conflict that an SNO is a side of.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SidedConflict {
    /// The pair.
    pub pair_id: String,
}

/// What was synthesized from an SNO.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Child {
    /// The synthesis.
    pub sno_id: String,
}
