//! A job from the log to its end: status, open work, terminal, settled, waiting.

use std::time::Duration;

use axum::http::{StatusCode, header};
use cns_api::views::tables;
use cns_schemas::{
    DeadLetter, DocumentFailed, DocumentRepeated, Fact, Fault, FaultCode, ModelReplied,
    ModelRequested, Origin, Outcome, PairProposed, Retry, Sno, SnoDecided, SnoFate, SnoJudged,
    SnoProposed,
};
use cns_state::Rows;
use serde_json::{Value, json};

use crate::world::{PARTITIONS, World, chunked, cut, fact, sent};

fn sno(document_id: &str) -> Sno {
    Sno {
        sno_id: format!("sno_{document_id}"),
        corpus: "coffee".into(),
        document_ids: vec![document_id.into()],
        document_version: 1,
        hypothesis: format!("What {document_id} says."),
        ..Sno::default()
    }
}

fn proposed(job: &str) -> Fact {
    let event = SnoProposed { sno: sno("d1"), pair_id: None };
    let outputs = vec![sent(&format!("{job}-candidate"), "candidates", &event)];
    Fact { outputs, ..fact("embed", job, &format!("{job}-passages"), "coffee") }
}

fn judged(job: &str) -> Fact {
    let event = SnoJudged { sno: sno("d1"), ..SnoJudged::default() };
    let outputs = vec![sent(&format!("{job}-verdict"), "verdicts", &event)];
    Fact { outputs, ..fact("critique", job, &format!("{job}-candidate"), "coffee") }
}

/// Admitted, with one pair to compare.
fn decided(job: &str, fate: SnoFate) -> Fact {
    let decision = SnoDecided { sno: sno("d1"), fate, trust: 0.7, ..SnoDecided::default() };
    let pair = PairProposed {
        pair_id: "pair_1".into(),
        corpus: "coffee".into(),
        ..PairProposed::default()
    };
    let outputs =
        vec![sent("decision", "", &decision), sent(&format!("{job}-pair"), "candidates", &pair)];
    Fact { outputs, ..fact("synthesize", job, &format!("{job}-verdict"), "coffee") }
}

fn fault(retry: Retry) -> Option<Fault> {
    Some(Fault {
        code: FaultCode::NoExtractableText,
        detail: "no sentence states anything".into(),
        mend: "send a text with statements".into(),
        retry,
    })
}

async fn check(world: &World, job: &str, expected: Value) {
    let seen = world.seen(&format!("/v1/jobs/{job}")).await;
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&seen[name], value, "{name} in {seen:#}");
    }
}

#[tokio::test]
async fn from_queued_to_settled() {
    let mut world = World::new();
    let job = world.job_id();
    check(
        &world,
        &job,
        json!({"status": "queued", "open_work": 0, "terminal": false, "settled": false}),
    )
    .await;
    world.happens(cut(&job, "d1", "coffee"));
    let running =
        json!({"status": "processing", "open_work": 1, "terminal": false, "settled": false});
    check(&world, &job, running.clone()).await;
    check(&world, &job, json!({"document_id": "d1", "corpus": "coffee", "sno_id": null})).await;
    world.happens(proposed(&job));
    world.happens(judged(&job));
    check(&world, &job, running).await;
    world.happens(decided(&job, SnoFate::Admitted));
    check(
        &world,
        &job,
        json!({"status": "admitted", "open_work": 1, "terminal": true, "settled": false}),
    )
    .await;
    world.happens(fact("critique", &job, &format!("{job}-pair"), "coffee"));
    check(
        &world,
        &job,
        json!({"open_work": 0, "terminal": true, "settled": true, "sno_id": "sno_d1"}),
    )
    .await;
    let seen = world.seen(&format!("/v1/jobs/{job}")).await;
    let stages: Vec<&str> =
        seen["events"].as_array().unwrap().iter().map(|e| e["stage"].as_str().unwrap()).collect();
    assert_eq!(stages, ["chunk", "embed", "critique", "synthesize", "critique"]);
    assert_eq!(seen["links"]["sno"], "/v1/snos/sno_d1");
    assert_eq!(seen["as_of"]["lag_records"], 0);
    let document = world.seen("/v1/documents/d1").await;
    assert_eq!((&document["status"], &document["sno_id"]), (&json!("admitted"), &json!("sno_d1")));
    assert_eq!(document["versions"][0]["status"], "admitted");
}

