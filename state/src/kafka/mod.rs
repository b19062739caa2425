//! The log on Kafka: groups share partitions, transactions tie outputs, rows and offsets together.
//!
//! Invariant: what readers and rows show was committed in the cluster. The rows of this process are a copy of
//! compacted changelogs; losing them costs time and nothing else.

mod asking;
mod board;
mod changelog;
mod client;
mod installation;
mod member;
mod names;
mod producer;
mod reader;
mod rebalance;
mod registry;
mod restore;
mod rows;
mod settings;
mod single;
mod topics;

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use cns_schemas::{TOPICS, Topic, UNREADABLE_HEADER};
use rdkafka::{
    Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
};

use crate::{
    Append, CommitError, Delivered, Error, Limit, Log, Member, Partition, Record, Restoring,
    directory::Directory,
};
use asking::{ASK, ASK_BRIEFLY, bounds, committed};
use board::Board;
use client::{Quiet, connect, connect_with, failed, log, report};
use member::KafkaMember;
use names::Names;
use reader::Reader;
pub use registry::{
    Compatibility, RegistryOptions, check_schemas, register_schemas, take_user_info,
};
use registry::{Incoming, Registry};
use rows::RowStore;
pub use settings::{KafkaOptions, protected};
use single::Singles;
pub use topics::{Drift, Plan, TopicSettings};

/// The log on a cluster. Clones share it.
#[derive(Clone)]
pub struct Kafka {
    inner: Arc<Inner>,
}

struct Inner {
    options: KafkaOptions,
    names: Names,
    /// What this state directory is called in the cluster.
    process: String,
    partitions: BTreeMap<Topic, u32>,
    rows: RowStore,
    /// Without one, records keep the ids of this process.
    registry: Option<Registry>,
    singles: Singles,
    reader: Mutex<Reader>,
    /// Asks where partitions end.
    ends: BaseConsumer<Quiet>,
    /// One for each group, which asks for its offsets and never joins.
    askers: Mutex<BTreeMap<String, Arc<BaseConsumer<Quiet>>>>,
    seen: Mutex<Seen>,
    generations: Mutex<BTreeMap<String, u64>>,
    /// How often a group had to see this process under another name.
    names_taken: Mutex<BTreeMap<String, u32>>,
    board: Board,
    _directory: Directory,
}

/// Ends and offsets as they were a moment ago: lag is asked for often and needs no more.
#[derive(Default)]
struct Seen {
    ends: BTreeMap<Partition, (Instant, i64)>,
    committed: BTreeMap<String, (Instant, BTreeMap<u32, i64>)>,
    /// The last question that the brokers did not answer: for a moment nobody waits for another.
    away: Option<(Instant, Error)>,
}

const SEEN_FOR: Duration = Duration::from_secs(1);

impl Kafka {
    /// Opens the log of a namespace: its topics have to be there.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Io`]: a cluster that cannot be reached, topics that are missing.
    pub fn open(options: &KafkaOptions) -> Result<Kafka, Error> {
        let refused = protected(&options.properties);
        if !refused.is_empty() {
            return Err(Error::Io {
                what: "opening the log".into(),
                detail: format!("exactly-once rests on {}: leave it out", refused.join(", ")),
            });
        }
        let directory = Directory::lock(&options.directory)?;
        let process = identity(options)?;
        let names = Names::new(&options.namespace);
        let partitions = partitions(options, &names)?;
        let registry = options.registry.as_ref();
        let registry = registry.map(|r| Registry::open(r, &options.namespace)).transpose()?;
        let rows = RowStore::open(&options.directory.join("rows"), options)?;
        let inner = Inner {
            singles: Singles::new(options, &names, &process)?,
            reader: Mutex::new(Reader::new(options)?),
            ends: connect(&settings::reader(options))?,
            registry,
            askers: Mutex::default(),
            seen: Mutex::default(),
            generations: Mutex::default(),
            names_taken: Mutex::default(),
            board: Board::default(),
            options: options.clone(),
            names,
            process,
            partitions,
            rows,
            _directory: directory,
        };
        Ok(Kafka { inner: Arc::new(inner) })
    }
}

impl Inner {
    fn owns(&self, group: &str, generation: u64) -> bool {
        let generations = self.generations.lock().expect("no holder of the lock panics");
        generations.get(group) == Some(&generation)
    }

