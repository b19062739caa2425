//! A transaction is a value: appended events, state changes and consumed offsets together.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::Partition;

/// A record of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Record {
    /// What the partition is chosen by.
    #[serde(with = "serde_bytes")]
    pub key: Vec<u8>,
    /// The framed event.
    #[serde(with = "serde_bytes")]
    pub value: Vec<u8>,
    /// Name and value.
    pub headers: Vec<(String, Vec<u8>)>,
    /// When it was appended, milliseconds since 1970, as the appender said.
    pub at_ms: i64,
}

/// A record with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Where it stands.
    pub partition: Partition,
    /// Its offset there.
    pub offset: i64,
    /// The record.
    pub record: Record,
}

/// A record to append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// Where to.
    pub to: Partition,
    /// What.
    pub record: Record,
}

/// A table of keyed state. Its rows belong to the partitions of its stage's inbox. Two of one number are the same.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Under which it is stored; never used again for something else.
    pub number: u16,
    /// For people.
    pub name: &'static str,
}

impl PartialEq for Table {
    fn eq(&self, other: &Table) -> bool {
        self.number == other.number
    }
}

impl Eq for Table {}

impl Ord for Table {
    fn cmp(&self, other: &Table) -> Ordering {
        self.number.cmp(&other.number)
    }
}

impl PartialOrd for Table {
    fn partial_cmp(&self, other: &Table) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A change of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The table.
    pub table: Table,
    /// The inbox partition that the row belongs to.
    pub partition: u32,
    /// The row's key inside it.
    pub key: Vec<u8>,
    /// Its new value; `None` removes it.
    pub value: Option<Vec<u8>>,
}

/// What one commit writes, whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Transaction {
    /// Events to append, in their order.
    pub appends: Vec<Append>,
    /// Rows to change, in their order; a later change of a row wins.
    pub changes: Vec<Change>,
    /// For each inbox partition consumed from: the offset of the next record to read.
    pub consumed: Vec<(u32, i64)>,
}
