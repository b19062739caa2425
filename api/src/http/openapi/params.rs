//! Parameters of operations.

use serde_json::{Value, json};

use crate::limits::{
    CURSOR_CHARS_MAX, EVENT_ID_CHARS_MAX, IDEMPOTENCY_KEY_CHARS_MAX, PAGE_ITEMS_DEFAULT,
    PAGE_ITEMS_MAX, WAIT_MAX,
};

/// A part of a path.
pub fn in_path(name: &str) -> Value {
    let schema = json!({ "type": "string", "minLength": 1 });
    json!({ "name": name, "in": "path", "required": true, "schema": schema })
}

/// A parameter by its name; where several have one name, by what it is of.
pub fn named(known: &str) -> Value {
    let name = known.split('/').next().unwrap_or(known);
    let text = json!({ "type": "string", "minLength": 1, "pattern": "\\S" });
    let words = |words: &[&str]| json!({ "type": "string", "enum": words });
    let flag = || words(&["true", "false"]);
    let (schema, description) = match known {
        "corpus" => (text, "Of this corpus."),
        "code" => (text, "With this code."),
        "stage" => (text, "Of this stage."),
        "status/job" => (
            words(&["queued", "processing", "admitted", "archived", "duplicate", "rejected"]),
            "With this status.",
        ),
        "status/sno" => (
            words(&["proposed", "admitted", "archived", "duplicate", "superseded", "failed"]),
            "With this status.",
        ),
        "status/conflict" => {
            (words(&["no_conflict", "synthesized", "unsynthesized"]), "With this status.")
        }
        "status/synthesis" => (
            words(&["pending", "accepted", "archived", "superseded", "failed"]),
            "With this status.",
        ),
        "status/letter" => (words(&["open", "retried", "dropped"]), "With this status."),
        "provenance" => (words(&["document", "synthesis"]), "With this provenance."),
        "min_trust" => {
            (json!({ "type": "number", "minimum": 0, "maximum": 1 }), "With at least this trust.")
        }
        "since" => (
            json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "string", "format": "date" },
                { "type": "string", "format": "date-time" }] }),
            "Recorded at this time or later: milliseconds since 1970, or as RFC 3339 writes it.",
        ),
        "sort/trust" => (words(&["-recorded", "-trust"]), "By what, the highest first."),
        "sort/opposition" => (words(&["-recorded", "-opposition"]), "By what, the highest first."),
        "all" => (flag(), "Pairs without a conflict too."),
        "unowned" => {
            (flag(), "Those in which no tenant could be read; for those who run the installation.")
        }
        "limit" => (
            json!({ "type": "integer", "minimum": 1, "maximum": PAGE_ITEMS_MAX, "default": PAGE_ITEMS_DEFAULT }),
            "How many items a page has.",
        ),
        "cursor" => (
            json!({ "type": "string", "maxLength": CURSOR_CHARS_MAX }),
            "Where the page begins: `next_cursor` of the page before, with the same sort.",
        ),
        "wait" => (words(&["terminal", "settled"]), "Wait until the job has come so far."),
        "timeout_ms" => (
            json!({ "type": "integer", "minimum": 0, "maximum": WAIT_MAX.as_millis() as u64 }),
            "How long to wait.",
        ),
        "from" => (words(&["start", "now"]), "From where, when there is no Last-Event-ID."),
        "dry_run" => (flag(), "Say what would be done, and do nothing."),
        "If-None-Match" => (
            json!({ "type": "string" }),
            "The tag of what the caller has: 304 when it has not changed.",
        ),
        "X-Consistency" => {
            (words(&["latest"]), "Wait until the views show all that the audit log holds now.")
        }
        "Last-Event-ID" => (
            json!({ "type": "string", "maxLength": EVENT_ID_CHARS_MAX }),
            "Go on behind the event of this id.",
        ),
        "Idempotency-Key" => (
            json!({ "type": "string", "pattern": "^[!-~]+$", "minLength": 1, "maxLength": IDEMPOTENCY_KEY_CHARS_MAX }),
            "The same key and the same document are the same submission, for ever.",
        ),
        other => unreachable!("the table names a parameter that is not here: {other}"),
    };
    let place = if name.starts_with(|c: char| c.is_ascii_uppercase()) { "header" } else { "query" };
    json!({ "name": name, "in": place, "required": false, "description": description, "schema": schema })
}
