//! Facts: one for each consumed record, what it led to; and the audit entries that chain them.

use apache_avro::AvroSchema;
use serde::{Deserialize, Serialize};

use crate::{Answer, Sealed};

/// What the handling of one inbox record led to, written in the transaction that consumed it.
///
/// A parked record has two facts: `parked`, and later the final one. A job's open work is the outputs sent
/// to inboxes less the final facts whose input was such an output.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Fact {
    /// Derived from the input event, the stage and the outcome.
    pub fact_id: String,
    /// `chunk`, `embed`, `critique`, `synthesize`, `performer`.
    pub stage: String,
    /// Who owns it.
    pub tenant: String,
    /// The collection.
    pub corpus: String,
    /// The unit of work that a submitter follows.
    pub job: String,
    /// The input event.
    pub event_id: String,
    /// The name of its schema; empty when it could not be read.
    pub event_type: String,
    /// The document that the input brings; empty for any other input.
    pub document_id: String,
    /// The event that caused the input; empty for one from outside.
    pub cause: String,
    /// Where the input stood.
    pub origin: Origin,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, unless it is `done`.
    pub fault: Option<Fault>,
    /// What was sent, and what was decided.
    pub outputs: Vec<Sent>,
    /// The model results that the decision read.
    pub answers: Vec<Answer>,
    /// The version of the code that decided.
    pub logic_version: String,
    /// The configuration that it was decided under.
    pub config_hash: String,
    /// When the cause entered the system, milliseconds since 1970; inherited.
    pub at_ms: i64,
    /// When this was decided, milliseconds since 1970; read by the runtime, never by a decision.
    pub decided_at_ms: i64,
}

/// A place in the log.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Origin {
    /// The topic's name.
    pub topic: String,
    /// The partition.
    pub partition: u32,
    /// The offset.
    pub offset: i64,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}@{}", self.topic, self.partition, self.offset)
    }
}

/// What became of an inbox record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[serde(rename_all = "snake_case")]
#[avro(namespace = "cns")]
pub enum Outcome {
    // Decided.
    #[default]
    Done,
    // Waits for an answer or behind another record of its order key; still open.
    Parked,
    // Well formed, and refused: the fault says why.
    Rejected,
    // Could not be handled; its bytes are in the dead letters.
    DeadLettered,
    // Passed on to the partition where its key belongs.
    Redirected,
}

/// An event that was sent to a topic, or a decision that is recorded here alone (`topic` empty).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Sent {
    /// The event's id.
    pub event_id: String,
    /// The name of its schema.
    pub event_type: String,
    /// Where it went; empty for a decision that nobody has to read.
    pub topic: String,
    /// Its content.
    pub content: Sealed,
}

/// What is wrong with a record, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Fault {
    /// Never changes its meaning.
    pub code: FaultCode,
    /// What and where, in a sentence.
    pub detail: String,
    /// How to mend it, in a sentence.
    pub mend: String,
    /// Whether trying again can help.
    pub retry: Retry,
}

/// Codes of [`Fault`].
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AvroSchema,
)]
#[serde(rename_all = "snake_case")]
#[avro(namespace = "cns")]
pub enum FaultCode {
    // The value does not begin with the Confluent frame (a zero byte and a schema id).
    NotConfluentFramed,
    // The frame names a schema that is not known.
    UnknownSchemaId,
    // The bytes do not match the schema.
    SchemaIncompatible,
    // No `tenant` header.
    TenantMissing,
    // A field's value is not allowed.
    FieldInvalid,
    // Over the size limit.
    DocumentTooLarge,
    // No sentence that states anything.
    NoExtractableText,
    // The handling of the record panicked.
    StagePanicked,
    // The handling of the record did not end in time.
    DeadlineExceeded,
    // The process died more than once while it handled this record.
    WorkerKiller,
    // A model gave no answer after all retries.
    ModelFailed,
    // A model's answer does not fit its call.
    ModelOutputInvalid,
    // A record of a kind that this inbox does not take.
    UnexpectedRecord,
}

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, AvroSchema)]
#[serde(rename_all = "snake_case")]
#[avro(namespace = "cns")]
pub enum Retry {
    // The same bytes will fail again.
    Never,
    // It may work later as it is.
    Later,
    // It will work when the submitter has mended it.
    AfterMending,
}

/// A record that could not be handled, with its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct DeadLetter {
    /// `dl_` and 32 hexadecimal digits.
    pub dead_letter_id: String,
    /// Which stage gave up.
    pub stage: String,
    /// Where the record stood.
    pub origin: Origin,
    /// Why.
    pub fault: Fault,
    /// Its key.
    #[avro(with)]
    #[serde(with = "apache_avro::serde::bytes")]
    pub key: Vec<u8>,
    /// Its value, unread.
    #[avro(with)]
    #[serde(with = "apache_avro::serde::bytes")]
    pub value: Vec<u8>,
}

/// What a person decided about a dead letter. It is told to the entrance, which records it and does nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct DeadLetterDecided {
    /// The dead letter.
    pub dead_letter_id: String,
    /// The collection that it belongs to, as far as it is known.
    pub corpus: String,
    /// Nobody could be read in its record: it belongs to those who run the installation.
    pub unowned: bool,
    /// What was decided.
    pub decision: LetterDecision,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub by: String,
    /// The job under which its document was submitted again.
    pub job: Option<String>,
}

/// What can be decided about a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[serde(rename_all = "snake_case")]
#[avro(namespace = "cns")]
pub enum LetterDecision {
    // Its document was submitted again.
    #[default]
    Retried,
    // Nothing more is done about it.
    Dropped,
}

/// A fact in the chain of its audit partition.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct AuditEntry {
    /// Dense, from 0, in each partition.
    pub sequence: i64,
    /// The hash of the entry before; 64 zeros for the first.
    pub previous_hash: String,
    /// SHA-256 over sequence, previous hash and fact bytes; 64 hexadecimal digits.
    pub hash: String,
    /// The fact: a Confluent-framed [`Fact`], byte for byte as it was consumed.
    #[avro(with)]
    #[serde(with = "apache_avro::serde::bytes")]
    pub fact: Vec<u8>,
}
