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
    pending: RwLock<Pending>,
}

type Layer = BTreeMap<RowKey, Option<Vec<u8>>>;

#[derive(Default)]
struct Pending {
    open: Layer,
    /// Taken for a commit that the base may not show yet. Once it does, both say the same.
    taken: Layer,
}

impl Pending {
    fn get(&self, key: &RowKey) -> Option<&Option<Vec<u8>>> {
        self.open.get(key).or_else(|| self.taken.get(key))
    }
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
            pending.open.insert((change.table, change.partition, change.key), change.value);
        }
    }

    /// Takes the pending changes, in the order of their keys. Readers see them until the next time: in between
    /// they are committed, or the overlay is thrown away.
    pub fn take(&self) -> Vec<Change> {
        let mut pending =
            self.pending.write().expect("no reader or writer panics while it holds the lock");
        pending.taken = std::mem::take(&mut pending.open);
        let change = |((table, partition, key), value): (&RowKey, &Option<Vec<u8>>)| Change {
            table: *table,
            partition: *partition,
            key: key.clone(),
            value: value.clone(),
        };
        pending.taken.iter().map(change).collect()
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
        let within = |((t, p, key), _): &(&RowKey, &Option<Vec<u8>>)| {
            *t == table && *p == partition && key.starts_with(prefix)
        };
        let mut own: BTreeMap<&Vec<u8>, &Option<Vec<u8>>> = BTreeMap::new();
        for layer in [&pending.taken, &pending.open] {
            let rows = layer.range((from.clone(), Bound::Unbounded)).take_while(within);
            own.extend(rows.map(|((_, _, key), value)| (key, value)));
        }
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
