//! Lines, paragraphs and blocks of a plain text: what is a heading, a list item, an entry of a reference list.
//!
//! Invariant: blocks ascend, never overlap, and lie on character boundaries; a block is never empty.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::limits::{HEADING_CHARS_MAX, WRAPPED_LINE_CHARS_MAX, WRAPPED_LINE_CHARS_MIN};

static ITEM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:[-*+•‣▪◦–]|\(?\d{1,3}[.)]|\(?[a-z][.)])[ \t]+")
        .expect("the pattern is valid")
});
static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:[-*+•][ \t]+)?(?:\[([^\[\]\n]{1,40})\]:?|\(?(\d{1,3})[.)])[ \t]*")
        .expect("the pattern is valid")
});
static LIST_TITLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^\s*(?:\d+(?:\.\d+)*\.?\s+)?(?:list of )?(?:references|sources|bibliography|works cited|literature cited|literature|citations|endnotes|footnotes|further reading)(?: cited| and notes)?\s*:?\s*$",
    )
    .expect("the pattern is valid")
});
/// What an entry of a reference list holds: a year or an identifier.
static SOURCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        // Not `\b`: with it the fast matcher gives up at the first letter outside ASCII.
        r"(?i)(?:^|\W)(?:(?:1[89]|20)\d\d[a-z]?|doi|pmid|arxiv)(?:\W|$)|https?://|(?:^|\W)10\.\d{4,9}/",
    )
    .expect("the pattern is valid")
});

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockKind {
    Prose,
    Heading,
    Item,
    /// An entry of a reference list, or a footnote.
    Entry,
}

/// Lines that belong together, as bytes of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) range: Range<usize>,
    pub(crate) kind: BlockKind,
    /// What an entry is cited by: `3`, `^a`, `Smith2019`.
    pub(crate) label: Option<String>,
}

/// The lines of a text as byte ranges, without their line ends.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut start = 0;
    text.split('\n').map(move |line| {
        let range = start..start + line.len();
        start = range.end + 1;
        range
    })
}

/// Runs of lines without a blank line between them.
pub(crate) fn paragraphs(text: &str) -> Vec<Range<usize>> {
    let mut paragraphs: Vec<Range<usize>> = Vec::new();
    let mut open = false;
    for line in lines(text) {
        if text[line.clone()].trim().is_empty() {
            open = false;
            continue;
        }
        match paragraphs.last_mut().filter(|_| open) {
            Some(paragraph) => paragraph.end = line.end,
            None => paragraphs.push(line),
        }
        open = true;
    }
    paragraphs
}

/// Cuts a plain text into blocks.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut reader = Reader { text, blocks: Vec::new(), open: None, in_list: false };
    let mut after_blank = true;
    for line in lines(text) {
        let content = &text[line.clone()];
        if content.trim().is_empty() {
            reader.close();
            after_blank = true;
            continue;
        }
        reader.read(
            line.start + (content.len() - content.trim_start().len())
                ..line.start + content.trim_end().len(),
            after_blank,
        );
        after_blank = false;
    }
    reader.close();
    reader.blocks
}

struct Reader<'t> {
    text: &'t str,
    blocks: Vec<Block>,
    /// The block that grows, and its last line.
    open: Option<(Block, Range<usize>)>,
    /// Inside a reference list.
    in_list: bool,
}

impl Reader<'_> {
    fn close(&mut self) {
        if let Some((mut block, last)) = self.open.take() {
            let content = &self.text[block.range.clone()];
            if block.kind == BlockKind::Prose
                && last.start == block.range.start
                && is_heading(content)
            {
                block.kind = BlockKind::Heading;
            }
            if !content.is_empty() {
                self.blocks.push(block);
            }
        }
    }

    fn start(&mut self, line: Range<usize>, kind: BlockKind, marker: usize, label: Option<String>) {
        self.close();
        let range = line.start + marker..line.end;
        self.open = Some((Block { range: range.clone(), kind, label }, range));
    }

    fn read(&mut self, line: Range<usize>, after_blank: bool) {
        let content = &self.text[line.clone()];
        if LIST_TITLE.is_match(content) {
            self.start(line, BlockKind::Heading, 0, None);
            self.close();
            self.in_list = true;
            return;
        }
        if self.in_list && after_blank && ends_list(content) {
            self.in_list = false;
        }
        let label = LABEL.captures(content).and_then(|found| {
            let label = found.get(1).or(found.get(2))?.as_str().trim().to_owned();
            let bracketed = found.get(1).is_some();
            Some((found.get(0)?.end(), label, bracketed))
        });
        if let Some((marker, label, bracketed)) = label
            && marker < content.len()
            && (self.in_list || bracketed && is_note(&label, &content[marker..]))
        {
            return self.start(line, BlockKind::Entry, marker, Some(label));
        }
        let item = ITEM.find(content).map(|mark| mark.end()).filter(|end| *end < content.len());
        if self.in_list {
            return self.read_in_list(line, item, after_blank);
        }
        if let Some(marker) = item {
            return self.start(line, BlockKind::Item, marker, None);
        }
        match &mut self.open {
            Some((block, last)) if joins(&self.text[last.clone()], content) => {
                block.range.end = line.end;
                *last = line;
            }
            _ => self.start(line, BlockKind::Prose, 0, None),
        }
    }

    /// A line of a reference list that has no label.
    fn read_in_list(&mut self, line: Range<usize>, item: Option<usize>, after_blank: bool) {
        let content = &self.text[line.clone()];
        match &mut self.open {
            Some((block, last))
                if item.is_none()
                    && !after_blank
                    && continues(&self.text[last.clone()], content) =>
            {
                block.range.end = line.end;
                *last = line;
            }
            _ => self.start(line, BlockKind::Entry, item.unwrap_or(0), None),
        }
    }
}

