//! A member of a group on the embedded log: it owns every partition of its inbox until the next one joins.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use cns_schemas::Topic;

use super::Embedded;
use crate::{CommitError, Error, Limit, Member, Partition, Polled, Rows, Transaction};

pub struct EmbeddedMember {
    log: Embedded,
    group: String,
    inbox: Topic,
    generation: u64,
    /// The next offset to deliver, by partition; empty before the assignment and after a refused commit.
    positions: Vec<(Partition, i64)>,
    assigned: bool,
}

impl EmbeddedMember {
    pub fn new(log: Embedded, group: &str, inbox: Topic, generation: u64) -> EmbeddedMember {
        EmbeddedMember {
            log,
            group: group.to_owned(),
            inbox,
            generation,
            positions: Vec::new(),
            assigned: false,
        }
    }

    fn rewind(&mut self) -> Result<(), Error> {
        let store = &self.log.inner.store;
        self.positions = (0..store.partitions())
            .map(|index| Partition { topic: self.inbox, index })
            .map(|partition| Ok((partition, store.committed(&self.group, partition)?)))
            .collect::<Result<_, Error>>()?;
        Ok(())
    }
}

impl Member for EmbeddedMember {
    fn poll(&mut self, limit: Limit, wait: Duration) -> Result<Polled, Error> {
        let store = self.log.inner.store.clone();
        if !store.owns(&self.group, self.generation) {
            return Err(Error::Fenced(self.group.clone()));
        }
        if self.positions.is_empty() {
            self.rewind()?;
        }
        if !self.assigned {
            self.assigned = true;
            return Ok(Polled::Assigned((0..store.partitions()).collect()));
        }
        if limit.records == 0 {
            return Ok(Polled::Records(Vec::new()));
        }
        store.wait_past(&self.positions, Instant::now() + wait);
        let share = limit.shared_by(store.partitions());
        let mut records = Vec::new();
        for (partition, position) in &mut self.positions {
            let found = store.slice(*partition, *position, share)?;
            if let Some(last) = found.last() {
                *position = last.offset + 1;
            }
            records.extend(found);
        }
        Ok(Polled::Records(records))
    }

    fn commit(&mut self, transaction: Transaction) -> Result<Vec<i64>, CommitError> {
        let author = Some((self.group.clone(), self.generation, self.inbox));
        let outcome = self.log.submit(author, transaction);
        if let Err(CommitError::NotDone(_)) = &outcome {
            self.positions.clear();
        }
        outcome
    }

    fn rows(&self) -> Arc<dyn Rows> {
        self.log.inner.store.clone()
    }
}
