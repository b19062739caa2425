//! A member of a group: a consumer with static membership, and the one transactional producer of its worker.
//!
//! Invariant: rows change only after the transaction that changed them has committed, so what a crash, a
//! rebalance or an abort takes away was never in them.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use cns_schemas::Topic;
use rdkafka::{
    Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
};

use super::{
    Kafka,
    asking::whole_millis,
    connect_with, failed,
    producer::{Transactions, fenced},
    rebalance::{Change as Ownership, Changes},
    restore::{Finished, Restore, passing},
    rows::{Place, RowStore},
    settings,
};
use crate::{CommitError, Delivered, Error, Limit, Member, Partition, Polled, Rows, Transaction};

mod commit;
mod idle;
mod ownership;
mod received;
mod translate;
mod whole;

use idle::Probe;
pub use received::record;
use received::{Event, delivered, still_held};
use translate::Held;
use whole::Whole;

/// See the module.
pub struct KafkaMember {
    pub(super) log: Kafka,
    pub(super) group: String,
    pub(super) inbox: Topic,
    /// The inbox's Kafka topic.
    pub(super) input: String,
    pub(super) changelog: String,
    generation: u64,
    pub(super) consumer: BaseConsumer<Changes>,
    transactions: Transactions,
    pub(super) rows: RowStore,
    restore: Restore,
    pub(super) owned: BTreeMap<u32, Owned>,
    /// Read, but not asked for yet.
    buffered: VecDeque<Delivered>,
    buffered_bytes: usize,
    /// Translated, to be delivered next.
    ready: Vec<Delivered>,
    /// Partitions whose first record waits for its schema.
    held: BTreeMap<u32, Held>,
    /// To be given up with the next poll.
    leaving: Option<TopicPartitionList>,
    /// Nothing is fetched because nothing was asked for.
    holding: bool,
    last_commit: Instant,
    /// Whether all partitions have owners.
    whole: Whole,
}

/// A partition of the inbox that this member owns.
pub struct Owned {
    /// The next offset to deliver.
    pub position: i64,
    /// The committed offset, or where the group begins.
    pub committed: i64,
    /// What the rows stand for; `None` while they are restored.
    pub place: Option<Place>,
    /// Whether the offset can be moved past commit markers.
    pub probe: Probe,
    /// How often its rows were not what the committed offset says.
    pub contradictions: u32,
}

pub(super) const ASK: Duration = Duration::from_secs(10);
/// Several, because a rebalance is under way then.
const CONTRADICTIONS_MAX: u32 = 5;
/// How long a name that is still held is waited for before it is asked for again.
const STILL_HELD: Duration = Duration::from_secs(1);
/// How long restoring goes on before poll returns.
const RESTORE_TURN: Duration = Duration::from_millis(50);

impl KafkaMember {
    pub fn join(
        log: Kafka,
        group: &str,
        inbox: Topic,
        generation: u64,
    ) -> Result<KafkaMember, Error> {
        let inner = log.inner.clone();
        let (names, options) = (&inner.names, &inner.options);
        let id = names.member(group, &inner.process);
        // First, so that whatever an earlier holder left open has ended before offsets are read.
        let transactions = Transactions::new(options, id)
            .map_err(|error| failed("taking over the transactional id", &error))?;
        let instance = inner.instance(group);
        let config = settings::member(options, &names.group(group), &instance);
        let consumer: BaseConsumer<Changes> = connect_with(&config, Changes::default())?;
        let input = names.topic(inbox);
        consumer.subscribe(&[&input]).map_err(|error| failed("subscribing", &error))?;
        let rows = inner.rows.of(group);
        let changelog = names.changelog(group);
        let board = inner.board.clone();
        let restore = Restore::new(options, group, changelog.clone(), rows.clone(), board);
        Ok(KafkaMember {
            group: group.to_owned(),
            inbox,
            input,
            changelog,
            generation,
            consumer,
            transactions,
            rows,
            restore,
            owned: BTreeMap::new(),
            buffered: VecDeque::new(),
            buffered_bytes: 0,
            ready: Vec::new(),
            held: BTreeMap::new(),
            leaving: None,
            holding: false,
            last_commit: Instant::now(),
            whole: Whole::unknown(options),
            log,
        })
    }

    pub(super) fn list(
        &self,
        partitions: impl IntoIterator<Item = (u32, Offset)>,
    ) -> TopicPartitionList {
        let mut list = TopicPartitionList::new();
        for (partition, offset) in partitions {
            list.add_partition_offset(&self.input, partition as i32, offset)
                .expect("an offset of this kind is representable");
        }
        list
    }

    fn fenced(&self) -> Error {
        Error::Fenced(self.group.clone())
    }

