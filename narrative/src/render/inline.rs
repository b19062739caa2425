//! Marks inside a paragraph: code spans, links, images, emphasis.
//!
//! Invariant: only a pair of marks is markup, and both lie in the same paragraph.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::draft::Draft;
use crate::layout::paragraphs;

const TARGET: &str =
    r#"\(\s*<?([^()\s<>]*(?:\([^()\s<>]*\)[^()\s<>]*)*)>?(?:\s+(?:"[^"\n]*"|'[^'\n]*'))?\s*\)"#;

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is valid")
}

static IMAGE: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"!\[[^\[\]]*\]{TARGET}")));
static LINK: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"(\[)(?:[^\[\]]|\[[^\[\]]*\])*(\]){TARGET}")));
static BARE_LINK: LazyLock<Regex> = LazyLock::new(|| pattern(r"<((?:https?://|mailto:)[^\s<>]+)>"));
static DEFINITION: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^ {0,3}\[([^\[\]\n^]+)\]:[ \t]+<?(https?://[^\s<>]+)>?[^\n]*$"));
static NAMED_LINK: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(\[)([^\[\]\n]+)(\])(\[([^\[\]\n]*)\])"));
static MARKS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\*{1,3}|_{1,3}|~~"));

/// Takes the ticks of code spans away and marks what they enclose as code.
pub(super) fn code_spans(draft: &mut Draft<'_>) {
    let text = draft.text;
    for paragraph in paragraphs(text) {
        let mut open: Option<Range<usize>> = None;
        let mut position = paragraph.start;
        while let Some(found) = text[position..paragraph.end].find('`') {
            let start = position + found;
            let ticks = text[start..paragraph.end].bytes().take_while(|byte| *byte == b'`').count();
            position = start + ticks;
            if !draft.is_live(start) {
                continue;
            }
            match &open {
                None => open = Some(start..position),
                Some(mark) if mark.len() == ticks => {
                    draft.mark_code(mark.end..start);
                    draft.remove(mark.clone());
                    draft.remove(start..position);
                    open = None;
                }
                Some(_) => {}
            }
        }
    }
}

/// Leaves the text of links, with the target behind it when it is an address of its own.
pub(super) fn links(draft: &mut Draft<'_>) {
    let text = draft.text;
    for image in IMAGE.find_iter(text) {
        if draft.is_live(image.start()) {
            draft.hide(image.range());
        }
    }
    for found in LINK.captures_iter(text) {
        link(draft, &found);
    }
    for found in BARE_LINK.captures_iter(text) {
        let (Some(whole), Some(address)) = (found.get(0), found.get(1)) else { continue };
        if draft.is_live(whole.start()) {
            draft.remove(whole.start()..address.start());
            draft.remove(address.end()..whole.end());
        }
    }
    named_links(draft);
}

fn link(draft: &mut Draft<'_>, found: &Captures<'_>) {
    let (Some(whole), Some(open), Some(close), Some(target)) =
        (found.get(0), found.get(1), found.get(2), found.get(3))
    else {
        return;
    };
    let address = target.as_str();
    let is_target = address.is_empty() || address.contains(['/', '.', '#', ':']);
    if !is_target || !draft.is_live(open.start()) || !draft.is_live(close.start()) {
        return;
    }
    draft.remove(open.range());
    let shown = &draft.text[open.end()..close.start()];
    if address.starts_with("http") && shown.trim() != address {
        draft.insert(close.start(), " (");
        draft.remove(close.start()..target.start());
        draft.remove(target.end()..whole.end());
        draft.insert(target.end(), ")");
    } else {
        draft.remove(close.start()..whole.end());
    }
}

/// `[text][name]` with `[name]: address` elsewhere. A definition with a number stays: it is a reference.
fn named_links(draft: &mut Draft<'_>) {
    let text = draft.text;
    let mut targets: BTreeMap<String, &str> = BTreeMap::new();
    for found in DEFINITION.captures_iter(text) {
        let (Some(whole), Some(name), Some(address)) = (found.get(0), found.get(1), found.get(2))
        else {
            continue;
        };
        if draft.is_live(name.start()) {
            targets.insert(name.as_str().to_lowercase(), address.as_str());
            if !is_number(name.as_str()) {
                draft.remove(whole.range());
            }
        }
    }
    for found in NAMED_LINK.captures_iter(text) {
        let (Some(open), Some(shown), Some(close), Some(tail), Some(name)) =
            (found.get(1), found.get(2), found.get(3), found.get(4), found.get(5))
        else {
            continue;
        };
        let name = if name.is_empty() { shown.as_str() } else { name.as_str() };
        let Some(address) = targets.get(&name.to_lowercase()) else { continue };
        if !draft.is_live(open.start()) || !draft.is_live(close.start()) {
            continue;
        }
        draft.remove(open.range());
        draft.remove(close.range());
        if is_number(name) && !tail.as_str().eq("[]") {
            draft.insert(close.start(), " ");
        } else {
            draft.remove(tail.range());
            draft.insert(tail.start(), &format!(" ({address})"));
        }
    }
}

fn is_number(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Takes pairs of emphasis marks away. A mark inside a word (`snake_case`, `2*3`) is none.
pub(super) fn emphasis(draft: &mut Draft<'_>) {
    let text = draft.text;
    for paragraph in paragraphs(text) {
        let mut open: BTreeMap<&str, Range<usize>> = BTreeMap::new();
        for mark in MARKS.find_iter(&text[paragraph.clone()]) {
            let range = paragraph.start + mark.start()..paragraph.start + mark.end();
            if !draft.is_live(range.start) || text[..range.start].ends_with('\\') {
                continue;
            }
            let before = text[paragraph.start..range.start].chars().next_back();
            let after = text[range.end..paragraph.end].chars().next();
            if closes(before, after)
                && let Some(start) = open.remove(mark.as_str())
            {
                draft.remove(start);
                draft.remove(range);
            } else if opens(before, after) {
                open.insert(mark.as_str(), range);
            }
        }
    }
}

fn opens(before: Option<char>, after: Option<char>) -> bool {
    let starts_word =
        after.is_some_and(|c| c.is_alphanumeric() || "*_~`\"'“‘«([<$€£&\\".contains(c));
    starts_word && !before.is_some_and(char::is_alphanumeric)
}

fn closes(before: Option<char>, after: Option<char>) -> bool {
    let ends_word = before.is_some_and(|c| !c.is_whitespace() && !"([{<".contains(c));
    ends_word && !after.is_some_and(char::is_alphanumeric)
}
