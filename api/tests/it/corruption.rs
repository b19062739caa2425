//! What cannot be read stops the views: nothing after it is served, and readiness says so.

use cns_schemas::{AuditEntry, Codec, Topic};
use cns_state::{Limit, Partition, partition_of};
use serde_json::json;

use crate::world::{PARTITIONS, World, cut, fact};

fn home() -> u32 {
    partition_of(b"default/coffee", PARTITIONS)
}

/// The audit entries of the corpus so far.
fn entries(world: &World) -> Vec<AuditEntry> {
    let from = Partition { topic: Topic::Audit, index: home() };
    let limit = Limit { records: 100, bytes: 1 << 20 };
    let records = world.log.read(from, 0, limit, std::time::Duration::ZERO).unwrap();
    records.iter().map(|delivered| Codec::decode(&delivered.record.value).unwrap()).collect()
}

async fn check(break_it: impl Fn(&World) -> Vec<u8>, says: &str) {
    let mut world = World::new();
    world.write(cut("job-1", "d1", "coffee"));
    let broken = break_it(&world);
    world.write_raw(home(), broken);
    world.write(cut("job-2", "d2", "coffee"));
    let error = world.fold().unwrap_err();
    assert_eq!((error.partition.index, error.offset), (home(), 1));
    assert!(!error.retryable());
    assert!(world.fold().is_err(), "it stays stopped");
    let ready = world.get("/health/ready").await;
    assert_eq!(
        (ready.status.as_u16(), ready.json()["code"].as_str()),
        (503, Some("views_stopped"))
    );
    let detail = ready.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains(&format!("audit/{}@1", home())) && detail.contains(says), "{detail}");
    assert_eq!(world.get("/health/live").await.status.as_u16(), 200);
    assert_eq!(world.seen("/v1/documents/d1").await["document_id"], "d1");
    assert_eq!(world.get("/v1/documents/d2").await.status.as_u16(), 404);
    assert_eq!(world.seen("/v1/documents/d1").await["as_of"]["lag_records"], 2);
    let waiting = world.get("/v1/jobs/job-1?wait=settled").await;
    assert_eq!(waiting.json()["code"], "views_stopped");
    let metrics = world.get("/metrics").await.text;
    assert!(
        metrics.contains("cns_view_lag_records 2\n") && metrics.contains("cns_view_stopped 1\n"),
        "{metrics}"
    );
}

#[tokio::test]
async fn bytes_that_are_no_entry() {
    check(|_| b"{}".to_vec(), "not an audit entry").await;
}

#[tokio::test]
async fn an_entry_that_came_twice() {
    check(|world| Codec::encode(&entries(world)[0]), "the chain is broken").await;
}

#[tokio::test]
async fn an_entry_of_another_chain() {
    let other = |world: &World| {
        let head = cns_schemas::ChainHead { next_sequence: 1, hash: "ab".repeat(32) };
        Codec::encode(&cns_narrative::chain::link(&head, &entries(world)[0].fact).0)
    };
    check(other, "the chain is broken").await;
}

#[tokio::test]
async fn an_entry_whose_fact_was_changed() {
    let changed = |world: &World| {
        let first = &entries(world)[0];
        let head = cns_schemas::ChainHead { next_sequence: 1, hash: first.hash.clone() };
        let (mut entry, _) = cns_narrative::chain::link(&head, &first.fact);
        entry.fact.push(0);
        Codec::encode(&entry)
    };
    check(changed, "the chain is broken").await;
}

#[tokio::test]
async fn a_fact_that_cannot_be_read() {
    let unread = |world: &World| {
        let head =
            cns_schemas::ChainHead { next_sequence: 1, hash: entries(world)[0].hash.clone() };
        Codec::encode(&cns_narrative::chain::link(&head, b"nothing").0)
    };
    check(unread, "fact cannot be read").await;
}

#[tokio::test]
async fn an_output_that_cannot_be_read() {
    let unread = |world: &World| {
        let head =
            cns_schemas::ChainHead { next_sequence: 1, hash: entries(world)[0].hash.clone() };
        let mut broken = cut("job-2", "d2", "coffee");
        broken.outputs[0].content.bytes.truncate(7);
        Codec::encode(&cns_narrative::chain::link(&head, &Codec::encode(&broken)).0)
    };
    check(unread, "the DocumentChunked job-2-passages cannot be read").await;
}

#[tokio::test]
async fn ready_when_caught_up_with_what_was_there_at_the_start() {
    let mut before = World::new();
    before.write(fact("chunk", "job-1", "e", "coffee"));
    let mut world = World::over(before.log.clone(), || None);
    let starting = world.get("/health/ready").await;
    assert_eq!(
        (starting.status.as_u16(), starting.json()["code"].as_str()),
        (503, Some("starting"))
    );
    assert!(starting.json()["detail"].as_str().unwrap().contains("1 audit entries are left"));
    world.fold().unwrap();
    assert_eq!(world.seen("/health/ready").await["status"], json!("ready"));
}
