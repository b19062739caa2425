//! Text with a label in the left margin, wrapped to the width.

use textwrap::Options;

use crate::terminal::strong;

/// Columns of the left margin.
pub const MARGIN: usize = 12;

/// `LABEL       text …`, further lines below the text. An empty label goes on under the one above.
pub fn labelled(label: &str, text: &str, width: usize) -> String {
    let margin = " ".repeat(MARGIN);
    let body = wrapped(text, &margin, &margin, width);
    let rest = body.get(MARGIN..).unwrap_or_default();
    let gap = MARGIN.saturating_sub(label.chars().count()).max(1);
    format!(
        "{}{}{rest}",
        if label.is_empty() { String::new() } else { strong(label) },
        " ".repeat(gap)
    )
}

/// A line below a labelled one, indented once more; what wraps stands under its second word column.
pub fn below(text: &str, width: usize) -> String {
    wrapped(text, &" ".repeat(MARGIN + 2), &" ".repeat(MARGIN + 6), width)
}

/// Text wrapped between the indentation and the width.
pub fn wrapped(text: &str, first: &str, rest: &str, width: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // Ids and addresses stay whole, so that they can be copied.
    let options = Options::new(width)
        .initial_indent(first)
        .subsequent_indent(rest)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    let filled = textwrap::fill(&text, options);
    if filled.is_empty() { first.to_owned() } else { filled }
}
