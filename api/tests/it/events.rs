//! Streams of events: what they tell, in which order, cut anywhere and resumed.

use axum::{
    body::{Body, BodyDataStream},
    http::{Request, StatusCode},
};
use cns_api::access::Scope;
use cns_schemas::{
    Fact, Fault, FaultCode, Outcome, PairDecided, PairFate, PairJudged, PairProposed, Retry, Sno,
    SnoDecided, SnoProposed,
};
use futures_core::Stream;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{
    access::{FAST, KeyRing, with},
    world::{World, cut, fact, sent},
};

#[derive(Debug, Clone, PartialEq)]
struct Told {
    id: String,
    event: String,
    data: Value,
}

/// One connection.
struct Connection {
    status: StatusCode,
    body: BodyDataStream,
    text: String,
}

impl Connection {
    async fn open(world: &World, path: &str, after: Option<&str>) -> Connection {
        let mut request = Request::get(path);
        if let Some(after) = after {
            request = request.header("Last-Event-ID", after);
        }
        Connection::of(world, request.body(Body::empty()).unwrap()).await
    }

    async fn of(world: &World, request: Request<Body>) -> Connection {
        let response = world.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        Connection { status, body: response.into_body().into_data_stream(), text: String::new() }
    }

    /// The next event; `None` at the end.
    async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                // A comment says that the stream is alive.
                if block.starts_with(':') {
                    continue;
                }
                let field = |name: &str| {
                    let line = block.lines().find_map(|line| line.strip_prefix(name));
                    line.unwrap_or_default().trim_start().to_owned()
                };
                let data = serde_json::from_str(&field("data:")).unwrap_or_default();
                return Some(Told { id: field("id:"), event: field("event:"), data });
            }
            let mut body = std::pin::Pin::new(&mut self.body);
            let bytes = std::future::poll_fn(|context| body.as_mut().poll_next(context)).await?;
            self.text.push_str(std::str::from_utf8(&bytes.unwrap()).unwrap());
        }
    }

    async fn rest(mut self) -> Vec<Told> {
        let mut all = Vec::new();
        while let Some(told) = self.next().await {
            all.push(told);
        }
        all
    }
}

fn sno(id: &str) -> Sno {
    Sno {
        sno_id: id.into(),
        corpus: "coffee".into(),
        document_ids: vec!["d1".into()],
        ..Sno::default()
    }
}

/// The facts of a job whose document is admitted and in conflict, in their order.
fn life(job: &str) -> Vec<Fact> {
    let proposed = SnoProposed { sno: sno("sno_1"), pair_id: None };
    let decided = SnoDecided { sno: sno("sno_1"), trust: 0.7, ..SnoDecided::default() };
    let pair = PairProposed {
        pair_id: "pair_1".into(),
        corpus: "coffee".into(),
        ..PairProposed::default()
    };
    let judged = PairJudged { pair: pair.clone(), ..PairJudged::default() };
    let in_conflict = PairDecided { judged, fate: PairFate::Synthesized, ..PairDecided::default() };
    let synthesis =
        Sno { provenance: cns_schemas::Provenance::Synthesis, generation: 1, ..sno("sno_2") };
    let synthesized = SnoProposed { sno: synthesis, pair_id: Some("pair_1".into()) };
    let at = |name: &str| format!("{job}-{name}");
    vec![
        cut(job, "d1", "coffee"),
        Fact {
            outputs: vec![sent(&at("candidate"), "candidates", &proposed)],
            ..fact("embed", job, &at("passages"), "coffee")
        },
        Fact {
            outputs: vec![sent("decided", "", &decided), sent(&at("pair"), "candidates", &pair)],
            ..fact("synthesize", job, &at("candidate"), "coffee")
        },
        // One fact that tells two things.
        Fact {
            outputs: vec![
                sent("pd", "", &in_conflict),
                sent(&at("synthesis"), "candidates", &synthesized),
            ],
            ..fact("synthesize", job, &at("pair"), "coffee")
        },
        fact("critique", job, &at("synthesis"), "coffee"),
    ]
}

const LIFE: [&str; 6] =
    ["chunked", "embedded", "scored", "conflict_found", "synthesized", "settled"];

