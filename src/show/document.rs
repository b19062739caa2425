//! A document: what became of it and of its versions, and what rests on it.

use serde_json::Value;

use super::{
    field::{entries, number, share, text, texts},
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
    if text(document, "/status") == "rejected" {
        let job = text(document, "/job_id");
        lines.push(labelled("", &format!("why, and how to mend it: cns job show {job}"), width));
    }
    lines.extend(resting(document, width));
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
    if !body.is_empty() {
        lines.push(labelled("TEXT", &format!("{shown}{more}"), width));
    }
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

/// The conflicts that its SNO is a side of, and the syntheses that were made of these.
fn resting(document: &Value, width: usize) -> Vec<String> {
    let conflict = |pair: &Value| {
        format!(
            "{} against {}   opposition {}   {}",
            text(pair, "/pair_id"),
            texts(pair, "/against", "").join(" + "),
            share(pair, "/opposition"),
            text(pair, "/status"),
        )
    };
    let synthesis = |sno: &Value| {
        let trust = share(sno, "/trust");
        format!("{}   {}   trust {trust}", text(sno, "/sno_id"), text(sno, "/status"))
    };
    let part = |label: &str, pointer: &str, told: &dyn Fn(&Value) -> String| -> Vec<String> {
        let entries = entries(document, pointer).iter().enumerate();
        let line = |(at, entry)| labelled(if at == 0 { label } else { "" }, &told(entry), width);
        entries.map(line).collect()
    };
    [part("CONFLICTS", "/conflicts", &conflict), part("SYNTHESES", "/syntheses", &synthesis)]
        .concat()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_rests_on_a_document_is_shown() {
        let document = json!({"document_id": "a.md", "status": "admitted", "version": 2, "corpus": "tea",
            "sno_id": "sno_2", "job_id": "job_2", "text": "Tea.",
            "conflicts": [{"pair_id": "pair_1", "against": ["b.md"], "opposition": 0.9, "status": "synthesized"}],
            "syntheses": [{"sno_id": "sno_s", "status": "accepted", "trust": 0.5}],
            "versions": [{"version": 2, "status": "admitted", "sno_id": "sno_2", "job_id": "job_2"},
                {"version": 1, "status": "superseded", "sno_id": "sno_1", "job_id": "job_1"}]});
        let expected = "\
a.md   admitted   version 2   corpus tea

SNO         sno_2
JOB         job_2
CONFLICTS   pair_1 against b.md opposition 0.90 synthesized
SYNTHESES   sno_s accepted trust 0.50
TEXT        Tea.

VERSION  STATUS      SNO    JOB
2        admitted    sno_2  job_2
1        superseded  sno_1  job_1";
        assert_eq!(one(&document, 80), expected);
    }

    #[test]
    fn a_rejected_document_points_to_its_job() {
        let document = json!({"document_id": "a.md", "status": "rejected", "job_id": "job_7"});
        assert!(one(&document, 80).contains("cns job show job_7"));
    }
}