/// A line that starts with a bracket and is a footnote or a reference outside any list.
fn is_note(label: &str, rest: &str) -> bool {
    label.starts_with('^')
        || label.bytes().all(|byte| byte.is_ascii_digit()) && SOURCE.is_match(rest)
}

/// Whether a line in a reference list begins another section.
fn ends_list(content: &str) -> bool {
    is_heading(content)
        && !SOURCE.is_match(content)
        && content.split_whitespace().count() <= 8
        && !LABEL.is_match(content)
        && !content.contains(',')
}

fn is_heading(content: &str) -> bool {
    content.chars().count() <= HEADING_CHARS_MAX
        && content.chars().any(char::is_alphabetic)
        && !content.ends_with(['.', '!', '?', ';', ',', '。', '！', '？', '"', '”', ']', ')'])
}

/// Whether a line break in a reference entry is only where the line was full.
fn continues(last: &str, next: &str) -> bool {
    !last.ends_with('.') && !SOURCE.is_match(last)
        || next.starts_with(|c: char| c.is_lowercase())
        || next.starts_with("http")
        || next.starts_with("doi")
}

/// Whether a line break in prose is only where the line was full, or where a tag or a tick was taken away.
fn joins(last: &str, next: &str) -> bool {
    let Some(first) = next.chars().next() else { return false };
    if first.is_lowercase() || matches!(first, '.' | ',' | ';' | ')' | ']' | '%') {
        return true;
    }
    let length = last.chars().count();
    let first_word = next.split_whitespace().next().map_or(0, |word| word.chars().count());
    // The next line is long enough to have held the last one's room and its own first word: the break is meant.
    let had_room = next.chars().count() > length + first_word;
    !had_room && (WRAPPED_LINE_CHARS_MIN..=WRAPPED_LINE_CHARS_MAX).contains(&length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(BlockKind, &str)]) {
        let found = blocks(text);
        let found: Vec<_> =
            found.iter().map(|block| (block.kind, &text[block.range.clone()])).collect();
        assert_eq!(found, expected, "in {text:?}");
    }

    #[test]
    fn kinds() {
        use BlockKind::{Entry, Heading, Item, Prose};
        check(
            "A title\nThis follows it at once.",
            &[(Heading, "A title"), (Prose, "This follows it at once.")],
        );
        check("- one\n- two\n3. three", &[(Item, "one"), (Item, "two"), (Item, "three")]);
        check("queue with a\nasyncio\n. Then", &[(Prose, "queue with a\nasyncio\n. Then")]);
        check(
            "Text [1].\n\nReferences\n[1] Smith J (2019). Title.\n2. Jones K, 2020.\n\nAppendix\n\nMore text here.",
            &[
                (Prose, "Text [1]."),
                (Heading, "References"),
                (Entry, "Smith J (2019). Title."),
                (Entry, "Jones K, 2020."),
                (Heading, "Appendix"),
                (Prose, "More text here."),
            ],
        );
        check("[^a]: A note.\n[3] Lee, 2001.", &[(Entry, "A note."), (Entry, "Lee, 2001.")]);
    }

    #[test]
    fn wrapped_lines_are_joined() {
        let text = "The rotation of spirals was measured by many groups over the years, and by\nSmith in the seventies most of all, who\nfound it flat.";
        check(text, &[(BlockKind::Prose, text)]);
    }
}
