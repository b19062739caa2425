//! What HTTP shows, and so what the view rows hold: the only place for HTTP forms.
//!
//! Invariant: a field's name and meaning change only together with `VIEW_VERSION`, because rows are stored in
//! these forms.

mod corpus;
mod dead_letter;
mod document;
mod job;
mod lineage;
mod pair;
mod search;
mod sno;
mod synthesis;
mod told;

use serde::{Deserialize, Serialize};

pub use corpus::{Closest, Corpus, DocumentCounts, SnoCounts};
pub use dead_letter::{DeadLetterView, Decision};
pub use document::{
    Document, DocumentConflict, DocumentRef, DocumentShown, RenditionRunView, Version,
};
pub use job::{Job, JobError, JobEvent, JobStatus, Submission};
pub use lineage::{
    Child, DocumentSpans, Lineage, Making, Placed, PlacedSpan, SidedConflict, SnoRef,
};
pub use pair::{
    Conflict, ConflictStatus, Pair, PairSideView, RelationalView, Statement, SynthesisRef,
};
pub use search::{Hit, Indexed, Posting};
pub use sno::{
    ClaimView, EvidenceView, FindingView, FlagView, NarrativeView, QuoteView, RefusedView,
    RelationView, Report, SideView, SnoItem, SnoStatus, SnoView, SpanView, SubScoreView,
};
pub use synthesis::{Sections, Synthesis, SynthesisItem};
pub use told::Told;

/// Where in the audit log something is recorded, and when it was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Recorded {
    /// The audit partition.
    pub partition: u32,
    /// The audit sequence number in it.
    pub sequence: i64,
    /// When it was decided, milliseconds since 1970.
    pub at_ms: i64,
}

/// What a list can be filtered by, beside the id of the row.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Facets {
    /// The id.
    pub id: String,
    /// The corpus.
    pub corpus: String,
    /// The status as HTTP shows it.
    pub status: String,
    /// Of SNOs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub provenance: Option<String>,
    /// Of SNOs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trust: Option<f64>,
}

/// The recorded word for a value of an enumeration (`snake_case`).
pub fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// Reads a number that JSON has no form for (it is written as `null`), so that one such number in a record
/// cannot make a whole row unreadable.
fn number<'de, D, N>(from: D) -> Result<N, D::Error>
where
    D: serde::Deserializer<'de>,
    N: Deserialize<'de> + From<f32>,
{
    Ok(Option::deserialize(from)?.unwrap_or_else(|| N::from(f32::NAN)))
}

/// An answer with how old it may be.
#[derive(Debug, Serialize)]
pub struct Dated<T> {
    /// The answer.
    #[serde(flatten)]
    pub answer: T,
    /// Up to which place of the audit log the views were folded.
    pub as_of: AsOf,
}

/// Up to which place of the audit log the views were folded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
pub struct AsOf {
    /// For each audit partition: how many entries are folded.
    #[schema(value_type = std::collections::BTreeMap<String, i64>)]
    pub positions: std::collections::BTreeMap<u32, i64>,
    /// How many entries were not folded yet when this was written.
    pub lag_records: i64,
}

/// A page of a list.
#[derive(Debug, Serialize)]
pub struct Page<T> {
    /// The items, newest first.
    pub items: Vec<T>,
    /// Where the next page begins; `null` on the last.
    pub next_cursor: Option<String>,
    /// How old the answer may be.
    pub as_of: AsOf,
}
