//! Tables without borders: columns that line up, and a last one that takes the rest of the width and wraps.

use comfy_table::{Cell, ColumnConstraint, ContentArrangement, Table, Width, presets};

use crate::terminal::strong;

/// A column that is not the last gets at most this; longer content wraps.
const COLUMN_MAX: u16 = 40;

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
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX));
    table.set_header(header.iter().map(|name| Cell::new(strong(name))));
    for row in rows {
        table.add_row(row);
    }
    let widest = table.column_max_content_widths();
    let last = header.len().saturating_sub(1);
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if at == last { 0 } else { 2 }));
        if at < last {
            // The constraint counts the padding.
            let content = widest.get(at).copied().unwrap_or(COLUMN_MAX).min(COLUMN_MAX) + 2;
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(content)));
        }
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_the_last_wraps() {
        let rows = [
            ["a.md", "admitted", ""],
            ["longer-name.md", "rejected", "has no text; there is nothing to read"],
        ];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        let shown = table(&["document", "status", "note"], rows.into_iter(), 50);
        let expected = "\
DOCUMENT        STATUS    NOTE
a.md            admitted
longer-name.md  rejected  has no text; there is
                          nothing to read";
        assert_eq!(shown, expected);
    }
}
