//! A document with its newest text and what became of each version.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ConflictStatus, FlagView, JobStatus, Pair, Recorded, SynthesisRef};

/// A document.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Document {
    /// The producer's id.
    pub document_id: String,
    /// Its corpus.
    pub corpus: String,
    /// Where it comes from.
    pub source: String,
    /// A link to the original.
    pub source_uri: Option<String>,
    /// When the original was published, as the producer wrote it.
    pub published_at: Option<String>,
    /// What the producer keeps beside it.
    pub metadata: BTreeMap<String, String>,
    /// What became of the newest version.
    pub status: JobStatus,
    /// Why it is archived, a duplicate or rejected.
    pub reason: Option<String>,
    /// The document that it repeats.
    pub duplicate_of: Option<String>,
    /// The SNO of the newest version.
    pub sno_id: Option<String>,
    /// The job that brought the newest version.
    pub job_id: String,
    /// What a reader should know.
    pub flags: Vec<FlagView>,
    /// The newest version's number.
    pub version: u32,
    /// Newest first, bounded.
    pub versions: Vec<Version>,
    /// The newest text without markup.
    pub text: String,
    /// How `text` maps to the text that was submitted, in which all spans count.
    pub rendition: Vec<RenditionRunView>,
    /// When the first version was recorded.
    pub recorded: Recorded,
}

/// A document as it is shown: with what rests on its newest version, bounded.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct DocumentShown {
    /// The document.
    #[serde(flatten)]
    pub document: Document,
    /// The conflicts that its SNO is a side of.
    pub conflicts: Vec<DocumentConflict>,
    /// The syntheses that were made from its SNO.
    pub syntheses: Vec<SynthesisRef>,
}

/// A conflict as it is named with a document.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct DocumentConflict {
    /// The pair.
    pub pair_id: String,
    /// Whether it was synthesized.
    pub status: ConflictStatus,
    /// Its opposition.
    pub opposition: f64,
    /// The documents on the other side.
    pub against: Vec<String>,
}

impl DocumentConflict {
    /// The form of a pair that an SNO is a side of.
    pub fn of(pair: Pair, sno_id: &str) -> DocumentConflict {
        let other = if pair.a.sno_id == sno_id { pair.b } else { pair.a };
        DocumentConflict {
            pair_id: pair.pair_id,
            status: pair.status,
            opposition: pair.opposition,
            against: other.document_ids,
        }
    }
}

/// One version of a document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Version {
    /// Counted from 1.
    pub version: u32,
    /// The hash of its evened text.
    pub content_hash: String,
    /// The job that brought it.
    pub job_id: String,
    /// What became of it; `superseded` once a newer version has replaced it.
    pub status: JobStatus,
    /// Its SNO.
    pub sno_id: Option<String>,
    /// Where it is recorded.
    pub recorded: Recorded,
}

/// Characters that stand in both texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RenditionRunView {
    /// First character in `text`.
    pub plain: u32,
    /// The same character in the submitted text.
    pub submitted: u32,
    /// How many characters.
    pub length: u32,
}

/// A document in a list.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct DocumentRef {
    /// The producer's id.
    pub document_id: String,
    /// Its corpus.
    pub corpus: String,
    /// Where it comes from.
    pub source: String,
    /// What became of it.
    pub status: JobStatus,
    /// Its newest version.
    pub version: u32,
    /// Its SNO.
    pub sno_id: Option<String>,
    /// The document that it repeats.
    pub duplicate_of: Option<String>,
    /// The job that brought it.
    pub job_id: String,
}

impl From<Document> for DocumentRef {
    fn from(of: Document) -> DocumentRef {
        DocumentRef {
            document_id: of.document_id,
            corpus: of.corpus,
            source: of.source,
            status: of.status,
            version: of.version,
            sno_id: of.sno_id,
            duplicate_of: of.duplicate_of,
            job_id: of.job_id,
        }
    }
}