    /// Gives up what the worker was told about.
    fn leave(&mut self) -> Result<(), Error> {
        let Some(leaving) = self.leaving.take() else { return Ok(()) };
        for partition in partitions_of(&leaving) {
            self.owned.remove(&partition);
            self.restore.forget(partition);
            self.held.remove(&partition);
            self.drop_buffered(partition);
        }
        self.consumer
            .incremental_unassign(&leaving)
            .map_err(|error| failed("giving partitions up", &error))
    }

    fn has_buffered(&self) -> bool {
        !(self.buffered.is_empty() && self.ready.is_empty())
    }

    fn drop_buffered(&mut self, partition: u32) {
        self.ready.retain(|delivered| delivered.partition.index != partition);
        self.buffered.retain(|delivered| delivered.partition.index != partition);
        let all = self.buffered.iter().chain(&self.ready);
        self.buffered_bytes = all.map(|d| d.record.value.len()).sum();
    }

    /// Acts on news of ownership. Tells the worker only of partitions whose rows it has seen.
    fn change(&mut self) -> Result<Option<Polled>, Error> {
        while let Some(change) = self.consumer.context().next() {
            self.whole = Whole::unknown(&self.log.inner.options);
            match change {
                Ownership::Assign(partitions) => {
                    tracing::debug!(group = self.group, partitions = ?partitions_of(&partitions), "Partitions come.");
                    self.take_over(partitions)?;
                }
                Ownership::Revoke { partitions, lost } => {
                    let going = partitions_of(&partitions);
                    tracing::debug!(group = self.group, partitions = ?going, lost, "Partitions go.");
                    let served = |p: &u32| self.owned.get(p).is_some_and(|o| o.place.is_some());
                    let told: Vec<u32> = going.into_iter().filter(served).collect();
                    self.leaving = Some(partitions);
                    if told.is_empty() {
                        self.leave()?;
                        continue;
                    }
                    let left =
                        if lost { Duration::ZERO } else { self.log.inner.options.session_timeout };
                    return Ok(Some(Polled::Revoking(told, left)));
                }
            }
        }
        Ok(None)
    }

    /// Restores for a while; news when a partition has its rows.
    fn restore_until(&mut self, deadline: Instant) -> Result<Option<Polled>, Error> {
        if self.restore.is_empty() {
            return Ok(None);
        }
        match self.restore.step(deadline)? {
            Some((partition, Finished::Complete(place))) => {
                self.restored(partition, place).map(Some)
            }
            Some((partition, Finished::Contradicts(error))) => {
                self.ask_again(partition, error).map(|()| None)
            }
            None => Ok(None),
        }
    }

    /// Stops or starts fetching, as records are asked for or not.
    fn hold(&mut self, holding: bool) -> Result<(), Error> {
        if holding == self.holding {
            return Ok(());
        }
        self.holding = holding;
        let served =
            self.owned.iter().filter(|(p, o)| o.place.is_some() && !self.held.contains_key(p));
        let served: Vec<u32> = served.map(|(p, _)| *p).collect();
        let list = self.list(served.iter().map(|p| (*p, Offset::Invalid)));
        let done = if holding { self.consumer.pause(&list) } else { self.consumer.resume(&list) };
        done.map_err(|error| failed("pausing or resuming partitions", &error))
    }

    fn next_event(&self, patience: Duration) -> Option<Event> {
        Some(match self.consumer.poll(whole_millis(patience))? {
            Ok(message) => {
                let index = message.partition() as u32;
                Event::Record(delivered(Partition { topic: self.inbox, index }, &message))
            }
            Err(KafkaError::PartitionEOF(partition)) => Event::End(partition as u32),
            Err(error) => Event::Failed(error),
        })
    }

    fn take_event(&mut self, event: Event) -> Result<(), Error> {
        match event {
            Event::Record(record) => {
                let owned = self.owned.get_mut(&record.partition.index);
                // What was fetched before a seek may still come.
                if let Some(owned) =
                    owned.filter(|o| o.place.is_some() && record.offset >= o.position)
                    && !self.held.contains_key(&record.partition.index)
                {
                    owned.position = record.offset + 1;
                    self.buffered_bytes += record.record.value.len();
                    self.buffered.push_back(record);
                }
                Ok(())
            }
            Event::End(partition) => self.at_end(partition),
            Event::Failed(error) if fenced(&error) => Err(self.fenced()),
            // With the consumer protocol a broker holds the name of a process that was killed until its session is
            // over, and librdkafka gives up on it: another client has to ask again.
            Event::Failed(error) if still_held(&error) => {
                tracing::warn!(group = self.group, %error, "Waiting for the session of the last process.");
                std::thread::sleep(STILL_HELD);
                Err(self.fenced())
            }
            Event::Failed(error) if passing(&error) => {
                tracing::debug!(group = self.group, %error, "The consumer reports an error and goes on.");
                Ok(())
            }
            Event::Failed(error) => Err(failed(&format!("reading {}", self.input), &error)),
        }
    }

