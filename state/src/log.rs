//! The log: what a stage and the API may ask of it. Three implementations, one conformance suite.
//!
//! How Kafka with consumer groups carries this interface is shown method by method in
//! `docs/decisions/0002-log-interface.md`.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use cns_schemas::Topic;

use crate::{Append, CommitError, Delivered, Error, Partition, Table, Transaction};

/// How much one read returns at most. At least one record is returned if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Records.
    pub records: usize,
    /// Sum of their values.
    pub bytes: usize,
}

impl Limit {
    /// Each partition's share, so that a full one does not keep the others waiting.
    pub(crate) fn shared_by(self, partitions: u32) -> Limit {
        let share =
            |all: usize| if all == 0 { 0 } else { (all / partitions.max(1) as usize).max(1) };
        Limit { records: share(self.records), bytes: share(self.bytes) }
    }
}

/// Rows of a partition on their way from the cluster to this process, which serves them when they are complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restoring {
    /// The group that they belong to.
    pub group: String,
    /// The partition of its inbox.
    pub partition: u32,
    /// Offsets of the changelog that were read.
    pub done: i64,
    /// Offsets to be read.
    pub total: i64,
    /// Since it began.
    pub elapsed: Duration,
}

impl Restoring {
    /// How long the rest will take at the pace so far; `None` before anything was read.
    pub fn left(&self) -> Option<Duration> {
        let rest = (self.total - self.done).max(0) as f64;
        (self.done > 0).then(|| self.elapsed.mul_f64(rest / self.done as f64))
    }
}

/// A durable, partitioned, transactional log with keyed rows beside it.
///
/// Contract, for every implementation (see [`conformance`](crate::conformance)):
/// - Offsets of a partition ascend in the order of the commits; a reader sees committed records only, each
///   once, in the order of their offsets. Offsets need not be dense.
/// - A group has at most one owner of an inbox partition at a time; an owner that was replaced cannot
///   commit any more.
/// - When `append` or `commit` returns `Ok`, the data survives a crash of the machine.
pub trait Log: Send + Sync {
    /// How many partitions the topic has; fixed when the log is created.
    fn partitions(&self, topic: Topic) -> u32;

    /// One past the last committed record of the partition.
    ///
    /// # Errors
    /// [`Error::Io`].
    fn end(&self, of: Partition) -> Result<i64, Error>;

    /// Committed records from `offset` on, for readers outside any group (views, audits). Waits up to
    /// `wait` for the first one; empty when none came.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] when `offset` lies past the end or was trimmed; [`Error::Corrupt`].
    fn read(
        &self,
        from: Partition,
        offset: i64,
        limit: Limit,
        wait: Duration,
    ) -> Result<Vec<Delivered>, Error>;

    /// How many records at most a reader at `offset` has not seen; 0 when it has seen all.
    ///
    /// # Errors
    /// [`Error::Io`].
    fn behind(&self, of: Partition, offset: i64) -> Result<i64, Error> {
        Ok((self.end(of)? - offset).max(0))
    }

    /// Appends events that consume nothing: what the API and the configuration do. All or none.
    ///
    /// # Errors
    /// As [`Member::commit`], without fencing.
    fn append(&self, appends: Vec<Append>) -> Result<Vec<i64>, CommitError>;

    /// The offset of the next record that the group will read in that partition of its inbox; what was
    /// committed just now may be shown a moment later.
    ///
    /// # Errors
    /// [`Error::Io`].
    fn committed(&self, group: &str, of: Partition) -> Result<i64, Error>;

    /// Whose rows this process is bringing up to date, by group and partition. Empty where rows are never away.
    fn restoring(&self) -> Vec<Restoring> {
        Vec::new()
    }

    /// How many records of changelogs this process has read to restore rows, by group.
    fn restored(&self) -> BTreeMap<String, u64> {
        BTreeMap::new()
    }

    /// Joins a group. The outcome of whatever an earlier member left undecided is settled before the new
    /// member is told its first partition.
    ///
    /// # Errors
    /// [`Error::Io`].
    fn join(&self, group: &str, inbox: Topic) -> Result<Box<dyn Member>, Error>;
}

/// What a poll brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Polled {
    /// Records of owned partitions, each partition in order; empty when none came in time.
    Records(Vec<Delivered>),
    /// These partitions are owned from now on, and their rows are complete.
    Assigned(Vec<u32>),
    /// These partitions are about to go. What is finished for them must be committed within the time
    /// given, before the next poll, which gives them up; results that are not committed by then are void.
    Revoking(Vec<u32>, Duration),
}

/// A member of a group: it owns partitions of the inbox, and the rows that belong to them.
pub trait Member: Send {
    /// The next records, or news of ownership. Waits up to `wait`. With `limit.records == 0` it only keeps
    /// the membership alive. Records are delivered from the committed offset on, each once between two
    /// assignments.
    ///
    /// # Errors
    /// [`Error::Fenced`]: join again. [`Error::Corrupt`], [`Error::Io`]: stop.
    fn poll(&mut self, limit: Limit, wait: Duration) -> Result<Polled, Error>;

    /// Commits a transaction: appends, rows and consumed offsets, whole or not at all. Returns the offsets
    /// of the appends. Only rows and offsets of owned partitions may be in it.
    ///
    /// # Errors
    /// See [`CommitError`]: after `NotDone` the member polls again from the committed offsets; after
    /// `Unknown` or `Fenced` it is of no more use.
    fn commit(&mut self, transaction: Transaction) -> Result<Vec<i64>, CommitError>;

    /// The committed rows of the owned partitions.
    fn rows(&self) -> Arc<dyn Rows>;
}

/// A key and its value.
pub type Row = (Vec<u8>, Vec<u8>);

/// Keyed rows to read.
pub trait Rows: Send + Sync {
    /// The value of a row.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::Io`].
    fn get(&self, table: Table, partition: u32, key: &[u8]) -> Result<Option<Vec<u8>>, Error>;

    /// Up to `limit` rows whose key begins with `prefix` and is greater than `after`, in the order of keys.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::Io`].
    fn scan(
        &self,
        table: Table,
        partition: u32,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, Error>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told_from_the_pace_so_far() {
        let elapsed = Duration::from_secs(3);
        let restoring = Restoring { group: "g".into(), partition: 0, done: 0, total: 40, elapsed };
        assert_eq!(restoring.left(), None);
        assert_eq!(Restoring { done: 10, ..restoring.clone() }.left(), Some(3 * elapsed));
        assert_eq!(Restoring { done: 41, ..restoring }.left(), Some(Duration::ZERO));
    }
}
