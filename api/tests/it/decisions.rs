//! Dead letters: listed by what they are, submitted again, dropped; decided once.

use axum::http::StatusCode;
use cns_schemas::{
    Codec, DeadLetter, DeadLetterDecided, DocumentSubmitted, Fact, Fault, FaultCode, Headers,
    LetterDecision, Origin, Outcome, Retry, Topic,
};
use cns_state::{Delivered, Limit, Log, Partition};
use serde_json::{Value, json};

use crate::world::{Answer, PARTITIONS, World, cut, fact, sent};

fn documents(log: &dyn Log) -> Vec<Delivered> {
    let limit = Limit { records: 100, bytes: 1 << 20 };
    let read = |index| {
        let from = Partition { topic: Topic::Documents, index };
        log.read(from, 0, limit, std::time::Duration::ZERO).unwrap()
    };
    (0..PARTITIONS).flat_map(read).collect()
}

/// Submits a document and has the entrance bury it.
async fn buried(world: &mut World, document_id: &str, retry: Retry) -> String {
    let body =
        json!({"document_id": document_id, "corpus": "coffee", "source": "s", "text": "A text."});
    let accepted = world.post("/v1/documents", body.to_string()).await.json();
    let job = accepted["job_id"].as_str().unwrap().to_owned();
    let delivered = documents(&*world.log).into_iter().find(|delivered| {
        let headers = Headers::from_pairs(&delivered.record.headers).unwrap();
        headers.job.as_deref() == Some(&job)
    });
    let delivered = delivered.unwrap();
    let origin = Origin {
        topic: "documents".into(),
        partition: delivered.partition.index,
        offset: delivered.offset,
    };
    let id = format!("dl_{document_id}");
    world.happens(dead(&id, "chunk", origin, retry, fact("chunk", &job, "e", "coffee")));
    id
}

fn dead(id: &str, stage: &str, origin: Origin, retry: Retry, of: Fact) -> Fact {
    let fault = Fault {
        code: FaultCode::ModelFailed,
        detail: "the model did not answer".into(),
        mend: "see that the model answers".into(),
        retry,
    };
    let letter = DeadLetter {
        dead_letter_id: id.into(),
        stage: stage.into(),
        origin: origin.clone(),
        fault: fault.clone(),
        key: Vec::new(),
        value: b"bytes".to_vec(),
    };
    let outputs = vec![sent("letter", "dead-letters", &letter)];
    Fact { origin, outcome: Outcome::DeadLettered, fault: Some(fault), outputs, ..of }
}

/// Has the entrance record what was decided.
fn acknowledged(world: &mut World, id: &str) {
    let is_decision = |delivered: &Delivered| {
        let decided = Codec::decode::<DeadLetterDecided>(&delivered.record.value).ok()?;
        (decided.dead_letter_id == id).then_some(decided)
    };
    let decided = documents(&*world.log).iter().find_map(is_decision).unwrap();
    let event_type = "DeadLetterDecided".to_owned();
    let outputs = vec![sent("decided", "", &decided)];
    let acknowledged = fact("chunk", "job-nobody", "decision", &decided.corpus);
    world.happens(Fact { event_type, outputs, ..acknowledged });
}

/// Decides while the entrance works, so that the answer need not wait long.
async fn decide(world: &mut World, id: &str, decision: &str) -> Answer {
    let router = world.router.clone();
    let path = format!("/v1/dead-letters/{id}/{decision}");
    let before = documents(&*world.log).len();
    let asked = tokio::spawn(async move {
        use tower::ServiceExt;
        let request = axum::http::Request::post(path).header("content-type", "application/json");
        let body = axum::body::Body::from(json!({"reason": "it is there again"}).to_string());
        router.oneshot(request.body(body).unwrap()).await.unwrap()
    });
    while documents(&*world.log).len() == before && !asked.is_finished() {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    if documents(&*world.log).len() > before {
        acknowledged(world, id);
    }
    let (parts, body) = asked.await.unwrap().into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8(bytes.to_vec()).unwrap(),
    }
}

