//! Traces as a collector gets them: one from the caller through all stages to the views.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::BTreeMap,
    net::TcpListener,
    time::{Duration, Instant},
};

use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind};
use serde_json::Value;

use crate::{
    collector::{Collector, attributes},
    node::Node,
    papers::{body, con, pro, settled, submit},
};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Submits a document as part of a trace.
fn submit_traced(node: &Node, id: &str, text: &str, flags: &str) -> String {
    let mut answer = ureq::post(format!("{}/v1/documents", node.url()))
        .header("content-type", "application/json")
        .header("traceparent", format!("00-{TRACE}-{CALLER}-{flags}"))
        .header("x-request-id", "request-7")
        .send(body("coffee", id, text).to_string())
        .unwrap();
    let answer: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
    answer["job_id"].as_str().unwrap().to_owned()
}

/// A hop and all that led to it, up to one whose parent is nobody here.
fn way<'a>(spans: &BTreeMap<String, &'a Span>, mut at: &'a Span) -> Vec<&'a Span> {
    let mut way = vec![at];
    while let Some(parent) = spans.get(&hex(&at.parent_span_id)) {
        way.push(parent);
        at = parent;
    }
    way
}

#[test]
fn a_document_is_one_trace_from_the_caller_through_five_stages_to_the_views() {
    let state = tempfile::tempdir().unwrap();
    let collector = Collector::start();
    let node = Node::start_with(state.path(), &[("CNS_OTLP_ENDPOINT", collector.address())]);
    let job = submit_traced(&node, "pro", &pro(), "01");
    settled(&node, &job);
    // What was not sent yet is sent before the process ends.
    assert_eq!(node.terminate(), Some(0));

    let all = collector.spans();
    let of_trace = all.iter().filter(|span| hex(&span.trace_id) == TRACE);
    let spans: BTreeMap<String, &Span> = of_trace.map(|span| (hex(&span.span_id), span)).collect();
    let ways = spans.values().map(|span| way(&spans, span));
    let longest = ways.max_by_key(Vec::len).unwrap();
    let names: Vec<&str> = longest.iter().rev().map(|span| span.name.as_str()).collect();
    let expected = [
        "POST /v1/documents",
        "send documents",
        "process documents",
        "process passages",
        "process candidates",
        "process verdicts",
        "process facts",
        "process audit",
    ];
    assert_eq!(names, expected);
    assert_eq!(hex(&longest.last().unwrap().parent_span_id), CALLER);
    let stages: Vec<String> = longest
        .iter()
        .rev()
        .filter_map(|span| attributes(&span.attributes).get("job.stage").cloned())
        .collect();
    assert_eq!(stages, ["chunk", "embed", "critique", "synthesize", "audit", "views"]);
    for span in spans.values() {
        has_the_vocabulary(span, &job);
        assert!(span.end_time_unix_nano >= span.start_time_unix_nano, "{span:?}");
    }
    for port in ["embedder", "entailment"] {
        let asked = |span: &&&Span| span.name.starts_with(port);
        let call = spans.values().find(asked).unwrap_or_else(|| panic!("nothing of {port}"));
        assert_eq!(way(&spans, call).len(), if port == "embedder" { 5 } else { 6 }, "{call:?}");
    }
    // A transaction is a hop of its own, linked to what its records came from.
    let sent = longest.iter().find(|span| span.name == "send documents").unwrap();
    let settles = all.iter().find(|span| {
        span.name == "settle documents"
            && span.links.iter().any(|link| link.span_id == sent.span_id)
    });
    let settles = attributes(&settles.expect("a step of chunk").attributes);
    assert_eq!(settles["messaging.batch.message_count"], "1");
    let who = &collector.resources()[0];
    assert_eq!(who["service.name"], "cns");
    assert_eq!(who["service.version"], env!("CARGO_PKG_VERSION"));
}

#[track_caller]
fn has_the_vocabulary(span: &Span, job: &str) {
    let said = attributes(&span.attributes);
    let kind = SpanKind::try_from(span.kind).unwrap();
    let wanted: &[&str] = match kind {
        SpanKind::Server => &[
            "http.request.method",
            "http.route",
            "http.response.status_code",
            "http.request_id",
            "request.mode",
        ],
        SpanKind::Producer | SpanKind::Consumer => &[
            "messaging.system",
            "messaging.operation.name",
            "messaging.operation.type",
            "messaging.destination.name",
            "messaging.destination.partition.id",
            "messaging.message.id",
            "queue.name",
            "job.id",
        ],
        _ => &["gen_ai.request.model", "cns.model.port", "cns.model.inputs"],
    };
    for name in wanted {
        assert!(said.contains_key(*name), "{name} is not in {} {said:?}", span.name);
    }
    match kind {
        SpanKind::Server => assert_eq!(said["http.request_id"], "request-7"),
        SpanKind::Producer | SpanKind::Consumer => {
            assert_eq!((said["messaging.system"].as_str(), said["job.id"].as_str()), ("cns", job));
        }
        _ => {}
    }
}

#[test]
fn a_trace_that_its_caller_does_not_keep_is_not_sent_and_a_new_one_begins_without_a_caller() {
    let state = tempfile::tempdir().unwrap();
    let collector = Collector::start();
    let node = Node::start_with(state.path(), &[("CNS_OTLP_ENDPOINT", collector.address())]);
    settled(&node, &submit_traced(&node, "pro", &pro(), "00"));
    submit(&node, "coffee", "con", &con());
    assert_eq!(node.terminate(), Some(0));
    let spans = collector.spans();
    assert!(spans.iter().all(|span| hex(&span.trace_id) != TRACE));
    let synthesized = spans.iter().filter(|span| span.name == "process verdicts").count();
    assert!(synthesized >= 3, "the document, the pair and the synthesis: {synthesized}");
}

#[test]
fn work_goes_on_while_the_collector_is_away() {
    let state = tempfile::tempdir().unwrap();
    // Nobody listens at a port that was just given back.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let address = format!("http://{gone}");
    let fast = ("OTEL_BSP_SCHEDULE_DELAY", "50");
    let node = Node::start_with(state.path(), &[("CNS_OTLP_ENDPOINT", &address), fast]);
    submit(&node, "coffee", "pro", &pro());
    let end = Instant::now() + Duration::from_secs(30);
    let failed = "cns_otlp_exports_total{outcome=\"failed\"} 0";
    while node.text("/metrics").unwrap().contains(failed) {
        assert!(Instant::now() < end, "nothing was tried");
        submit(&node, "coffee", "pro", &pro());
    }
    let began = Instant::now();
    let (code, said) = node.end();
    assert_eq!(code, Some(0));
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    assert_eq!(said.matches("otlp.away").count(), 1, "{said}");
}

#[test]
fn an_address_that_cannot_be_sent_to_is_refused_at_the_start() {
    let state = tempfile::tempdir().unwrap();
    let set = [("CNS_OTLP_ENDPOINT", "https://collector.example.org")];
    let said = Node::try_spawn(state.path(), &set).err().unwrap();
    assert!(said.contains("only http:// is spoken"), "{said}");
}
