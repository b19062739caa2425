//! Sentences of a plain text.
//!
//! Invariant: sentences ascend, never overlap and are never blank; between two of them lies only white space
//! or a list marker. Headings, list items and reference entries never share a sentence with anything else.

mod ending;

use std::ops::Range;

use cns_schemas::Span;

use crate::layout::{Block, BlockKind, blocks};
use crate::limits::SENTENCE_CHARS_MAX;

/// What a sentence stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentenceKind {
    /// A paragraph.
    Prose,
    /// A line of its own without an end mark.
    Heading,
    /// A list.
    Item,
    /// A reference list, or a footnote: it names a source and claims nothing.
    Reference,
}

/// A sentence of a plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence<'t> {
    /// Characters of the plain text.
    pub span: Span,
    /// Its words, with line ends as they stand.
    pub text: &'t str,
    /// What it stands in.
    pub kind: SentenceKind,
    /// What a reference entry is cited by, on its first sentence.
    pub label: Option<String>,
    /// Which block (paragraph, item, entry) it belongs to, counted from 0.
    pub block: usize,
}

/// Cuts a plain text into sentences.
pub fn sentences(plain: &str) -> Vec<Sentence<'_>> {
    let mut sentences = Vec::new();
    let mut cursor = Cursor { text: plain, byte: 0, chars: 0 };
    for (index, block) in blocks(plain).into_iter().enumerate() {
        let kind = match block.kind {
            BlockKind::Prose => SentenceKind::Prose,
            BlockKind::Heading => SentenceKind::Heading,
            BlockKind::Item => SentenceKind::Item,
            BlockKind::Entry => SentenceKind::Reference,
        };
        let mut label = block.label.clone();
        for range in cut(plain, &block) {
            let span = Span { start: cursor.at(range.start), end: cursor.at(range.end) };
            sentences.push(Sentence {
                span,
                text: &plain[range],
                kind,
                label: label.take(),
                block: index,
            });
        }
    }
    sentences
}

/// The sentences of one block as byte ranges, trimmed and no longer than allowed.
fn cut(plain: &str, block: &Block) -> Vec<Range<usize>> {
    let whole = matches!(block.kind, BlockKind::Heading | BlockKind::Entry);
    let ranges =
        if whole { vec![block.range.clone()] } else { ending::split(plain, block.range.clone()) };
    let pieces = ranges.into_iter().flat_map(|range| pieces(plain, range, SENTENCE_CHARS_MAX));
    pieces.map(|range| trim(plain, range)).filter(|range| !range.is_empty()).collect()
}

fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let content = &text[range.clone()];
    let start = range.start + (content.len() - content.trim_start().len());
    start..start + content.trim().len()
}

/// Pieces of at most `chars_max` characters, cut behind white space where there is some in the second half.
pub(crate) fn pieces(text: &str, range: Range<usize>, chars_max: usize) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = range.start;
    loop {
        let rest = &text[start..range.end];
        let Some((limit, _)) = rest.char_indices().nth(chars_max) else {
            pieces.push(start..range.end);
            return pieces;
        };
        let space = rest[..limit].rfind(char::is_whitespace).filter(|at| *at > limit / 2);
        let length =
            space.map_or(limit, |at| at + rest[at..].chars().next().map_or(1, char::len_utf8));
        pieces.push(start..start + length);
        start += length;
    }
}

/// Counts characters while byte positions ascend.
struct Cursor<'t> {
    text: &'t str,
    byte: usize,
    chars: u32,
}

impl Cursor<'_> {
    fn at(&mut self, byte: usize) -> u32 {
        self.chars += self.text[self.byte..byte].chars().count() as u32;
        self.byte = byte;
        self.chars
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = sentences(text).iter().map(|sentence| sentence.text).collect();
        assert_eq!(found, expected, "in {text:?}");
    }

    #[test]
    fn points_that_end_nothing() {
        for text in [
            "Stars orbit fast [doi:10.1086/150317], so there is mass.",
            "See https://x.org/a.b?c=1.2 for all 3.5 million.",
            "Smith et al. (2019) saw it in Fig. 2 of the paper.",
            "It holds, e.g. in spirals, i.e. Everywhere, cf. Table 3.",
            "J. R. R. Tolkien and J. Smith wrote on p. 3 vs. No. 7.",
            "About 1.2e-10 m/s² is the U.S. value.",
            "Dr. Smith met Prof. Jones at approx. 5 p.m. today.",
            "The work of Müller et al. [3] holds.",
        ] {
            check(text, &[text]);
        }
    }

    #[test]
    fn points_that_end_a_sentence() {
        check("One. Two! Three? Four.", &["One.", "Two!", "Three?", "Four."]);
        check("He said \"no.\" Then left.", &["He said \"no.\"", "Then left."]);
        check("It is shown. [1] Next one.", &["It is shown. [1]", "Next one."]);
        check("It is shown.[1,2] Next one.", &["It is shown.[1,2]", "Next one."]);
        check("As in Smith et al. The rest differs.", &["As in Smith et al.", "The rest differs."]);
        check(
            "It affects hepatitis C. The virus is old.",
            &["It affects hepatitis C.", "The virus is old."],
        );
        check("It rose to 5. The rest fell.", &["It rose to 5.", "The rest fell."]);
        check("咖啡好。睡眠差。", &["咖啡好。", "睡眠差。"]);
        check(
            "A title\n\nOne. Two.\n- item a\n- item b",
            &["A title", "One.", "Two.", "item a", "item b"],
        );
        check("See doi:10.1/x. Next.", &["See doi:10.1/x.", "Next."]);
    }

    #[test]
    fn reference_entries_are_not_cut() {
        let found = sentences("Text.\n\nReferences\n1. Smith J. Title. Journal. 2019.");
        let last = found.last().expect("there is an entry");
        assert_eq!((last.kind, last.label.as_deref()), (SentenceKind::Reference, Some("1")));
        assert_eq!(last.text, "Smith J. Title. Journal. 2019.");
    }
}
