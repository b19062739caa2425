//! `cns status`: how the server is doing. Shows whatever the server tells, so that a new figure needs no new
//! command line.

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
        Value::Object(figures) => figures_line(figures),
        Value::Array(entries) => entries.iter().map(plain).collect::<Vec<_>>().join(", "),
        _ => text(value, ""),
    }
}

fn figures_line(figures: &Map<String, Value>) -> String {
    let parts =
        figures.iter().map(|(name, value)| format!("{} {}", name.replace('_', " "), plain(value)));
    parts.collect::<Vec<_>>().join(", ")
}

fn entries_table(name: &str, entries: &[Value], width: usize) -> String {
    let Some(first) = entries.first().and_then(Value::as_object) else {
        return format!("{}: none", label(name));
    };
    let columns: Vec<&str> = first.keys().map(String::as_str).collect();
    let headers: Vec<String> = columns.iter().map(|column| column.replace('_', " ")).collect();
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let rows =
        entries.iter().map(|entry| columns.iter().map(|column| plain(&entry[*column])).collect());
    table(&headers, rows, width)
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
}
