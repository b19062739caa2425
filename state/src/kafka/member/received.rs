//! What a consumer brings, in our words.

use cns_schemas::UNREADABLE_HEADER;
use rdkafka::{
    Message,
    error::{KafkaError, RDKafkaErrorCode},
    message::{BorrowedMessage, Header, Headers},
};

use crate::{Delivered, Partition, Record};

/// What the consumer brought.
pub enum Event {
    Record(Delivered),
    End(u32),
    Failed(KafkaError),
}

/// A message with its place.
pub fn delivered(partition: Partition, message: &BorrowedMessage<'_>) -> Delivered {
    Delivered { partition, offset: message.offset(), record: record(message) }
}

/// A message as a record.
pub fn record(message: &BorrowedMessage<'_>) -> Record {
    let headers = message.headers().map(|headers| {
        let pair = |header: Header<'_, &[u8]>| {
            (header.key.to_owned(), header.value.unwrap_or_default().to_vec())
        };
        headers.iter().map(pair).filter(|(name, _)| name != UNREADABLE_HEADER).collect()
    });
    Record {
        key: message.key().unwrap_or_default().to_vec(),
        value: message.payload().unwrap_or_default().to_vec(),
        headers: headers.unwrap_or_default(),
        at_ms: message.timestamp().to_millis().unwrap_or(0),
    }
}

/// Whether a broker holds the name of this member for the last one that had it.
pub fn still_held(error: &KafkaError) -> bool {
    error.rdkafka_error_code() == Some(RDKafkaErrorCode::UnreleasedInstanceId)
}
