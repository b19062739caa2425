//! Why folding stopped.

use cns_schemas::DecodeError;
use cns_state::Partition;

/// An entry that cannot be folded.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    /// The record is no audit entry.
    #[error("the record is not an audit entry: {0}")]
    Entry(DecodeError),
    /// The entry does not continue the chain.
    #[error("the chain is broken: {0}")]
    Chain(String),
    /// The entry's fact cannot be read.
    #[error("the entry's fact cannot be read: {0}")]
    Fact(DecodeError),
    /// What a fact sent cannot be read.
    #[error("the {event_type} {event_id} cannot be read: {error}")]
    Content {
        /// Its kind.
        event_type: String,
        /// Its id.
        event_id: String,
        /// Why.
        error: DecodeError,
    },
    /// A row of the views themselves cannot be read.
    #[error(
        "a row of {table} cannot be read: {detail}; delete the view directory, it is folded anew"
    )]
    Row {
        /// The table.
        table: &'static str,
        /// Why.
        detail: String,
    },
    /// The store or the log failed.
    #[error(transparent)]
    State(#[from] cns_state::Error),
}

/// Where folding stopped, and why.
#[derive(Debug, thiserror::Error)]
#[error("{partition}@{offset}: {error}")]
pub struct FolderError {
    /// The audit partition.
    pub partition: Partition,
    /// The entry that could not be folded.
    pub offset: i64,
    /// Why.
    pub error: FoldError,
}

impl FolderError {
    /// Whether trying again can help: only a failing disk or network can recover by itself.
    pub fn retryable(&self) -> bool {
        use cns_state::Error::{Away, Io};
        matches!(self.error, FoldError::State(Away { .. } | Io { .. }))
    }
}
