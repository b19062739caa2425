//! Lists as tables, with what to do next; an empty list says why it is empty.

use serde_json::Value;

use super::{
    View, conflict,
    field::{entries, first, number, share, text},
    table::table,
};

/// A page of a list.
pub fn page(view: View, value: &Value, width: usize) -> String {
    let items = entries(value, "/items");
    if items.is_empty() {
        return empty(view, value);
    }
    let (header, row) = columns(view);
    let mut shown = table(header, items.iter().map(row), width);
    let note = text(value, "/note");
    if !note.is_empty() {
        shown.push_str(&format!("\n\n{note}"));
    }
    let behind = value.pointer("/as_of/lag_records").and_then(Value::as_i64).unwrap_or_default();
    if behind > 0 {
        shown.push_str(&format!("\n\n{behind} newer records are not shown yet."));
    }
    let cursor = text(value, "/next_cursor");
    if !cursor.is_empty() {
        shown.push_str(&format!("\n\nThere are more: add --cursor {cursor}"));
    }
    shown
}

type Row = fn(&Value) -> Vec<String>;

fn columns(view: View) -> (&'static [&'static str], Row) {
    match view {
        View::Job => (&["job", "corpus", "document", "status", "open", "note"], |job| {
            let note = first(job, &["/error/detail", "/reason"]);
            vec![
                text(job, "/job_id"),
                text(job, "/corpus"),
                text(job, "/document_id"),
                text(job, "/status"),
                number(job, "/open_work"),
                note,
            ]
        }),
        View::Document => (&["document", "corpus", "status", "version", "sno"], |document| {
            vec![
                text(document, "/document_id"),
                text(document, "/corpus"),
                text(document, "/status"),
                number(document, "/version"),
                text(document, "/sno_id"),
            ]
        }),
        View::Sno => (&["sno", "corpus", "status", "trust", "from", "hypothesis"], |sno| {
            vec![
                text(sno, "/sno_id"),
                text(sno, "/corpus"),
                text(sno, "/status"),
                share(sno, "/trust"),
                origin(sno),
                text(sno, "/hypothesis"),
            ]
        }),
        View::Conflict => (
            &["pair", "corpus", "opposition", "type", "shared", "status", "strongest opposition"],
            |pair| {
                let shared = entries(pair, "/shared_evidence").len().to_string();
                vec![
                    text(pair, "/pair_id"),
                    text(pair, "/corpus"),
                    share(pair, "/opposition"),
                    text(pair, "/contradiction_type").replace('_', " "),
                    shared,
                    conflict::status(pair),
                    conflict::opposing(pair).join("\n"),
                ]
            },
        ),
        View::Synthesis => {
            (&["sno", "corpus", "status", "trust", "generation", "hypothesis"], |sno| {
                vec![
                    text(sno, "/sno_id"),
                    text(sno, "/corpus"),
                    text(sno, "/status"),
                    share(sno, "/trust"),
                    number(sno, "/generation"),
                    text(sno, "/hypothesis"),
                ]
            })
        }
        View::Corpus => CORPUS,
        View::DeadLetter => (&["dead letter", "stage", "code", "origin", "detail"], |letter| {
            vec![
                text(letter, "/dead_letter_id"),
                text(letter, "/stage"),
                text(letter, "/error/code"),
                text(letter, "/origin"),
                text(letter, "/error/detail"),
            ]
        }),
    }
}

const CORPUS: (&[&str], Row) = (
    &[
        "corpus",
        "documents",
        "admitted",
        "archived",
        "duplicate",
        "rejected",
        "conflicts",
        "syntheses",
    ],
    |corpus| {
        let mut row = vec![text(corpus, "/corpus")];
        let numbers = [
            "/documents",
            "/documents_by_status/admitted",
            "/documents_by_status/archived",
            "/documents_by_status/duplicate",
            "/documents_by_status/rejected",
            "/conflicts",
            "/syntheses",
        ];
        row.extend(numbers.map(|pointer| number(corpus, pointer)));
        row
    },
);

fn origin(sno: &Value) -> String {
    match (text(sno, "/provenance").as_str(), entries(sno, "/document_ids")) {
        ("document", [only]) => text(only, ""),
        (provenance, documents) => format!("{provenance} of {}", documents.len()),
    }
}

/// Why there is nothing, in the server's words where it has some.
fn empty(view: View, value: &Value) -> String {
    let none = match view {
        View::Job => "No jobs. Submit a document: cns submit FILE",
        View::Document => "No documents. Submit a document: cns submit FILE",
        View::Sno => "No SNOs. Submit a document: cns submit FILE",
        View::Conflict => "No conflicts.",
        View::Synthesis => "No syntheses.",
        View::Corpus => "No corpora. Submit a document: cns submit FILE",
        View::DeadLetter => "No dead letters: every record could be handled.",
    };
    let mut shown = none.to_owned();
    let note = text(value, "/note");
    if !note.is_empty() {
        shown.push_str(&format!(" {note}"));
    }
    if value.get("compared").is_some() {
        shown.push_str(&format!("\nPairs compared: {}.", number(value, "/compared")));
    }
    if value.pointer("/closest/opposition").is_some() {
        shown.push_str(&format!(
            "\nThe closest was {}, with opposition {} where {} is needed.",
            text(value, "/closest/pair_id"),
            share(value, "/closest/opposition"),
            share(value, "/closest/opposition_gate"),
        ));
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_empty_list_of_conflicts_says_how_close_the_best_came() {
        let value = json!({"items": [], "compared": 4, "note": "Nothing opposes strongly enough.",
            "closest": {"pair_id": "pair_1", "opposition": 0.41, "opposition_gate": 0.6}});
        let expected = "\
No conflicts. Nothing opposes strongly enough.
Pairs compared: 4.
The closest was pair_1, with opposition 0.41 where 0.60 is needed.";
        assert_eq!(page(View::Conflict, &value, 80), expected);
    }

    #[test]
    fn a_page_tells_how_to_go_on() {
        let value = json!({"next_cursor": "abc", "items": [{"sno_id": "sno_1", "corpus": "coffee",
            "status": "admitted", "trust": 0.714, "provenance": "document", "document_ids": ["a.md"],
            "hypothesis": "Coffee helps."}]});
        let expected = "\
SNO    CORPUS  STATUS    TRUST  FROM  HYPOTHESIS
sno_1  coffee  admitted  0.71   a.md  Coffee helps.

There are more: add --cursor abc";
        assert_eq!(page(View::Sno, &value, 80), expected);
    }
}
