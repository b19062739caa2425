//! Reads partitions outside any group, each from wherever it is asked for.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use rdkafka::{
    Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer, base_consumer::PartitionQueue},
    error::KafkaError,
};

use super::{
    ASK, ASK_BRIEFLY, KafkaOptions, Quiet, asking::whole_millis, bounds, connect, failed,
    member::record, restore::passing, settings,
};
use crate::{Delivered, Error, Limit, Partition};

/// One consumer for all partitions that anybody reads.
pub struct Reader {
    consumer: Arc<BaseConsumer<Quiet>>,
    places: BTreeMap<Partition, Place>,
}

struct Place {
    queue: PartitionQueue<Quiet>,
    topic: String,
    /// One past the last record that was delivered: what the caller asks for next.
    asked: i64,
    /// The next offset that can hold a record: as `asked`, or past commit markers behind it.
    next: i64,
    /// Where the partition ended before it was read once more from `next`.
    known_end: Option<i64>,
    /// Whether the end was met behind the last records: it may lie behind commit markers.
    ended: bool,
}

impl Reader {
    pub fn new(options: &KafkaOptions) -> Result<Reader, Error> {
        let mut config = settings::reader(options);
        // The end of a partition is told with an answer that holds nothing, for which a broker waits so long.
        config.set("fetch.wait.max.ms", "50");
        let consumer = Arc::new(connect(&config)?);
        Ok(Reader { consumer, places: BTreeMap::new() })
    }

    /// Records from `offset` on. Waits up to `wait` for the first.
    pub fn read(
        &mut self,
        from: Partition,
        topic: &str,
        offset: i64,
        limit: Limit,
        wait: Duration,
    ) -> Result<Vec<Delivered>, Error> {
        let deadline = Instant::now() + wait;
        self.go_to(from, topic, offset)?;
        // Serves what belongs to no partition: errors, logs.
        drop(self.consumer.poll(Duration::ZERO));
        let place = self.places.get_mut(&from).expect("it was gone to just now");
        if place.ended {
            look_again(&self.consumer, from, place)?;
        }
        let (mut records, mut bytes) = (Vec::new(), 0);
        while records.len() < limit.records {
            let left = deadline.saturating_duration_since(Instant::now());
            let patience = if records.is_empty() { left } else { Duration::ZERO };
            match place.queue.poll(whole_millis(patience)) {
                Some(Ok(message)) => {
                    let found = message.offset();
                    if found < place.asked {
                        continue;
                    }
                    place.known_end = None;
                    let record = record(&message);
                    bytes += record.value.len();
                    place.next = found + 1;
                    place.asked = place.next;
                    records.push(Delivered { partition: from, offset: found, record });
                    if bytes >= limit.bytes {
                        break;
                    }
                }
                Some(Err(KafkaError::PartitionEOF(_))) => match place.known_end.take() {
                    // Read from `next` to an end that lies no earlier: only commit markers are between.
                    Some(end) => place.next = place.next.max(end),
                    None => {
                        place.ended = true;
                        if !records.is_empty() {
                            break;
                        }
                        look_again(&self.consumer, from, place)?;
                    }
                },
                Some(Err(error)) if passing(&error) => {}
                Some(Err(error)) => {
                    self.places.remove(&from);
                    drop(self.consumer.incremental_unassign(&at(topic, from, Offset::Invalid)));
                    return Err(failed(&format!("reading {from}"), &error));
                }
                None if !records.is_empty() || left.is_zero() => break,
                None => {}
            }
        }
        Ok(records)
    }

    /// Whether only commit markers lie between the offset and `end`, as far as was read.
    pub fn has_all(&self, of: Partition, offset: i64, end: i64) -> bool {
        self.places.get(&of).is_some_and(|place| place.asked <= offset && place.next >= end)
    }

    fn go_to(&mut self, from: Partition, topic: &str, offset: i64) -> Result<(), Error> {
        if self.places.get(&from).is_some_and(|place| place.asked == offset) {
            return Ok(());
        }
        let index = from.index as i32;
        let (first, end) = bounds(&self.consumer, topic, from.index, ASK_BRIEFLY)?;
        if offset < first || offset > end {
            return Err(Error::OutOfRange { partition: from, offset, first, end });
        }
        if let Some(place) = self.places.get_mut(&from) {
            let seek = self.consumer.seek(topic, index, Offset::Offset(offset), ASK);
            seek.map_err(|error| failed("seeking", &error))?;
            (place.asked, place.next) = (offset, offset);
            place.known_end = Some(end);
            place.ended = false;
            return Ok(());
        }
        // Split off before anything is fetched: what came in between would be lost in the common queue.
        let queue = self.consumer.split_partition_queue(topic, index).ok_or_else(|| Error::Io {
            what: format!("reading {from}"),
            detail: "the partition is not there".into(),
        })?;
        self.consumer
            .incremental_assign(&at(topic, from, Offset::Offset(offset)))
            .map_err(|error| failed("assigning a partition", &error))?;
        let topic = topic.to_owned();
        self.places.insert(
            from,
            Place { queue, topic, asked: offset, next: offset, known_end: Some(end), ended: false },
        );
        Ok(())
    }
}

fn at(topic: &str, partition: Partition, offset: Offset) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, partition.index as i32, offset)
        .expect("an offset of this kind is representable");
    list
}

/// At an end that may be behind commit markers: asks where the partition ends, and reads up to there. Where that fails
/// it is to be done again: librdkafka tells an end once.
fn look_again(
    consumer: &BaseConsumer<Quiet>,
    from: Partition,
    place: &mut Place,
) -> Result<(), Error> {
    let index = from.index as i32;
    let (_, end) = bounds(consumer, &place.topic, from.index, ASK_BRIEFLY)?;
    if end > place.next {
        let seek = consumer.seek(&place.topic, index, Offset::Offset(place.next), ASK);
        seek.map_err(|error| failed("seeking", &error))?;
        place.known_end = Some(end);
    }
    place.ended = false;
    Ok(())
}
