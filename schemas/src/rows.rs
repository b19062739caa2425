//! Rows of keyed state that the runtime and the light stages keep. They outlive a process, so they are
//! schemas like events.

use apache_avro::AvroSchema;
use serde::{Deserialize, Serialize};

use crate::{Answer, Origin};

/// `chunk`: what is known of a document id.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct DocumentVersion {
    /// How many texts were accepted under this id.
    pub version: u32,
    /// The content hash of the newest.
    pub content_hash: String,
    /// The job that brought it.
    pub job: String,
}

/// The runtime: a record that waits.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Parked {
    /// Where the record stood.
    pub origin: Origin,
    /// Its key.
    #[avro(with)]
    #[serde(with = "apache_avro::serde::bytes")]
    pub key: Vec<u8>,
    /// Its value.
    #[avro(with)]
    #[serde(with = "apache_avro::serde::bytes")]
    pub value: Vec<u8>,
    /// Its headers, as [`Headers::to_pairs`](crate::Headers::to_pairs) gives them.
    pub headers: Vec<String>,
    /// When the log took it in, milliseconds since 1970.
    pub at_ms: i64,
    /// How often it has been parked.
    pub times: u32,
    /// The effects that it asked for, answered or not.
    pub asked: Vec<ParkedAnswer>,
}

/// One effect of a parked record.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct ParkedAnswer {
    /// The key of the call.
    pub effect: String,
    /// The answer, once it is there.
    pub answer: Option<Answer>,
}

/// The performer: a request that is being worked on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct OpenRequest {
    /// The request's bytes.
    #[avro(with)]
    #[serde(with = "apache_avro::serde::bytes")]
    pub value: Vec<u8>,
    /// Its headers.
    pub headers: Vec<String>,
    /// Where it stood.
    pub origin: Origin,
}

/// `audit`: the end of the chain of a partition.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct ChainHead {
    /// The sequence number of the next entry.
    pub next_sequence: i64,
    /// The hash of the newest entry; 64 zeros before the first.
    pub hash: String,
}
