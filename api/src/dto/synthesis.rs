//! A synthesis as it is read: the narrative by sections, both parents, the scores.

use serde::Serialize;

use super::{Conflict, EvidenceView, FindingView, FlagView, Lineage, Recorded, Report, SnoRef};

/// A synthesis in a list.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SynthesisItem {
    /// The synthesized SNO.
    pub sno_id: String,
    /// Its corpus.
    pub corpus: String,
    /// `pending`, `accepted`, `archived`, `superseded` or `failed`.
    pub status: String,
    /// Why, unless it is accepted.
    pub reason: String,
    /// Its trust, once it is decided.
    pub trust: Option<f64>,
    /// Its hypothesis.
    pub hypothesis: String,
    /// What it comes to.
    pub summary: String,
    /// Its generation.
    pub generation: u32,
    /// The pair that led to it.
    pub pair_id: Option<String>,
    /// The documents that it rests on.
    pub document_ids: Vec<String>,
    /// The SNOs that it was synthesized from.
    pub parents: Vec<SnoRef>,
    /// Where it was proposed.
    pub proposed: Recorded,
    /// Where it was decided.
    pub recorded: Option<Recorded>,
}

/// A synthesis in full.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Synthesis {
    /// What a list shows.
    #[serde(flatten)]
    pub item: SynthesisItem,
    /// Statement by statement.
    pub sections: Sections,
    /// What would change it.
    pub open_points: Vec<String>,
    /// The running text; empty when the completer has none.
    pub prose: String,
    /// One for each critic, with its weight.
    pub reports: Vec<Report>,
    /// What it rests on.
    pub evidence: Vec<EvidenceView>,
    /// What a reader should know.
    pub flags: Vec<FlagView>,
    /// The conflict that led to it, with its scores.
    pub pair: Option<Conflict>,
    /// Down to the documents, and what rests on it.
    pub lineage: Lineage,
}

/// The statements of a narrative, by section.
#[derive(Debug, Clone, PartialEq, Default, Serialize, utoipa::ToSchema)]
pub struct Sections {
    /// Both sides say it, or one says it and the other does not contest it.
    pub agreed: Vec<FindingView>,
    /// The sides differ, and evidence or a condition decides.
    pub resolved: Vec<FindingView>,
    /// The sides differ, and nothing decides.
    pub unresolved: Vec<FindingView>,
    /// Not upheld.
    pub rejected: Vec<FindingView>,
}
