//! Documents that are taken in, and those that have to wait.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use cns_api::RetryAfter;
use cns_schemas::{Codec, DocumentSubmitted, EventId, Headers, Topic};
use cns_state::{
    Append, CommitError, Delivered, Error, Limit, Log, Member, Memory, Partition, partition_of,
};
use serde_json::json;

use crate::world::{PARTITIONS, World};

pub fn submitted(log: &dyn Log) -> Vec<Delivered> {
    let limit = Limit { records: 100, bytes: 1 << 20 };
    let read = |index| {
        log.read(Partition { topic: Topic::Documents, index }, 0, limit, Duration::ZERO).unwrap()
    };
    (0..PARTITIONS).flat_map(read).collect()
}

#[tokio::test]
async fn a_document_is_in_the_log_when_it_is_accepted() {
    let world = World::new();
    let body = json!({
        "document_id": "d/1", "corpus": "coffee", "source": "s.pdf", "text": "Text.",
        "source_uri": "https://example.org", "published_at": "2026", "metadata": {"a": "b"},
    });
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let request = Request::post("/v1/documents")
        .header(header::CONTENT_TYPE, "application/json")
        .header("traceparent", trace);
    let answer = world.send(request.body(Body::from(body.to_string())).unwrap()).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    let accepted = answer.json();
    let job = accepted["job_id"].as_str().unwrap().to_owned();
    assert_eq!(answer.headers[header::LOCATION], format!("/v1/jobs/{job}"));
    assert_eq!(accepted["status"], "queued");
    assert_eq!(accepted["links"]["self"], format!("/v1/jobs/{job}"));
    assert_eq!(accepted["links"]["document"], "/v1/documents/d%2F1?corpus=coffee");

    let records = submitted(&*world.log);
    assert_eq!(records.len(), 1);
    let record = &records[0].record;
    assert_eq!(record.key, b"default/coffee/d/1");
    assert_eq!(records[0].partition.index, partition_of(&record.key, PARTITIONS));
    let headers = Headers::from_pairs(&record.headers).unwrap();
    assert_eq!(headers.event_id, Some(EventId::child(&job, "submit", 0).0));
    assert_eq!((headers.tenant.as_str(), headers.job.as_deref()), ("default", Some(job.as_str())));
    assert_eq!(
        (headers.at_ms, headers.traceparent.as_deref()),
        (Some(1_700_000_000_000), Some(trace))
    );
    let document: DocumentSubmitted = Codec::decode(&record.value).unwrap();
    assert_eq!((document.document_id.as_str(), document.text.as_str()), ("d/1", "Text."));
    assert_eq!(document.metadata["a"], "b");

    let seen = world.seen(&format!("/v1/jobs/{job}")).await;
    assert_eq!(
        (&seen["status"], &seen["terminal"], &seen["settled"]),
        (&json!("queued"), &json!(false), &json!(false))
    );
}

