//! A job: what became of one submission.

use cns_schemas::{Fault, Retry};
use serde::{Deserialize, Serialize};

use super::{FlagView, Recorded, word};

/// What became of one submission.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Job {
    /// Its id.
    pub job_id: String,
    /// Where it stands.
    pub status: JobStatus,
    /// The document's fate is known.
    pub terminal: bool,
    /// The document's fate is known and nothing that it caused is open any more.
    pub settled: bool,
    /// The entrance has handled the document.
    pub entered: bool,
    /// The document; `null` until the entrance has handled it.
    pub document_id: Option<String>,
    /// Its corpus.
    pub corpus: Option<String>,
    /// The SNO that was made from it.
    pub sno_id: Option<String>,
    /// The document that it repeats.
    pub duplicate_of: Option<String>,
    /// Why it is archived or a duplicate.
    pub reason: Option<String>,
    /// What a reader should know.
    pub flags: Vec<FlagView>,
    /// Why it is rejected.
    pub error: Option<JobError>,
    /// Events that it caused and that no stage has answered yet.
    pub open_work: i64,
    /// What happened, oldest first; the first ones only when there are many.
    pub events: Vec<JobEvent>,
    /// How many events there are.
    pub events_total: u64,
    /// The first fact of it.
    pub recorded: Recorded,
    /// The record that brought its document; `null` until the entrance has handled it.
    #[serde(default)]
    pub submission: Option<Submission>,
}

/// The record that brought a document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Submission {
    /// Its event id.
    pub event_id: String,
    /// Its topic, partition and offset.
    pub origin: String,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// In the log; no stage has handled it.
    #[default]
    Queued,
    /// On its way.
    Processing,
    /// Its SNO is in the population.
    Admitted,
    /// Its SNO is kept, and not compared.
    Archived,
    /// It repeats another document, or an earlier text of its own.
    Duplicate,
    /// It cannot be used.
    Rejected,
    /// Replaced by a newer version; of versions of a document alone, a job stays what it became.
    Superseded,
}

impl JobStatus {
    /// All that a job can have, in the order of its life.
    pub const ALL: [JobStatus; 6] = [
        JobStatus::Queued,
        JobStatus::Processing,
        JobStatus::Admitted,
        JobStatus::Archived,
        JobStatus::Duplicate,
        JobStatus::Rejected,
    ];

    /// Whether the document's fate is known.
    pub fn terminal(self) -> bool {
        !matches!(self, JobStatus::Queued | JobStatus::Processing)
    }
}

/// Why a document is rejected.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JobError {
    /// Never changes its meaning.
    pub code: String,
    /// What and where.
    pub detail: String,
    /// How to mend it.
    pub mend: String,
    /// Whether sending the same again can help.
    pub retryable: bool,
}

impl JobError {
    /// The form of a fault.
    pub fn of(fault: &Fault) -> JobError {
        JobError {
            code: word(&fault.code),
            detail: fault.detail.clone(),
            mend: fault.mend.clone(),
            retryable: fault.retry == Retry::Later,
        }
    }
}

/// One step of a job.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JobEvent {
    /// Which stage.
    pub stage: String,
    /// What it handled.
    pub event_type: String,
    /// How it ended.
    pub outcome: String,
    /// When, milliseconds since 1970.
    pub at: i64,
}
