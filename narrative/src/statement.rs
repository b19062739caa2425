//! What a sentence states: without citation marks and without "we find that".
//!
//! Invariant: words are only left out, never changed, so what remains can be found in the source.

use crate::limits::CONTENT_WORDS_MIN;
use crate::words::{is_stop_word, words};

/// Verbs that introduce what is stated.
const REPORTING: &[&str] = &[
    "argue",
    "argued",
    "argues",
    "claim",
    "claims",
    "conclude",
    "concluded",
    "concludes",
    "conclusion",
    "confirm",
    "confirms",
    "demonstrate",
    "demonstrates",
    "explains",
    "find",
    "finding",
    "finds",
    "found",
    "hold",
    "indicate",
    "indicates",
    "is",
    "maintain",
    "maintains",
    "note",
    "notes",
    "observe",
    "observed",
    "propose",
    "report",
    "reported",
    "reports",
    "revealed",
    "reveals",
    "say",
    "says",
    "show",
    "showed",
    "shows",
    "state",
    "states",
];
/// Words that a report may begin with.
const OPENING: &[&str] = &[
    "authors",
    "here",
    "however",
    "i",
    "in",
    "it",
    "my",
    "our",
    "researchers",
    "results",
    "scientists",
    "the",
    "therefore",
    "these",
    "this",
    "thus",
    "we",
];
/// Words that join a sentence to the one before it and state nothing.
const JOINING: &[&str] = &[
    "consequently",
    "furthermore",
    "hence",
    "however",
    "moreover",
    "nevertheless",
    "therefore",
    "thus",
];
/// Whether a sorted list holds a word.
fn holds(list: &[&str], word: &str) -> bool {
    list.binary_search(&word).is_ok()
}

/// A report introduces its statement within this many words.
const INTRODUCTION_WORDS_MAX: usize = 10;

/// The statement of a sentence: citation marks, introduction, closing remark and final stop removed.
pub fn bare(text: &str) -> String {
    let stated = stated(text);
    if stated.is_empty() { text.trim().to_owned() } else { stated }
}

/// The same, and nothing where a sentence introduces a statement and ends.
fn stated(text: &str) -> String {
    let cited = without_citations(text);
    let cited = without_remarks(&cited);
    let stated = without_source(&without_aside(&without_introduction(&cited)));
    stated.trim().trim_end_matches(['.', ';', ',', ':']).trim_end().to_owned()
}

/// Whether a sentence says something beyond its introduction: "We find that it does." does not.
pub(crate) fn says_something(text: &str) -> bool {
    let topic = |word: &String| !is_stop_word(word) && word.contains(char::is_alphabetic);
    words(&stated(text)).iter().filter(|word| topic(word)).take(CONTENT_WORDS_MIN).count()
        == CONTENT_WORDS_MIN
}

/// Leaves out `[1]`, `(Marlow et al., 2019)`, `(doi:…)` and the like.
pub fn without_citations(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(['(', '[']) {
        let close = if rest[start..].starts_with('(') { ')' } else { ']' };
        let Some(length) = rest[start..].find(close) else { break };
        let (before, group) = (&rest[..start], &rest[start + 1..start + length]);
        if is_citation(group) {
            kept.push_str(before.trim_end());
        } else {
            kept.push_str(&rest[..start + length + 1]);
        }
        rest = &rest[start + length + 1..];
    }
    kept.push_str(rest);
    kept
}

fn is_citation(group: &str) -> bool {
    let lower = group.to_lowercase();
    let year = |word: &str| {
        let word = word
            .trim_matches(|c: char| !c.is_alphanumeric())
            .trim_end_matches(|c: char| c.is_ascii_lowercase());
        word.len() == 4
            && (word.starts_with("19") || word.starts_with("20"))
            && word.bytes().all(|b| b.is_ascii_digit())
    };
    let marks =
        !lower.is_empty() && lower.chars().all(|c| c.is_ascii_digit() || " ,;-–".contains(c));
    marks
        || ["doi", "http", "pmid", "arxiv", "et al"].iter().any(|mark| lower.contains(mark))
        || (lower.contains(|c: char| c.is_alphabetic()) && lower.split_whitespace().any(year))
}

