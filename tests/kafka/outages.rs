//! What a process needs is away for a while, or is not what it should be.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    process::Command,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    cluster::{Cluster, pause, settled, submit},
    producers::{Producer, framed},
    proxy::{Door, Proxy},
};

const TEXT: &str =
    "We find that warm soil raises the yield of beans by 4 percent (doi:10.5555/warm).";

#[test]
fn a_state_directory_has_one_process() {
    let Some(cluster) = Cluster::fresh() else { return };
    let state = tempfile::tempdir().unwrap();
    let first = cluster.spawn(state.path());
    let said = cluster.try_spawn(state.path(), &[]).err().unwrap();
    assert!(said.contains(&format!("in use by process {}", first.pid())), "{said}");
    assert_eq!(first.terminate(), Some(0));
}

#[test]
fn a_process_whose_settings_are_not_in_force_does_not_start() {
    let Some(cluster) = Cluster::fresh() else { return };
    let state = tempfile::tempdir().unwrap();
    let said = cluster.try_spawn(state.path(), &[("CNS_GATES_OPPOSITION", "0.9")]).err().unwrap();
    assert!(said.contains("gates.opposition: 0.6 is in force, here it is 0.9"), "{said}");
    assert!(said.contains("cns config apply"), "{said}");
}

#[test]
fn what_is_not_set_up_is_named_with_the_command_that_does_it() {
    let Some(cluster) = Cluster::fresh() else { return };
    let state = tempfile::tempdir().unwrap();
    let elsewhere = [("CNS_KAFKA_NAMESPACE", "nobody-was-here")];
    let said = cluster.try_spawn(state.path(), &elsewhere).err().unwrap();
    assert!(
        said.contains("nobody-was-here.documents") && said.contains("cns topics apply"),
        "{said}"
    );
}

#[test]
fn without_a_registry_known_schemas_flow_and_new_ones_wait() {
    let Some(cluster) = Cluster::fresh() else { return };
    let proxy = Proxy::start(&cluster.registry);
    let state = tempfile::tempdir().unwrap();
    let url = proxy.url();
    let node = cluster.try_spawn(state.path(), &[("CNS_KAFKA_REGISTRY", &url)]).unwrap();
    settled(&node, &submit(&node, "c", "before", TEXT).unwrap());

    let producer = Producer::new(&cluster);
    let mut jobs = Vec::new();
    for door in [Door::Shut, Door::Silent] {
        proxy.set(door);
        let (id, schema) = producer.register_four_fields(&format!("{door:?}"));
        let waiting = format!("waits{door:?}");
        let waits = producer.send("c", &waiting, framed(id, &schema, "c", &waiting, TEXT));
        // Its own partition waits; a document for another one does not.
        let other = (0..).map(|n| format!("flows{n}{door:?}"));
        let other = other.into_iter().find(|d| producer.partition("c", d) != waits).unwrap();
        jobs.push(submit(&node, "c", &other, &format!("{TEXT} Again, as {other}.")).unwrap());
        settled(&node, jobs.last().unwrap());
        let waiting = format!("/v1/documents/{waiting}");
        assert_eq!(node.get(&waiting).unwrap().0, 404);

        proxy.set(Door::Open);
        let end = Instant::now() + Duration::from_secs(60);
        while node.get(&waiting).unwrap().0 != 200 {
            assert!(Instant::now() < end, "the partition does not go on");
            pause();
        }
    }
    cluster.rests();
    assert_eq!(node.terminate(), Some(0));
    cluster.verify(&jobs);
}

/// Only with a cluster of its own, whose folder `TEST_KAFKA_DIR` names: it kills the broker.
#[test]
fn broker_killed_under_load_is_waited_for_and_nothing_is_lost() {
    let Ok(directory) = std::env::var("TEST_KAFKA_DIR") else {
        eprintln!("Not tried: TEST_KAFKA_DIR names no cluster that may be killed.");
        return;
    };
    let Some(cluster) = Cluster::fresh() else { return };
    let state = tempfile::tempdir().unwrap();
    let node = cluster.spawn(state.path());
    let end = Instant::now() + Duration::from_secs(60);
    while node.get("/health/ready").unwrap().0 != 200 {
        assert!(Instant::now() < end, "it does not become ready");
        pause();
    }
    let broker = |what: &str| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/kafka.sh");
        let done = Command::new(script).args([what, "1", "--dir", &directory]).status().unwrap();
        assert!(done.success());
    };
    let mut jobs: Vec<String> = Vec::new();
    for round in 0..2 {
        for number in 0..20 {
            let id = format!("d{round}-{number}");
            let text = format!("{TEXT} This is report {id} of a long series of reports.");
            jobs.push((0..).find_map(|_| submit(&node, "c", &id, &text)).unwrap());
        }
        broker("kill");
        let body = json!({"document_id": "late", "corpus": "c", "source": "s", "text": TEXT});
        // The first may wait for an acknowledgement; from then on the answer comes at once.
        drop(node.post("/v1/documents", &body));
        let begun = Instant::now();
        let (status, problem) = node.post("/v1/documents", &body).unwrap();
        assert_eq!(
            (status, problem["code"].as_str()),
            (503, Some("kafka_unavailable")),
            "{problem}"
        );
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
        assert_eq!(node.get("/health/live").unwrap().0, 200);
        let (ready, body) = node.get("/health/ready").unwrap();
        assert_eq!((ready, body["log"].as_str()), (200, Some("unavailable")), "{body}");
        if round == 0 {
            broker("restart");
            continue;
        }
        // A process that starts meanwhile waits and goes on.
        let late = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            let starting = scope.spawn(|| cluster.spawn(late.path()));
            broker("restart");
            assert_eq!(starting.join().unwrap().terminate(), Some(0));
        });
    }
    for job in &jobs {
        settled(&node, job);
    }
    cluster.rests();
    assert_eq!(node.terminate(), Some(0));
    cluster.verify(&jobs);
}
