//! The Structured Narrative Object and its parts.

use apache_avro::AvroSchema;
use serde::{Deserialize, Serialize};

use crate::{Flag, Narrative, Span, Vector};

/// A Structured Narrative Object: a hypothesis, a reasoning graph, evidence. Its trust is not here: critics
/// set it, and it stands in the [`SnoDecided`](crate::SnoDecided) that they lead to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Sno {
    /// `sno_` and 16 hexadecimal digits.
    pub sno_id: String,
    /// The collection.
    pub corpus: String,
    /// From a document or from a synthesis.
    pub provenance: Provenance,
    /// The documents that it rests on.
    pub document_ids: Vec<String>,
    /// The SNOs that it was synthesized from; empty for a document.
    pub parent_ids: Vec<String>,
    /// 0 for a document, one more than the higher parent for a synthesis.
    pub generation: u32,
    /// The version of the document that it was made from; 0 for a synthesis.
    pub document_version: u32,
    /// The central claim, one sentence.
    pub hypothesis: String,
    /// The nodes of the reasoning graph; the first has the id `root` and holds the hypothesis.
    pub claims: Vec<Claim>,
    /// The edges: a directed acyclic graph, premise → conclusion.
    pub relations: Vec<Relation>,
    /// Relations that were found but would have closed a circle or had no such node.
    pub refused: Vec<RefusedRelation>,
    /// What it rests on, by canonical identity.
    pub evidence: Vec<Evidence>,
    /// One vector for each claim, in their order; empty before the embedder has run.
    pub vectors: Vec<Vector>,
    /// 64 minimum hashes over the words of the text, for near-duplicates; empty for a synthesis.
    pub signature: Vec<i64>,
    /// SHA-256 over the evened text (see `DocumentChunked.content_hash`); empty for a synthesis.
    pub content_hash: String,
    /// What a reader should know.
    pub flags: Vec<Flag>,
    /// What a synthesis says; `None` for a document.
    pub narrative: Option<Narrative>,
}

/// Where an SNO comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[serde(rename_all = "snake_case")]
#[avro(namespace = "cns")]
pub enum Provenance {
    // Extracted from one document.
    #[default]
    Document,
    // Synthesized from two SNOs.
    Synthesis,
}

/// A node of the reasoning graph.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Claim {
    /// `root`, then `c1`, `c2` ….
    pub claim_id: String,
    /// One sentence.
    pub text: String,
    /// What the claim does in the argument.
    pub claim_type: ClaimType,
    /// How firmly it stands.
    pub status: ClaimStatus,
    /// The document that it stands in.
    pub document_id: String,
    /// Where in the submitted text of that document.
    pub span: Span,
    /// The evidence that it cites.
    pub evidence_ids: Vec<String>,
    /// The sentence is hedged ("may", "suggests").
    pub hedged: bool,
    /// Who is said to claim it, when it is not the author.
    pub attributed_to: Option<String>,
}

/// What a claim does in the argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[serde(rename_all = "snake_case")]
#[avro(namespace = "cns")]
pub enum ClaimType {
    // The hypothesis itself.
    CentralHypothesis,
    // A statement of a result or a reason.
    #[default]
    Assertion,
    // A statement that is given as a reason.
    SupportingClaim,
    // A statement that a synthesis makes.
    SynthesisResolution,
}

/// How firmly a claim stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, AvroSchema,
)]
#[serde(rename_all = "snake_case")]
#[avro(namespace = "cns")]
pub enum ClaimStatus {
    // Entailed by evidence that it cites.
    Strict,
    // Probably follows.
    Likely,
    // Stated, not yet judged.
    #[default]
    Hypothesis,
    // Contested, and no evidence decides.
    Unresolved,
    // Not upheld.
    Rejected,
}

/// An edge of the reasoning graph, premise → conclusion.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Relation {
    /// The premise's claim id.
    pub source: String,
    /// The conclusion's claim id.
    pub target: String,
    /// What the premise does to the conclusion.
    pub relation_type: RelationType,
}

/// What a premise does to a conclusion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[serde(rename_all = "snake_case")]
#[avro(namespace = "cns")]
pub enum RelationType {
    // Speaks for it.
    #[default]
    Supports,
    // Denies it.
    Contradicts,
    // Makes it certain.
    Implies,
    // Speaks against it.
    Weakens,
    // Says why it is so.
    Explains,
    // Extends it to more cases.
    Generalizes,
}

/// A relation that was found and refused.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct RefusedRelation {
    /// The relation.
    pub relation: Relation,
    /// Why, in one sentence.
    pub reason: String,
}

/// Something that claims rest on, the same wherever it is cited.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Evidence {
    /// Canonical identity: `doi:…`, `pmid:…`, `arxiv:…`, `url:…`, or `ref:…` (hash of an unidentified reference).
    pub evidence_id: String,
    /// Which scheme.
    pub kind: EvidenceKind,
    /// The entry of the document's own reference list, when it has one.
    pub reference: Option<String>,
    /// The sentences that cite it.
    pub quotes: Vec<Quote>,
    /// First 16 hexadecimal digits of SHA-256 over the reference, or over the first quote.
    pub doc_hash: String,
    /// Whether the reference that the text cites is in the document's list (or needs none).
    pub resolved: bool,
}

/// A scheme of canonical identity.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, AvroSchema,
)]
#[serde(rename_all = "snake_case")]
#[avro(namespace = "cns")]
pub enum EvidenceKind {
    // Digital object identifier.
    Doi,
    // PubMed.
    Pmid,
    // arXiv.
    Arxiv,
    // A web address.
    Url,
    // A reference without an identifier: author, year, title.
    #[default]
    Reference,
}

/// A sentence of a document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Quote {
    /// The document.
    pub document_id: String,
    /// Where in its submitted text.
    pub span: Span,
    /// The words.
    pub text: String,
}

/// An SNO for the critics: extracted from a document, or synthesized from a pair.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct SnoProposed {
    /// The SNO.
    pub sno: Sno,
    /// The pair that led to it; `None` for a document.
    pub pair_id: Option<String>,
}
