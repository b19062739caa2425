//! Tables without borders: columns that line up, and a last one that takes the rest of the width and wraps. Where
//! too little is left for it, it stands below its row.
//!
//! Invariant: the width of a cell is what a terminal shows of it; styles are set when the lines are laid out.

use textwrap::{Options, WordSplitter, core::display_width};

use crate::terminal::strong;

/// A column that is not the last gets at most this; longer content wraps.
const COLUMN_MAX: usize = 40;
/// Columns are not made narrower than this to fit.
const COLUMN_MIN: usize = 8;
/// What the last column needs to be readable beside the others.
const LAST_MIN: usize = 24;
/// Between two columns.
const GAP: usize = 2;
/// Before what stands below its row.
const INDENT: usize = 4;

/// A table whose header names what stands below, in capitals.
pub fn table(header: &[&str], rows: impl Iterator<Item = Vec<String>>, width: usize) -> String {
    let header: Vec<String> = header.iter().map(|name| name.to_uppercase()).collect();
    table_of(&header, rows, width)
}

/// A table whose header is shown as it is: names that users gave.
pub fn table_of(
    header: &[String],
    rows: impl Iterator<Item = Vec<String>>,
    width: usize,
) -> String {
    let rows: Vec<Vec<String>> = rows.collect();
    let layout = Layout::of(header, &rows, width);
    let mut lines: Vec<String> = layout.lines(header).iter().map(|line| strong(line)).collect();
    lines.extend(rows.iter().flat_map(|row| layout.lines(row)));
    lines.join("\n")
}

/// How wide each column is, and whether the last one stands below.
struct Layout {
    widths: Vec<usize>,
    /// The width of the last column where it stands below its row.
    below: Option<usize>,
}

impl Layout {
    fn of(header: &[String], rows: &[Vec<String>], width: usize) -> Layout {
        let content = |column: usize| {
            let cells = std::iter::once(header).chain(rows.iter().map(Vec::as_slice));
            let lines = cells.filter_map(|row| row.get(column)).flat_map(|cell| cell.lines());
            lines.map(display_width).max().unwrap_or_default()
        };
        let mut widths: Vec<usize> = (0..header.len()).map(content).collect();
        let whole: Vec<usize> =
            (0..header.len()).map(|column| longest_word(rows, column)).collect();
        let Some(last) = widths.pop() else { return Layout { widths, below: None } };
        for front in &mut widths {
            *front = (*front).min(COLUMN_MAX);
        }
        let taken: usize = widths.iter().map(|front| front + GAP).sum();
        let room = width.saturating_sub(taken);
        if room >= last.min(LAST_MIN) {
            widths.push(last.min(room));
            return Layout { widths, below: None };
        }
        fit(&mut widths, &whole, width);
        Layout { widths, below: Some(width.saturating_sub(INDENT).max(COLUMN_MIN)) }
    }

    fn lines(&self, row: &[String]) -> Vec<String> {
        let beside = row.get(..self.widths.len()).unwrap_or(row);
        let cells = beside.iter().zip(&self.widths);
        let cells: Vec<Vec<String>> = cells.map(|(cell, width)| wrapped(cell, *width)).collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or_default();
        let line = |at: usize| {
            let mut line = String::new();
            for (cell, width) in cells.iter().zip(&self.widths) {
                let part = cell.get(at).map(String::as_str).unwrap_or_default();
                let gap = (width + GAP).saturating_sub(display_width(part));
                line.push_str(part);
                line.push_str(&" ".repeat(gap));
            }
            line.trim_end().to_owned()
        };
        let mut lines: Vec<String> = (0..height).map(line).collect();
        if let (Some(width), Some(last)) = (self.below, row.get(self.widths.len())) {
            let parts = wrapped(last, width).into_iter().filter(|part| !part.is_empty());
            lines.extend(parts.map(|part| format!("{}{part}", " ".repeat(INDENT))));
        }
        lines
    }
}

/// The widest part of a column that wrapping would break, up to the width of a column.
fn longest_word(rows: &[Vec<String>], column: usize) -> usize {
    let cells = rows.iter().filter_map(|row| row.get(column));
    let words = cells.flat_map(|cell| cell.split_whitespace()).map(display_width);
    words.max().unwrap_or_default().min(COLUMN_MAX)
}

/// Narrows the widest columns until all fit: those that wrap between words before those that would be broken, and the
/// first one last, because it holds what is copied.
fn fit(widths: &mut [usize], words: &[usize], width: usize) {
    while widths.iter().map(|front| front + GAP).sum::<usize>() > width + GAP {
        let widest = |least: &dyn Fn(usize) -> usize, from: usize| {
            let columns = (from..widths.len()).filter(|at| widths[*at] > least(*at));
            columns.max_by_key(|at| widths[*at])
        };
        let whole = |at: usize| COLUMN_MIN.max(words.get(at).copied().unwrap_or_default());
        let broken = |_: usize| COLUMN_MIN;
        let found = widest(&whole, 1).or_else(|| widest(&whole, 0));
        let found = found.or_else(|| widest(&broken, 1)).or_else(|| widest(&broken, 0));
        match found {
            Some(at) => widths[at] -= 1,
            None => return,
        }
    }
}

fn wrapped(cell: &str, width: usize) -> Vec<String> {
    let options = Options::new(width.max(1)).word_splitter(WordSplitter::NoHyphenation);
    textwrap::wrap(cell, options).iter().map(|line| line.trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(rows: &[[&str; 3]], width: usize) -> String {
        let rows = rows.iter().map(|row| row.map(str::to_owned).to_vec());
        table(&["document", "status", "note"], rows, width)
    }

    const ROWS: [[&str; 3]; 2] = [
        ["a.md", "admitted", ""],
        ["longer-name.md", "rejected", "has no text; there is nothing to read"],
    ];

    #[test]
    fn columns_line_up_and_the_last_wraps() {
        let expected = "\
DOCUMENT        STATUS    NOTE
a.md            admitted
longer-name.md  rejected  has no text; there is
                          nothing to read";
        assert_eq!(shown(&ROWS, 50), expected);
    }

    #[test]
    fn where_too_little_is_left_the_last_column_stands_below() {
        let expected = "\
DOCUMENT        STATUS
    NOTE
a.md            admitted
longer-name.md  rejected
    has no text; there is nothing to read";
        assert_eq!(shown(&ROWS, 44), expected);
    }

    #[test]
    fn what_is_copied_is_not_broken_while_others_can_wrap() {
        let id = "job_579657aa6be1d4cbe53110084ea1";
        let rows = [["a name of a corpus that is rather long", id, "several words of a note here"]];
        let shown = shown(&rows, 70);
        assert!(shown.contains(id), "{shown}");
        assert!(shown.lines().all(|line| display_width(line) <= 70), "{shown}");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let long = "word ".repeat(40);
        let rows = [["sno_473c0f502faa4d36-and-more-of-it", "admitted and waiting", long.as_str()]];
        for width in [30, 60, 80, 100, 140] {
            let shown = shown(&rows, width);
            assert!(shown.lines().all(|line| display_width(line) <= width), "{width}: {shown}");
            assert_eq!(shown.matches("word").count(), 40, "{width}");
        }
        let wide = "日本語".to_owned();
        let rows = [vec![wide, "x".to_owned()]];
        assert_eq!(table(&["a", "b"], rows.into_iter(), 60), "A       B\n日本語  x");
    }
}
