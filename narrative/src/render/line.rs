//! Marks at the start of lines: headings, quotations, rules, rows of table rules.
//!
//! Invariant: a line that holds words keeps them all.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::draft::Draft;
use crate::layout::lines;

static HEADING: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[ >]{0,6}(#{1,6}[ \t]+)").expect("the pattern is valid"));
static QUOTATION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^ {0,3}(?:>[ \t]?)+").expect("the pattern is valid"));

/// Takes line marks away, and sets headings apart from what follows.
pub(super) fn markers(draft: &mut Draft<'_>) {
    let text = draft.text;
    let (mut after_blank, mut after_quotation) = (true, false);
    for line in lines(text) {
        let content = &text[line.clone()];
        let blank = content.trim().is_empty();
        let mut quotation = false;
        if !blank && line.clone().any(|at| draft.is_live(at)) {
            if let Some(mark) = QUOTATION.find(content)
                && (after_blank || after_quotation)
                && draft.is_live(line.start + mark.end() - 1)
            {
                draft.remove(line.start..line.start + mark.end());
                quotation = true;
            }
            if is_rule(content) && draft.is_live(line.start) {
                draft.remove(line.clone());
                draft.insert(line.end, "\n");
            } else {
                heading(draft, line.clone());
            }
        }
        after_blank = blank;
        after_quotation = quotation;
    }
}

fn heading(draft: &mut Draft<'_>, line: Range<usize>) {
    let content = &draft.text[line.clone()];
    let Some(mark) = HEADING.captures(content).and_then(|found| found.get(1)) else { return };
    if !draft.is_live(line.start + mark.start()) {
        return;
    }
    draft.remove(line.start + mark.start()..line.start + mark.end());
    let shown = content.trim_end();
    let bare = shown.trim_end_matches('#');
    if bare.len() < shown.len() && bare.ends_with(' ') && bare.len() > mark.end() {
        draft.remove(line.start + bare.len()..line.start + shown.len());
    }
    if line.start > 0 && !draft.text[..line.start].ends_with("\n\n") {
        draft.insert(line.start, "\n");
    }
    if !draft.text[line.end..].starts_with("\n\n") {
        draft.insert(line.end, "\n");
    }
}

/// A line of nothing but `---`, `===`, `***`, `___` or `|---|:--|`.
fn is_rule(content: &str) -> bool {
    let mut marks = content.chars().filter(|c| !c.is_whitespace());
    let Some(first) = marks.next() else { return false };
    let rest: Vec<char> = marks.take(400).collect();
    let same = matches!(first, '-' | '=' | '*' | '_') && rest.iter().all(|c| *c == first);
    let table =
        matches!(first, '|' | ':' | '-') && rest.iter().all(|c| matches!(c, '|' | ':' | '-'));
    rest.len() >= 2 && rest.len() < 400 && (same || table)
}
