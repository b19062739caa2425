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
    let mut start = 0;
    for marks in marks(content) {
        if marks.range.start < start {
            continue;
        }
        let Some(end) = end_behind(content, start, &marks) else { continue };
        ranges.push(block.start + start..block.start + end);
        start = end;
    }
    if start < content.len() {
        ranges.push(block.start + start..block.end);
    }
    ranges
}

/// A mark that can end a sentence, with the marks that close it.
struct Marks {
    range: Range<usize>,
    first: char,
}

/// The runs of marks in a text, each read once: whichever mark of a run one begins with, it ends at the same place, so
/// it ends a sentence there or nowhere.
fn marks(content: &str) -> impl Iterator<Item = Marks> {
    let closing = |c: char| {
        matches!(c, '.' | '!' | '?' | '"' | '\'' | '”' | '’' | '»' | ')' | ']' | '*' | '_')
    };
    let mut read = 0;
    std::iter::from_fn(move || {
        let ends = |c: char| matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？');
        let start = read + content[read..].find(ends)?;
        let first = content[start..].chars().next()?;
        let behind = &content[start + first.len_utf8()..];
        read = content.len() - behind.trim_start_matches(closing).len();
        Some(Marks { range: start..read, first })
    })
}

/// Where the sentence ends that these marks may end; `None` when it goes on.
fn end_behind(content: &str, start: usize, marks: &Marks) -> Option<usize> {
    let (at, end) = (marks.range.start, marks.range.end);
    if matches!(marks.first, '。' | '！' | '？') {
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
    if marks.first == '.'
        && end == at + 1
        && is_abbreviation(&content[start..at], rest.trim_start())
    {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_marks_is_read_once() {
        let runs = |text: &str| marks(text).map(|marks| marks.range).collect::<Vec<_>>();
        for size in [10, 1_000, 100_000] {
            let text = format!("a{}x", ".!?)".repeat(size));
            assert_eq!(runs(&text), vec![1..1 + 4 * size]);
            assert_eq!(split(&text, 0..text.len()), vec![0..text.len()]);
        }
        assert_eq!(runs("He said \"no.\" Then… 好。"), [11..13, 18..21, 25..28]);
    }

    #[test]
    fn citations_are_looked_for_near_the_point() {
        let with = |citations: usize| format!("It is shown.{} Next one.", "[1]".repeat(citations));
        let sentences = |text: &str| split(text, 0..text.len()).len();
        assert_eq!(sentences(&with(CITATIONS_BEHIND_BYTES_MAX / 3)), 2);
        assert_eq!(sentences(&with(CITATIONS_BEHIND_BYTES_MAX / 3 + 1)), 1);
        // Each point inside could have all the citations behind it.
        let text = format!("a{}x", "[a.]".repeat(20_000));
        assert_eq!(sentences(&text), 1);
        assert!(front(&text, CITATIONS_BEHIND_BYTES_MAX).len() <= CITATIONS_BEHIND_BYTES_MAX);
    }
}
