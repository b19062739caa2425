//! Brings the rows of newly owned partitions up to the end of their changelog, before they are served.
//!
//! The goal is the end of the changelog with open transactions included, asked for after the committed
//! offsets: commit markers reach the two independently, so the last stable offset alone could lie before a
//! commit that the offsets already show (KAFKA-10167).

use std::{
    collections::BTreeMap,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use rdkafka::{
    Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
};

use super::{
    ASK, KafkaOptions, Quiet,
    board::Board,
    bounds,
    changelog::{self, Barrier, Entry},
    connect, failed,
    rows::{Place, RowStore},
    settings,
};
use crate::{Change, Error};

/// A partition whose rows are to be restored, and what its last transaction must have said.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// The partition.
    pub partition: u32,
    /// The inbox offset in the last barrier.
    pub input: i64,
}

/// How the end of a changelog was reached.
pub enum Finished {
    /// The rows are what the committed offset says.
    Complete(Place),
    /// They are not, read from the beginning. Another member may have committed since the offset was asked for.
    Contradicts(Error),
}

/// The restoration of the partitions of one group.
pub struct Restore {
    group: String,
    changelog: String,
    rows: RowStore,
    options: KafkaOptions,
    /// Only while there is something to restore: a client costs threads and memory.
    clients: Option<Clients>,
    parts: BTreeMap<u32, Part>,
    board: Board,
}

struct Clients {
    reader: BaseConsumer<Quiet>,
    /// Sees open transactions too.
    ends: BaseConsumer<Quiet>,
}

struct Part {
    wanted: Wanted,
    /// The end of the changelog with open transactions included.
    target: i64,
    /// Whether every transaction before the target has ended, and its records are being read.
    reading: bool,
    /// Whether the rows were thrown away and are read from the beginning.
    whole: bool,
    /// Where reading begins.
    from: i64,
    place: Place,
    changes: Vec<Change>,
    /// Read since the last write.
    records: u64,
    bytes: usize,
    barrier: Option<Barrier>,
}

/// The end of a changelog is told with an answer that holds nothing, for which a broker waits so long.
const END_TOLD_AFTER_MS: &str = "10";
/// How long a poll waits before the deadline is looked at again.
const TURN: Duration = Duration::from_millis(20);
/// Rows are written in batches of this size.
const BATCH: usize = 5000;
const BATCH_BYTES: usize = 4 << 20;
/// Tombstones may be gone from a changelog after a day: rows that are older are read anew.
const AGE_MAX_MS: i64 = 12 * 3_600_000;

impl Restore {
    pub fn new(
        options: &KafkaOptions,
        group: &str,
        changelog: String,
        rows: RowStore,
        board: Board,
    ) -> Restore {
        Restore {
            group: group.to_owned(),
            changelog,
            rows,
            options: options.clone(),
            clients: None,
            parts: BTreeMap::new(),
            board,
        }
    }

    fn clients(&mut self) -> Result<&Clients, Error> {
        if self.clients.is_none() {
            let mut config = settings::reader(&self.options);
            config.set("fetch.wait.max.ms", END_TOLD_AFTER_MS);
            let reader = connect(&config)?;
            let ends = connect(&settings::ends(&self.options))?;
            self.clients = Some(Clients { reader, ends });
        }
        Ok(self.clients.as_ref().expect("they were made just now"))
    }

    /// Whether anything is left to do.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Forgets a partition that was lost meanwhile.
    pub fn forget(&mut self, partition: u32) {
        self.board.end(&self.group, partition);
        let was_read = self.parts.remove(&partition).is_some_and(|part| part.reading);
        if let Some(clients) = &self.clients
            && was_read
        {
            drop(clients.reader.incremental_unassign(&self.at(partition, Offset::Invalid)));
        }
        if self.parts.is_empty() {
            self.clients = None;
        }
    }

    /// Begins with a partition.
    pub fn begin(&mut self, wanted: Wanted) -> Result<(), Error> {
        let partition = wanted.partition;
        let changelog = self.changelog.clone();
        let (low, target) = bounds(&self.clients()?.ends, &changelog, partition, ASK)?;
        let known = self.rows.place(partition)?;
        let usable = known.filter(|place| {
            let complete = place.changelog >= low || *place == Place::START;
            let fresh = now_ms() - place.at_ms < AGE_MAX_MS;
            complete && fresh && place.changelog <= target && place.input <= wanted.input
        });
        let whole = usable.is_none();
        if whole && known.is_some() {
            tracing::warn!(
                group = self.group,
                partition,
                "The local rows do not belong to this changelog or are too old; they are read anew."
            );
        }
        let place = usable.unwrap_or(Place::START);
        let part = Part {
            wanted,
            target,
            reading: false,
            whole,
            from: if whole { low } else { place.changelog },
            place,
            changes: Vec::new(),
            records: 0,
            bytes: 0,
            barrier: None,
        };
        if whole {
            self.throw_away(partition)?;
        }
        self.board.begin(&self.group, partition, target - part.from);
        self.parts.insert(partition, part);
        Ok(())
    }