    /// The static name of this process in a group.
    fn instance(&self, group: &str) -> String {
        let taken = self.names_taken.lock().expect("no holder of the lock panics");
        let name = self.names.member(group, &self.process);
        taken.get(group).map_or(name.clone(), |count| format!("{name}.{count}"))
    }

    fn take_another_name(&self, group: &str) {
        let mut taken = self.names_taken.lock().expect("no holder of the lock panics");
        *taken.entry(group.to_owned()).or_default() += 1;
    }

    /// A value as it goes to the cluster.
    fn theirs<'a>(&self, value: &'a [u8]) -> Cow<'a, [u8]> {
        let translated = self.registry.as_ref().and_then(|registry| registry.outgoing(value));
        translated.map_or(Cow::Borrowed(value), Cow::Owned)
    }

    /// A record of the cluster under our schema ids.
    fn own(&self, mut record: Record) -> Result<Record, Error> {
        let Some(registry) = &self.registry else { return Ok(record) };
        match registry.incoming(&record.value) {
            Incoming::Value(value) => record.value = value,
            Incoming::Unreadable(why) => unreadable(&mut record, why),
            Incoming::Unknown(detail) | Incoming::Away(detail) => {
                return Err(Error::Away { what: "looking up a schema".into(), detail });
            }
        }
        Ok(record)
    }

    /// What was seen, unless the brokers did not answer a moment ago.
    fn seen(&self) -> Result<MutexGuard<'_, Seen>, Error> {
        let seen = self.seen.lock().expect("no holder of the lock panics");
        match &seen.away {
            Some((at, error)) if recent(*at) => Err(error.clone()),
            _ => Ok(seen),
        }
    }

    /// Notes that the brokers did not answer.
    fn noted<T>(&self, answer: Result<T, Error>) -> Result<T, Error> {
        if let Err(error @ Error::Away { .. }) = &answer {
            let mut seen = self.seen.lock().expect("no holder of the lock panics");
            seen.away = Some((Instant::now(), error.clone()));
        }
        answer
    }

    fn asker(&self, group: &str) -> Result<Arc<BaseConsumer<Quiet>>, Error> {
        let mut askers = self.askers.lock().expect("no holder of the lock panics");
        if let Some(known) = askers.get(group) {
            return Ok(known.clone());
        }
        // Offsets of a transaction that is open are not waited for: what was committed before it is the answer.
        let mut config = settings::ends(&self.options);
        config.set("group.id", self.names.group(group));
        let asker = Arc::new(connect(&config)?);
        askers.insert(group.to_owned(), asker.clone());
        Ok(asker)
    }

    /// The committed offsets of a group in its inbox.
    fn offsets(&self, group: &str, inbox: Topic) -> Result<BTreeMap<u32, i64>, Error> {
        let topic = self.names.topic(inbox);
        let mut list = TopicPartitionList::new();
        for index in 0..self.partitions[&inbox] {
            list.add_partition(&topic, index as i32);
        }
        let asker = self.asker(group)?;
        let found = committed(&asker, &list, ASK_BRIEFLY)?;
        let offset = |offset| match offset {
            Offset::Offset(offset) => offset,
            _ => 0,
        };
        Ok(found.elements().iter().map(|e| (e.partition() as u32, offset(e.offset()))).collect())
    }
}

impl Log for Kafka {
    fn partitions(&self, topic: Topic) -> u32 {
        self.inner.partitions[&topic]
    }

    fn end(&self, of: Partition) -> Result<i64, Error> {
        let inner = &self.inner;
        if let Some((_, end)) = inner.seen()?.ends.get(&of).filter(|(at, _)| recent(*at)) {
            return Ok(*end);
        }
        let topic = inner.names.topic(of.topic);
        let (_, end) = inner.noted(bounds(&inner.ends, &topic, of.index, ASK_BRIEFLY))?;
        inner.seen()?.ends.insert(of, (Instant::now(), end));
        Ok(end)
    }

    fn read(
        &self,
        from: Partition,
        offset: i64,
        limit: Limit,
        wait: Duration,
    ) -> Result<Vec<Delivered>, Error> {
        let topic = self.inner.names.topic(from.topic);
        let mut reader = self.inner.reader.lock().expect("no holder of the lock panics");
        let read = reader.read(from, &topic, offset, limit, wait)?;
        drop(reader);
        let mut own = Vec::with_capacity(read.len());
        for delivered in read {
            match self.inner.own(delivered.record) {
                Ok(record) => own.push(Delivered { record, ..delivered }),
                // What comes before it can be read; the next read begins with it.
                Err(_) if !own.is_empty() => break,
                Err(error) => return Err(error),
            }
        }
        Ok(own)
    }

