//! Questions to the brokers: committed offsets, and where partitions begin and end.

use std::time::{Duration, Instant};

use rdkafka::{
    TopicPartitionList,
    consumer::{BaseConsumer, Consumer, ConsumerContext},
    error::RDKafkaErrorCode,
};

use super::client::failed;
use crate::Error;

/// How long a question waits for its answer.
pub const ASK: Duration = Duration::from_secs(5);
/// How long one waits that somebody asks in passing and that can be asked again.
pub const ASK_BRIEFLY: Duration = Duration::from_secs(1);
const ASK_AGAIN: Duration = Duration::from_millis(50);

/// A wait in whole milliseconds, rounded up: librdkafka waits no less, and its binding spins through the rest.
pub fn whole_millis(wait: Duration) -> Duration {
    Duration::from_millis(u64::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX))
}

/// The committed offsets of a group, once no transaction that changes them is open any more. librdkafka tries a few
/// times and then gives a partition without an offset, which looks as if nothing had ever been committed.
pub fn committed<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    list: &TopicPartitionList,
    patience: Duration,
) -> Result<TopicPartitionList, Error> {
    let what = "reading the committed offsets";
    let deadline = Instant::now() + patience;
    loop {
        let found = consumer
            .committed_offsets(list.clone(), ASK.min(patience))
            .map_err(|error| failed(what, &error))?;
        let wrong = found.elements().iter().find_map(|element| element.error().err());
        match wrong {
            None => return Ok(found),
            Some(error) if Instant::now() >= deadline => {
                return Err(Error::Away { what: what.into(), detail: error.to_string() });
            }
            Some(error)
                if error.rdkafka_error_code() == Some(RDKafkaErrorCode::UnstableOffsetCommit) =>
            {
                std::thread::sleep(ASK_AGAIN);
            }
            Some(error) => return Err(failed(what, &error)),
        }
    }
}

/// The first offset of a partition and one past its last, as the client's isolation shows them. A leader that
/// has just changed, or a topic that was just made, is asked again.
pub fn bounds<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    topic: &str,
    partition: u32,
    patience: Duration,
) -> Result<(i64, i64), Error> {
    let deadline = Instant::now() + patience;
    loop {
        match consumer.fetch_watermarks(topic, partition as i32, patience) {
            Ok(bounds) => return Ok(bounds),
            Err(_) if Instant::now() < deadline => std::thread::sleep(ASK_AGAIN),
            Err(error) => {
                return Err(failed(&format!("reading the bounds of {topic}/{partition}"), &error));
            }
        }
    }
}
