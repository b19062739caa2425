//! What a stream of events tells.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Something that happened, as a follower of a job or a corpus is told.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Told {
    /// What happened: `chunked`, `repeated`, `embedded`, `scored`, `compared`, `conflict_found`, `synthesized`,
    /// `rejected`, `dead_letter_decided`.
    pub event: String,
    /// The job that it belongs to.
    pub job_id: String,
    /// Its corpus.
    pub corpus: String,
    /// When it was decided, milliseconds since 1970.
    pub at_ms: i64,
    /// What it is about.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub about: Map<String, Value>,
}