#[tokio::test]
async fn parked_records_and_model_calls_are_open_work() {
    let mut world = World::new();
    let job = world.job_id();
    world.happens(cut(&job, "d1", "coffee"));
    let request = sent("request", "requests", &ModelRequested::default());
    let parked = fact("embed", &job, &format!("{job}-passages"), "coffee");
    world.happens(Fact { outcome: Outcome::Parked, outputs: vec![request], ..parked });
    check(&world, &job, json!({"open_work": 2})).await;
    let reply = sent("reply", "passages", &ModelReplied::default());
    // The performer may not know the corpus: its fact then stands in another audit partition.
    world.happens(Fact { outputs: vec![reply], ..fact("performer", &job, "request", "") });
    check(&world, &job, json!({"open_work": 2, "document_id": "d1"})).await;
    world.happens(fact("embed", &job, "reply", "coffee"));
    check(&world, &job, json!({"open_work": 1})).await;
    world.happens(proposed(&job));
    check(&world, &job, json!({"open_work": 1, "settled": false})).await;
}

#[tokio::test]
async fn a_redirected_document_is_neither_entered_nor_settled() {
    let mut world = World::new();
    let job = world.job_id();
    let mut passed_on = sent("", "documents", &chunked("d1", "coffee", 1));
    passed_on.content = Default::default();
    let start = fact("chunk", &job, &format!("{job}-submit"), "coffee");
    world.happens(Fact { outcome: Outcome::Redirected, outputs: vec![passed_on], ..start });
    check(&world, &job, json!({"status": "processing", "open_work": 0, "settled": false})).await;
    world.happens(cut(&job, "d1", "coffee"));
    check(&world, &job, json!({"open_work": 1, "settled": false})).await;
}

#[tokio::test]
async fn a_document_sent_again_is_a_duplicate_of_itself() {
    let mut world = World::new();
    let first = world.job_id();
    for step in [
        cut(&first, "d1", "coffee"),
        proposed(&first),
        judged(&first),
        decided(&first, SnoFate::Admitted),
    ] {
        world.happens(step);
    }
    let job = world.job_id();
    let repeated = DocumentRepeated {
        document_id: "d1".into(),
        corpus: "coffee".into(),
        version: 1,
        first_job: first.clone(),
        ..DocumentRepeated::default()
    };
    let outputs = vec![sent("again", "", &repeated)];
    world.happens(Fact { outputs, ..fact("chunk", &job, &format!("{job}-submit"), "coffee") });
    let ended = json!({"status": "duplicate", "terminal": true, "settled": true, "open_work": 0});
    check(&world, &job, ended).await;
    check(&world, &job, json!({"document_id": "d1", "duplicate_of": "d1", "sno_id": "sno_d1"}))
        .await;
    assert_eq!(world.seen("/v1/documents/d1").await["status"], "admitted");
}

#[tokio::test]
async fn a_rejected_document_says_why_and_how_to_mend_it() {
    let mut world = World::new();
    let job = world.job_id();
    world.happens(cut(&job, "d1", "coffee"));
    let refused = fact("embed", &job, &format!("{job}-passages"), "coffee");
    world.happens(Fact {
        outcome: Outcome::Rejected,
        fault: fault(Retry::AfterMending),
        ..refused
    });
    check(&world, &job, json!({"status": "rejected", "terminal": true, "settled": true})).await;
    let error = json!({
        "code": "no_extractable_text",
        "detail": "no sentence states anything",
        "mend": "send a text with statements",
        "retryable": false,
    });
    check(&world, &job, json!({ "error": error })).await;
    let document = world.seen("/v1/documents/d1?corpus=coffee").await;
    assert_eq!(
        (&document["status"], &document["reason"]),
        (&json!("rejected"), &json!("no sentence states anything"))
    );
}

