//! What spans lines: front matter, fenced code, comments.
//!
//! Invariant: a mark that is never closed is text, not markup.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::draft::Draft;
use crate::layout::lines;
use crate::limits::FRONT_MATTER_LINES_MAX;

static FIELD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[\w-]+\s*[:=]").expect("the pattern is valid"));

/// Hides YAML (`---`) or TOML (`+++`) front matter; returns where the body starts.
pub(super) fn front_matter(draft: &mut Draft<'_>) -> usize {
    let text = draft.text;
    let offset = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut lines = lines(&text[offset..]).map(|line| line.start + offset..line.end + offset);
    let Some(mark) = lines.next().map(|line| text[line].trim_end()) else { return 0 };
    if mark != "---" && mark != "+++" {
        return 0;
    }
    let mut lines = lines.take(FRONT_MATTER_LINES_MAX).peekable();
    if !lines.peek().is_some_and(|line| FIELD.is_match(&text[line.clone()])) {
        return 0;
    }
    let Some(close) = lines.find(|line| {
        let line = text[line.clone()].trim_end();
        line == mark || (mark == "---" && line == "...")
    }) else {
        return 0;
    };
    let end = (close.end + 1).min(text.len());
    draft.hide(0..end);
    end
}

/// Takes fence lines away, marks what they enclose as code, and hides comments.
pub(super) fn fences_and_comments(draft: &mut Draft<'_>, body: usize) {
    let text = draft.text;
    let closings = closings(text, body);
    let mut comments_end = text.rfind("-->");
    let mut position = body;
    let mut end = line_end(text, body);
    while position < text.len() {
        // One line can hold all the comments of a document: its end is looked for once.
        if end < position {
            end = line_end(text, position);
        }
        let at_line_start = position == body || text.as_bytes()[position - 1] == b'\n';
        if at_line_start
            && let Some(mark) = fence(&text[position..end])
            && let Some(&(close, close_end)) = closings.get(&mark).and_then(|closings| {
                closings.get(closings.partition_point(|(start, _)| *start <= position))
            })
        {
            draft.remove(position..(end + 1).min(text.len()));
            draft.mark_code((end + 1).min(close)..close);
            draft.remove(close..close_end);
            position = close_end;
            continue;
        }
        let comment = text[position..end].find("<!--").map(|open| position + open);
        if let Some(open) = comment
            && comments_end.is_some_and(|last| open + 4 <= last)
            && let Some(length) = text[open + 4..].find("-->")
        {
            position = open + 4 + length + 3;
            draft.hide(open..position);
            continue;
        }
        if comment.is_some() {
            comments_end = None;
        }
        position = end + 1;
    }
}

fn line_end(text: &str, position: usize) -> usize {
    text[position..].find('\n').map_or(text.len(), |length| position + length)
}

/// Lines that can close a fence, by the mark that they repeat: start and end with the line break.
fn closings(text: &str, body: usize) -> BTreeMap<char, Vec<(usize, usize)>> {
    let mut closings: BTreeMap<char, Vec<(usize, usize)>> = BTreeMap::new();
    for line in lines(&text[body..]) {
        let (start, end) = (line.start + body, line.end + body);
        let content = &text[start..end];
        if let Some(mark) = fence(content)
            && content.trim().chars().all(|c| c == mark)
        {
            closings.entry(mark).or_default().push((start, (end + 1).min(text.len())));
        }
    }
    closings
}

/// The mark of a fence line.
fn fence(line: &str) -> Option<char> {
    let line = line.trim_start_matches([' ', '\t', '>']);
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let marks = line.chars().take_while(|c| *c == mark).count();
    // An info string never holds the mark again; a code span in one line does.
    (marks >= 3 && !line[marks..].contains(mark)).then_some(mark)
}
