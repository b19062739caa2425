//! Labelled data: what people said of pairs of texts.

/// A file of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// The file's name, without its folder.
    pub name: String,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// What stands in it.
    pub rows: Rows,
}

/// The rows of a file; a file has one kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Rows {
    /// Evidence, claim, and how the one stands to the other.
    Claims(Vec<ClaimRow>),
    /// Two documents, and whether they conflict.
    Documents(Vec<DocumentRow>),
    /// Two texts, and whether they rest on the same evidence.
    Identities(Vec<IdentityRow>),
}

impl Rows {
    /// What is counted.
    pub fn kind(&self) -> &'static str {
        match self {
            Rows::Claims(_) => "claims",
            Rows::Documents(_) => "documents",
            Rows::Identities(_) => "identities",
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Rows::Claims(rows) => rows.len(),
            Rows::Documents(rows) => rows.len(),
            Rows::Identities(rows) => rows.len(),
        }
    }
}

/// How evidence stands to a claim. As a number it is the place of the class in scores: entailment, neutral,
/// contradiction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// The claim follows.
    Supports = 0,
    /// The evidence says nothing of it.
    Neutral = 1,
    /// The claim is denied.
    Refutes = 2,
}

impl Label {
    /// All, in the order of their numbers.
    pub const ALL: [Label; 3] = [Label::Supports, Label::Neutral, Label::Refutes];

    /// The label of a word, in any case.
    pub fn of(word: &str) -> Option<Label> {
        match word.trim().to_lowercase().as_str() {
            "supports" => Some(Label::Supports),
            "neutral" | "not_enough_info" => Some(Label::Neutral),
            "refutes" => Some(Label::Refutes),
            _ => None,
        }
    }

    /// Its word.
    pub fn name(self) -> &'static str {
        ["supports", "neutral", "refutes"][self as usize]
    }
}

/// A pair of evidence and claim.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimRow {
    /// The line that it stands in.
    pub line: u64,
    /// The premise.
    pub evidence: String,
    /// The hypothesis.
    pub claim: String,
    /// How people see it.
    pub label: Label,
}

/// How two documents stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// They contradict each other.
    Conflict,
    /// They say the same of the same thing.
    Agreement,
    /// They say the same in other words.
    Paraphrase,
    /// Both may hold: other conditions, populations, times.
    Compatible,
    /// They are about other things.
    Unrelated,
}

impl Standing {
    /// All.
    pub const ALL: [Standing; 5] = [
        Standing::Conflict,
        Standing::Agreement,
        Standing::Paraphrase,
        Standing::Compatible,
        Standing::Unrelated,
    ];

    /// Its word.
    pub fn name(self) -> &'static str {
        ["conflict", "agreement", "paraphrase", "compatible", "unrelated"][self as usize]
    }

    /// The one of a word, in any case.
    pub fn of(word: &str) -> Option<Standing> {
        let word = word.trim().to_lowercase();
        Standing::ALL.into_iter().find(|standing| standing.name() == word)
    }
}

/// A document of a pair.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// Its name; the two of a pair differ.
    pub document_id: String,
    /// What it says.
    pub text: String,
}

/// A pair of documents.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentRow {
    /// The pair's name; ties are broken by it.
    pub pair: String,
    /// What both are about; pairs of one topic are resampled together.
    pub topic: String,
    /// How people see it.
    pub label: Standing,
    /// One.
    pub a: Text,
    /// The other.
    pub b: Text,
}

/// Two texts that may rest on the same evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct IdentityRow {
    /// The line that it stands in.
    pub line: u64,
    /// One.
    pub a: String,
    /// The other.
    pub b: String,
    /// Whether people say that it is the same.
    pub same: bool,
    /// Why, in their words.
    pub why: String,
}
