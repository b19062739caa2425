//! Words of a sentence for comparison: lower case, stems, overlap.
//!
//! Invariant: the same text always gives the same words in the same order, and at most
//! [`WORDS_MAX`](crate::limits::WORDS_MAX) of them.

use std::collections::{BTreeMap, BTreeSet};

use rust_stemmers::{Algorithm, Stemmer};
use unicode_segmentation::UnicodeSegmentation;

use crate::limits::WORDS_MAX;

/// Words that carry no topic.
const STOP_WORDS: &[&str] = &[
    "a",
    "about",
    "above",
    "after",
    "again",
    "against",
    "all",
    "also",
    "although",
    "am",
    "an",
    "and",
    "any",
    "are",
    "as",
    "at",
    "be",
    "because",
    "been",
    "before",
    "being",
    "below",
    "between",
    "both",
    "but",
    "by",
    "can",
    "could",
    "did",
    "do",
    "does",
    "doing",
    "down",
    "during",
    "each",
    "either",
    "for",
    "from",
    "further",
    "had",
    "has",
    "have",
    "having",
    "he",
    "her",
    "here",
    "hers",
    "him",
    "his",
    "how",
    "however",
    "i",
    "if",
    "in",
    "into",
    "is",
    "it",
    "its",
    "itself",
    "just",
    "may",
    "me",
    "might",
    "more",
    "most",
    "must",
    "my",
    "neither",
    "no",
    "nor",
    "not",
    "now",
    "of",
    "off",
    "on",
    "once",
    "one",
    "only",
    "or",
    "other",
    "our",
    "ours",
    "out",
    "over",
    "own",
    "s",
    "same",
    "shall",
    "she",
    "should",
    "so",
    "some",
    "such",
    "t",
    "than",
    "that",
    "the",
    "their",
    "theirs",
    "them",
    "then",
    "there",
    "therefore",
    "these",
    "they",
    "this",
    "those",
    "through",
    "thus",
    "to",
    "too",
    "under",
    "until",
    "up",
    "upon",
    "us",
    "very",
    "was",
    "we",
    "well",
    "were",
    "what",
    "when",
    "where",
    "whether",
    "which",
    "while",
    "who",
    "whom",
    "whose",
    "why",
    "will",
    "with",
    "within",
    "would",
    "yet",
    "you",
    "your",
];

/// Whether a lower-case word carries no topic.
pub fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

/// The words of a text in lower case, numbers included; `n't` and `'s` are split off.
pub fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for word in text.unicode_words().take(WORDS_MAX) {
        let mut word = word.to_lowercase();
        if word.contains('’') {
            word = word.replace('’', "'");
        }
        if let Some(verb) = word.strip_suffix("n't") {
            let verb = match verb {
                "ca" => "can",
                "wo" => "will",
                other => other,
            };
            found.push(verb.to_owned());
            found.push("not".to_owned());
        } else if word == "cannot" {
            found.push("can".to_owned());
            found.push("not".to_owned());
        } else {
            let bare = word.strip_suffix("'s").unwrap_or(&word);
            found.push(bare.to_owned());
        }
    }
    found
}

/// Words that deny.
const NEGATIVE: &[&str] = &[
    "fail",
    "failed",
    "fails",
    "lack",
    "lacks",
    "neither",
    "never",
    "no",
    "none",
    "nor",
    "not",
    "unable",
    "unchanged",
    "without",
];

/// Whether a lower-case word denies.
pub fn is_negative(word: &str) -> bool {
    NEGATIVE.binary_search(&word).is_ok()
}

/// Whether a statement of these [`words`] denies: an odd number of them does, an even one takes itself back.
pub fn denies(words: &[String]) -> bool {
    words.iter().filter(|word| is_negative(word)).count() % 2 == 1
}

/// The English stem of a lower-case word (Porter 2).
pub fn stem(word: &str) -> String {
    Stemmer::create(Algorithm::English).stem(word).into_owned()
}

/// The stems of the words that carry a topic, in order, with repeats.
pub fn content_stems(text: &str) -> Vec<String> {
    stems_of(words(text)).collect()
}

/// [`content_stems`] of words that are known already.
pub(crate) fn stems_of(words: Vec<String>) -> impl Iterator<Item = String> {
    let stemmer = Stemmer::create(Algorithm::English);
    let topics = words.into_iter().filter(|word| !is_stop_word(word));
    topics.map(move |word| stemmer.stem(&word).into_owned())
}

/// Dice coefficient of the two sets of content stems: 2·|A ∩ B| / (|A| + |B|); 0 when both are empty.
pub fn overlap(a: &str, b: &str) -> f64 {
    overlap_of(&content_stems(a).into_iter().collect(), &content_stems(b).into_iter().collect())
}

/// The stems of texts that are compared again and again, each found once.
#[derive(Default)]
pub struct Stems<'t> {
    known: BTreeMap<&'t str, BTreeSet<String>>,
}

impl<'t> Stems<'t> {
    /// The set of [`content_stems`] of a text.
    pub fn of(&mut self, text: &'t str) -> &BTreeSet<String> {
        self.known.entry(text).or_insert_with(|| content_stems(text).into_iter().collect())
    }

    /// [`overlap`] of two texts.
    pub fn overlap(&mut self, a: &'t str, b: &'t str) -> f64 {
        self.pair(a, b).map_or(0.0, |(a, b)| overlap_of(a, b))
    }

    /// Whether two texts have the same content stems.
    pub fn same(&mut self, a: &'t str, b: &'t str) -> bool {
        self.pair(a, b).is_some_and(|(a, b)| a == b)
    }

    fn pair(&mut self, a: &'t str, b: &'t str) -> Option<(&BTreeSet<String>, &BTreeSet<String>)> {
        self.of(a);
        self.of(b);
        self.known.get(a).zip(self.known.get(b))
    }
}

/// [`overlap`] of two sets that are already known.
pub fn overlap_of(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let total = a.len() + b.len();
    if total == 0 {
        return 0.0;
    }
    2.0 * a.intersection(b).count() as f64 / total as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_for_the_search() {
        assert!(NEGATIVE.is_sorted_by(|a, b| a < b));
        assert!(STOP_WORDS.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn words_are_lower_case_and_contractions_are_split() {
        assert_eq!(
            words("It doesn’t cost 1.5 mg, can't it?"),
            ["it", "does", "not", "cost", "1.5", "mg", "can", "not", "it"]
        );
    }

    #[test]
    fn overlap_ignores_form_and_order() {
        assert_eq!(overlap("Coffee increases output.", "Output increased by coffee"), 1.0);
        assert_eq!(overlap("Coffee increases output.", "Bells are tuned."), 0.0);
        assert_eq!(overlap("", ""), 0.0);
    }
}
