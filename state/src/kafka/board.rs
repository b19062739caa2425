//! Where the members of a process tell how far the restoration of their rows is.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use crate::Restoring;

/// Clones share it.
#[derive(Clone, Default)]
pub struct Board {
    told: Arc<Mutex<Told>>,
}

#[derive(Default)]
struct Told {
    restoring: BTreeMap<(String, u32), (Instant, Restoring)>,
    restored: BTreeMap<String, u64>,
}

impl Board {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().expect("no holder of the lock panics")
    }

    /// A restoration begins that has so many offsets to read.
    pub fn begin(&self, group: &str, partition: u32, total: i64) {
        let restoring = Restoring {
            group: group.to_owned(),
            partition,
            done: 0,
            total: total.max(0),
            elapsed: Duration::ZERO,
        };
        self.told().restoring.insert((group.to_owned(), partition), (Instant::now(), restoring));
    }

    /// So many offsets are done, of which `records` records are new.
    pub fn reached(&self, group: &str, partition: u32, done: i64, records: u64) {
        let mut told = self.told();
        if let Some((_, restoring)) = told.restoring.get_mut(&(group.to_owned(), partition)) {
            restoring.done = done.clamp(0, restoring.total);
        }
        *told.restored.entry(group.to_owned()).or_default() += records;
    }

    /// It is over, or the partition is somebody else's.
    pub fn end(&self, group: &str, partition: u32) {
        self.told().restoring.remove(&(group.to_owned(), partition));
    }

    /// What is under way.
    pub fn restoring(&self) -> Vec<Restoring> {
        let shown = |(begun, restoring): &(Instant, Restoring)| Restoring {
            elapsed: begun.elapsed(),
            ..restoring.clone()
        };
        self.told().restoring.values().map(shown).collect()
    }

    /// How many records were read, by group.
    pub fn restored(&self) -> BTreeMap<String, u64> {
        self.told().restored.clone()
    }
}
