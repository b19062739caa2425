//! What a namespace was set up with: one record in a compacted topic of its own, which all processes read at start.

use std::time::{Duration, Instant};

use rdkafka::{
    Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
};

use super::{
    ASK, Kafka, Quiet, bounds, connect, failed, member::record, producer::Outgoing,
    restore::passing, settings,
};
use crate::{Append, CommitError, Error, Record};

const KEY: &[u8] = b"installation";
const READ_WITHIN: Duration = Duration::from_secs(15);

impl Kafka {
    /// The record that the last [`Kafka::install`] wrote.
    ///
    /// # Errors
    /// [`Error::Away`], [`Error::Io`].
    pub fn installation(&self) -> Result<Option<Record>, Error> {
        let topic = self.inner.names.installation();
        let reader: BaseConsumer<Quiet> = connect(&settings::reader(&self.inner.options))?;
        let (first, end) = bounds(&reader, &topic, 0, ASK)?;
        if first == end {
            return Ok(None);
        }
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&topic, 0, Offset::Offset(first))
            .expect("an offset is representable");
        reader.assign(&list).map_err(|error| failed("reading the installation", &error))?;
        let deadline = Instant::now() + READ_WITHIN;
        let mut last = None;
        while Instant::now() < deadline {
            match reader.poll(Duration::from_millis(200)) {
                Some(Ok(message)) => last = Some(record(&message)),
                Some(Err(KafkaError::PartitionEOF(_))) => {
                    return last.map(|record| self.inner.own(record)).transpose();
                }
                Some(Err(error)) if !passing(&error) => {
                    return Err(failed("reading the installation", &error));
                }
                Some(Err(_)) | None => {}
            }
        }
        let what = "reading the installation".to_owned();
        Err(Error::Away { what, detail: "the brokers do not send it".into() })
    }

    /// Writes the record, and appends, all or nothing.
    ///
    /// # Errors
    /// As [`Log::append`](crate::Log::append).
    pub fn install(&self, appends: Vec<Append>, installation: &Record) -> Result<(), CommitError> {
        let inner = &self.inner;
        let topics: Vec<String> =
            appends.iter().map(|append| inner.names.topic(append.to.topic)).collect();
        let own = inner.names.installation();
        let value = inner.theirs(&installation.value);
        let values: Vec<_> = appends.iter().map(|a| inner.theirs(&a.record.value)).collect();
        let named = appends.iter().zip(&topics).zip(&values);
        let events = named.map(|((append, topic), value)| Outgoing::of(append, topic, value));
        let installation = Outgoing {
            topic: &own,
            partition: 0,
            key: KEY,
            value: Some(&value),
            headers: &installation.headers,
            at_ms: Some(installation.at_ms),
        };
        let records: Vec<Outgoing<'_>> = events.chain([installation]).collect();
        inner.singles.transaction(&records).map(drop)
    }

    /// Takes over a transactional id and commits an empty transaction: whether the cluster lets us.
    ///
    /// # Errors
    /// As [`Log::append`](crate::Log::append).
    pub fn append_nothing(&self) -> Result<(), CommitError> {
        self.inner.singles.transaction(&[]).map(drop)
    }
}