fn names(told: &[Told]) -> Vec<&str> {
    told.iter().map(|told| told.event.as_str()).collect()
}

#[tokio::test]
async fn a_job_is_told_from_its_beginning_to_its_end() {
    let mut world = World::new();
    let job = world.job_id();
    let path = format!("/v1/jobs/{job}/events");
    let mut live = Connection::open(&world, &path, None).await;
    assert_eq!(live.status, StatusCode::OK);
    let mut seen = Vec::new();
    for (index, step) in life(&job).into_iter().enumerate() {
        world.happens(step);
        for _ in 0..[1, 1, 1, 2, 1][index] {
            seen.push(live.next().await.unwrap());
        }
    }
    assert_eq!(live.next().await, None, "the stream ends");
    assert_eq!(names(&seen), LIFE);
    assert_eq!(seen[0].data["passages"], 0);
    assert_eq!((&seen[2].data["trust"], &seen[2].data["fate"]), (&json!(0.7), &json!("admitted")));
    assert_eq!(seen[5].data["status"], "admitted");
    assert_eq!(Connection::open(&world, &path, None).await.rest().await, seen, "again the same");
    let partition = seen[0].id.split(':').next().unwrap().to_owned();
    assert_eq!(seen[0].id, format!("{partition}:0:0"), "an audit position");
    assert_eq!(seen[4].id, format!("{partition}:3:1"));
    // A browser comes again by itself, and has to be told that there is no more.
    let again = Connection::open(&world, &path, Some(&seen[5].id)).await;
    assert_eq!(again.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn cut_anywhere_nothing_is_lost_and_nothing_comes_twice() {
    for seed in 0..60 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut world = World::new();
        let job = world.job_id();
        let of_job = random.bool();
        let path = match of_job {
            true => format!("/v1/jobs/{job}/events"),
            false => "/v1/corpora/coffee/events?from=start".to_owned(),
        };
        // What a performer does for the job stands in another audit partition; others are there too.
        let mut steps: Vec<Fact> = Vec::new();
        for step in life(&job) {
            if random.bool() {
                steps.push(Fact { outputs: Vec::new(), ..cut("job-other", "d9", "tea") });
            }
            steps.push(step);
        }
        let total = if of_job { LIFE.len() } else { LIFE.len() - 1 };
        let (mut seen, mut last): (Vec<Told>, Option<String>) = (Vec::new(), None);
        let mut written = 0;
        while seen.len() < total {
            for step in steps.drain(..random.usize(0..=steps.len())) {
                written += [("tea", 0)].iter().all(|(corpus, _)| step.corpus != *corpus) as usize;
                world.happens(step);
            }
            let available = [0, 1, 2, 3, 5, total][written];
            let mut connection = Connection::open(&world, &path, last.as_deref()).await;
            for _ in 0..random.usize(0..=available - seen.len().min(available)) {
                let told = connection.next().await.unwrap();
                last = Some(told.id.clone());
                seen.push(told);
            }
        }
        assert_eq!(names(&seen), LIFE[..total], "seed {seed}");
        let whole = Connection::open(&world, &path, None).await;
        if of_job {
            assert_eq!(whole.rest().await, seen, "seed {seed}");
        }
    }
}

#[tokio::test]
async fn a_corpus_is_told_from_now_on() {
    let mut world = World::new();
    for step in life("job-1").into_iter().take(2) {
        world.happens(step);
    }
    let path = "/v1/corpora/coffee/events";
    let mut live = Connection::open(&world, path, None).await;
    let opened = live.next().await.unwrap();
    assert_eq!((opened.event.as_str(), &opened.data), ("opened", &json!({"corpus": "coffee"})));
    drop(live);
    world.happens(life("job-1").remove(2));
    world.happens(Fact { tenant: "other".into(), ..cut("job-x", "d1", "coffee") });
    world.happens(cut("job-2", "d2", "tea"));
    let mut live = Connection::open(&world, path, Some(&opened.id)).await;
    assert_eq!(live.next().await.unwrap().event, "scored", "what came while nobody was there");
    let refused = fact("embed", "job-3", "e", "coffee");
    let fault = Fault {
        code: FaultCode::NoExtractableText,
        detail: "no sentence states anything".into(),
        mend: "send a text with statements".into(),
        retry: Retry::AfterMending,
    };
    world.happens(Fact { outcome: Outcome::Rejected, fault: Some(fault), ..refused });
    let rejected = live.next().await.unwrap();
    assert_eq!(
        (rejected.event.as_str(), &rejected.data["error"]["code"]),
        ("rejected", &json!("no_extractable_text"))
    );
}

#[tokio::test]
async fn a_server_that_stops_says_from_where_to_go_on() {
    let mut world = World::new();
    let job = world.job_id();
    let path = format!("/v1/jobs/{job}/events");
    let mut steps = life(&job).into_iter();
    world.happens(steps.next().unwrap());
    let mut live = Connection::open(&world, &path, None).await;
    let first = live.next().await.unwrap();
    world.drain.send_replace(true);
    let closed = live.next().await.unwrap();
    assert_eq!((closed.event.as_str(), &closed.data["reason"]), ("closed", &json!("draining")));
    assert_eq!(
        (closed.id.as_str(), closed.data["resume"].as_str()),
        (first.id.as_str(), Some(first.id.as_str()))
    );
    assert_eq!(live.next().await, None);
}

#[tokio::test]
async fn a_server_that_stops_does_not_wait_for_who_has_not_read_all() {
    let mut world = World::new();
    let total = 200;
    for n in 0..total {
        world.write(cut(&format!("job-{n}"), &format!("d{n}"), "coffee"));
    }
    world.fold().unwrap();
    let path = "/v1/corpora/coffee/events?from=start";
    let mut live = Connection::open(&world, path, None).await;
    let mut told = vec![live.next().await.unwrap()];
    world.drain.send_replace(true);
    told.extend(live.rest().await);
    let closed = told.pop().unwrap();
    assert_eq!((closed.event.as_str(), &closed.data["reason"]), ("closed", &json!("draining")));
    assert!(told.len() < total, "it was told to its end");
    world.drain.send_replace(false);
    let mut rest = Connection::open(&world, path, Some(&closed.id)).await;
    while told.len() < total {
        told.push(rest.next().await.unwrap());
    }
    let jobs: std::collections::BTreeSet<String> =
        told.iter().map(|told| told.data["job_id"].to_string()).collect();
    assert_eq!(jobs.len(), total, "nothing is lost and nothing comes twice");
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_when_its_key_does() {
    for something_happens in [true, false] {
        let mut ring = KeyRing::new();
        let key = ring.add("default", &[Scope::Read]);
        let mut world = ring.world(FAST);
        let request = with(&key, "GET", "/v1/corpora/coffee/events");
        let mut live = Connection::of(&world, request).await;
        assert_eq!(live.next().await.unwrap().event, "opened");
        ring.file.keys[0].revoked_at_ms = Some(5);
        ring.write();
        if something_happens {
            world.happens(cut("job-1", "d1", "coffee"));
        }
        let rest = live.rest().await;
        let closed = rest.last().unwrap();
        // What happened before the file was looked at again may still be told.
        assert!(rest.len() <= 1 + usize::from(something_happens), "{:?}", names(&rest));
        assert_eq!((closed.event.as_str(), &closed.data["reason"]), ("closed", &json!("key")));
    }
}

#[tokio::test]
async fn what_cannot_be_followed_is_refused() {
    let mut world = World::new();
    world.happens(Fact { tenant: "other".into(), ..cut("job-x", "d1", "coffee") });
    let missing = world.get("/v1/jobs/job-x/events").await;
    assert_eq!(missing.json()["code"], "job_not_found");
    let job = world.job_id();
    let request = Request::get(format!("/v1/jobs/{job}/events")).header("Last-Event-ID", "17");
    let bad = world.send(request.body(Body::empty()).unwrap()).await.json();
    assert_eq!(
        (&bad["code"], &bad["errors"][0]["pointer"]),
        (&json!("invalid_field"), &json!("/Last-Event-ID"))
    );
    let bad = world.get("/v1/corpora/coffee/events?from=then").await.json();
    assert_eq!(bad["errors"][0]["pointer"], "/from");
}
