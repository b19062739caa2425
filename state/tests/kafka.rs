//! The log on a real broker keeps every rule. `TEST_KAFKA` names the broker; without it nothing is tried.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use cns_state::{Kafka, KafkaOptions, Log, Plan, TopicSettings, conformance::broken_rules};

const GROUPS: [&str; 3] = ["g", "one", "two"];
const TOPICS: TopicSettings = TopicSettings { partitions: 4, replication: 1, retention_hours: 1 };

/// A log in a namespace of its own.
fn fresh(brokers: &str) -> Arc<dyn Log> {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::SeqCst);
    let directory = tempfile::tempdir().unwrap().keep();
    let mut options = KafkaOptions::standard(brokers, directory);
    options.namespace = format!("t{}-{number}", std::process::id());
    let plan = Plan::make(&options, &GROUPS, &TOPICS).unwrap();
    plan.create_missing(&options, TOPICS.replication).unwrap();
    Arc::new(Kafka::open(&options).unwrap())
}

#[test]
fn kafka_keeps_every_rule() {
    let Ok(brokers) = std::env::var("TEST_KAFKA") else {
        eprintln!("Not tried: TEST_KAFKA names no broker.");
        return;
    };
    assert_eq!(broken_rules(|| fresh(&brokers)), [""; 0]);
}