    /// Goes on until the deadline, or until a partition has reached its end.
    pub fn step(&mut self, deadline: Instant) -> Result<Option<(u32, Finished)>, Error> {
        self.start_reading()?;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let read = self.clients()?.reader.poll(left.min(TURN)).map(|read| {
                let message = read?;
                let (partition, offset) = (message.partition() as u32, message.offset());
                let key = message.key().unwrap_or_default();
                Ok((partition, offset, changelog::read(partition, key, message.payload())))
            });
            match read {
                Some(Ok((partition, offset, entry))) => {
                    let entry = entry.map_err(|detail| self.corrupt(partition, offset, &detail))?;
                    self.take(partition, offset, entry)?;
                }
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    if let Some(finished) = self.finish(partition as u32)? {
                        return Ok(Some((partition as u32, finished)));
                    }
                }
                Some(Err(error)) if !passing(&error) => {
                    return Err(failed("reading a changelog", &error));
                }
                Some(Err(_)) => {}
                // What waits for the end of a transaction is looked at when nothing else is to be read.
                None => self.start_reading()?,
            }
            if self.parts.is_empty() || left.is_zero() {
                return Ok(None);
            }
        }
    }

    fn start_reading(&mut self) -> Result<(), Error> {
        let waiting: Vec<u32> =
            self.parts.iter().filter(|(_, part)| !part.reading).map(|(p, _)| *p).collect();
        for partition in waiting {
            let changelog = self.changelog.clone();
            let (_, stable) = bounds(&self.clients()?.reader, &changelog, partition, ASK)?;
            let part = self.parts.get_mut(&partition).expect("it was found just now");
            if stable < part.target {
                continue;
            }
            part.reading = true;
            let from = match part.whole {
                true => Offset::Beginning,
                false => Offset::Offset(part.place.changelog),
            };
            let list = self.at(partition, from);
            let assigned = self.clients()?.reader.incremental_assign(&list);
            assigned.map_err(|error| failed("assigning a changelog", &error))?;
        }
        Ok(())
    }

    fn take(&mut self, partition: u32, offset: i64, entry: Entry) -> Result<(), Error> {
        // One that was forgotten may still have records on their way.
        let Some(part) = self.parts.get_mut(&partition) else { return Ok(()) };
        part.place.changelog = offset + 1;
        part.records += 1;
        match entry {
            Entry::Row(change) => {
                part.bytes += change.key.len() + change.value.as_ref().map_or(0, Vec::len);
                part.changes.push(change);
            }
            Entry::Barrier(barrier) => part.barrier = Some(barrier),
        }
        let full = part.changes.len() >= BATCH || part.bytes >= BATCH_BYTES;
        if full { self.write(partition) } else { Ok(()) }
    }

    /// Applies what was gathered, with the place reached: after a crash the restoration goes on from there.
    fn write(&mut self, partition: u32) -> Result<(), Error> {
        let part = self.parts.get_mut(&partition).expect("the caller has found it");
        let changes = std::mem::take(&mut part.changes);
        part.bytes = 0;
        let borrowed: Vec<&Change> = changes.iter().collect();
        part.place.rows_hash = self.rows.hash_after(part.place.rows_hash, &borrowed)?;
        part.place.at_ms = now_ms();
        let records = std::mem::take(&mut part.records);
        self.board.reached(&self.group, partition, part.place.changelog - part.from, records);
        self.rows.apply(borrowed, &[(partition, part.place)])
    }

    /// Checks a partition whose end was reached.
    fn finish(&mut self, partition: u32) -> Result<Option<Finished>, Error> {
        if !self.parts.contains_key(&partition) {
            return Ok(None);
        }
        self.write(partition)?;
        let part = &self.parts[&partition];
        let (mut place, wanted, whole) = (part.place, part.wanted, part.whole);
        let expected = match part.barrier {
            Some(barrier) => {
                place.input = barrier.input;
                barrier
            }
            None => Barrier { input: place.input, rows_hash: place.rows_hash },
        };
        if expected.rows_hash == place.rows_hash && place.input == wanted.input {
            self.rows.apply([], &[(partition, place)])?;
            self.forget(partition);
            return Ok(Some(Finished::Complete(place)));
        }
        let detail = format!(
            "the rows of {} stand for offset {} with hash {:x}; committed is {} with hash {:x}",
            partition, place.input, place.rows_hash, wanted.input, expected.rows_hash
        );
        if whole {
            self.forget(partition);
            let what = self.changelog.clone();
            return Ok(Some(Finished::Contradicts(Error::Corrupt { what, detail })));
        }
        tracing::warn!(group = self.group, detail, "The local rows are thrown away and read anew.");
        self.forget(partition);
        self.throw_away(partition)?;
        self.begin(wanted)?;
        Ok(None)
    }

    fn throw_away(&self, partition: u32) -> Result<(), Error> {
        self.rows.clear(partition)
    }

    fn at(&self, partition: u32, offset: Offset) -> TopicPartitionList {
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&self.changelog, partition as i32, offset)
            .expect("an offset of this kind is representable");
        list
    }

    fn corrupt(&self, partition: u32, offset: i64, detail: &str) -> Error {
        Error::Corrupt {
            what: format!("{}/{partition}", self.changelog),
            detail: format!("record {offset}: {detail}"),
        }
    }
}

impl Drop for Restore {
    fn drop(&mut self) {
        for partition in self.parts.keys() {
            self.board.end(&self.group, *partition);
        }
    }
}

/// Whether librdkafka goes on by itself.
pub fn passing(error: &KafkaError) -> bool {
    use rdkafka::error::RDKafkaErrorCode as Code;
    let lasting = [
        Code::AutoOffsetReset,
        Code::OffsetOutOfRange,
        Code::UnknownTopicOrPartition,
        Code::TopicAuthorizationFailed,
        Code::GroupAuthorizationFailed,
    ];
    match error {
        KafkaError::MessageConsumptionFatal(_) => false,
        other => !other.rdkafka_error_code().is_some_and(|code| lasting.contains(&code)),
    }
}

/// The wall clock: how old a place is.
pub fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}
