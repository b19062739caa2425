//! The log in memory: the plainest implementation, and the reference for the others. Nothing survives it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Condvar, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use cns_schemas::Topic;

use crate::{
    Append, Change, CommitError, Delivered, Error, Limit, Log, Member, Partition, Polled, Record,
    Rows, Table, Transaction, log::Row,
};

/// A log that lives as long as its last handle.
#[derive(Clone)]
pub struct Memory {
    shared: Arc<Shared>,
}

struct Shared {
    partitions: u32,
    content: Mutex<Content>,
    grown: Condvar,
}

#[derive(Default)]
struct Content {
    records: BTreeMap<Partition, Vec<Record>>,
    rows: BTreeMap<(u16, u32, Vec<u8>), Vec<u8>>,
    offsets: BTreeMap<(String, Partition), i64>,
    /// Counted up with each join; only the newest member may commit.
    generations: BTreeMap<String, u64>,
}

impl Memory {
    /// An empty log with that many partitions in each topic.
    pub fn new(partitions: u32) -> Memory {
        let shared = Shared { partitions, content: Mutex::default(), grown: Condvar::new() };
        Memory { shared: Arc::new(shared) }
    }
}

impl Shared {
    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().expect("no holder of the lock panics")
    }
}

impl Content {
    fn end(&self, of: Partition) -> i64 {
        self.records.get(&of).map_or(0, |records| records.len() as i64)
    }

    fn slice(&self, from: Partition, offset: i64, limit: Limit) -> Vec<Delivered> {
        let Some(records) = self.records.get(&from) else { return Vec::new() };
        let mut bytes = 0;
        let rest = records.iter().enumerate().skip(offset as usize);
        rest.take(limit.records)
            .take_while(|(_, record)| {
                let first = bytes == 0;
                bytes += record.value.len().max(1);
                first || bytes <= limit.bytes
            })
            .map(|(index, record)| Delivered {
                partition: from,
                offset: index as i64,
                record: record.clone(),
            })
            .collect()
    }

    fn write(&mut self, appends: Vec<Append>, changes: Vec<Change>) -> Vec<i64> {
        let mut offsets = Vec::with_capacity(appends.len());
        for append in appends {
            let records = self.records.entry(append.to).or_default();
            offsets.push(records.len() as i64);
            records.push(append.record);
        }
        for change in changes {
            let key = (change.table.number, change.partition, change.key);
            match change.value {
                Some(value) => drop(self.rows.insert(key, value)),
                None => drop(self.rows.remove(&key)),
            }
        }
        offsets
    }
}

impl Log for Memory {
    fn partitions(&self, _: Topic) -> u32 {
        self.shared.partitions
    }

    fn end(&self, of: Partition) -> Result<i64, Error> {
        Ok(self.shared.content().end(of))
    }

    fn read(
        &self,
        from: Partition,
        offset: i64,
        limit: Limit,
        wait: Duration,
    ) -> Result<Vec<Delivered>, Error> {
        let deadline = Instant::now() + wait;
        let mut content = self.shared.content();
        loop {
            let end = content.end(from);
            if offset < 0 || offset > end {
                return Err(Error::OutOfRange { partition: from, offset, first: 0, end });
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if offset < end || left.is_zero() {
                return Ok(content.slice(from, offset, limit));
            }
            content = self
                .shared
                .grown
                .wait_timeout(content, left)
                .expect("no holder of the lock panics")
                .0;
        }
    }

    fn append(&self, appends: Vec<Append>) -> Result<Vec<i64>, CommitError> {
        let offsets = self.shared.content().write(appends, Vec::new());
        self.shared.grown.notify_all();
        Ok(offsets)
    }

    fn committed(&self, group: &str, of: Partition) -> Result<i64, Error> {
        let content = self.shared.content();
        Ok(content.offsets.get(&(group.to_owned(), of)).copied().unwrap_or(0))
    }

    fn join(&self, group: &str, inbox: Topic) -> Result<Box<dyn Member>, Error> {
        let mut content = self.shared.content();
        let generation = content.generations.entry(group.to_owned()).or_default();
        *generation += 1;
        let member = MemoryMember {
            log: self.clone(),
            group: group.to_owned(),
            inbox,
            generation: *generation,
            positions: None,
        };
        Ok(Box::new(member))
    }
}

struct MemoryMember {
    log: Memory,
    group: String,
    inbox: Topic,
    generation: u64,
    /// The next offset to deliver, by partition; `None` before the first assignment.
    positions: Option<Vec<i64>>,
}

impl MemoryMember {
    fn owned(&self, content: &Content) -> bool {
        content.generations.get(&self.group) == Some(&self.generation)
    }

    fn committed(&self, content: &Content) -> Vec<i64> {
        (0..self.log.shared.partitions)
            .map(|index| Partition { topic: self.inbox, index })
            .map(|p| content.offsets.get(&(self.group.clone(), p)).copied().unwrap_or(0))
            .collect()
    }
}

impl Member for MemoryMember {
    fn poll(&mut self, limit: Limit, wait: Duration) -> Result<Polled, Error> {
        let shared = self.log.shared.clone();
        let deadline = Instant::now() + wait;
        let mut content = shared.content();
        loop {
            if !self.owned(&content) {
                return Err(Error::Fenced(self.group.clone()));
            }
            let Some(positions) = &mut self.positions else {
                self.positions = Some(self.committed(&content));
                return Ok(Polled::Assigned((0..shared.partitions).collect()));
            };
            let mut records = Vec::new();
            let share = limit.shared_by(shared.partitions);
            for (index, position) in positions.iter_mut().enumerate() {
                let partition = Partition { topic: self.inbox, index: index as u32 };
                let found = content.slice(partition, *position, share);
                *position += found.len() as i64;
                records.extend(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if !records.is_empty() || left.is_zero() {
                return Ok(Polled::Records(records));
            }
            content =
                shared.grown.wait_timeout(content, left).expect("no holder of the lock panics").0;
        }
    }

    fn commit(&mut self, transaction: Transaction) -> Result<Vec<i64>, CommitError> {
        let shared = self.log.shared.clone();
        let mut content = shared.content();
        if !self.owned(&content) {
            return Err(CommitError::Fenced(self.group.clone()));
        }
        let offsets = content.write(transaction.appends, transaction.changes);
        for (index, next) in transaction.consumed {
            let partition = Partition { topic: self.inbox, index };
            content.offsets.insert((self.group.clone(), partition), next);
        }
        shared.grown.notify_all();
        Ok(offsets)
    }

    fn rows(&self) -> Arc<dyn Rows> {
        Arc::new(self.log.clone())
    }
}

impl Rows for Memory {
    fn get(&self, table: Table, partition: u32, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.shared.content().rows.get(&(table.number, partition, key.to_vec())).cloned())
    }

    fn scan(
        &self,
        table: Table,
        partition: u32,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, Error> {
        let content = self.shared.content();
        let from = (table.number, partition, prefix.to_vec());
        let rows = content
            .rows
            .range(from..)
            .take_while(|((t, p, key), _)| {
                *t == table.number && *p == partition && key.starts_with(prefix)
            })
            .filter(|((_, _, key), _)| after.is_none_or(|after| key.as_slice() > after))
            .take(limit)
            .map(|((_, _, key), value)| (key.clone(), value.clone()));
        Ok(rows.collect())
    }
}
