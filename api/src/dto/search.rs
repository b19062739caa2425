//! What a search finds, and the index that it looks in.

use serde::{Deserialize, Serialize};

use super::SnoItem;

/// An SNO that a search found.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Hit {
    /// BM25 over the words of the question; higher is nearer.
    pub score: f64,
    /// Stems of the question's words that stand in it.
    pub matched: Vec<String>,
    /// The SNO.
    pub sno: SnoItem,
}

/// A word in an SNO.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Posting {
    /// The SNO.
    pub sno_id: String,
    /// How often.
    pub count: u64,
    /// All words of the SNO that are indexed.
    pub words: u64,
}

/// How much text of a corpus is indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Indexed {
    /// SNOs.
    pub snos: u64,
    /// Their words.
    pub words: u64,
}