#[tokio::test]
async fn a_retry_is_the_same_document_as_a_new_job_and_happens_once() {
    let mut world = World::new();
    let id = buried(&mut world, "d1", Retry::Later).await;
    let answer = decide(&mut world, &id, "retry").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let seen = answer.json();
    let decision = &seen["decision"];
    assert_eq!((&decision["decision"], &decision["by"]), (&json!("retried"), &json!("default")));
    assert_eq!(decision["reason"], "it is there again");
    let job = decision["job_id"].as_str().unwrap().to_owned();
    assert_eq!(seen["links"]["job"], format!("/v1/jobs/{job}"));
    assert_eq!(world.seen(&format!("/v1/jobs/{job}")).await["status"], "queued");

    let all = documents(&*world.log);
    let submitted: Vec<&Delivered> = all
        .iter()
        .filter(|delivered| Codec::decode::<DocumentSubmitted>(&delivered.record.value).is_ok())
        .collect();
    assert_eq!(submitted.len(), 2);
    assert_eq!(submitted[0].record.value, submitted[1].record.value, "the same document");
    assert_eq!(submitted[0].partition, submitted[1].partition);
    let of = |job: &str| {
        let headers = submitted.iter().map(|d| Headers::from_pairs(&d.record.headers).unwrap());
        headers.into_iter().find(|headers| headers.job.as_deref() == Some(job))
    };
    assert_eq!(
        of(&job).unwrap().cause.as_deref(),
        Some(id.as_str()),
        "the dead letter is its cause"
    );

    for again in ["retry", "drop"] {
        let answer = decide(&mut world, &id, again).await;
        let problem = answer.json();
        assert_eq!(
            (answer.status, &problem["code"]),
            (StatusCode::CONFLICT, &json!("already_decided"))
        );
        assert_eq!(problem["job_id"], job);
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("by default") && detail.contains("it is there again"), "{detail}");
    }
    assert_eq!(documents(&*world.log).len(), all.len(), "nothing more was written");
    assert_eq!(
        world.seen("/v1/jobs").await["items"].as_array().unwrap().len(),
        1,
        "a decision is no job"
    );
}

#[tokio::test]
async fn what_a_retry_cannot_cure_says_what_to_do_instead() {
    let mut world = World::new();
    let id = buried(&mut world, "d1", Retry::Never).await;
    let origin = Origin { topic: "candidates".into(), partition: 0, offset: 3 };
    let of = fact("critique", "job-p", "pair", "coffee");
    world.happens(dead(
        "dl_pair",
        "critique",
        origin.clone(),
        Retry::Later,
        Fact { event_type: "PairProposed".into(), ..of.clone() },
    ));
    let nobody = Fact { tenant: String::new(), ..of };
    world.happens(dead("dl_nobody", "chunk", origin, Retry::Later, nobody));
    let before = documents(&*world.log).len();
    for (id, why) in
        [(id.as_str(), "would fail again"), ("dl_pair", "is not known"), ("dl_nobody", "no tenant")]
    {
        let answer = decide(&mut world, id, "retry").await;
        let problem = answer.json();
        assert_eq!(
            (answer.status.as_u16(), &problem["code"]),
            (422, &json!("retry_cannot_cure")),
            "{id}"
        );
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(why) && detail.contains("see that the model answers"), "{detail}");
    }
    assert_eq!(documents(&*world.log).len(), before);
    let dropped = decide(&mut world, "dl_nobody", "drop").await.json();
    assert_eq!(
        (&dropped["decision"]["decision"], &dropped["unowned"]),
        (&json!("dropped"), &json!(true))
    );
}