    fn append(&self, appends: Vec<Append>) -> Result<Vec<i64>, CommitError> {
        let own = |mut append: Append| {
            if let Cow::Owned(value) = self.inner.theirs(&append.record.value) {
                append.record.value = value;
            }
            append
        };
        let appends: Vec<Append> = appends.into_iter().map(own).collect();
        let written = self.inner.singles.append(&appends);
        if written.is_ok() {
            let mut seen = self.inner.seen.lock().expect("no holder of the lock panics");
            seen.away = None;
            for append in &appends {
                seen.ends.remove(&append.to);
            }
        }
        written
    }

    fn behind(&self, of: Partition, offset: i64) -> Result<i64, Error> {
        let end = self.end(of)?;
        let reader = self.inner.reader.lock().expect("no holder of the lock panics");
        Ok(if reader.has_all(of, offset, end) { 0 } else { (end - offset).max(0) })
    }

    fn committed(&self, group: &str, of: Partition) -> Result<i64, Error> {
        let inner = &self.inner;
        if let Some((_, offsets)) = inner.seen()?.committed.get(group).filter(|(at, _)| recent(*at))
        {
            return Ok(offsets.get(&of.index).copied().unwrap_or(0));
        }
        let offsets = inner.noted(inner.offsets(group, of.topic))?;
        let committed = offsets.get(&of.index).copied().unwrap_or(0);
        inner.seen()?.committed.insert(group.to_owned(), (Instant::now(), offsets));
        Ok(committed)
    }

    fn restoring(&self) -> Vec<Restoring> {
        self.inner.board.restoring()
    }

    fn restored(&self) -> BTreeMap<String, u64> {
        self.inner.board.restored()
    }

    fn join(&self, group: &str, inbox: Topic) -> Result<Box<dyn Member>, Error> {
        let generation = {
            let mut generations =
                self.inner.generations.lock().expect("no holder of the lock panics");
            let generation = generations.entry(group.to_owned()).or_default();
            *generation += 1;
            *generation
        };
        Ok(Box::new(KafkaMember::join(self.clone(), group, inbox, generation)?))
    }
}

fn recent(at: Instant) -> bool {
    at.elapsed() < SEEN_FOR
}

/// The name of this state directory, made at its first use.
fn identity(options: &KafkaOptions) -> Result<String, Error> {
    let path = options.directory.join("PROCESS");
    let io = |error: std::io::Error| Error::Io {
        what: format!("reading or writing {}", path.display()),
        detail: error.to_string(),
    };
    match fs::read_to_string(&path) {
        Ok(known) if !known.trim().is_empty() => Ok(known.trim().to_owned()),
        _ => {
            let made = format!("{:016x}", fastrand::u64(..));
            fs::write(&path, &made).map_err(io)?;
            Ok(made)
        }
    }
}

/// How many partitions each topic has.
fn partitions(options: &KafkaOptions, names: &Names) -> Result<BTreeMap<Topic, u32>, Error> {
    let asker: BaseConsumer<Quiet> = connect(&settings::reader(options))?;
    let metadata = asker
        .fetch_metadata(None, ASK)
        .map_err(|error| failed(&format!("reaching {}", options.brokers), &error))?;
    let found: BTreeMap<&str, u32> =
        metadata.topics().iter().map(|t| (t.name(), t.partitions().len() as u32)).collect();
    let mut missing = Vec::new();
    let mut partitions = BTreeMap::new();
    for (topic, ..) in TOPICS {
        match found.get(names.topic(topic).as_str()) {
            Some(count) => drop(partitions.insert(topic, *count)),
            None => missing.push(names.topic(topic)),
        }
    }
    if missing.is_empty() {
        return Ok(partitions);
    }
    Err(Error::Io {
        what: format!("opening the log on {}", options.brokers),
        detail: format!(
            "the cluster has no topic {}; `cns topics apply` creates them",
            missing.join(", ")
        ),
    })
}

/// Says in the record why its value cannot be read.
fn unreadable(record: &mut Record, why: String) {
    record.headers.push((UNREADABLE_HEADER.to_owned(), why.into_bytes()));
}