#[tokio::test]
async fn a_document_that_was_never_taken_in_is_listed_and_counted_once() {
    let mut world = World::new();
    for _ in 0..2 {
        let job = world.job_id();
        let refused = fact("chunk", &job, &format!("{job}-submit"), "coffee");
        world.happens(Fact {
            document_id: "d1".into(),
            outcome: Outcome::Rejected,
            fault: fault(Retry::AfterMending),
            ..refused
        });
        let list = world.seen("/v1/documents?corpus=coffee&status=rejected").await;
        assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
        assert_eq!(list["items"][0]["job_id"], json!(job));
        let corpus = world.seen("/v1/corpora/coffee").await;
        let counted = (&corpus["documents"], &corpus["documents_by_status"]["rejected"]);
        assert_eq!(counted, (&json!(1), &json!(1)), "{corpus}");
    }
    let job = world.job_id();
    world.happens(cut(&job, "d1", "coffee"));
    let corpus = world.seen("/v1/corpora/coffee").await;
    let by_status = &corpus["documents_by_status"];
    let counted = (&corpus["documents"], &by_status["rejected"], &by_status["processing"]);
    assert_eq!(counted, (&json!(1), &json!(0), &json!(1)), "{corpus}");
    let document = world.seen("/v1/documents/d1?corpus=coffee").await;
    assert_eq!((&document["status"], &document["version"]), (&json!("processing"), &json!(1)));
}

#[tokio::test]
async fn a_dead_letter_rejects_its_document_and_can_be_looked_at() {
    let mut world = World::new();
    let job = "job-foreign";
    let letter = DeadLetter {
        dead_letter_id: "dl_1".into(),
        stage: "chunk".into(),
        origin: Origin { topic: "documents".into(), partition: 2, offset: 41 },
        fault: fault(Retry::Later).unwrap(),
        key: b"default/coffee/d1".to_vec(),
        value: b"{\"document_id\": \"d1\", \"text\": \"hidden\"}".to_vec(),
    };
    let base = fact("chunk", job, "event", "");
    let outputs = vec![sent("letter", "dead-letters", &letter)];
    world.happens(Fact {
        outcome: Outcome::DeadLettered,
        fault: fault(Retry::Later),
        outputs,
        ..base
    });
    check(
        &world,
        job,
        json!({"status": "rejected", "terminal": true, "settled": true, "open_work": 0}),
    )
    .await;
    let seen = world.seen("/v1/dead-letters/dl_1").await;
    assert_eq!(seen["origin"], "documents/2@41");
    assert_eq!(seen["error"]["code"], "no_extractable_text");
    assert_eq!(seen["error"]["retryable"], true);
    assert_eq!(seen["first_bytes"], "7b22646f63756d656e745f6964223a20");
    assert!(!seen.to_string().contains("hidden"));
    let list = world.seen("/v1/dead-letters").await;
    assert_eq!(list["items"][0]["dead_letter_id"], "dl_1");
}

#[tokio::test]
async fn a_dead_letter_after_the_fate_changes_no_fate() {
    let mut world = World::new();
    let job = world.job_id();
    for step in
        [cut(&job, "d1", "coffee"), proposed(&job), judged(&job), decided(&job, SnoFate::Archived)]
    {
        world.happens(step);
    }
    let pair = fact("critique", &job, &format!("{job}-pair"), "coffee");
    world.happens(Fact { outcome: Outcome::DeadLettered, fault: fault(Retry::Never), ..pair });
    check(&world, &job, json!({"status": "archived", "settled": true, "error": null})).await;
}

#[tokio::test]
async fn configuration_belongs_to_no_job() {
    let mut world = World::new();
    let job = world.job_id();
    let configured = |job: &str, tenant: &str| Fact {
        tenant: tenant.into(),
        event_type: "Configured".into(),
        ..fact("embed", job, "configured", "")
    };
    world.happens(configured("configuration", "system"));
    // Whoever writes settings may write any header.
    world.happens(configured("configuration", "default"));
    world.happens(configured(&job, "default"));
    assert_eq!(world.seen("/v1/jobs").await["items"], json!([]));
    for partition in 0..PARTITIONS {
        let rows = world.views.scan(tables::JOBS, partition, &[], None, 1).unwrap();
        assert!(rows.is_empty(), "nor of any other tenant");
    }
    world.happens(cut(&job, "d1", "coffee"));
    world.happens(configured(&job, "default"));
    let dead = Fact {
        outcome: Outcome::DeadLettered,
        fault: fault(Retry::Never),
        ..configured(&job, "default")
    };
    world.happens(dead);
    check(&world, &job, json!({"status": "processing", "open_work": 1, "events_total": 1})).await;
}

