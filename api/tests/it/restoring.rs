//! A process whose rows are on their way: when it is ready, and what it tells meanwhile.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::http::{StatusCode, header};
use cns_schemas::Topic;
use cns_state::{
    Append, CommitError, Delivered, Error, Limit, Log, Member, Memory, Partition, Restoring,
};
use serde_json::json;

use crate::world::{PARTITIONS, World};

/// A log in memory that says what it is told to say.
struct Told(Memory, Arc<Mutex<Vec<Restoring>>>);

impl Log for Told {
    fn partitions(&self, topic: Topic) -> u32 {
        self.0.partitions(topic)
    }
    fn end(&self, of: Partition) -> Result<i64, Error> {
        self.0.end(of)
    }
    fn read(&self, p: Partition, o: i64, l: Limit, w: Duration) -> Result<Vec<Delivered>, Error> {
        self.0.read(p, o, l, w)
    }
    fn append(&self, appends: Vec<Append>) -> Result<Vec<i64>, CommitError> {
        self.0.append(appends)
    }
    fn committed(&self, group: &str, of: Partition) -> Result<i64, Error> {
        self.0.committed(group, of)
    }
    fn restoring(&self) -> Vec<Restoring> {
        self.1.lock().unwrap().clone()
    }
    fn restored(&self) -> BTreeMap<String, u64> {
        BTreeMap::from([("critique".to_owned(), 250)])
    }
    fn join(&self, group: &str, inbox: Topic) -> Result<Box<dyn Member>, Error> {
        self.0.join(group, inbox)
    }
}

#[tokio::test]
async fn a_process_is_ready_when_its_rows_are_and_a_rebalance_takes_that_not_away() {
    let told = Arc::new(Mutex::new(vec![Restoring {
        group: "critique".into(),
        partition: 2,
        done: 250,
        total: 1000,
        elapsed: Duration::from_secs(4),
    }]));
    let log = Told(Memory::new(PARTITIONS), told.clone());
    let mut world = World::over(Arc::new(log), || None);
    world.fold().unwrap();

    let answer = world.get("/health/ready").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text);
    assert_eq!(answer.headers[header::RETRY_AFTER], "1");
    let problem = answer.json();
    assert_eq!(problem["code"], "starting");
    assert_eq!(
        problem["detail"],
        "The rows of 1 partition are being restored; critique of partition 2 is 25 % done, 12 s left."
    );
    let part = json!({"stage": "critique", "partition": 2, "percent": 25, "seconds_left": 12});
    assert_eq!(world.get("/v1/status").await.json()["restoring"], json!([part]));
    let metrics = world.get("/metrics").await.text;
    assert!(metrics.contains("cns_restore_left_records{stage=\"critique\"} 750"), "{metrics}");
    assert!(metrics.contains("cns_restored_records_total{stage=\"critique\"} 250"), "{metrics}");

    let part_way = std::mem::take(&mut *told.lock().unwrap());
    assert_eq!(world.get("/health/ready").await.status, StatusCode::OK);
    assert!(world.get("/v1/status").await.json().get("restoring").is_none());
    let metrics = world.get("/metrics").await.text;
    assert!(metrics.contains("cns_restore_left_records{stage=\"critique\"} 0"), "{metrics}");

    *told.lock().unwrap() = part_way;
    let answer = world.get("/health/ready").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["restoring"], json!([part]));
}
