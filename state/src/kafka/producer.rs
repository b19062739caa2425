//! A transactional producer: one transaction at a time, and how each of them ended.
//!
//! librdkafka has no client side of KIP-890: a delayed end of one transaction could end the next one. So a
//! producer whose transaction did not end clearly and quickly is never used again; a new one under the same
//! id raises the epoch, which fences whatever is still on its way.

use std::{
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

use rdkafka::{
    ClientContext, Message, TopicPartitionList,
    config::{FromClientConfigAndContext, RDKafkaLogLevel},
    consumer::ConsumerGroupMetadata,
    error::{KafkaError, RDKafkaErrorCode},
    message::{Header, OwnedHeaders},
    producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext, PurgeConfig},
};

use super::{KafkaOptions, settings};
use crate::Append;

/// A record on its way.
pub struct Outgoing<'a> {
    /// The Kafka topic.
    pub topic: &'a str,
    /// Its partition.
    pub partition: u32,
    /// The key.
    pub key: &'a [u8],
    /// The value; `None` is a tombstone.
    pub value: Option<&'a [u8]>,
    /// Name and value.
    pub headers: &'a [(String, Vec<u8>)],
    /// Milliseconds since 1970.
    pub at_ms: Option<i64>,
}

impl<'a> Outgoing<'a> {
    /// An append, with the topic and the value as they are called in the cluster.
    pub fn of(append: &'a Append, topic: &'a str, value: &'a [u8]) -> Outgoing<'a> {
        Outgoing {
            topic,
            partition: append.to.index,
            key: &append.record.key,
            value: Some(value),
            headers: &append.record.headers,
            at_ms: Some(append.record.at_ms),
        }
    }
}

/// How a transaction ended when it is not done.
#[derive(Debug)]
pub enum Ended {
    /// Certainly nothing of it was written.
    Aborted(String),
    /// Another producer or member has taken over.
    Fenced(String),
    /// It may be committed or not.
    Unknown(String),
}

/// A producer under one transactional id.
pub struct Transactions {
    options: KafkaOptions,
    id: String,
    /// `None` after an unclear end, until the next transaction makes a new one.
    producer: Option<BaseProducer<Deliveries>>,
}

/// A commit that takes longer may have been sent twice.
const CLEAR_COMMIT: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(1);

impl Transactions {
    /// Takes over the id: the earlier holder is fenced, what it left open is aborted.
    ///
    /// # Errors
    /// The cluster cannot be reached in time.
    pub fn new(options: &KafkaOptions, id: String) -> Result<Transactions, KafkaError> {
        let mut transactions = Transactions { options: options.clone(), id, producer: None };
        transactions.renew()?;
        Ok(transactions)
    }

    fn renew(&mut self) -> Result<(), KafkaError> {
        // The old one is gone before the new one begins.
        self.producer = None;
        let config = settings::transactional(&self.options, &self.id);
        let producer = BaseProducer::from_config_and_context(&config, Deliveries::default())?;
        let deadline = Instant::now() + 3 * self.options.transaction_timeout;
        loop {
            match producer.init_transactions(self.options.transaction_timeout) {
                Ok(()) => break,
                Err(error) if retriable(&error) && Instant::now() < deadline => {}
                Err(error) => return Err(error),
            }
        }
        self.producer = Some(producer);
        Ok(())
    }

