//! Many documents in one request, and submissions that are sent again under one key.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    http::{Request, StatusCode},
};
use cns_schemas::{DocumentRepeated, Fact, Headers, Topic};
use cns_state::{Delivered, Limit, Log, Memory, Partition};
use futures_core::Stream;
use serde_json::{Value, json};

use crate::world::{Answer, PARTITIONS, World, cut, fact, sent};

fn submitted(log: &dyn Log) -> Vec<Delivered> {
    let limit = Limit { records: 100_000, bytes: 1 << 30 };
    let read = |index| {
        let from = Partition { topic: Topic::Documents, index };
        log.read(from, 0, limit, std::time::Duration::ZERO).unwrap()
    };
    (0..PARTITIONS).flat_map(read).collect()
}

fn line(n: usize) -> String {
    json!({"document_id": format!("d{n}"), "corpus": "c", "source": "s", "text": format!("Text {n}.")}).to_string()
}

async fn batch(world: &World, body: impl Into<Body>) -> Answer {
    let request =
        Request::post("/v1/documents:batch").header("content-type", "application/x-ndjson");
    world.send(request.body(body.into()).unwrap()).await
}

fn outcomes(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A body that comes in pieces.
struct Pieces(Vec<Bytes>, bool);

impl Stream for Pieces {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        let broken = self.1.then(|| Err(std::io::Error::other("cut")));
        std::task::Poll::Ready(match self.0.is_empty() {
            true => broken,
            false => Some(Ok(self.0.remove(0))),
        })
    }
}

