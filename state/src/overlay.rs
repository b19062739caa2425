//! The open transaction's rows over the committed ones.

use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{Arc, RwLock},
};

use crate::{Change, Error, Rows, Table, log::Row};

type RowKey = (Table, u32, Vec<u8>);

/// Reads go through to the base; changes are kept until they are taken for a commit.
///
/// Invariant: what a reader sees is what the base would show after the pending changes were committed.
pub struct Overlay {
    base: Arc<dyn Rows>,
    pending: RwLock<BTreeMap<RowKey, Option<Vec<u8>>>>,
}

impl Overlay {
    /// An overlay without changes.
    pub fn new(base: Arc<dyn Rows>) -> Overlay {
        Overlay { base, pending: RwLock::default() }
    }

    /// Adds changes; a later one of the same row wins.
    pub fn apply(&self, changes: Vec<Change>) {
        let mut pending =
            self.pending.write().expect("no reader or writer panics while it holds the lock");
        for change in changes {
            pending.insert((change.table, change.partition, change.key), change.value);
        }
    }

    /// Takes the pending changes, in the order of their keys.
    pub fn take(&self) -> Vec<Change> {
        let mut pending =
            self.pending.write().expect("no reader or writer panics while it holds the lock");
        std::mem::take(&mut *pending)
            .into_iter()
            .map(|((table, partition, key), value)| Change { table, partition, key, value })
            .collect()
    }
}

impl Rows for Overlay {
    fn get(&self, table: Table, partition: u32, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let pending = self.pending.read().expect("no writer panics while it holds the lock");
        match pending.get(&(table, partition, key.to_vec())) {
            Some(value) => Ok(value.clone()),
            None => self.base.get(table, partition, key),
        }
    }

    fn scan(
        &self,
        table: Table,
        partition: u32,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, Error> {
        let pending = self.pending.read().expect("no writer panics while it holds the lock");
        let from = match after {
            Some(after) if after >= prefix => Bound::Excluded((table, partition, after.to_vec())),
            _ => Bound::Included((table, partition, prefix.to_vec())),
        };
        let own: BTreeMap<&Vec<u8>, &Option<Vec<u8>>> = pending
            .range((from, Bound::Unbounded))
            .take_while(|((t, p, key), _)| {
                *t == table && *p == partition && key.starts_with(prefix)
            })
            .map(|((_, _, key), value)| (key, value))
            .collect();
        // A removed row hides one of the base, so the base has to give as many more.
        let removed = own.values().filter(|value| value.is_none()).count();
        let mut merged: BTreeMap<Vec<u8>, Vec<u8>> = self
            .base
            .scan(table, partition, prefix, after, limit.saturating_add(removed))?
            .into_iter()
            .collect();
        for (key, value) in own {
            match value {
                Some(value) => drop(merged.insert(key.clone(), value.clone())),
                None => drop(merged.remove(key)),
            }
        }
        Ok(merged.into_iter().take(limit).collect())
    }
}
