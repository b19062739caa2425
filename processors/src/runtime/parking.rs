//! Records that wait: for a remote answer, for their own slow computation, or behind another record of
//! their order key. They are rows of the stage; this is the index of those rows.

use std::collections::{BTreeMap, BTreeSet};

use cns_schemas::{Codec, Origin, Parked};
use cns_state::{Error, Rows, Table};

/// Which order keys have waiting records, and which of those can go on.
///
/// Invariant: it holds what a scan of the `parked` table gives.
#[derive(Default)]
pub struct Parking {
    /// Partition and order key → row keys, oldest first.
    waiting: BTreeMap<(u32, String), BTreeSet<Vec<u8>>>,
    /// Heads that have all that they need.
    ready: BTreeSet<(u32, String)>,
}

const SCAN_ROWS: usize = 512;

/// The key of a record's row. Offsets in one partition ascend, so rows are in the order of the inbox.
pub fn row_key(order_key: &str, origin: &Origin) -> Vec<u8> {
    [order_key.as_bytes(), &[0], &origin.offset.to_be_bytes()].concat()
}

impl Parking {
    /// Reads the rows of a partition that was just assigned.
    pub fn load(&mut self, rows: &dyn Rows, table: Table, partition: u32) -> Result<(), Error> {
        let mut after: Option<Vec<u8>> = None;
        loop {
            let found = rows.scan(table, partition, &[], after.as_deref(), SCAN_ROWS)?;
            let Some((last, _)) = found.last() else { break };
            after = Some(last.clone());
            for (key, value) in found {
                let order_key = order_key(&key);
                let first = !self.is_waiting(partition, &order_key);
                self.add(partition, &order_key, key);
                if first && read(&value)?.asked.iter().all(|asked| asked.answer.is_some()) {
                    self.ready.insert((partition, order_key));
                }
            }
        }
        Ok(())
    }

    pub fn is_waiting(&self, partition: u32, order_key: &str) -> bool {
        self.waiting.contains_key(&(partition, order_key.to_owned()))
    }

    pub fn len(&self) -> usize {
        self.waiting.values().map(BTreeSet::len).sum()
    }

    pub fn add(&mut self, partition: u32, order_key: &str, row: Vec<u8>) {
        self.waiting.entry((partition, order_key.to_owned())).or_default().insert(row);
    }

    /// The head has what it needs.
    pub fn wake(&mut self, partition: u32, order_key: &str) {
        self.ready.insert((partition, order_key.to_owned()));
    }

    /// The head is decided; the next one can go on.
    pub fn remove(&mut self, partition: u32, order_key: &str, row: &[u8]) {
        let key = (partition, order_key.to_owned());
        let Some(rows) = self.waiting.get_mut(&key) else { return };
        rows.remove(row);
        if rows.is_empty() {
            self.waiting.remove(&key);
        } else {
            self.ready.insert(key);
        }
    }

    pub fn head(&self, partition: u32, order_key: &str) -> Option<&Vec<u8>> {
        self.waiting.get(&(partition, order_key.to_owned()))?.first()
    }

    /// Takes the heads that can go on.
    pub fn take_ready(&mut self) -> Vec<(u32, Vec<u8>)> {
        let ready = std::mem::take(&mut self.ready);
        ready
            .into_iter()
            .filter_map(|(partition, key)| Some((partition, self.head(partition, &key)?.clone())))
            .collect()
    }

    pub fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }
}

/// Reads a row.
pub fn read(value: &[u8]) -> Result<Parked, Error> {
    Codec::decode(value)
        .map_err(|error| Error::Corrupt { what: "table parked".into(), detail: error.to_string() })
}

fn order_key(row: &[u8]) -> String {
    let end = row.len().saturating_sub(9);
    String::from_utf8_lossy(&row[..end]).into_owned()
}
