//! Diagnostics as a log collector reads them: one JSON object a line, events under names that stay.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value;

use crate::{
    node::Node,
    papers::{con, pro, submit},
};

fn lines(said: &str) -> Vec<Value> {
    said.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect()
}

fn event<'a>(lines: &'a [Value], name: &str) -> &'a Value {
    lines
        .iter()
        .find(|line| line["event"] == name)
        .unwrap_or_else(|| panic!("no {name}: {lines:#?}"))
}

/// The line that users of the CNS chapter search for:
/// `{"level": "info", "timestamp": "…", "event": "sno_evaluation.complete", "sno_id": "…", "trust_score": 0.75, "source": "doc1.pdf"}`
#[test]
fn a_decided_document_is_one_line_with_its_trust_and_its_source() {
    let state = tempfile::tempdir().unwrap();
    let node = Node::start_with(state.path(), &[("CNS_LOG_FILTER", "info")]);
    let job = submit(&node, "coffee", "pro", &pro());
    submit(&node, "coffee", "con", &con());
    submit(&node, "coffee", "empty", "What a day.");
    let (_, said) = node.end();
    let lines = lines(&said);
    for line in &lines {
        let time = line["timestamp"].as_str().unwrap();
        assert!(time.ends_with('Z') && time.len() == "2026-01-01T00:00:00.000000Z".len(), "{line}");
        assert!(line["level"].is_string() && line["message"].is_string(), "{line}");
    }
    let decided = event(&lines, "sno_evaluation.complete");
    assert_eq!(decided["level"], "INFO");
    assert_eq!(decided["sno_id"], job["sno_id"]);
    assert_eq!(decided["source"], "pro.txt");
    assert_eq!(decided["stage"], "synthesize");
    assert_eq!(decided["job_id"], job["job_id"]);
    let trust = decided["trust_score"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&trust), "{decided}");

    let started = event(&lines, "sno_ingestion.started");
    assert_eq!(
        (&started["source"], started["text_length"].as_u64()),
        (&"pro.txt".into(), Some(pro().chars().count() as u64))
    );
    let failed = event(&lines, "ingestion.failed");
    assert_eq!((&failed["level"], &failed["source"]), (&"WARN".into(), &"empty.txt".into()));
    assert!(failed["code"].is_string() && failed["error"].is_string() && failed["offset"].is_i64());
    for name in [
        "worker.models_loaded",
        "ingestion_task.received",
        "conflict.found",
        "server.started",
        "server.draining",
        "server.stopped",
    ] {
        event(&lines, name);
    }
    // What a document says is nobody's business but its readers'.
    assert!(!said.contains("afternoon coffee"), "{said}");
}