/// "We find that X" → "X"; "However, X" → "X".
fn without_introduction(text: &str) -> String {
    let trimmed = &text.split_whitespace().collect::<Vec<_>>().join(" ");
    let clean = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let spaced: Vec<&str> = trimmed.split_whitespace().take(INTRODUCTION_WORDS_MAX).collect();
    let first = spaced.first().map(|word| clean(word)).unwrap_or_default();
    if holds(OPENING, &first) || spaced.iter().take(4).any(|word| holds(REPORTING, &clean(word))) {
        let that = spaced.iter().position(|word| clean(word) == "that");
        if let Some(that) = that
            && !is_judged(&spaced[..that])
            && spaced[..that].iter().any(|word| holds(REPORTING, &clean(word)))
            && !spaced[..that]
                .iter()
                .any(|word| ["no", "not", "critics", "opponents"].contains(&clean(word).as_str()))
        {
            return capitalised(first_that(&after_word(trimmed, that)));
        }
    }
    if holds(JOINING, &first) {
        return capitalised(&after_word(trimmed, 0));
    }
    trimmed.to_owned()
}

/// "The claim that X" and "Marlow's finding that X" name a statement for what follows to judge: "… is false".
fn is_judged(before_that: &[&str]) -> bool {
    const DETERMINERS: &[&str] =
        &["a", "an", "any", "every", "her", "his", "its", "that", "the", "their", "this"];
    const NOUNS: &[&str] = &["claim", "conclusion", "finding", "note", "report"];
    let clean = |word: &str| {
        word.trim_matches(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’').to_lowercase()
    };
    let Some((noun, before)) = before_that.split_last() else { return false };
    let noun_stands = NOUNS.contains(&clean(noun).as_str());
    let named = before.iter().any(|word| {
        let word = clean(word);
        DETERMINERS.contains(&word.as_str()) || word.ends_with("'s") || word.ends_with("’s")
    });
    noun_stands && named
}

/// Leaves out what only joins a sentence to another, between commas, and a remark in front: "We do not dispute it: X".
fn without_remarks(text: &str) -> String {
    const JOINTS: &[&str] =
        &[", by contrast,", ", however,", ", therefore,", ", moreover,", ", in turn,"];
    const STATED_WORDS_MIN: usize = 4;
    let text = JOINTS.iter().fold(text.to_owned(), |text, joint| text.replace(joint, ""));
    let first = text.split_whitespace().next().unwrap_or_default();
    match text.split_once(": ") {
        Some((remark, stated))
            if matches!(first, "We" | "I" | "Nobody")
                && remark.split_whitespace().count() <= INTRODUCTION_WORDS_MAX
                && stated.split_whitespace().count() >= STATED_WORDS_MIN =>
        {
            capitalised(stated)
        }
        _ => text,
    }
}

/// "X and that Y" after "we argue that" are two statements; the first is the one introduced.
fn first_that(stated: &str) -> &str {
    let end = [", and that ", " and that "].iter().filter_map(|joint| stated.find(joint)).min();
    end.map_or(stated, |end| &stated[..end])
}

/// Cuts who says it at the end: ", the review says", ", they say", ", according to the review".
fn without_source(text: &str) -> String {
    const SOURCE_WORDS_MAX: usize = 5;
    let Some((place, _)) = text.rmatch_indices(", ").next() else { return text.to_owned() };
    let behind: Vec<&str> = text[place + 2..].trim_end_matches('.').split_whitespace().collect();
    let says = behind.last().is_some_and(|word| {
        matches!(
            *word,
            "say" | "says" | "said" | "argue" | "argues" | "claim" | "claims" | "report"
        )
    });
    let named = behind.starts_with(&["according", "to"]) || says;
    if named && (2..=SOURCE_WORDS_MAX).contains(&behind.len()) {
        text[..place].to_owned()
    } else {
        text.to_owned()
    }
}

/// Cuts a remark at the end: ", which means …", ", a point on which …". It comments and does not limit.
fn without_aside(text: &str) -> String {
    const SHORTEST_WORDS: usize = 4;
    let relative = |rest: &str| {
        let mut words = rest.split_whitespace();
        match words.next() {
            Some("which") => true,
            Some("a" | "an") => words.take(4).any(|word| matches!(word, "which" | "that" | "whom")),
            _ => false,
        }
    };
    let cut = text.match_indices(", ").find(|(place, _)| {
        relative(&text[place + 2..]) && text[..*place].split_whitespace().count() >= SHORTEST_WORDS
    });
    cut.map_or_else(|| text.to_owned(), |(place, _)| text[..place].to_owned())
}

/// What follows the word at this place.
fn after_word(text: &str, place: usize) -> String {
    text.split_whitespace().skip(place + 1).collect::<Vec<_>>().join(" ")
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, wanted: &str) {
        assert_eq!(bare(text), wanted);
    }

    #[test]
    fn lists_are_sorted_for_the_search() {
        for list in [REPORTING, OPENING, JOINING] {
            assert!(list.is_sorted_by(|a, b| a < b), "{list:?}");
        }
    }

    #[test]
    fn citations_and_introductions_go() {
        check(
            "We find that afternoon coffee increases output [1].",
            "Afternoon coffee increases output",
        );
        check(
            "Our conclusion is that coffee harms sleep (Marlow et al., 2019).",
            "Coffee harms sleep",
        );
        check("Coffee cuts sleep (doi:10.5555/arv.2020.231), they say.", "Coffee cuts sleep");
        check("However, tea (black or green) does not [2, 3].", "Tea (black or green) does not");
        check(
            "High doses disturb sleep, a point on which all agree [4].",
            "High doses disturb sleep",
        );
        check(
            "It has a half-life of five hours, which means little.",
            "It has a half-life of five hours",
        );
        check(
            "We do not dispute the effect: coffee raises alertness a lot.",
            "Coffee raises alertness a lot",
        );
        check(
            "A dose of 100 mg, by contrast, does not impair.",
            "A dose of 100 mg does not impair",
        );
        check("Zones raise dioxide (Okwell, 2022), the review says.", "Zones raise dioxide");
        check("Times rose by 48 seconds, according to the review.", "Times rose by 48 seconds");
        check(
            "My argument is that zones cut traffic, and that the fear of them has outlived it.",
            "Zones cut traffic",
        );
        check("Zones help (Okonhale and Brandeck, 2020).", "Zones help");
    }

    #[test]
    fn a_statement_that_is_judged_is_not_stated() {
        for text in [
            "The claim that coffee harms sleep is false",
            "Marlow’s finding that coffee harms sleep was retracted",
            "This claim that coffee harms sleep rests on diaries",
        ] {
            check(text, text);
        }
        check("I claim that coffee harms sleep", "Coffee harms sleep");
        check("Our finding is that coffee harms sleep", "Coffee harms sleep");
    }

    #[test]
    fn an_introduction_to_nothing_says_nothing() {
        for text in
            ["We find that …", "We find that it does.", "Our results show that.", "This is so."]
        {
            assert!(!says_something(text), "{text}");
        }
        for text in [
            "Coffee helps.",
            "We find that tea helps adults (Lee, 2019).",
            "Trust fell by 9 percent.",
        ] {
            assert!(says_something(text), "{text}");
        }
    }

    #[test]
    fn other_sentences_stay() {
        check("The dose that was given is high.", "The dose that was given is high");
        check("There is no evidence that tea helps.", "There is no evidence that tea helps");
        check("We find no sign that tea helps.", "We find no sign that tea helps");
        check("[1]", "[1]");
        check("", "");
        check("An open (bracket", "An open (bracket");
    }
}
