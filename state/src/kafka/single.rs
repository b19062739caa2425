//! Appends that consume nothing: single records by an idempotent producer, several by a transaction.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use crossbeam_channel::{Sender, bounded};
use rdkafka::{
    ClientContext, Message,
    config::{FromClientConfigAndContext, RDKafkaLogLevel},
    error::{KafkaError, RDKafkaErrorCode},
    producer::{BaseRecord, DeliveryResult, Producer as _, ProducerContext, ThreadedProducer},
};

use super::{
    KafkaOptions, Names, failed,
    producer::{Ended, Outgoing, Transactions, native},
    settings,
};
use crate::{Append, CommitError, Error};

/// The producers of a process that belong to no group.
pub struct Singles {
    options: KafkaOptions,
    names: Names,
    id: String,
    producer: ThreadedProducer<Told>,
    /// Whether the last append found no broker: the next one asks before it waits.
    away: AtomicBool,
    /// Made when the first append of several records comes.
    transactions: Mutex<Option<Transactions>>,
}

/// How long an append waits for the in-sync replicas. Longer than a client waits is of no use.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(5);

/// While the brokers are away nobody waits longer than this to hear of it.
const ASK_FIRST: Duration = Duration::from_millis(300);

type Reply = Sender<Result<i64, KafkaError>>;

impl Singles {
    pub fn new(options: &KafkaOptions, names: &Names, process: &str) -> Result<Singles, Error> {
        let producer =
            ThreadedProducer::from_config_and_context(&settings::producer(options), Told)
                .map_err(|error| failed("making a Kafka producer", &error))?;
        Ok(Singles {
            options: options.clone(),
            names: names.clone(),
            id: names.member("append", process),
            producer,
            away: AtomicBool::new(false),
            transactions: Mutex::new(None),
        })
    }

    /// Appends, all or none.
    pub fn append(&self, appends: &[Append]) -> Result<Vec<i64>, CommitError> {
        match appends {
            [] => Ok(Vec::new()),
            [one] => self.one(one).map(|offset| vec![offset]),
            several => self.several(several),
        }
    }

    fn one(&self, append: &Append) -> Result<i64, CommitError> {
        let topic = self.names.topic(append.to.topic);
        if self.away.load(Ordering::Relaxed) {
            let asked = self.producer.client().fetch_metadata(Some(&topic), ASK_FIRST);
            asked.map_err(|error| CommitError::NotDone(failed("reaching the brokers", &error)))?;
        }
        let written = self.acknowledged(append);
        self.away.store(written.is_err(), Ordering::Relaxed);
        written
    }

    fn acknowledged(&self, append: &Append) -> Result<i64, CommitError> {
        let deadline = Instant::now() + ACKNOWLEDGED_WITHIN;
        let (reply, answer) = bounded(1);
        self.send(append, reply, deadline)?;
        let what = "appending a record";
        match answer.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(Ok(offset)) => Ok(offset),
            Ok(Err(error)) => Err(CommitError::Unknown(failed(what, &error))),
            Err(_) => Err(CommitError::Unknown(Error::Away {
                what: what.into(),
                detail: "the brokers did not acknowledge it in time".into(),
            })),
        }
    }

    fn send(&self, append: &Append, reply: Reply, deadline: Instant) -> Result<(), CommitError> {
        let topic = self.names.topic(append.to.topic);
        let mut record = BaseRecord::with_opaque_to(&topic, Box::new(reply))
            .partition(append.to.index as i32)
            .key(&append.record.key)
            .payload(&append.record.value)
            .timestamp(append.record.at_ms)
            .headers(native(&append.record.headers));
        loop {
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((error, back)) => {
                    let full = error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull);
                    if !full || Instant::now() >= deadline {
                        return Err(CommitError::NotDone(failed("appending a record", &error)));
                    }
                    record = back;
                    self.producer.poll(Duration::from_millis(1));
                }
            }
        }
    }

    fn several(&self, appends: &[Append]) -> Result<Vec<i64>, CommitError> {
        let topics: Vec<String> = appends.iter().map(|a| self.names.topic(a.to.topic)).collect();
        let named = appends.iter().zip(&topics);
        let records: Vec<Outgoing<'_>> = named
            .map(|(append, topic)| Outgoing::of(append, topic, &append.record.value))
            .collect();
        self.transaction(&records)
    }

    /// Writes records, all or none.
    pub fn transaction(&self, records: &[Outgoing<'_>]) -> Result<Vec<i64>, CommitError> {
        let error = |detail| Error::Away { what: "appending records".into(), detail };
        let mut transactions = self.transactions.lock().expect("no holder of the lock panics");
        let made = match transactions.take() {
            Some(made) => made,
            None => Transactions::new(&self.options, self.id.clone())
                .map_err(|why| CommitError::NotDone(error(why.to_string())))?,
        };
        let made = transactions.insert(made);
        made.commit(records, None).map_err(|ended| match ended {
            Ended::Aborted(detail) | Ended::Fenced(detail) => CommitError::NotDone(error(detail)),
            Ended::Unknown(detail) => CommitError::Unknown(error(detail)),
        })
    }
}

/// Tells each sender what became of its record.
struct Told;

impl ClientContext for Told {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        super::log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        super::report(&error, reason);
    }
}

impl ProducerContext for Told {
    type DeliveryOpaque = Box<Reply>;

    fn delivery(&self, result: &DeliveryResult<'_>, reply: Box<Reply>) {
        let told = match result {
            Ok(message) => Ok(message.offset()),
            Err((error, _)) => Err(error.clone()),
        };
        // Whoever does not wait any more has said that the outcome is unknown.
        drop(reply.send(told));
    }
}
