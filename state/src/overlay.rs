//! The open transaction's rows over the committed ones.

use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{Arc, RwLock},
};

use crate::{Change, Error, Rows, Table, log::Row};

/// Reads go through to the base; changes are kept until they are taken for a commit.
///
/// Invariant: what a reader sees is what the base would show after the pending changes were committed.
pub struct Overlay {
    base: Arc<dyn Rows>,
    pending: RwLock<Pending>,
}

/// Rows by their key, of one table in one partition; `None` is removed.
type Changed = BTreeMap<Vec<u8>, Option<Vec<u8>>>;
type Layer = BTreeMap<(Table, u32), Changed>;

#[derive(Default)]
struct Pending {
    open: Layer,
    /// Taken for a commit that the base may not show yet. Once it does, both say the same.
    taken: Layer,
}

impl Pending {
    /// What was changed there, the earlier first.
    fn layers(&self, table: Table, partition: u32) -> impl Iterator<Item = &Changed> {
        [&self.taken, &self.open]
            .into_iter()
            .filter_map(move |layer| layer.get(&(table, partition)))
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
            let changed = pending.open.entry((change.table, change.partition)).or_default();
            changed.insert(change.key, change.value);
        }
    }

    /// Takes the pending changes, in the order of their keys. Readers see them until the next time: in between
    /// they are committed, or the overlay is thrown away.
    pub fn take(&self) -> Vec<Change> {
        let mut pending =
            self.pending.write().expect("no reader or writer panics while it holds the lock");
        pending.taken = std::mem::take(&mut pending.open);
        let rows = pending.taken.iter().flat_map(|((table, partition), changed)| {
            changed.iter().map(|(key, value)| Change {
                table: *table,
                partition: *partition,
                key: key.clone(),
                value: value.clone(),
            })
        });
        rows.collect()
    }
}

impl Rows for Overlay {
    fn get(&self, table: Table, partition: u32, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let pending = self.pending.read().expect("no writer panics while it holds the lock");
        let known = pending.layers(table, partition).filter_map(|changed| changed.get(key)).last();
        match known {
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
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let mut own: BTreeMap<&Vec<u8>, &Option<Vec<u8>>> = BTreeMap::new();
        for changed in pending.layers(table, partition) {
            let rows = changed.range::<[u8], _>((from, Bound::Unbounded));
            own.extend(rows.take_while(|(key, _)| key.starts_with(prefix)));
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
