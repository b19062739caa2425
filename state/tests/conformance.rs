//! Every log keeps every rule, and a log that breaks one on purpose is caught.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{sync::Arc, time::Duration};

use cns_schemas::Topic;
use cns_state::{
    Append, CommitError, Delivered, Embedded, EmbeddedOptions, Error, Faults, Faulty, Limit, Log,
    Member, Memory, Partition, Polled, Rows, Transaction, conformance::broken_rules,
};

fn embedded() -> Arc<dyn Log> {
    let directory = tempfile::tempdir().unwrap().keep();
    Arc::new(Embedded::open(&directory, &EmbeddedOptions::standard()).unwrap())
}

#[test]
fn memory_keeps_every_rule() {
    assert_eq!(broken_rules(|| Arc::new(Memory::new(4))), [""; 0]);
}

#[test]
fn embedded_keeps_every_rule() {
    assert_eq!(broken_rules(embedded), [""; 0]);
}

#[test]
fn faulty_without_faults_keeps_every_rule() {
    let faulty =
        || Arc::new(Faulty::new(Arc::new(Memory::new(4)), 1, Faults::default())) as Arc<dyn Log>;
    assert_eq!(broken_rules(faulty), [""; 0]);
}

/// A way to break the contract.
#[derive(Clone, Copy)]
enum Sabotage {
    LoseRows,
    LoseOffsets,
    LoseAppends,
    IgnoreFencing,
    AppendInReverse,
}

struct Broken(Memory, Sabotage);
struct BrokenMember(Box<dyn Member>, Memory, Sabotage);

impl Log for Broken {
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
    fn append(&self, mut appends: Vec<Append>) -> Result<Vec<i64>, CommitError> {
        if matches!(self.1, Sabotage::AppendInReverse) {
            appends.reverse();
        }
        self.0.append(appends)
    }
    fn committed(&self, group: &str, of: Partition) -> Result<i64, Error> {
        self.0.committed(group, of)
    }
    fn join(&self, group: &str, inbox: Topic) -> Result<Box<dyn Member>, Error> {
        Ok(Box::new(BrokenMember(self.0.join(group, inbox)?, self.0.clone(), self.1)))
    }
}

impl Member for BrokenMember {
    fn poll(&mut self, limit: Limit, wait: Duration) -> Result<Polled, Error> {
        self.0.poll(limit, wait)
    }
    fn commit(&mut self, mut transaction: Transaction) -> Result<Vec<i64>, CommitError> {
        match self.2 {
            Sabotage::LoseRows => transaction.changes.clear(),
            Sabotage::LoseOffsets => transaction.consumed.clear(),
            Sabotage::LoseAppends => transaction.appends.clear(),
            Sabotage::IgnoreFencing => {
                let appends = std::mem::take(&mut transaction.appends);
                drop(self.1.append(appends));
            }
            Sabotage::AppendInReverse => {}
        }
        self.0.commit(transaction)
    }
    fn rows(&self) -> Arc<dyn Rows> {
        self.0.rows()
    }
}

#[test]
fn every_sabotage_is_caught() {
    let sabotages = [
        Sabotage::LoseRows,
        Sabotage::LoseOffsets,
        Sabotage::LoseAppends,
        Sabotage::IgnoreFencing,
        Sabotage::AppendInReverse,
    ];
    // What the broken rules say on their way is of no interest here.
    std::panic::set_hook(Box::new(|_| {}));
    for (index, sabotage) in sabotages.into_iter().enumerate() {
        let broken = broken_rules(|| Arc::new(Broken(Memory::new(4), sabotage)));
        assert!(!broken.is_empty(), "sabotage {index} passes");
    }
}