#[tokio::test]
async fn a_document_without_an_id_is_named_by_its_source() {
    let world = World::new();
    let mut ids = Vec::new();
    for (corpus, source) in [("c", "s"), ("c", "s"), ("c", "t"), ("d", "s")] {
        let body = json!({ "corpus": corpus, "source": source, "text": "T." }).to_string();
        let accepted = world.post("/v1/documents", body).await.json();
        ids.push(accepted["document_id"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
    assert_ne!(ids[0], ids[3]);
    assert!(ids[0].starts_with("doc_"));
}

#[tokio::test]
async fn the_short_form_takes_source_and_text() {
    let world = World::new();
    let answer = world.post("/ingest", r#"{"source":"s","text":"t"}"#).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(answer.json()["message"], "Ingestion task accepted");
    let job = answer.json()["task_id"].as_str().unwrap().to_owned();
    assert_eq!(world.seen(&format!("/v1/jobs/{job}")).await["status"], "queued");
    assert!(submitted(&*world.log)[0].record.key.starts_with(b"default/default/doc_"));
    for body in [r#"{"source":"","text":""}"#, r#"{"source":"s","text":" "}"#, "{}"] {
        let answer = world.post("/ingest", body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.json()["detail"], "Source and text cannot be empty.");
        assert_eq!(answer.json()["code"], "empty_field");
    }
    assert_eq!(submitted(&*world.log).len(), 1);
}

#[tokio::test]
async fn a_full_queue_refuses_with_a_time() {
    let brake = || {
        Some(RetryAfter { seconds: 7, detail: "50000 records wait; the limit is 50000.".into() })
    };
    let world = World::over(Arc::new(Memory::new(PARTITIONS)), brake);
    let answer = world.post("/v1/documents", r#"{"corpus":"c","source":"s","text":"t"}"#).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers[header::RETRY_AFTER], "7");
    assert_eq!(
        (&answer.json()["code"], &answer.json()["retryable"]),
        (&json!("queue_saturated"), &json!(true))
    );
    assert!(submitted(&*world.log).is_empty());
}

/// A log whose appends fail.
struct Broken(Memory, bool);

impl Log for Broken {
    fn partitions(&self, topic: Topic) -> u32 {
        self.0.partitions(topic)
    }
    fn end(&self, of: Partition) -> Result<i64, Error> {
        self.0.end(of)
    }
    fn read(
        &self,
        from: Partition,
        offset: i64,
        limit: Limit,
        wait: Duration,
    ) -> Result<Vec<Delivered>, Error> {
        self.0.read(from, offset, limit, wait)
    }
    fn append(&self, _: Vec<Append>) -> Result<Vec<i64>, CommitError> {
        let error = Error::Io { what: "append to /secret/path".into(), detail: "disk full".into() };
        Err(if self.1 { CommitError::Unknown(error) } else { CommitError::NotDone(error) })
    }
    fn committed(&self, group: &str, of: Partition) -> Result<i64, Error> {
        self.0.committed(group, of)
    }
    fn join(&self, group: &str, inbox: Topic) -> Result<Box<dyn Member>, Error> {
        self.0.join(group, inbox)
    }
}

#[tokio::test]
async fn a_failing_log_is_told_without_its_internals() {
    for (unknown, says) in [(false, "Nothing was written"), (true, "same document_id `d1` is safe")]
    {
        let world = World::over(Arc::new(Broken(Memory::new(PARTITIONS), unknown)), || None);
        let body = r#"{"document_id":"d1","corpus":"c","source":"s","text":"the text"}"#;
        let answer = world.post("/v1/documents", body).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers[header::RETRY_AFTER], "5");
        let problem = answer.json();
        assert_eq!(
            (&problem["code"], &problem["retryable"]),
            (&json!("log_unavailable"), &json!(true))
        );
        assert!(problem["detail"].as_str().unwrap().contains(says), "{problem}");
        assert!(!answer.text.contains("secret") && !answer.text.contains("the text"));
    }
}

#[tokio::test]
async fn status_and_metrics_show_what_waits() {
    let world = World::new();
    world.post("/v1/documents", r#"{"corpus":"c","source":"s","text":"t"}"#).await;
    let status = world.seen("/v1/status").await;
    let chunk =
        json!({"stage": "chunk", "inbox": "documents", "end": 1, "committed": 0, "lag_records": 1});
    assert_eq!(status["stages"][0], chunk);
    assert_eq!(status["models"]["completer"], "extractive-1");
    world.get("/v1/nothing/here").await;
    let metrics = world.get("/metrics").await.text;
    for line in [
        "cns_documents_accepted_total 1",
        "cns_http_requests_total{route=\"/v1/documents\",status=\"202\"} 1",
        "cns_http_requests_total{route=\"unmatched\",status=\"404\"} 1",
        "cns_http_request_seconds_count{route=\"/v1/status\"} 1",
        "cns_view_lag_records 0",
    ] {
        assert!(metrics.contains(line), "{line} is not in:\n{metrics}");
    }
}

#[tokio::test]
async fn a_submission_can_wait_for_its_end() {
    let world = World::new();
    let answer = world
        .post(
            "/v1/documents?wait=terminal&timeout_ms=10",
            r#"{"corpus":"c","source":"s","text":"t"}"#,
        )
        .await;
    assert_eq!(answer.status, StatusCode::GATEWAY_TIMEOUT);
    let job = answer.json()["job_id"].as_str().unwrap().to_owned();
    assert_eq!(world.seen(&format!("/v1/jobs/{job}")).await["status"], "queued");
    assert_eq!(submitted(&*world.log).len(), 1);
}
