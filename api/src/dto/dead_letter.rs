//! A record that could not be handled.

use serde::{Deserialize, Serialize};

use super::{JobError, Recorded};

/// A record that could not be handled: why, where it stands, and what it looks like.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeadLetterView {
    /// Its id.
    pub dead_letter_id: String,
    /// The stage that gave up.
    pub stage: String,
    /// The record's topic, partition and offset.
    pub origin: String,
    /// What the record was; empty when it could not be read.
    pub event_type: String,
    /// Why.
    pub error: JobError,
    /// The job that it belongs to.
    pub job_id: String,
    /// The corpus, as far as it is known.
    pub corpus: String,
    /// The record's key, as text; the first characters of a long one.
    pub key: String,
    /// The length of its value.
    pub value_bytes: u64,
    /// The first bytes of its value, hexadecimal.
    pub first_bytes: String,
    /// Where it is recorded.
    pub recorded: Recorded,
    /// No tenant could be read in it: it belongs to those who run the installation.
    #[serde(default)]
    pub unowned: bool,
    /// What was decided about it; `null` while it is open. Filled in when it is shown.
    #[serde(default)]
    pub decision: Option<Decision>,
}

/// What was decided about a dead letter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Decision {
    /// `retried` or `dropped`.
    pub decision: String,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub by: String,
    /// The job under which its document was submitted again.
    pub job_id: Option<String>,
    /// Where it is recorded, and when it was.
    pub recorded: Recorded,
}

impl DeadLetterView {
    /// `open`, `retried` or `dropped`.
    pub fn status(&self) -> &str {
        self.decision.as_ref().map_or("open", |decision| &decision.decision)
    }
}
