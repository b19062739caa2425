//! Claims as a table: CSV with the columns evidence, claim and label.

use csv::{Position, ReaderBuilder, StringRecord, Trim};

use super::Wrong;
use crate::eval::labelled::{ClaimRow, Label};

const COLUMNS: &str =
    "the first line names the columns; evidence, claim and label have to be among them";

/// At most `limit` rows.
pub fn read(text: &str, limit: usize) -> Result<Vec<ClaimRow>, Wrong> {
    let mut reader = ReaderBuilder::new().trim(Trim::Headers).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| malformed(&error))?.clone();
    let column = |name: &str| {
        let place = header.iter().position(|there| there.eq_ignore_ascii_case(name));
        place.ok_or_else(|| Wrong::new(1, format!("has no column `{name}`"), COLUMNS))
    };
    let columns = [column("evidence")?, column("claim")?, column("label")?];
    let mut rows = Vec::new();
    for record in reader.records().take(limit) {
        rows.push(row(&record.map_err(|error| malformed(&error))?, columns)?);
    }
    Ok(rows)
}

fn row(record: &StringRecord, columns: [usize; 3]) -> Result<ClaimRow, Wrong> {
    let line = record.position().map_or(1, Position::line);
    let [evidence, claim, label] =
        columns.map(|column| record.get(column).unwrap_or_default().trim().to_owned());
    for (name, value) in [("evidence", &evidence), ("claim", &claim)] {
        if value.is_empty() {
            return Err(Wrong::new(
                line,
                format!("`{name}` is empty"),
                "fill it or take out the row",
            ));
        }
    }
    let label = Label::of(&label).ok_or_else(|| super::lines::no_label(line, &label))?;
    Ok(ClaimRow { line, evidence, claim, label })
}

fn malformed(error: &csv::Error) -> Wrong {
    let line = error.position().map_or(1, Position::line);
    let what = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the row has {len} fields, the first line names {expected_len}")
        }
        _ => format!("is not CSV: {error}"),
    };
    Wrong::new(
        line,
        what,
        "put quotation marks around a field that has a comma or a line end in it",
    )
}
