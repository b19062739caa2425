//! A member that loses one of its partitions and keeps the other.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use cns_processors::{
    runtime::{Compute, Progress},
    topology::EMBED,
};
use cns_schemas::{Outcome, Topic};
use cns_state::{
    Append, CommitError, Delivered, Error, Limit, Log, Member, Memory, Partition, Polled, Rows,
    Transaction,
};

use super::{bench_on, submit};

/// A memory log whose member loses partition 1 once, and keeps partition 0.
struct Losing(Memory, Arc<AtomicUsize>);
struct LosingMember(Box<dyn Member>, Arc<AtomicUsize>);

impl Log for Losing {
    fn partitions(&self, topic: Topic) -> u32 {
        self.0.partitions(topic)
    }
    fn end(&self, of: Partition) -> Result<i64, Error> {
        self.0.end(of)
    }
    fn read(
        &self,
        from: Partition,
        offset: i64,
        limit: Limit,
        wait: Duration,
    ) -> Result<Vec<Delivered>, Error> {
        self.0.read(from, offset, limit, wait)
    }
    fn append(&self, appends: Vec<Append>) -> Result<Vec<i64>, CommitError> {
        self.0.append(appends)
    }
    fn committed(&self, group: &str, of: Partition) -> Result<i64, Error> {
        self.0.committed(group, of)
    }
    fn join(&self, group: &str, inbox: Topic) -> Result<Box<dyn Member>, Error> {
        Ok(Box::new(LosingMember(self.0.join(group, inbox)?, self.1.clone())))
    }
}

impl Member for LosingMember {
    fn poll(&mut self, limit: Limit, wait: Duration) -> Result<Polled, Error> {
        if self.1.swap(0, Ordering::SeqCst) == 1 {
            return Ok(Polled::Revoking(vec![1], Duration::from_secs(1)));
        }
        self.0.poll(limit, wait)
    }
    fn commit(&mut self, transaction: Transaction) -> Result<Vec<i64>, CommitError> {
        self.0.commit(transaction)
    }
    fn rows(&self) -> Arc<dyn Rows> {
        self.0.rows()
    }
}

#[test]
fn losing_one_partition_leaves_the_requests_of_the_others_in_work() {
    let losing = Arc::new(AtomicUsize::new(0));
    let log: Arc<dyn Log> = Arc::new(Losing(Memory::new(2), losing.clone()));
    let mut bench = bench_on(log.clone(), Compute::Inline, &EMBED, 1);
    let mine: Vec<String> = (0..20).map(|n| format!("d{n}")).collect();
    let documents: Vec<(&str, &str)> = mine.iter().map(|id| (id.as_str(), "ask")).collect();
    submit(&log, &documents);
    while bench.worker.step(Duration::ZERO).unwrap() != Progress::Idle {}
    // Taken in, and lost before any call is made.
    bench.performer.step(Duration::ZERO).unwrap();
    losing.store(1, Ordering::SeqCst);
    bench.performer.step(Duration::ZERO).unwrap();
    for _ in 0..200 {
        bench.performer.step(Duration::ZERO).unwrap();
        bench.worker.step(Duration::ZERO).unwrap();
    }
    let kept = bench.facts().iter().any(|fact| {
        fact.stage == "performer" && fact.outcome == Outcome::Done && fact.origin.partition == 0
    });
    assert!(kept, "requests of the partition that is still owned are performed");
}
