//! A log whose records were all read once, for a verifier that reads them many times.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use cns_schemas::{TOPICS, Topic};
use cns_state::{Append, CommitError, Delivered, Error, Limit, Log, Member, Partition};

use crate::world::replay;

/// See the module.
pub struct Snapshot {
    log: Arc<dyn Log>,
    records: BTreeMap<Partition, Vec<Delivered>>,
}

impl Snapshot {
    pub fn of(log: Arc<dyn Log>) -> Snapshot {
        let mut records: BTreeMap<Partition, Vec<Delivered>> = BTreeMap::new();
        for (topic, ..) in TOPICS {
            for delivered in replay::read(&log, topic) {
                records.entry(delivered.partition).or_default().push(delivered);
            }
        }
        Snapshot { log, records }
    }
}

impl Log for Snapshot {
    fn partitions(&self, topic: Topic) -> u32 {
        self.log.partitions(topic)
    }

    fn end(&self, of: Partition) -> Result<i64, Error> {
        let last = self.records.get(&of).and_then(|records| records.last());
        Ok(last.map_or(0, |last| last.offset + 1))
    }

    fn read(
        &self,
        from: Partition,
        offset: i64,
        _: Limit,
        _: Duration,
    ) -> Result<Vec<Delivered>, Error> {
        let records = self.records.get(&from).into_iter().flatten();
        Ok(records.filter(|delivered| delivered.offset >= offset).cloned().collect())
    }

    fn append(&self, _: Vec<Append>) -> Result<Vec<i64>, CommitError> {
        panic!("a verifier writes nothing");
    }

    fn committed(&self, group: &str, of: Partition) -> Result<i64, Error> {
        self.log.committed(group, of)
    }

    fn join(&self, group: &str, inbox: Topic) -> Result<Box<dyn Member>, Error> {
        self.log.join(group, inbox)
    }
}
