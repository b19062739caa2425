//! Search by words: order, filters, limits, and an index that follows what is decided.

use cns_schemas::{Claim, Fact, Sno, SnoDecided, SnoFate};
use serde_json::{Value, json};

use crate::world::{World, fact, sent};

fn says(id: &str, corpus: &str, hypothesis: &str, claims: &[&str], trust: f64) -> Fact {
    let claim = |text: &&str| Claim { text: (*text).to_owned(), ..Claim::default() };
    let sno = Sno {
        sno_id: id.into(),
        corpus: corpus.into(),
        hypothesis: hypothesis.into(),
        claims: claims.iter().map(claim).collect(),
        document_ids: vec![id.into()],
        document_version: 1,
        ..Sno::default()
    };
    let decision = SnoDecided { sno, trust, ..SnoDecided::default() };
    let outputs = vec![sent("decision", "", &decision)];
    Fact { outputs, ..fact("synthesize", "job-1", "verdict", corpus) }
}

async fn search(world: &World, question: Value) -> Value {
    let answer = world.post("/v1/search", question.to_string()).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    answer.json()
}

fn ids(found: &Value) -> Vec<&str> {
    let items = found["items"].as_array().unwrap().iter();
    items.map(|item| item["sno"]["sno_id"].as_str().unwrap()).collect()
}

fn three() -> World {
    let mut world = World::new();
    let long =
        ["Offices close tickets.", "Managers walk.", "Sleep is lost by people who read at night."];
    world.happens(says("s1", "coffee", "Coffee raises the output of offices.", &long, 0.9));
    world.happens(says(
        "s2",
        "coffee",
        "Coffee shortens sleep; sleep decides the output.",
        &[],
        0.4,
    ));
    world.happens(says("s3", "coffee", "Tea calms.", &[], 0.6));
    world.happens(says("s4", "tea", "Tea shortens sleep.", &[], 0.6));
    world
}

#[tokio::test]
async fn the_rarer_and_the_more_frequent_word_counts_more() {
    let world = three();
    let found = search(&world, json!({"corpus": "coffee", "query": "sleeping after coffee"})).await;
    assert_eq!(ids(&found), ["s2", "s1"], "{found:#}");
    assert_eq!(found["words"], json!(["coffe", "sleep"]));
    assert_eq!(found["items"][0]["matched"], json!(["coffe", "sleep"]));
    assert_eq!((&found["matching"], &found["truncated"]), (&json!(2), &json!(false)));
    let scores: Vec<f64> =
        found["items"].as_array().unwrap().iter().map(|i| i["score"].as_f64().unwrap()).collect();
    assert!(scores[0] > scores[1] && scores[1] > 0.0, "{scores:?}");
    let rare = search(&world, json!({"corpus": "coffee", "query": "calm output"})).await;
    assert_eq!(ids(&rare)[0], "s3", "of one occurrence each, the word of fewer SNOs: {rare:#}");
    assert_eq!(ids(&search(&world, json!({"corpus": "tea", "query": "sleep"})).await), ["s4"]);
}

#[tokio::test]
async fn filters_and_the_number_of_answers_hold() {
    let world = three();
    let ask = |filter: Value| json!({"corpus": "coffee", "query": "coffee tea", "filter": filter});
    assert_eq!(ids(&search(&world, ask(json!({"min_trust": 0.5}))).await).len(), 2);
    assert_eq!(ids(&search(&world, ask(json!({"status": "archived"}))).await), [""; 0]);
    assert_eq!(ids(&search(&world, ask(json!({"provenance": "synthesis"}))).await), [""; 0]);
    let one = search(&world, json!({"corpus": "coffee", "query": "coffee", "top_k": 1})).await;
    assert_eq!((ids(&one).len(), &one["matching"]), (1, &json!(2)));
    let none = search(&world, json!({"corpus": "coffee", "query": "the of"})).await;
    assert!(none["note"].as_str().unwrap().contains("no word"), "{none}");
    let none = search(&world, json!({"corpus": "nowhere", "query": "coffee"})).await;
    assert!(none["note"].as_str().unwrap().contains("no SNO"), "{none}");
}

#[tokio::test]
async fn the_index_follows_what_is_decided() {
    let mut world = three();
    world.happens(says("s3", "coffee", "Mate wakes.", &[], 0.6));
    let calm = search(&world, json!({"corpus": "coffee", "query": "calm tea"})).await;
    assert_eq!(ids(&calm), [""; 0], "the words of the old form are gone");
    assert_eq!(ids(&search(&world, json!({"corpus": "coffee", "query": "mate"})).await), ["s3"]);
    let sno = Sno { sno_id: "s5".into(), corpus: "coffee".into(), ..Sno::default() };
    let decision = SnoDecided {
        sno,
        supersedes: vec!["s3".into()],
        fate: SnoFate::Admitted,
        ..SnoDecided::default()
    };
    world.happens(Fact {
        outputs: vec![sent("d", "", &decision)],
        ..fact("synthesize", "j", "v", "coffee")
    });
    assert_eq!(ids(&search(&world, json!({"corpus": "coffee", "query": "mate"})).await), [""; 0]);
    let old = json!({"corpus": "coffee", "query": "mate", "filter": {"status": "superseded"}});
    assert_eq!(ids(&search(&world, old).await), ["s3"]);
    world.happens(Fact { tenant: "other".into(), ..says("s9", "coffee", "Mate.", &[], 0.6) });
    assert_eq!(ids(&search(&world, json!({"corpus": "coffee", "query": "mate"})).await), [""; 0]);
}

#[tokio::test]
async fn a_few_searches_are_made_at_a_time() {
    use tower::ServiceExt;
    let world = three();
    let asked: Vec<_> = (0..40)
        .map(|_| {
            let body = json!({"corpus": "coffee", "query": "coffee"}).to_string();
            let request = axum::http::Request::post("/v1/search")
                .header("content-type", "application/json")
                .body(axum::body::Body::from(body))
                .unwrap();
            tokio::spawn(world.router.clone().oneshot(request))
        })
        .collect();
    let mut statuses = std::collections::BTreeSet::new();
    for answer in asked {
        statuses.insert(answer.await.unwrap().unwrap().status().as_u16());
    }
    assert_eq!(statuses.into_iter().collect::<Vec<_>>(), [200, 429]);
}

#[tokio::test]
async fn every_fault_of_a_question_is_named() {
    let world = World::new();
    let question = json!({"query": " ", "top_k": 101, "filter": {"min_trust": 2, "status": "new", "kind": "x"}, "k": 1});
    let problem = world.post("/v1/search", question.to_string()).await.json();
    let pointers: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["pointer"].as_str().unwrap())
        .collect();
    let expected = [
        "/k",
        "/corpus",
        "/query",
        "/top_k",
        "/filter/kind",
        "/filter/min_trust",
        "/filter/status",
    ];
    assert_eq!(pointers, expected, "{problem:#}");
}
