//! Documents: as submitted, and cut into passages.

use std::collections::{BTreeMap, HashSet};

use apache_avro::{
    AvroSchema, Schema,
    schema::{Name, NamespaceRef},
};
use serde::{Deserialize, Serialize};

use crate::Span;

/// A document as a producer or the API submits it. Four fields are required; the rest have defaults.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct DocumentSubmitted {
    /// The producer's own id, unique in its corpus. Sent again with other text it is a new version.
    pub document_id: String,
    /// The collection inside which documents are compared with each other.
    pub corpus: String,
    /// Where it comes from, as a person would say it: a file name, a title, an address.
    pub source: String,
    /// The text: plain, Markdown or HTML.
    pub text: String,
    /// A link to the original.
    #[serde(default)]
    pub source_uri: Option<String>,
    /// When the original was published, as the producer writes it.
    #[serde(default)]
    pub published_at: Option<String>,
    /// Anything else that the producer wants to keep beside it.
    #[serde(default)]
    #[avro(with = string_map, default = "{}")]
    pub metadata: BTreeMap<String, String>,
}

fn string_map(_: &mut HashSet<Name>, _: NamespaceRef) -> Schema {
    Schema::map(Schema::String).build()
}

/// A document cut into passages. `plain` is what a reader sees, `rendition` leads back to the submitted text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct DocumentChunked {
    /// The producer's id.
    pub document_id: String,
    /// The collection.
    pub corpus: String,
    /// Where it comes from.
    pub source: String,
    /// A link to the original.
    pub source_uri: Option<String>,
    /// When the original was published, as the producer writes it.
    pub published_at: Option<String>,
    /// What else the producer keeps beside it.
    #[avro(with = string_map, default = "{}")]
    pub metadata: BTreeMap<String, String>,
    /// 1 for the first text under this id, counted up for each other text.
    pub version: u32,
    /// SHA-256 of `plain` with letter case, punctuation and white space evened out; 32 hexadecimal digits.
    pub content_hash: String,
    /// The text without markup, comments and front matter.
    pub plain: String,
    /// How `plain` maps to the submitted text.
    pub rendition: Rendition,
    /// Consecutive pieces; together they cover `plain`.
    pub passages: Vec<Passage>,
    /// What a reader should know about the document.
    pub flags: Vec<Flag>,
}

/// A later stage could do nothing with a version of a document: its text may be sent again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct DocumentFailed {
    /// The document.
    pub document_id: String,
    /// Its corpus.
    pub corpus: String,
    /// The version that failed.
    pub version: u32,
}

/// A document that was sent again with the text that is already known under its id.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct DocumentRepeated {
    /// The producer's id.
    pub document_id: String,
    /// The collection.
    pub corpus: String,
    /// Where it comes from, as this submission says.
    pub source: String,
    /// The version that it repeats.
    pub version: u32,
    /// The job that brought that version.
    pub first_job: String,
}

/// How a plain text maps to the text that was submitted: runs that were copied unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Rendition {
    /// In order of both positions.
    pub runs: Vec<RenditionRun>,
    /// Length of the submitted text in characters.
    pub submitted_chars: u32,
}

/// Characters that stand in both texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct RenditionRun {
    /// First character in the plain text.
    pub plain: u32,
    /// The same character in the submitted text.
    pub submitted: u32,
    /// How many characters.
    pub length: u32,
}

/// A piece of a plain text that ends at a sentence end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Passage {
    /// Counted from 0.
    pub index: u32,
    /// Characters of the plain text.
    pub span: Span,
}

/// What a reader should know about a document or an SNO.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Flag {
    /// Which kind.
    pub code: FlagCode,
    /// One sentence for a person.
    pub detail: String,
    /// Where in the submitted text.
    pub span: Option<Span>,
}

/// Kinds of [`Flag`].
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, AvroSchema,
)]
#[serde(rename_all = "snake_case")]
#[avro(namespace = "cns")]
pub enum FlagCode {
    // Text that addresses the reader or a machine with instructions. It is data and is not followed.
    InstructionLikeText,
    // A citation whose reference is missing from the document's own list.
    CitedButAbsent,
    // Almost the same text as another document.
    NearDuplicate,
    // The same text as another document.
    ExactDuplicate,
    // A limit was hit and something was left out.
    Truncated,
    // A relation was refused because it would have closed a circle.
    CircularReasoning,
}
