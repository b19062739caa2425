//! `/metrics` of a server that has worked: what it counts, and that its labels are few.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    node::Node,
    papers::{con, pro, submit},
};

/// The labels that metrics may have. None of them holds what a user chose.
const LABELS: [&str; 13] = [
    "stage",
    "outcome",
    "code",
    "port",
    "model",
    "fate",
    "provenance",
    "critic",
    "route",
    "status",
    "store",
    "version",
    "config",
];

/// Name with labels → value.
pub fn metrics(node: &Node) -> BTreeMap<String, f64> {
    let text = node.text("/metrics").unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let pair = |line: &str| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.parse().unwrap())
    };
    lines.map(pair).collect()
}

/// A server that has seen a conflict, a repetition, a refusal and a text without a statement.
pub fn worked() -> (tempfile::TempDir, Node) {
    let state = tempfile::tempdir().unwrap();
    let node = Node::start(state.path());
    for (id, text) in [("pro", pro()), ("con", con()), ("pro", pro()), ("copy", pro())] {
        submit(&node, "a-corpus", id, &text);
    }
    submit(&node, "a-corpus", "empty", "What a day.");
    (state, node)
}

#[test]
fn labels_are_from_the_list_and_never_what_a_user_chose() {
    let (_state, node) = worked();
    for name in metrics(&node).keys() {
        let labels = name.split_once('{').map_or("", |(_, labels)| labels.trim_end_matches('}'));
        let mut rest = labels;
        while let Some((label, after)) = rest.split_once("=\"") {
            let label = label.trim_start_matches(',');
            assert!(LABELS.contains(&label) || label == "le", "{label} in {name}");
            rest = after.split_once('"').unwrap().1;
        }
        for chosen in ["a-corpus", "default/", "pro.txt", "job_", "sno_", "pair_", "ev_"] {
            assert!(!labels.contains(chosen), "{chosen} in {name}");
        }
    }
}

#[test]
fn what_was_decided_is_counted_once_it_is_committed() {
    let (_state, node) = worked();
    let found = metrics(&node);
    for (name, value) in [
        ("cns_documents_decided_total{fate=\"admitted\"}", 2.0),
        ("cns_documents_decided_total{fate=\"duplicate\"}", 1.0),
        ("cns_documents_decided_total{fate=\"repeated\"}", 1.0),
        ("cns_documents_decided_total{fate=\"rejected\"}", 1.0),
        ("cns_documents_decided_total{fate=\"dead_lettered\"}", 0.0),
        ("cns_stage_records_total{stage=\"chunk\",outcome=\"rejected\"}", 1.0),
        ("cns_pairs_decided_total{fate=\"synthesized\"}", 1.0),
        ("cns_syntheses_decided_total{outcome=\"accepted\"}", 1.0),
        ("cns_sno_trust_score_count{provenance=\"synthesis\"}", 1.0),
        ("cns_document_decision_seconds_count", 3.0),
        ("cns_stage_assigned_partitions{stage=\"critique\"}", 4.0),
        ("cns_stage_lag_records{stage=\"synthesize\"}", 0.0),
        ("cns_stage_lag_seconds{stage=\"synthesize\"}", 0.0),
        ("cns_stage_parked_records{stage=\"embed\"}", 0.0),
    ] {
        assert_eq!(found.get(name), Some(&value), "{name}");
    }
    let moved = |name: &str| found.get(name).copied().unwrap_or_default();
    for name in [
        "cns_stage_wait_seconds_count{stage=\"audit\"}",
        "cns_stage_commits_total{stage=\"embed\",outcome=\"done\"}",
        "cns_model_inputs_total{port=\"entailment\"}",
        "cns_model_call_seconds_count{port=\"embedder\"}",
        "cns_critic_score_count{critic=\"novelty\"}",
        "cns_store_bytes{store=\"log\"}",
        "cns_store_bytes{store=\"views\"}",
        "cns_disk_free_bytes",
        "cns_process_resident_bytes",
        "cns_process_start_time_seconds",
    ] {
        assert!(moved(name) > 0.0, "{name} is {}", moved(name));
    }
    let facts: BTreeSet<&str> = found.keys().map(|name| name.split('{').next().unwrap()).collect();
    assert!(facts.contains("cns_build_info"), "{facts:?}");
}

#[test]
fn every_metric_says_what_it_is() {
    let (_state, node) = worked();
    let text = node.text("/metrics").unwrap();
    let of = |kind: &str| -> BTreeSet<String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(kind));
        lines.map(|line| line.split(' ').next().unwrap().to_owned()).collect()
    };
    let (helped, typed) = (of("# HELP "), of("# TYPE "));
    assert_eq!(helped, typed);
    assert!(typed.len() > 30, "{typed:?}");
    let units = of("# UNIT ");
    for name in &typed {
        let says_unit = ["_seconds", "_bytes", "_records"].iter().any(|unit| name.ends_with(unit));
        assert_eq!(says_unit, units.contains(name), "{name}");
    }
}