    /// Back to what is committed.
    fn rewind(&mut self) -> Result<(), Error> {
        self.buffered.clear();
        self.ready.clear();
        self.buffered_bytes = 0;
        // Of these more was read than delivered, so reading does not stand at their position.
        let held: Vec<u32> = std::mem::take(&mut self.held).into_keys().collect();
        if !held.is_empty() && !self.holding {
            let list = self.list(held.iter().map(|p| (*p, Offset::Invalid)));
            self.consumer.resume(&list).map_err(|error| failed("resuming partitions", &error))?;
        }
        for (partition, owned) in &mut self.owned {
            if owned.position != owned.committed || held.contains(partition) {
                owned.position = owned.committed;
                let from = Offset::Offset(owned.committed);
                self.consumer
                    .seek(&self.input, *partition as i32, from, ASK)
                    .map_err(|error| failed("going back to the committed offsets", &error))?;
            }
        }
        Ok(())
    }

    fn take(&mut self, limit: Limit) -> Result<Vec<Delivered>, Error> {
        if limit.records == 0 {
            return Ok(Vec::new());
        }
        let mut bytes = 0;
        let fits = |delivered: &&Delivered| {
            let first = bytes == 0;
            bytes += delivered.record.value.len().max(1);
            first || bytes <= limit.bytes
        };
        let count = self.buffered.iter().take(limit.records).take_while(fits).count();
        let taken: Vec<Delivered> = self.buffered.drain(..count).collect();
        let waited = std::mem::take(&mut self.ready);
        let counted = taken.iter().chain(&waited);
        self.buffered_bytes -= counted.map(|d| d.record.value.len()).sum::<usize>();
        let taken = self.translated(taken)?;
        Ok(waited.into_iter().chain(taken).collect())
    }
}

impl Member for KafkaMember {
    fn poll(&mut self, limit: Limit, wait: Duration) -> Result<Polled, Error> {
        let deadline = Instant::now() + wait;
        if !self.log.inner.owns(&self.group, self.generation) {
            return Err(self.fenced());
        }
        self.leave()?;
        let nothing = limit.records == 0;
        self.hold(nothing)?;
        self.look_again()?;
        self.look_for_gaps()?;
        // A turn in each poll, so that restoring goes on while other partitions are busy, and they while it lasts.
        if let Some(told) = self.restore_until(Instant::now() + RESTORE_TURN.min(wait))? {
            return Ok(told);
        }
        loop {
            if let Some(told) = self.change()? {
                return Ok(told);
            }
            let full = self.buffered.len() >= limit.records || self.buffered_bytes >= limit.bytes;
            // What is at hand is taken first, and the clock asked only when nothing is.
            if let Some(event) = self.next_event(Duration::ZERO) {
                self.take_event(event)?;
                if !full {
                    continue;
                }
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if full || self.has_buffered() || left.is_zero() {
                break;
            }
            if let Some(told) = self.restore_until(deadline.min(Instant::now() + RESTORE_TURN))? {
                return Ok(told);
            }
            let patience = if self.restore.is_empty() { left } else { Duration::ZERO };
            if let Some(event) = self.next_event(patience) {
                self.take_event(event)?;
            } else if nothing && self.restore.is_empty() {
                break;
            }
        }
        if !self.has_buffered() {
            self.probe()?;
        }
        self.take(limit).map(Polled::Records)
    }

    fn commit(&mut self, transaction: Transaction) -> Result<Vec<i64>, CommitError> {
        self.commit_transaction(&transaction)
    }

    fn rows(&self) -> Arc<dyn Rows> {
        Arc::new(self.rows.clone())
    }
}

impl Drop for KafkaMember {
    /// Answers what librdkafka has asked and nobody will answer any more: its close would wait for ever.
    fn drop(&mut self) {
        self.consumer.context().close();
        if let Some(leaving) = self.leaving.take() {
            drop(self.consumer.incremental_unassign(&leaving));
        }
        while let Some(change) = self.consumer.context().next() {
            drop(match change {
                Ownership::Assign(partitions) => self.consumer.incremental_assign(&partitions),
                Ownership::Revoke { partitions, .. } => {
                    self.consumer.incremental_unassign(&partitions)
                }
            });
        }
    }
}

fn partitions_of(list: &TopicPartitionList) -> Vec<u32> {
    list.elements().iter().map(|element| element.partition() as u32).collect()
}
