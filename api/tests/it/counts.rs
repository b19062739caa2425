//! Numbers over all corpora, however many there are.

use cns_api::limits::CORPORA_SHOWN_MAX;
use cns_schemas::{Fact, PairProposed};
use serde_json::json;

use crate::world::{World, cut, fact, sent};

#[tokio::test]
async fn numbers_are_over_all_corpora_also_those_that_are_not_listed() {
    let mut world = World::new();
    let all = CORPORA_SHOWN_MAX + 7;
    for n in 0..all {
        let corpus = format!("corpus-{n:04}");
        world.write(cut(&format!("job-{n}"), "d1", &corpus));
        let pair = PairProposed {
            pair_id: format!("pair_{n}"),
            corpus: corpus.clone(),
            ..PairProposed::default()
        };
        let outputs = vec![sent("pair", "candidates", &pair)];
        world
            .write(Fact { outputs, ..fact("synthesize", &format!("job-{n}"), "verdict", &corpus) });
    }
    world.fold().unwrap();
    let status = world.seen("/v1/status").await;
    assert_eq!(status["counts"]["documents"], all);
    assert_eq!(status["counts"]["pairs_proposed"], all);
    assert_eq!(status["corpora_truncated"], true);
    // The first by name, over all partitions.
    let listed = status["corpora"].as_array().unwrap();
    assert_eq!(listed.len(), CORPORA_SHOWN_MAX);
    for (n, corpus) in listed.iter().enumerate() {
        assert_eq!(corpus["corpus"], format!("corpus-{n:04}"));
        assert_eq!(corpus["documents"], 1);
    }
    assert_eq!(world.seen("/v1/conflicts").await["proposed"], all);
    assert_eq!(world.seen("/v1/conflicts?corpus=corpus-0003").await["proposed"], 1);
}

#[tokio::test]
async fn totals_are_the_sum_of_the_corpora() {
    let mut world = World::new();
    for (n, corpus) in ["a", "b", "c", "d", "a"].into_iter().enumerate() {
        world.happens(cut(&format!("job-{n}"), &format!("d{n}"), corpus));
    }
    let status = world.seen("/v1/status").await;
    let documents: u64 = status["corpora"]
        .as_array()
        .unwrap()
        .iter()
        .map(|corpus| corpus["documents"].as_u64().unwrap())
        .sum();
    assert_eq!((documents, &status["counts"]["documents"]), (5, &json!(5)));
    assert_eq!(status["corpora_truncated"], false);
}
