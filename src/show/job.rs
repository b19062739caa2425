//! A job: what became of one submission, and what happened on the way.

use serde_json::Value;

use super::{
    field::{entries, number, text},
    labelled,
    table::table,
};
use crate::terminal::strong;

/// One job.
pub fn one(job: &Value, width: usize) -> String {
    let state = match (job["terminal"] == true, job["settled"] == true) {
        (_, true) => "settled".to_owned(),
        (true, false) => {
            format!("its fate is known, {} events still open", number(job, "/open_work"))
        }
        (false, false) => "on its way".into(),
    };
    let mut lines =
        vec![format!("{}   {}   {state}\n", strong(&text(job, "/job_id")), text(job, "/status"))];
    let rows = [
        ("DOCUMENT", "/document_id"),
        ("CORPUS", "/corpus"),
        ("SNO", "/sno_id"),
        ("REPEATS", "/duplicate_of"),
        ("WHY", "/reason"),
    ];
    for (label, pointer) in rows {
        let said = text(job, pointer);
        if !said.is_empty() {
            lines.push(labelled(label, &said, width));
        }
    }
    if job.pointer("/error/code").is_some() {
        lines.push(labelled(
            "ERROR",
            &format!("{}: {}", text(job, "/error/code"), text(job, "/error/detail")),
            width,
        ));
        lines.push(labelled("MEND", &text(job, "/error/mend"), width));
    }
    for flag in entries(job, "/flags") {
        lines.push(labelled(
            "FLAG",
            &format!("{}: {}", text(flag, "/code"), text(flag, "/detail")),
            width,
        ));
    }
    lines.extend(events(job, width));
    lines.join("\n")
}

/// The way through the stages, with milliseconds since the first step.
fn events(job: &Value, width: usize) -> Vec<String> {
    let events = entries(job, "/events");
    let Some(begin) = events.first().map(|event| event["at"].as_i64().unwrap_or_default()) else {
        return Vec::new();
    };
    let rows = events.iter().map(|event| {
        let after = event["at"].as_i64().unwrap_or_default() - begin;
        vec![
            text(event, "/stage"),
            text(event, "/event_type"),
            format!("{after} ms"),
            text(event, "/outcome"),
        ]
    });
    let mut lines =
        vec![String::new(), table(&["stage", "handled", "after", "outcome"], rows, width)];
    let total = job["events_total"].as_u64().unwrap_or_default();
    let shown = events.len() as u64;
    if total > shown {
        lines.push(format!("… and {} more", total - shown));
    }
    lines
}
