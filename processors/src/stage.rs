//! What a stage is: a deterministic step over one record, the rows of its partition and model answers.

use std::sync::Arc;

use cns_schemas::{Answer, Body, Call, Configured, Event, Fault, Topic};
use cns_state::{Partition, Row, Rows, Table};

use crate::topology::StageSpec;

/// A stage. It holds nothing that changes: what it must remember is in rows, what it must learn arrives in
/// its inbox.
pub trait Stage: Send + Sync {
    /// Its line of the topology.
    fn spec(&self) -> &'static StageSpec;

    /// Records of one order key are handled in the order of the inbox, also when one of them has to wait.
    fn order_key(&self, event: &Event) -> String;

    /// Decides one record. Asks with `Need` until `input.answers` holds what it needs. Called again with
    /// the same input it gives the same result.
    ///
    /// # Errors
    /// [`StageError::Reject`] when the record is well formed and not acceptable; the rest see there.
    fn step(&self, input: &Input<'_>) -> Result<Step, StageError>;
}

/// What a step may read.
pub struct Input<'a> {
    /// The record.
    pub event: &'a Event,
    /// The record's value as it stands in the inbox.
    pub value: &'a [u8],
    /// The rows of its partition.
    pub rows: PartitionRows,
    /// The settings in force where it is decided: for a record that waited, where it went on.
    pub config: &'a Configured,
    /// Answers to what earlier calls of this step asked.
    pub answers: &'a [Answer],
}

impl Input<'_> {
    /// The answer to a call, when it is there.
    pub fn answer(&self, call: &Call) -> Option<&Answer> {
        let key = call.key();
        self.answers.iter().find(|answer| answer.effect == key)
    }
}

/// The rows of one partition.
#[derive(Clone)]
pub struct PartitionRows {
    /// The rows of all owned partitions.
    pub all: Arc<dyn Rows>,
    /// The partition.
    pub partition: u32,
}

impl PartitionRows {
    /// The value of a row.
    ///
    /// # Errors
    /// [`StageError::Stop`] when the store fails.
    pub fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StageError> {
        Ok(self.all.get(table, self.partition, key)?)
    }

    /// Up to `limit` rows whose key begins with `prefix`.
    ///
    /// # Errors
    /// [`StageError::Stop`] when the store fails.
    pub fn scan(&self, table: Table, prefix: &[u8], limit: usize) -> Result<Vec<Row>, StageError> {
        Ok(self.all.scan(table, self.partition, prefix, None, limit)?)
    }
}

/// How a step ended.
#[derive(Debug)]
pub enum Step {
    /// It needs answers to these calls.
    Need(Vec<Call>),
    /// It has decided.
    Done(Done),
}

/// A decision.
#[derive(Debug, Default)]
pub struct Done {
    /// Rows of the partition to change.
    pub changes: Vec<RowChange>,
    /// Events to send and decisions to record.
    pub outputs: Vec<Output>,
}

/// A change of a row of the record's partition.
#[derive(Debug)]
pub struct RowChange {
    /// The table.
    pub table: Table,
    /// The row's key.
    pub key: Vec<u8>,
    /// Its new value; `None` removes it.
    pub value: Option<Vec<u8>>,
}

/// An event to send, or a decision to record.
#[derive(Debug)]
pub struct Output {
    /// Where it goes.
    pub to: Destination,
    /// What it says.
    pub body: Body,
    /// The documents that it speaks of (`tenant/corpus/document`).
    pub subjects: Vec<String>,
}

/// Where an output goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Into the fact alone: a decision that no stage has to read.
    Recorded,
    /// To the topic, in the partition of the key.
    Keyed(Topic, String),
    /// To that very partition, under the key.
    At(Partition, String),
}

/// Why a step did not decide.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The record is refused; the submitter is told. The next record goes on.
    #[error("{}", .0.detail)]
    Reject(Fault),
    /// The record cannot be handled; it goes to the dead letters. The next record goes on.
    #[error("{}", .0.detail)]
    Poison(Fault),
    /// Nothing can be decided here any more: the process has to stop.
    #[error(transparent)]
    Stop(#[from] cns_state::Error),
}