#[tokio::test]
async fn every_line_has_its_own_outcome_in_order() {
    let world = World::new();
    let lines =
        [line(1), "{not json".into(), String::new(), r#"{"corpus":"c","txet":1}"#.into(), line(5)];
    let answer = batch(&world, lines.join("\r\n")).await;
    assert_eq!(answer.headers["content-type"], "application/x-ndjson");
    let told = outcomes(&answer);
    let numbers: Vec<(u64, u64)> =
        told.iter().map(|o| (o["line"].as_u64().unwrap(), o["status"].as_u64().unwrap())).collect();
    assert_eq!(numbers, [(1, 202), (2, 400), (4, 400), (5, 202)], "{told:#?}");
    assert_eq!((&told[0]["document_id"], &told[3]["document_id"]), (&json!("d1"), &json!("d5")));
    assert_eq!(
        (&told[1]["code"], &told[2]["code"]),
        (&json!("invalid_json"), &json!("invalid_field"))
    );
    assert_eq!(told[2]["errors"][0]["pointer"], "/txet");
    let jobs: Vec<String> = submitted(&*world.log)
        .iter()
        .filter_map(|d| Headers::from_pairs(&d.record.headers).unwrap().job)
        .collect();
    assert_eq!(jobs.len(), 2);
    for at in [0, 3] {
        let job = told[at]["job_id"].as_str().unwrap();
        assert!(jobs.iter().any(|known| known == job));
        assert_eq!(world.seen(&format!("/v1/jobs/{job}")).await["status"], "queued");
    }
}

#[tokio::test]
async fn a_batch_in_any_pieces_is_the_same_and_a_broken_one_says_how_far_it_came() {
    let text: String = (1..=150).map(|n| line(n) + "\n").collect();
    for size in [1, 7, 100, 100_000] {
        let world = World::new();
        let pieces = text.as_bytes().chunks(size).map(Bytes::copy_from_slice).collect();
        let told = outcomes(&batch(&world, Body::from_stream(Pieces(pieces, false))).await);
        assert!(told.iter().enumerate().all(|(at, o)| o["line"] == at + 1 && o["status"] == 202));
        assert_eq!((told.len(), submitted(&*world.log).len()), (150, 150), "pieces of {size}");
    }
    let world = World::new();
    let half = Bytes::copy_from_slice(&text.as_bytes()[..text.len() / 2]);
    let told = outcomes(&batch(&world, Body::from_stream(Pieces(vec![half], true))).await);
    let last = told.last().unwrap();
    assert_eq!((&last["status"], &last["code"]), (&json!(400), &json!("invalid_request")));
    assert_eq!(submitted(&*world.log).len(), told.len() - 1, "all before it was submitted");
}

#[tokio::test]
async fn limits_cut_a_batch_and_say_where() {
    let world = World::new();
    let mut text = line(1) + "\n";
    text.push_str(&format!("{{\"text\":\"{}\"}}\n", "x".repeat(3 << 20)));
    text.push_str(&line(3));
    let told = outcomes(&batch(&world, text).await);
    assert_eq!((&told[1]["status"], &told[1]["code"]), (&json!(413), &json!("document_too_large")));
    assert_eq!((told.len(), &told[2]["status"]), (3, &json!(202)), "a long line stops nothing");
    let many = "{}\n".repeat(10_001);
    let told = outcomes(&batch(&world, many).await);
    assert_eq!((told.len(), &told[10_000]["code"]), (10_001, &json!("batch_too_large")));
    let request = Request::post("/v1/documents:batch").header("content-type", "application/json");
    let refused = world.send(request.body(Body::from("{}")).unwrap()).await;
    assert_eq!(refused.json()["code"], "unsupported_media_type");
    let request = Request::post("/v1/documents:batch")
        .header("content-type", "application/x-ndjson")
        .header("content-length", (65 << 20).to_string());
    assert_eq!(
        world.send(request.body(Body::from("")).unwrap()).await.json()["code"],
        "batch_too_large"
    );
    let full = World::over(Arc::new(Memory::new(PARTITIONS)), || {
        Some(cns_api::RetryAfter { seconds: 5, detail: "full".into() })
    });
    let told = outcomes(&batch(&full, line(1)).await);
    assert_eq!((&told[0]["status"], &told[0]["retryable"]), (&json!(429), &json!(true)));
}

async fn keyed(world: &World, key: &str, body: &Value) -> Answer {
    let request = Request::post("/v1/documents")
        .header("content-type", "application/json")
        .header("Idempotency-Key", key);
    world.send(request.body(Body::from(body.to_string())).unwrap()).await
}

fn paper(text: &str) -> Value {
    json!({"document_id": "d1", "corpus": "c", "source": "s", "text": text})
}

#[tokio::test]
async fn one_key_is_one_submission_before_and_after_the_views_know_it() {
    let mut world = World::new();
    let first = keyed(&world, "a1", &paper("One.")).await;
    assert_eq!(first.status, StatusCode::ACCEPTED);
    let job = first.json()["job_id"].as_str().unwrap().to_owned();
    for known_by_views in [false, true] {
        if known_by_views {
            let event_id =
                Headers::from_pairs(&submitted(&*world.log)[0].record.headers).unwrap().event_id;
            world.happens(Fact { event_id: event_id.unwrap(), ..cut(&job, "d1", "c") });
            // A process that has just started remembers nothing.
            world.router = world.another_router();
        }
        // The same document, with its fields in another order.
        let again = keyed(
            &world,
            "a1",
            &json!({"text": "One.", "source": "s", "corpus": "c", "document_id": "d1"}),
        )
        .await;
        assert_eq!((again.status, &again.json()["job_id"]), (StatusCode::ACCEPTED, &json!(job)));
        assert_eq!(again.headers["idempotent-replayed"], "true");
        let other = keyed(&world, "a1", &paper("Two.")).await;
        let problem = other.json();
        assert_eq!(
            (other.status, &problem["code"]),
            (StatusCode::CONFLICT, &json!("idempotency_conflict"))
        );
        assert_eq!(problem["job_id"], job);
        assert!(problem["detail"].as_str().unwrap().contains(&format!("/v1/jobs/{job}")));
        assert_eq!(submitted(&*world.log).len(), 1, "views know it: {known_by_views}");
    }
    // The views know the job by now; what it has come to is said, also to who waits.
    let again = keyed(&world, "a1", &paper("One.")).await.json();
    assert_eq!(again["status"], "processing");
    let request = Request::post("/v1/documents?wait=terminal&timeout_ms=1")
        .header("content-type", "application/json")
        .header("Idempotency-Key", "a1");
    let waited = world.send(request.body(Body::from(paper("One.").to_string())).unwrap()).await;
    assert_eq!(waited.status, StatusCode::GATEWAY_TIMEOUT);
    let done = fact("embed", &job, &format!("{job}-passages"), "c");
    world.happens(done);
    let request = Request::post("/v1/documents?wait=settled&timeout_ms=1000")
        .header("content-type", "application/json")
        .header("Idempotency-Key", "a1");
    let waited = world.send(request.body(Body::from(paper("One.").to_string())).unwrap()).await;
    assert_eq!(
        (waited.status, &waited.headers["idempotent-replayed"]),
        (StatusCode::OK, &"true".parse().unwrap())
    );
    let other_key = keyed(&world, "a2", &paper("One.")).await.json();
    assert_ne!(other_key["job_id"], job);
    let bad = keyed(&world, "with space", &paper("One.")).await.json();
    assert_eq!(bad["errors"][0]["pointer"], "/Idempotency-Key");
}

#[tokio::test]
async fn routes_that_keep_no_promise_about_a_key_refuse_it() {
    let world = World::new();
    for (path, kind, body) in [
        ("/ingest", "application/json", r#"{"source":"s","text":"t"}"#.to_owned()),
        ("/v1/documents:batch", "application/x-ndjson", line(1)),
    ] {
        let request =
            Request::post(path).header("content-type", kind).header("Idempotency-Key", "a1");
        let answer = world.send(request.body(Body::from(body)).unwrap()).await;
        let problem = answer.json();
        assert_eq!(
            (answer.status, &problem["code"], &problem["errors"][0]["pointer"]),
            (StatusCode::BAD_REQUEST, &json!("invalid_field"), &json!("/Idempotency-Key"))
        );
    }
    assert!(submitted(&*world.log).is_empty());
}

#[tokio::test]
async fn many_at_once_under_one_key_are_one() {
    let world = Arc::new(World::new());
    let asked = (0..20).map(|_| {
        let world = world.clone();
        tokio::spawn(
            async move { keyed(&world, "a1", &paper("One.")).await.json()["job_id"].clone() },
        )
    });
    let asked: Vec<_> = asked.collect();
    let mut jobs = Vec::new();
    for job in asked {
        jobs.push(job.await.unwrap());
    }
    assert!(jobs.iter().all(|job| *job == jobs[0]), "{jobs:?}");
    assert_eq!(submitted(&*world.log).len(), 1);
}

#[tokio::test]
async fn a_submission_that_is_delivered_twice_stays_what_it_was() {
    let mut world = World::new();
    let job = world.job_id();
    world.happens(cut(&job, "d1", "c"));
    let repeated = DocumentRepeated {
        document_id: "d1".into(),
        corpus: "c".into(),
        version: 1,
        first_job: job.clone(),
        ..DocumentRepeated::default()
    };
    let outputs = vec![sent("again", "", &repeated)];
    world.happens(Fact { outputs, ..fact("chunk", &job, &format!("{job}-submit"), "c") });
    let seen = world.seen(&format!("/v1/jobs/{job}")).await;
    assert_eq!((&seen["status"], &seen["open_work"]), (&json!("processing"), &json!(1)));
    assert_eq!(seen["duplicate_of"], json!(null));
}