#[tokio::test]
async fn a_document_that_failed_later_is_read_back_from_where_it_was_submitted() {
    let mut world = World::new();
    let body = json!({"document_id": "d1", "corpus": "coffee", "source": "s", "text": "A text."});
    let accepted = world.post("/v1/documents", body.to_string()).await.json();
    let job = accepted["job_id"].as_str().unwrap();
    let delivered = &documents(&*world.log)[0];
    let at = |topic: &str, partition, offset| Origin { topic: topic.into(), partition, offset };
    let submitted = at("documents", delivered.partition.index, delivered.offset);
    world.happens(Fact { origin: submitted, ..cut(job, "d1", "coffee") });
    let of = Fact { event_type: "DocumentChunked".into(), ..fact("embed", job, "x", "coffee") };
    world.happens(dead("dl_1", "embed", at("passages", 0, 9), Retry::Later, of));
    let dry = world.post("/v1/dead-letters/dl_1/retry?dry_run=true", r#"{"reason":"r"}"#).await;
    assert_eq!((dry.status, &dry.json()["dry_run"]), (StatusCode::OK, &json!(true)));
    assert_eq!(documents(&*world.log).len(), 1, "a dry run writes nothing");
    let answer = decide(&mut world, "dl_1", "retry").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(documents(&*world.log).len(), 3);
}

#[tokio::test]
async fn a_retry_does_not_overwrite_a_newer_text() {
    let mut world = World::new();
    let id = buried(&mut world, "d1", Retry::Later).await;
    let body = json!({"document_id": "d1", "corpus": "coffee", "source": "s", "text": "Newer."});
    let accepted = world.post("/v1/documents", body.to_string()).await.json();
    let job = accepted["job_id"].as_str().unwrap();
    let all = documents(&*world.log);
    let newest = all.iter().max_by_key(|delivered| delivered.offset).unwrap();
    let (partition, offset) = (newest.partition.index, newest.offset);
    let origin = Origin { topic: "documents".into(), partition, offset };
    world.happens(Fact { origin, ..cut(job, "d1", "coffee") });
    let answer = decide(&mut world, &id, "retry").await;
    let problem = answer.json();
    assert_eq!(
        (answer.status.as_u16(), &problem["code"]),
        (422, &json!("retry_cannot_cure")),
        "{}",
        answer.text
    );
    assert!(problem["detail"].as_str().unwrap().contains(job), "{problem}");
    assert_eq!(documents(&*world.log).len(), all.len());
}

#[tokio::test]
async fn of_two_that_decide_at_once_one_is_told_that_it_is_decided() {
    let mut world = World::new();
    let id = buried(&mut world, "d1", Retry::Later).await;
    let before = documents(&*world.log).len();
    let ask = |decision: &str| {
        use tower::ServiceExt;
        let request = axum::http::Request::post(format!("/v1/dead-letters/{id}/{decision}"))
            .header("content-type", "application/json")
            .body(axum::body::Body::from(r#"{"reason":"r"}"#))
            .unwrap();
        tokio::spawn(world.router.clone().oneshot(request))
    };
    let (retry, drop) = (ask("retry"), ask("drop"));
    // The one that came second is answered while the first one waits for the views.
    while !retry.is_finished() && !drop.is_finished() {
        tokio::task::yield_now().await;
    }
    let written = documents(&*world.log).len() - before;
    acknowledged(&mut world, &id);
    let mut statuses =
        [retry.await.unwrap().unwrap().status(), drop.await.unwrap().unwrap().status()];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::CONFLICT]);
    assert!((1..=2).contains(&written), "one decision, with a document if it is a retry");
}

#[tokio::test]
async fn dead_letters_are_listed_by_stage_and_by_what_was_decided() {
    let mut world = World::new();
    let mut ids = Vec::new();
    for n in 0..6 {
        ids.push(buried(&mut world, &format!("d{n}"), Retry::Later).await);
    }
    decide(&mut world, "dl_d1", "drop").await;
    decide(&mut world, "dl_d4", "retry").await;
    let cases: &[(&str, &[&str])] = &[
        ("status=open", &["dl_d5", "dl_d3", "dl_d2", "dl_d0"]),
        ("status=dropped", &["dl_d1"]),
        ("status=retried&stage=chunk&code=model_failed", &["dl_d4"]),
        ("stage=embed", &[]),
        ("status=open&limit=2", &["dl_d5", "dl_d3"]),
    ];
    let ids = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["dead_letter_id"].as_str().unwrap().to_owned()).collect()
    };
    for (query, expected) in cases {
        assert_eq!(
            ids(&world.seen(&format!("/v1/dead-letters?{query}")).await),
            *expected,
            "{query}"
        );
    }
    let first = world.seen("/v1/dead-letters?status=open&limit=2").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let path = format!("/v1/dead-letters?status=open&limit=2&cursor={cursor}");
    assert_eq!(ids(&world.seen(&path).await), ["dl_d2", "dl_d0"]);
}

#[tokio::test]
async fn a_decision_needs_a_reason_and_a_letter_of_the_tenant() {
    let mut world = World::new();
    let id = buried(&mut world, "d1", Retry::Later).await;
    let path = format!("/v1/dead-letters/{id}/drop");
    assert_eq!(world.post(&path, "{}").await.json()["code"], "empty_field");
    let missing = world.post("/v1/dead-letters/dl_x/drop", r#"{"reason":"r"}"#).await;
    assert_eq!(missing.json()["code"], "dead_letter_not_found");
    // A producer of another tenant cannot decide in its name.
    let decided = DeadLetterDecided {
        dead_letter_id: id.clone(),
        corpus: "coffee".into(),
        decision: LetterDecision::Dropped,
        ..DeadLetterDecided::default()
    };
    let outputs = vec![sent("decided", "", &decided)];
    let foreign = Fact { tenant: "other".into(), outputs, ..fact("chunk", "", "x", "coffee") };
    world.happens(Fact { event_type: "DeadLetterDecided".into(), ..foreign });
    assert_eq!(world.seen(&format!("/v1/dead-letters/{id}")).await["decision"], json!(null));
}