    /// Writes everything and the consumed offsets, and commits. Returns the offset of each record.
    ///
    /// # Errors
    /// See [`Ended`].
    pub fn commit(
        &mut self,
        records: &[Outgoing<'_>],
        offsets: Option<(&TopicPartitionList, &ConsumerGroupMetadata)>,
    ) -> Result<Vec<i64>, Ended> {
        if self.producer.is_none() {
            self.renew().map_err(|error| begun_badly(&error))?;
        }
        let producer = self.producer.as_ref().expect("it was made just now");
        let deadline = Instant::now() + self.options.transaction_timeout;
        let written = write(producer, records, offsets, deadline);
        if let Err(ended) = written {
            if abort(producer, self.options.transaction_timeout).is_err() {
                self.producer = None;
            }
            return Err(ended);
        }
        let begun = Instant::now();
        let committed = finish(producer, deadline);
        let offsets = producer.context().take();
        if committed.is_err() || begun.elapsed() > CLEAR_COMMIT {
            self.producer = None;
        }
        committed.map_err(|error| Ended::Unknown(error.to_string()))?;
        Ok(offsets)
    }
}

fn begun_badly(error: &KafkaError) -> Ended {
    if fenced(error) { Ended::Fenced(error.to_string()) } else { Ended::Aborted(error.to_string()) }
}

/// Everything up to the commit: nothing of it is visible yet.
fn write(
    producer: &BaseProducer<Deliveries>,
    records: &[Outgoing<'_>],
    offsets: Option<(&TopicPartitionList, &ConsumerGroupMetadata)>,
    deadline: Instant,
) -> Result<(), Ended> {
    producer.begin_transaction().map_err(|error| begun_badly(&error))?;
    producer.context().expect(records.len());
    for (index, record) in records.iter().enumerate() {
        send(producer, record, index, deadline).map_err(|error| begun_badly(&error))?;
    }
    drain(producer, deadline).map_err(Ended::Aborted)?;
    if let Some(error) = producer.context().failure() {
        return Err(begun_badly(&error));
    }
    let Some((offsets, group)) = offsets else { return Ok(()) };
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match producer.send_offsets_to_transaction(offsets, group, left) {
            Ok(()) => return Ok(()),
            Err(error) if retriable(&error) && !left.is_zero() => {}
            Err(error) if between_generations(&error) => {
                return Err(Ended::Aborted(error.to_string()));
            }
            Err(error) => return Err(begun_badly(&error)),
        }
    }
}

fn send(
    producer: &BaseProducer<Deliveries>,
    outgoing: &Outgoing<'_>,
    index: usize,
    deadline: Instant,
) -> Result<(), KafkaError> {
    let mut record = BaseRecord::with_opaque_to(outgoing.topic, index)
        .partition(outgoing.partition as i32)
        .key(outgoing.key);
    record.payload = outgoing.value;
    record.timestamp = outgoing.at_ms;
    if !outgoing.headers.is_empty() {
        record.headers = Some(native(outgoing.headers));
    }
    loop {
        match producer.send(record) {
            Ok(()) => return Ok(()),
            Err((error, back)) => {
                let full = error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull);
                if !full || Instant::now() >= deadline {
                    return Err(error);
                }
                record = back;
                producer.poll(POLL);
            }
        }
    }
}

/// The headers of a record as librdkafka takes them.
pub fn native(headers: &[(String, Vec<u8>)]) -> OwnedHeaders {
    let empty = OwnedHeaders::new_with_capacity(headers.len());
    headers
        .iter()
        .fold(empty, |all, (key, value)| all.insert(Header { key, value: Some(value.as_slice()) }))
}

/// Waits until every record has its report.
fn drain(producer: &BaseProducer<Deliveries>, deadline: Instant) -> Result<(), String> {
    while producer.in_flight_count() > 0 {
        if Instant::now() >= deadline {
            return Err("the brokers did not acknowledge the records in time".into());
        }
        producer.poll(POLL);
    }
    Ok(())
}

fn finish(producer: &BaseProducer<Deliveries>, deadline: Instant) -> Result<(), KafkaError> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_secs(1));
        match producer.commit_transaction(left) {
            Err(error) if retriable(&error) && Instant::now() < deadline => {}
            ended => return ended,
        }
    }
}

fn abort(producer: &BaseProducer<Deliveries>, timeout: Duration) -> Result<(), KafkaError> {
    // Reports have to be served by us while librdkafka waits for them.
    producer.purge(PurgeConfig::default().queue().inflight());
    let deadline = Instant::now() + timeout;
    drop(drain(producer, deadline));
    let aborted = producer.abort_transaction(timeout);
    producer.context().take();
    aborted
}

fn retriable(error: &KafkaError) -> bool {
    matches!(error, KafkaError::Transaction(error) if error.is_retriable())
}

/// Whether the group has gone on to its next generation since its metadata were taken. A member that is out of it is told
/// so by its next poll; to join again for this would break the rebalance that is under way.
pub fn between_generations(error: &KafkaError) -> bool {
    error.rdkafka_error_code() == Some(RDKafkaErrorCode::IllegalGeneration)
}

/// Whether somebody else has taken over, as a producer or as the owner of partitions.
pub fn fenced(error: &KafkaError) -> bool {
    let fatal = matches!(error, KafkaError::Transaction(error) if error.is_fatal());
    fatal
        || matches!(
            error.rdkafka_error_code(),
            Some(
                RDKafkaErrorCode::Fenced
                    | RDKafkaErrorCode::Fatal
                    | RDKafkaErrorCode::ProducerFenced
                    | RDKafkaErrorCode::InvalidProducerEpoch
                    | RDKafkaErrorCode::FencedInstanceId
                    | RDKafkaErrorCode::IllegalGeneration
                    | RDKafkaErrorCode::UnknownMemberId
                    | RDKafkaErrorCode::StaleMemberEpoch
                    | RDKafkaErrorCode::FencedMemberEpoch
            )
        )
}

/// The reports of the records of one transaction.
#[derive(Default)]
pub struct Deliveries {
    reports: Mutex<Reports>,
}

#[derive(Default)]
struct Reports {
    offsets: Vec<i64>,
    failure: Option<KafkaError>,
}

impl Deliveries {
    fn reports(&self) -> MutexGuard<'_, Reports> {
        self.reports.lock().expect("no holder of the lock panics")
    }

    fn expect(&self, records: usize) {
        *self.reports() = Reports { offsets: vec![-1; records], failure: None };
    }

    fn failure(&self) -> Option<KafkaError> {
        self.reports().failure.take()
    }

    fn take(&self) -> Vec<i64> {
        std::mem::take(&mut self.reports().offsets)
    }
}

impl ClientContext for Deliveries {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        super::log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        super::report(&error, reason);
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, index: usize) {
        let mut reports = self.reports();
        match result {
            Ok(message) => {
                if let Some(offset) = reports.offsets.get_mut(index) {
                    *offset = message.offset();
                }
            }
            Err((error, _)) => {
                // What an abort throws away says nothing about the cluster.
                let purged = matches!(
                    error.rdkafka_error_code(),
                    Some(RDKafkaErrorCode::PurgeQueue | RDKafkaErrorCode::PurgeInflight)
                );
                if !purged {
                    reports.failure.get_or_insert_with(|| error.clone());
                }
            }
        }
    }
}
