//! What a synthesis says, in sections, each statement with its evidence.

use apache_avro::AvroSchema;
use serde::{Deserialize, Serialize};

use crate::Span;

/// The text of a synthesis.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Narrative {
    /// What the whole comes to, one or two sentences.
    pub summary: String,
    /// Agreed, resolved, unresolved, rejected, in that order.
    pub findings: Vec<Finding>,
    /// What would change it: open points and missing evidence.
    pub open_points: Vec<String>,
    /// The narrative as running text, written by the completer; empty before it has run.
    pub prose: String,
}

/// One statement of a narrative.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Finding {
    /// Where it belongs.
    pub section: Section,
    /// The claim of the synthesized SNO that states it.
    pub claim_id: String,
    /// One sentence.
    pub text: String,
    /// Why it is in this section: "by dose", "both sides cite it", "no evidence decides".
    pub basis: String,
    /// What each side says, with its evidence.
    pub sides: Vec<Side>,
}

/// Where a [`Finding`] belongs.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    AvroSchema,
)]
#[serde(rename_all = "snake_case")]
#[avro(namespace = "cns")]
pub enum Section {
    // Both sides say it, or one says it and the other does not contest it.
    #[default]
    Agreed,
    // The sides differ, and evidence or a condition decides.
    Resolved,
    // The sides differ, and nothing decides.
    Unresolved,
    // Not upheld: nothing that can be found supports it.
    Rejected,
}

/// What one side says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[avro(namespace = "cns")]
pub struct Side {
    /// For or against the finding.
    pub stance: Stance,
    /// The SNO that says it.
    pub sno_id: String,
    /// The document that says it.
    pub document_id: String,
    /// The sentence.
    pub text: String,
    /// Where in the submitted text of that document.
    pub span: Span,
    /// What it cites.
    pub evidence_ids: Vec<String>,
}

/// For or against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, AvroSchema)]
#[serde(rename_all = "snake_case")]
#[avro(namespace = "cns")]
pub enum Stance {
    // Speaks for the finding.
    #[default]
    Supports,
    // Speaks against it.
    Opposes,
}