#[tokio::test]
async fn a_record_without_a_job_is_seen_all_the_same() {
    let mut world = World::new();
    world.happens(cut("", "d1", "coffee"));
    assert_eq!(world.seen("/v1/documents/d1").await["status"], "processing");
    assert_eq!(world.seen("/v1/jobs").await["items"], json!([]));
}

#[tokio::test]
async fn a_failure_that_the_entrance_is_told_of_is_open_work() {
    let mut world = World::new();
    let job = world.job_id();
    world.happens(cut(&job, "d1", "coffee"));
    let failed = DocumentFailed { document_id: "d1".into(), corpus: "coffee".into(), version: 1 };
    world.happens(Fact {
        outcome: Outcome::Rejected,
        fault: fault(Retry::AfterMending),
        outputs: vec![sent("failed", "documents", &failed)],
        ..fact("embed", &job, &format!("{job}-passages"), "coffee")
    });
    check(&world, &job, json!({"status": "rejected", "open_work": 1, "settled": false})).await;
    let event_type = "DocumentFailed".into();
    world.happens(Fact { event_type, ..fact("chunk", &job, "failed", "coffee") });
    check(&world, &job, json!({"status": "rejected", "open_work": 0, "settled": true})).await;
}

#[tokio::test]
async fn waiting_ends_with_the_fate_or_with_the_time() {
    let mut world = World::new();
    let job = world.job_id();
    let late = world.get(&format!("/v1/jobs/{job}?wait=terminal&timeout_ms=20")).await;
    assert_eq!(late.status, StatusCode::GATEWAY_TIMEOUT);
    let problem = late.json();
    assert_eq!((&problem["code"], &problem["job_id"]), (&json!("wait_timeout"), &json!(job)));
    assert!(late.headers.contains_key(header::RETRY_AFTER));

    world.happens(cut(&job, "d1", "coffee"));
    let router = world.router.clone();
    let path = format!("/v1/jobs/{job}?wait=terminal&timeout_ms=20000");
    let waiting = tokio::spawn(async move {
        use tower::ServiceExt;
        let request = axum::http::Request::get(path).body(axum::body::Body::empty()).unwrap();
        router.oneshot(request).await.unwrap().status()
    });
    for step in [proposed(&job), judged(&job), decided(&job, SnoFate::Admitted)] {
        tokio::time::sleep(Duration::from_millis(20)).await;
        world.happens(step);
    }
    assert_eq!(waiting.await.unwrap(), StatusCode::OK);
    let unsettled = world.get(&format!("/v1/jobs/{job}?wait=settled&timeout_ms=20")).await;
    assert_eq!(unsettled.status, StatusCode::GATEWAY_TIMEOUT);
}

#[tokio::test]
async fn what_another_tenant_has_is_not_there() {
    let mut world = World::new();
    for step in [
        cut("job-x", "d1", "coffee"),
        proposed("job-x"),
        judged("job-x"),
        decided("job-x", SnoFate::Admitted),
    ] {
        world.happens(Fact { tenant: "other".into(), ..step });
    }
    for path in ["/v1/jobs/job-x", "/v1/snos/sno_d1", "/v1/documents/d1", "/v1/snos/sno_d1/lineage"]
    {
        assert_eq!(world.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in [
        "/v1/jobs",
        "/v1/snos",
        "/v1/documents",
        "/v1/conflicts",
        "/v1/syntheses",
        "/v1/dead-letters",
    ] {
        assert_eq!(world.seen(path).await["items"], json!([]), "{path}");
    }
    assert_eq!(world.seen("/v1/status").await["counts"]["documents"], 0);
}
