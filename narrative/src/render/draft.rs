//! A text while markup is taken from it: what stays, what is put in, what is code.
//!
//! Invariant: decisions are per byte and always on character boundaries; only [`Draft::finish`] builds text.

use std::collections::BTreeMap;
use std::ops::Range;

use cns_schemas::{Rendition, RenditionRun, Span};

use super::Rendered;

pub(super) struct Draft<'t> {
    pub(super) text: &'t str,
    kept: Vec<bool>,
    code: Vec<bool>,
    inserted: BTreeMap<usize, String>,
    hidden: Vec<Range<usize>>,
}

impl<'t> Draft<'t> {
    pub(super) fn new(text: &'t str) -> Draft<'t> {
        Draft {
            text,
            kept: vec![true; text.len()],
            code: vec![false; text.len()],
            inserted: BTreeMap::new(),
            hidden: Vec::new(),
        }
    }

    /// Takes markup away that says nothing.
    pub(super) fn remove(&mut self, range: Range<usize>) {
        self.kept[range].fill(false);
    }

    /// Takes text away that a reader does not see, and remembers it.
    pub(super) fn hide(&mut self, range: Range<usize>) {
        self.hidden.push(range.clone());
        self.remove(range);
    }

    /// Puts text in before the byte at `at`.
    pub(super) fn insert(&mut self, at: usize, text: &str) {
        self.inserted.entry(at).or_default().push_str(text);
    }

    /// Marks code: it stays, and nothing in it is markup.
    pub(super) fn mark_code(&mut self, range: Range<usize>) {
        self.code[range].fill(true);
    }

    /// Whether the byte at `at` still stands and is not code.
    pub(super) fn is_live(&self, at: usize) -> bool {
        self.kept.get(at).copied().unwrap_or(false) && !self.code[at]
    }

    pub(super) fn finish(self) -> Rendered {
        let mut plain = String::with_capacity(self.text.len());
        let mut runs: Vec<RenditionRun> = Vec::new();
        let (mut plain_chars, mut submitted_chars) = (0_u32, 0_u32);
        let mut insertions = self.inserted.into_iter().peekable();
        let mut put_in = |upto: usize, plain: &mut String| {
            let mut chars = 0;
            while let Some((_, text)) = insertions.next_if(|(at, _)| *at <= upto) {
                chars += text.chars().count() as u32;
                plain.push_str(&text);
            }
            chars
        };
        for (byte, c) in self.text.char_indices() {
            plain_chars += put_in(byte, &mut plain);
            if self.kept[byte] {
                plain.push(c);
                match runs.last_mut() {
                    Some(run)
                        if run.plain + run.length == plain_chars
                            && run.submitted + run.length == submitted_chars =>
                    {
                        run.length += 1;
                    }
                    _ => runs.push(RenditionRun {
                        plain: plain_chars,
                        submitted: submitted_chars,
                        length: 1,
                    }),
                }
                plain_chars += 1;
            }
            submitted_chars += 1;
        }
        put_in(usize::MAX, &mut plain);
        let hidden = spans(self.text, self.hidden);
        Rendered { plain, rendition: Rendition { runs, submitted_chars }, hidden }
    }
}

/// Byte ranges as spans of characters, ascending; ranges inside others are left out.
fn spans(text: &str, mut ranges: Vec<Range<usize>>) -> Vec<Span> {
    ranges.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    let (mut byte, mut chars) = (0, 0_u32);
    let mut spans = Vec::with_capacity(ranges.len());
    for range in ranges {
        if range.start < byte {
            continue;
        }
        let start = chars + text[byte..range.start].chars().count() as u32;
        chars = start + text[range.clone()].chars().count() as u32;
        byte = range.end;
        spans.push(Span { start, end: chars });
    }
    spans
}
