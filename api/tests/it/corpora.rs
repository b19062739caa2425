//! Corpora: numbers by status, the last change, pages, and notes on what is not there.

use axum::http::StatusCode;
use cns_schemas::{
    Fact, PairDecided, PairFate, PairJudged, PairProposed, Relational, Sno, SnoDecided, SnoFate,
};
use serde_json::json;

use crate::world::{World, cut, cut_version, fact, sent};

fn decided(document_id: &str, version: u32, fate: SnoFate) -> Fact {
    let sno = Sno {
        sno_id: format!("sno_{document_id}_{version}"),
        corpus: "coffee".into(),
        document_ids: vec![document_id.into()],
        document_version: version,
        ..Sno::default()
    };
    let outputs = vec![sent("decision", "", &SnoDecided { sno, fate, ..SnoDecided::default() })];
    Fact { outputs, ..fact("synthesize", &format!("job-{document_id}"), "verdict", "coffee") }
}

fn compared(pair_id: &str, opposition: f64, fate: PairFate) -> [Fact; 2] {
    let pair = PairProposed {
        pair_id: pair_id.into(),
        corpus: "coffee".into(),
        relational: Relational { opposition, ..Relational::default() },
        ..PairProposed::default()
    };
    let proposed = sent("pair", "candidates", &pair);
    let judged = PairJudged { pair, ..PairJudged::default() };
    let decision = PairDecided { judged, fate, opposition_gate: 0.6, ..PairDecided::default() };
    [
        Fact { outputs: vec![proposed], ..fact("synthesize", "job-p", "v1", "coffee") },
        Fact {
            outputs: vec![sent("d", "", &decision)],
            ..fact("synthesize", "job-p", "v2", "coffee")
        },
    ]
}

#[tokio::test]
async fn documents_are_counted_by_what_became_of_their_newest_version() {
    let mut world = World::new();
    for document_id in ["d1", "d2", "d3"] {
        world.happens(cut(&format!("job-{document_id}"), document_id, "coffee"));
    }
    world.happens(decided("d1", 1, SnoFate::Admitted));
    world.happens(decided("d2", 1, SnoFate::Archived));
    let path = "/v1/corpora/coffee";
    let by_status = world.seen(path).await["documents_by_status"].clone();
    let expected =
        json!({"processing": 1, "admitted": 1, "archived": 1, "duplicate": 0, "rejected": 0});
    assert_eq!(by_status, expected);
    // A new text starts again; what becomes of the old one changes nothing any more.
    world.happens(cut_version("job-d1", "d1", "coffee", 2));
    world.happens(decided("d1", 1, SnoFate::Duplicate));
    let seen = world.seen(path).await;
    let expected =
        json!({"processing": 2, "admitted": 0, "archived": 1, "duplicate": 0, "rejected": 0});
    assert_eq!((&seen["documents_by_status"], &seen["documents"]), (&expected, &json!(3)));
    assert_eq!(seen["changed_at_ms"], 1_007, "the seventh fact is the last change");
    assert_eq!(seen["links"]["conflicts"], "/v1/conflicts?corpus=coffee");
    assert_eq!(world.seen("/v1/status").await["counts"]["documents_by_status"], expected);
}

#[tokio::test]
async fn a_corpus_says_why_nothing_is_in_conflict() {
    let mut world = World::new();
    world.happens(cut("job-d1", "d1", "coffee"));
    world.happens(decided("d1", 1, SnoFate::Admitted));
    let alone = "needs at least two narratives on the same topic";
    assert_eq!(world.seen("/v1/corpora/coffee").await["note"], alone);
    let conflicts = world.seen("/v1/conflicts?corpus=coffee").await;
    assert_eq!((&conflicts["items"], &conflicts["note"]), (&json!([]), &json!(alone)));
    compared("pair_1", 0.41, PairFate::NoConflict).into_iter().for_each(|fact| world.happens(fact));
    let close = "1 pair was compared; the closest is pair_1 with opposition 0.41, the gate is 0.60";
    assert_eq!(world.seen("/v1/corpora/coffee").await["note"], close);
    compared("pair_2", 0.71, PairFate::Unsynthesized)
        .into_iter()
        .for_each(|fact| world.happens(fact));
    let seen = world.seen("/v1/corpora/coffee").await;
    assert_eq!((&seen["note"], &seen["conflicts"]), (&json!(null), &json!(1)));
}

#[tokio::test]
async fn corpora_are_listed_page_by_page() {
    let mut world = World::new();
    let empty = world.seen("/v1/corpora").await;
    assert_eq!((&empty["items"], empty["note"].is_string()), (&json!([]), true));
    let names = ["a", "b", "d", "cc", "e f/\u{e9}"];
    for name in ["d", "e f/\u{e9}", "a", "cc", "b"] {
        world.happens(cut(&format!("job-{name}"), "d1", name));
    }
    world.happens(Fact { tenant: "other".into(), ..cut("job-x", "d1", "hidden") });
    for limit in [1, 2, 5, 200] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = world.seen(&format!("/v1/corpora?limit={limit}{cursor}")).await;
            let items = page["items"].as_array().unwrap();
            seen.extend(items.iter().map(|item| item["corpus"].as_str().unwrap().to_owned()));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, names, "limit {limit}");
    }
    assert_eq!(world.seen("/v1/corpora/e%20f%2F%C3%A9").await["corpus"], names[4]);
    let missing = world.get("/v1/corpora/hidden").await;
    assert_eq!(
        (missing.status, missing.json()["code"].clone()),
        (StatusCode::NOT_FOUND, json!("corpus_not_found"))
    );
    assert_eq!(world.get("/v1/corpora?cursor=%21").await.json()["errors"][0]["pointer"], "/cursor");
}
