//! Where a sentence ends.
//!
//! Invariant: a point with a letter or digit right behind it ends nothing, so decimals, DOIs and addresses
//! are never cut.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::limits::CITATIONS_BEHIND_BYTES_MAX;

/// Never ends a sentence: something must follow.
const OPEN: [&str; 52] = [
    "e.g", "i.e", "fig", "figs", "vs", "v", "p", "pp", "cf", "dr", "mr", "mrs", "ms", "prof", "eq",
    "eqs", "ref", "refs", "vol", "vols", "approx", "ca", "sec", "sect", "ch", "chap", "st", "viz",
    "tab", "suppl", "ed", "eds", "dept", "univ", "resp", "gen", "sen", "rep", "gov", "col", "capt",
    "lt", "sgt", "rev", "hon", "jan", "feb", "aug", "sept", "oct", "nov", "dec",
];
/// Ends a sentence only when a capital letter follows that cannot be part of the same name.
const NUMBERED: [&str; 4] = ["no", "nos", "art", "app"];

static CITATIONS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s?(?:\[(?:\^?[\w.-]{1,20})(?:\s?[,;–-]\s?\^?[\w.-]{1,20})*\])+")
        .expect("the pattern is valid")
});

/// Cuts a block; the pieces cover it.
pub(super) fn split(text: &str, block: Range<usize>) -> Vec<Range<usize>> {
    let content = &text[block.clone()];
    let mut ranges = Vec::new();
    // Where the sentence starts, and up to where marks have been read: a run of them ends a sentence once or never,
    // whichever of them one begins with.
    let (mut start, mut read) = (0, 0);
    for (at, c) in content.char_indices() {
        if !matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？') || at < read {
            continue;
        }
        let marks = at + c.len_utf8();
        let closing = |c: char| {
            matches!(c, '.' | '!' | '?' | '"' | '\'' | '”' | '’' | '»' | ')' | ']' | '*' | '_')
        };
        let end = content.len() - content[marks..].trim_start_matches(closing).len();
        read = end;
        let Some(end) = end_behind(content, start, (at, c), end) else { continue };
        ranges.push(block.start + start..block.start + end);
        (start, read) = (end, end);
    }
    if start < content.len() {
        ranges.push(block.start + start..block.end);
    }
    ranges
}

/// Where the sentence ends whose mark stands at `at` and its closing marks before `end`; `None` when it goes on.
fn end_behind(content: &str, start: usize, (at, mark): (usize, char), end: usize) -> Option<usize> {
    if matches!(mark, '。' | '！' | '？') {
        return Some(end);
    }
    let rest = &content[end..];
    if let Some(citations) = CITATIONS.find(front(rest, CITATIONS_BEHIND_BYTES_MAX))
        && ends_here(&rest[citations.end()..])
    {
        // The citation behind the point belongs to the sentence before it.
        return Some(end + citations.end());
    }
    if !ends_here(rest) {
        return None;
    }
    if mark == '.' && end == at + 1 && is_abbreviation(&content[start..at], rest.trim_start()) {
        return None;
    }
    Some(end)
}

/// The first bytes of a text, up to the end of a character.
fn front(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

/// Whether what follows could begin a sentence.
fn ends_here(rest: &str) -> bool {
    let next = rest.trim_start();
    next.is_empty()
        || next.len() < rest.len()
            && !next.starts_with(|c: char| c.is_lowercase() || matches!(c, ',' | ';' | ':' | ')'))
}

/// Whether the point behind `before` belongs to a shortened word.
fn is_abbreviation(before: &str, next: &str) -> bool {
    let word_at = before
        .rfind(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '"' | '“' | '/'))
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let word = &before[word_at..];
    let lower = word.to_lowercase();
    let capital_next = next.starts_with(char::is_uppercase);
    if OPEN.contains(&lower.as_str()) {
        return true;
    }
    if NUMBERED.contains(&lower.as_str()) {
        return next.starts_with(|c: char| c.is_ascii_digit());
    }
    if lower == "al" || lower == "etc" {
        return !capital_next;
    }
    if matches!(
        lower.as_str(),
        "inc" | "ltd" | "co" | "corp" | "jr" | "sr" | "a.m" | "p.m" | "u.s" | "u.k"
    ) {
        return !capital_next;
    }
    is_initial(word, before[..word_at].trim_end(), next)
}

/// `J.` in `J. Smith`, `J.R.R.` in `J.R.R. Tolkien`; not the `C.` that ends "hepatitis C."
fn is_initial(word: &str, before: &str, next: &str) -> bool {
    let mut letters = word.split('.');
    let single = letters.all(|letter| {
        let mut chars = letter.trim_start_matches('-').chars();
        chars.next().is_some_and(char::is_uppercase) && chars.next().is_none()
    });
    if !single {
        return false;
    }
    if word.len() > 2 {
        return true;
    }
    let last = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    let after_name = last.is_empty()
        || last.ends_with(['.', ',', '&', ';', '('])
        || last.starts_with(char::is_uppercase)
        || matches!(last, "by" | "and" | "from" | "with" | "of");
    let mut following = next.chars();
    let initial_next =
        following.next().is_some_and(char::is_uppercase) && following.next() == Some('.');
    after_name || initial_next
}
