//! `cns status`: how the server is doing. Shows whatever the server tells, so that a new figure needs no new
//! command line; of what has more parts than a line can hold, those that tell how it stands.

use serde_json::{Map, Value};

use crate::{
    args::Remote,
    failure::Failure,
    show::{
        self,
        field::{number, text},
        labelled,
        table::table,
    },
};

/// Runs the command.
pub fn run(remote: &Remote) -> Result<(), Failure> {
    show::ask(remote, "/v1/status", shown)
}

/// Figures as lines, lists of entries as tables.
fn shown(status: &Value, width: usize) -> String {
    let Some(parts) = status.as_object() else { return text(status, "") };
    let mut lines = Vec::new();
    let mut tables = Vec::new();
    for (name, part) in parts {
        // A list that is not cut off need not say so.
        if says_nothing(part) || (name.ends_with("_truncated") && part == &Value::Bool(false)) {
            continue;
        }
        match part {
            Value::Array(entries) if entries.iter().all(Value::is_object) => {
                tables.push(format!("\n{}", entries_table(name, entries, width)));
            }
            Value::Object(figures) => {
                lines.push(labelled(&label(name), &figures_line(figures), width))
            }
            _ => lines.push(labelled(&label(name), &plain(part), width)),
        }
    }
    lines.extend(tables);
    lines.join("\n")
}

fn label(name: &str) -> String {
    name.replace('_', " ").to_uppercase()
}

fn plain(value: &Value) -> String {
    match value {
        Value::Number(_) => number(value, ""),
        Value::Null => "–".into(),
        Value::Object(figures) => format!("({})", figures_line(figures)),
        Value::Array(entries) => entries.iter().map(plain).collect::<Vec<_>>().join(", "),
        _ => text(value, ""),
    }
}

fn figures_line(figures: &Map<String, Value>) -> String {
    let figures = figures.iter().filter(|(_, value)| !says_nothing(value));
    let parts = figures.map(|(name, value)| format!("{} {}", name.replace('_', " "), plain(value)));
    parts.collect::<Vec<_>>().join(", ")
}

fn entries_table(name: &str, entries: &[Value], width: usize) -> String {
    let Some(first) = entries.first().and_then(Value::as_object) else {
        return format!("{}: none", label(name));
    };
    let columns: Vec<(String, String)> = match name {
        "corpora" => CORPORA.map(|(header, at)| (header.to_owned(), at.to_owned())).to_vec(),
        _ => first.keys().map(|key| (key.replace('_', " "), format!("/{key}"))).collect(),
    };
    let headers: Vec<&str> = columns.iter().map(|(header, _)| header.as_str()).collect();
    let cell = |entry: &Value, at: &str| entry.pointer(at).map(plain).unwrap_or_default();
    let rows = entries.iter().map(|entry| columns.iter().map(|(_, at)| cell(entry, at)).collect());
    table(&headers, rows, width)
}

/// Of a corpus: the columns, and where the server tells them.
const CORPORA: [(&str, &str); 7] = [
    ("corpus", "/corpus"),
    ("documents", "/documents"),
    ("admitted", "/documents_by_status/admitted"),
    ("archived", "/documents_by_status/archived"),
    ("conflicts", "/conflicts"),
    ("syntheses", "/syntheses"),
    ("dead letters", "/dead_letters"),
];

/// What is not there is no line.
fn says_nothing(value: &Value) -> bool {
    value.is_null() || value == ""
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn stages_are_a_table_and_figures_are_lines() {
        let status = json!({"status": "ready", "models": {"embedder": "hashing-encoder-1"}, "stages": [
            {"stage": "chunk", "lag_records": 0}, {"stage": "embed", "lag_records": 12}], "problems": []});
        let expected = "\
STATUS      ready
MODELS      embedder hashing-encoder-1

STAGE  LAG RECORDS
chunk  0
embed  12

PROBLEMS: none";
        assert_eq!(shown(&status, 80), expected);
    }

    #[test]
    fn what_says_nothing_is_left_out_and_corpora_fit() {
        let status = json!({"views": {"caught_up": true, "stopped": null, "lag_records": 0},
            "counts": {"corpus": "", "documents": 3, "snos": {"admitted": 2}},
            "corpora": [{"corpus": "coffee", "documents": 3, "snos": {"admitted": 4},
                "documents_by_status": {"admitted": 2, "archived": 1},
                "pairs_proposed": 4, "pairs_compared": 4, "conflicts": 1, "syntheses": 1, "dead_letters": 0,
                "closest": {"pair_id": "pair_1", "opposition": 0.9, "opposition_gate": 0.6}}],
            "corpora_truncated": false});
        let expected = "\
VIEWS       caught up true, lag records 0
COUNTS      documents 3, snos (admitted 2)

CORPUS  DOCUMENTS  ADMITTED  ARCHIVED  CONFLICTS  SYNTHESES  DEAD LETTERS
coffee  3          2         1         1          1          0";
        assert_eq!(shown(&status, 80), expected);
    }
}
