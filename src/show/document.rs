//! A document: what became of it and of its versions.

use serde_json::Value;

use super::{
    field::{entries, number, text},
    labelled,
    table::table,
};
use crate::terminal::strong;

/// Characters of the text that are shown; `--json` has all of it.
const TEXT_CHARS_SHOWN: usize = 400;

/// One document.
pub fn one(document: &Value, width: usize) -> String {
    let mut lines = vec![format!(
        "{}   {}   version {}   corpus {}\n",
        strong(&text(document, "/document_id")),
        text(document, "/status"),
        number(document, "/version"),
        text(document, "/corpus"),
    )];
    let rows = [
        ("SOURCE", "/source"),
        ("WHY", "/reason"),
        ("REPEATS", "/duplicate_of"),
        ("SNO", "/sno_id"),
        ("JOB", "/job_id"),
    ];
    for (label, pointer) in rows {
        let said = text(document, pointer);
        if !said.is_empty() {
            lines.push(labelled(label, &said, width));
        }
    }
    for flag in entries(document, "/flags") {
        lines.push(labelled(
            "FLAG",
            &format!("{}: {}", text(flag, "/code"), text(flag, "/detail")),
            width,
        ));
    }
    let body = text(document, "/text");
    let shown: String = body.chars().take(TEXT_CHARS_SHOWN).collect();
    let more = if shown.len() < body.len() { " …" } else { "" };
    lines.push(labelled("TEXT", &format!("{shown}{more}"), width));
    let versions = entries(document, "/versions");
    if versions.len() > 1 {
        let rows = versions.iter().map(|version| {
            vec![
                number(version, "/version"),
                text(version, "/status"),
                text(version, "/sno_id"),
                text(version, "/job_id"),
            ]
        });
        lines.push(String::new());
        lines.push(table(&["version", "status", "sno", "job"], rows, width));
    }
    lines.join("\n")
}
