//! The rows that the fold of one entry reads and changes.
//!
//! Invariant: what is read is what the store would show after the changes so far, and all rows belong to the
//! entry's audit partition. So the rows of a partition depend on that partition alone, whatever the order in
//! which partitions are folded.

use std::collections::BTreeMap;

use cns_state::{Change, Rows, Table};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    FoldError,
    key::{key, place, rank},
};
use crate::dto::{Facets, Recorded};

/// The corpus part of a list's key under which the whole tenant stands.
pub const ALL_CORPORA: &str = "";

/// Changes over committed rows.
pub struct Draft<'a> {
    rows: &'a dyn Rows,
    partition: u32,
    pending: BTreeMap<(Table, Vec<u8>), Option<Vec<u8>>>,
}

impl<'a> Draft<'a> {
    pub fn new(rows: &'a dyn Rows, partition: u32) -> Draft<'a> {
        Draft { rows, partition, pending: BTreeMap::new() }
    }

    /// A row by the parts of its key.
    pub fn get<T: DeserializeOwned>(
        &self,
        table: Table,
        parts: &[&str],
    ) -> Result<Option<T>, FoldError> {
        let key = key(parts);
        let bytes = match self.pending.get(&(table, key.clone())) {
            Some(pending) => pending.clone(),
            None => self.rows.get(table, self.partition, &key)?,
        };
        let Some(bytes) = bytes else { return Ok(None) };
        let row = serde_json::from_slice(&bytes)
            .map_err(|error| FoldError::Row { table: table.name, detail: error.to_string() })?;
        Ok(Some(row))
    }

    /// Writes a row.
    pub fn put<T: Serialize>(&mut self, table: Table, parts: &[&str], row: &T) {
        self.set(table, key(parts), Some(json(row)));
    }

    /// Writes a row under a key that ends with a place among its like.
    pub fn put_at<T: Serialize>(&mut self, table: Table, parts: &[&str], place: &[u8], row: &T) {
        let key = [key(parts), place.to_vec()].concat();
        self.set(table, key, Some(json(row)));
    }

    /// Removes a row.
    pub fn remove(&mut self, table: Table, parts: &[&str]) {
        self.set(table, key(parts), None);
    }

    /// Puts something into a list, for its corpus and for the whole tenant, or changes its facets there.
    pub fn list(&mut self, table: Table, tenant: &str, at: &Recorded, facets: &Facets) {
        for under in [&facets.corpus, ALL_CORPORA] {
            self.set(table, listed(tenant, under, at, &facets.id), Some(json(facets)));
        }
    }

    /// Takes something out of a list.
    pub fn unlist(&mut self, table: Table, tenant: &str, corpus: &str, at: &Recorded, id: &str) {
        for under in [corpus, ALL_CORPORA] {
            self.set(table, listed(tenant, under, at, id), None);
        }
    }

    /// Puts something into a sorted list, and takes it out of the place that it had.
    pub fn rank(
        &mut self,
        table: Table,
        tenant: &str,
        was: Option<(Option<f64>, Recorded)>,
        now: (Option<f64>, Recorded),
        facets: &Facets,
    ) {
        if let Some(was) = was {
            self.unrank(table, tenant, was, facets);
        }
        for under in [&facets.corpus, ALL_CORPORA] {
            self.set(table, ranked(tenant, under, now, &facets.id), Some(json(facets)));
        }
    }

    /// Takes something out of a sorted list.
    pub fn unrank(
        &mut self,
        table: Table,
        tenant: &str,
        was: (Option<f64>, Recorded),
        facets: &Facets,
    ) {
        for under in [&facets.corpus, ALL_CORPORA] {
            self.set(table, ranked(tenant, under, was, &facets.id), None);
        }
    }

    /// Reads, changes and writes a row; a missing one starts as its default.
    pub fn change<T: Serialize + DeserializeOwned + Default>(
        &mut self,
        table: Table,
        parts: &[&str],
        change: impl FnOnce(&mut T),
    ) -> Result<(), FoldError> {
        let mut row: T = self.get(table, parts)?.unwrap_or_default();
        change(&mut row);
        self.put(table, parts, &row);
        Ok(())
    }

    /// The changes, in the order of their keys.
    pub fn finish(self) -> Vec<Change> {
        let partition = self.partition;
        let change = |((table, key), value)| Change { table, partition, key, value };
        self.pending.into_iter().map(change).collect()
    }

    fn set(&mut self, table: Table, key: Vec<u8>, value: Option<Vec<u8>>) {
        self.pending.insert((table, key), value);
    }
}

/// The key under which something stands in a list.
fn listed(tenant: &str, corpus: &str, at: &Recorded, id: &str) -> Vec<u8> {
    let mut bytes = key(&[tenant, corpus]);
    bytes.extend(place(at));
    bytes.extend(id.as_bytes());
    bytes
}

/// The key under which something stands in a sorted list.
fn ranked(tenant: &str, corpus: &str, at: (Option<f64>, Recorded), id: &str) -> Vec<u8> {
    let (number, at) = at;
    [&key(&[tenant, corpus])[..], &rank(number), &place(&at), id.as_bytes()].concat()
}

fn json<T: Serialize>(row: &T) -> Vec<u8> {
    serde_json::to_vec(row).expect("a view row has string keys only, so it is JSON")
}
