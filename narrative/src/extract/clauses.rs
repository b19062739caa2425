//! Reasons inside sentences: which clause is given as the reason of which.
//!
//! Invariant: a link is only read from an explicit word ("because", "therefore"); clauses are compared by their
//! content words alone, so the same statement in other words of order or form is one node.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::even::words;
use crate::limits::{CLAUSE_WORDS_MIN, REASONS_PER_SENTENCE_MAX};
use crate::words::stem;

/// Share of content words that two clauses must have in common to be one statement.
const SAME_CLAUSE_JACCARD_MIN: f64 = 0.75;

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is valid")
}

static BEFORE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^\W*(?:because|since|as|given that)\s+([^,]+),\s*(.+)$"));
static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^(.+?),?\s+(?:because|since|given that|for the reason that)\s+(.+)$")
});
static FORWARD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(.+?)[,;]?\s+(?:and\s+)?(?:therefore|thus|hence|consequently|which (?:means|implies|proves|shows) that|(?:means|implies|proves) that|, so)\s+(.+)$",
    )
});
static LEAD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(?:(?:we|i) (?:argue|claim|conclude|find|show|propose|contend|maintain) that|in conclusion,?|therefore,?|thus,?|hence,?|and|but|however,?|moreover,?|furthermore,?|indeed,?|in turn,?|conversely,?)\s+",
    )
});
static CITED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\[[^\]]*\]|\([^)]*\d{4}[^)]*\)|https?://\S+"));

/// A statement by its content words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clause(BTreeSet<String>);

/// One clause given as the reason of another.
pub(super) struct Reason {
    pub(super) premise: Clause,
    pub(super) conclusion: Clause,
}

impl Clause {
    /// `None` when it holds too little to be recognised again.
    pub(super) fn of(text: &str) -> Option<Clause> {
        let bare = CITED.replace_all(text, " ");
        let bare = LEAD.replace(&bare, "");
        let content: BTreeSet<String> = words(&bare)
            .into_iter()
            .filter(|word| !is_function_word(word))
            .map(|word| evened(&word))
            .collect();
        (content.len() >= CLAUSE_WORDS_MIN).then_some(Clause(content))
    }

    /// Whether two clauses state the same.
    pub(super) fn same(&self, other: &Clause) -> bool {
        let common = self.0.intersection(&other.0).count();
        let all = self.0.union(&other.0).count();
        let negated = |clause: &Clause| clause.0.contains("not");
        negated(self) == negated(other) && common as f64 >= SAME_CLAUSE_JACCARD_MIN * all as f64
    }
}

/// The reasons that a sentence gives; parts between semicolons are read one by one.
pub(super) fn reasons(sentence: &str) -> Vec<Reason> {
    let parts = sentence.split(';');
    parts
        .filter_map(|part| {
            let part = part.trim().trim_end_matches(['.', '!']);
            let (premise, conclusion) = if let Some(found) = BEFORE.captures(part) {
                (found.get(1)?, found.get(2)?)
            } else if let Some(found) = FORWARD.captures(part) {
                (found.get(1)?, found.get(2)?)
            } else {
                let found = BEHIND.captures(part)?;
                (found.get(2)?, found.get(1)?)
            };
            Some(Reason {
                premise: Clause::of(premise.as_str())?,
                conclusion: Clause::of(conclusion.as_str())?,
            })
        })
        .take(REASONS_PER_SENTENCE_MAX)
        .collect()
}

fn is_function_word(word: &str) -> bool {
    matches!(
        word,
        "a" | "an"
            | "the"
            | "is"
            | "are"
            | "was"
            | "were"
            | "be"
            | "been"
            | "being"
            | "of"
            | "in"
            | "on"
            | "at"
            | "to"
            | "by"
            | "for"
            | "with"
            | "and"
            | "or"
            | "that"
            | "this"
            | "these"
            | "those"
            | "it"
            | "its"
            | "they"
            | "their"
            | "there"
            | "has"
            | "have"
            | "had"
            | "do"
            | "does"
            | "did"
            | "as"
            | "so"
            | "such"
            | "very"
            | "also"
            | "indeed"
            | "must"
            | "will"
            | "would"
            | "can"
            | "we"
            | "our"
            | "from"
            | "than"
            | "then"
            | "s"
    )
}

/// One form of each word, and one word for each way to deny.
fn evened(word: &str) -> String {
    match word {
        "no" | "never" | "cannot" | "t" | "without" => "not".to_owned(),
        other => stem(other),
    }
}
