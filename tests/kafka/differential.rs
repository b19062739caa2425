//! One recorded order on three logs: what a stage decides does not depend on where its records are kept.
//! `TEST_DIFFERENTIAL_SEED` sets the workload, which is printed.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{sync::Arc, time::Duration};

use cns_processors::{stages, topology::STAGES};
use cns_state::{Embedded, EmbeddedOptions, Kafka, KafkaOptions, Plan, TopicSettings};

use crate::world::{World, replay};

const WAIT: Duration = Duration::from_millis(20);

#[test]
fn memory_embedded_and_kafka_decide_the_same() {
    let Ok(brokers) = std::env::var("TEST_KAFKA") else {
        eprintln!("Not tried: TEST_KAFKA names no cluster.");
        return;
    };
    let seed = std::env::var("TEST_DIFFERENTIAL_SEED").map_or(1, |text| text.parse().unwrap());
    println!("TEST_DIFFERENTIAL_SEED={seed}");
    let (recorded, models) = World::recorded(seed);
    let partitions = recorded.partitions(STAGES[0].inbox);
    for stage in stages::all() {
        // The run itself was on a log in memory.
        replay::check(&recorded, &stage, &models);
        let directory = tempfile::tempdir().unwrap();
        let options = EmbeddedOptions { partitions, ..EmbeddedOptions::standard() };
        let embedded = Embedded::open(&directory.path().join("embedded"), &options).unwrap();
        replay::check_on(Arc::new(embedded), &recorded, &stage, &models, WAIT);
        let options = KafkaOptions {
            namespace: format!("d{}-{}", std::process::id(), stage.spec().name),
            session_timeout: Duration::from_secs(6),
            ..KafkaOptions::standard(&brokers, directory.path().join("kafka"))
        };
        let kafka = Arc::new(fresh(&options, partitions));
        replay::check_on(kafka, &recorded, &stage, &models, WAIT);
    }
}

fn fresh(options: &KafkaOptions, partitions: u32) -> Kafka {
    let groups: Vec<&str> = STAGES.iter().map(|spec| spec.name).collect();
    // The workload's clock begins in 1970, and brokers delete what is older than the retention.
    let settings = TopicSettings { partitions, replication: 1, retention_hours: 100 * 365 * 24 };
    let plan = Plan::make(options, &groups, &settings).unwrap();
    plan.create_missing(options, settings.replication).unwrap();
    Kafka::open(options).unwrap()
}
