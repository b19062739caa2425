//! Gives records the schema ids of this process. One whose schema cannot be looked up holds its partition back,
//! and no other.

use std::time::{Duration, Instant};

use rdkafka::{Offset, consumer::Consumer};

use super::{ASK, KafkaMember};
use crate::{
    Delivered, Error,
    kafka::{failed, registry::Incoming, unreadable},
};

/// The first record of a partition that has to wait.
pub struct Held {
    record: Delivered,
    since: Instant,
    again: Instant,
}

/// A registry may get to know a schema a moment after its first record.
const UNKNOWN_PATIENCE: Duration = Duration::from_secs(60);
const AGAIN_AFTER: Duration = Duration::from_secs(2);

impl KafkaMember {
    /// The records that can be delivered now.
    pub(super) fn translated(&mut self, records: Vec<Delivered>) -> Result<Vec<Delivered>, Error> {
        let log = self.log.clone();
        let Some(registry) = &log.inner.registry else { return Ok(records) };
        let mut ready = Vec::with_capacity(records.len());
        for mut delivered in records {
            // Behind one that waits: read again when that one goes on.
            if self.held.contains_key(&delivered.partition.index) {
                continue;
            }
            match registry.incoming(&delivered.record.value) {
                Incoming::Value(value) => {
                    delivered.record.value = value;
                    ready.push(delivered);
                }
                Incoming::Unreadable(why) => {
                    unreadable(&mut delivered.record, why);
                    ready.push(delivered);
                }
                Incoming::Unknown(why) | Incoming::Away(why) => self.hold_back(delivered, &why)?,
            }
        }
        Ok(ready)
    }

    fn hold_back(&mut self, record: Delivered, why: &str) -> Result<(), Error> {
        let partition = record.partition.index;
        tracing::warn!(
            group = self.group,
            partition,
            offset = record.offset,
            why,
            "A partition waits for a schema."
        );
        self.drop_buffered(partition);
        if let Some(owned) = self.owned.get_mut(&partition) {
            owned.position = record.offset;
        }
        let list = self.list([(partition, Offset::Invalid)]);
        self.consumer.pause(&list).map_err(|error| failed("pausing a partition", &error))?;
        let now = Instant::now();
        self.held.insert(partition, Held { record, since: now, again: now + AGAIN_AFTER });
        Ok(())
    }

    /// Looks again at what waits, when its time has come.
    pub(super) fn look_again(&mut self) -> Result<(), Error> {
        let now = Instant::now();
        let due: Vec<u32> =
            self.held.iter().filter(|(_, held)| held.again <= now).map(|(p, _)| *p).collect();
        for partition in due {
            let log = self.log.clone();
            let Some(registry) = &log.inner.registry else { continue };
            let held = self.held.get_mut(&partition).expect("it was found just now");
            held.again = now + AGAIN_AFTER;
            match registry.incoming(&held.record.record.value) {
                Incoming::Value(value) => held.record.record.value = value,
                Incoming::Unreadable(why) => unreadable(&mut held.record.record, why),
                Incoming::Unknown(why) if held.since.elapsed() > UNKNOWN_PATIENCE => {
                    tracing::warn!(
                        group = self.group,
                        partition,
                        why,
                        "A record waited long enough."
                    );
                    unreadable(&mut held.record.record, why);
                }
                Incoming::Unknown(_) | Incoming::Away(_) => continue,
            }
            self.let_go(partition)?;
        }
        Ok(())
    }

    /// Delivers what waited, and goes on behind it.
    fn let_go(&mut self, partition: u32) -> Result<(), Error> {
        let Some(held) = self.held.remove(&partition) else { return Ok(()) };
        let next = held.record.offset + 1;
        tracing::info!(
            group = self.group,
            partition,
            offset = held.record.offset,
            "A partition goes on."
        );
        self.buffered_bytes += held.record.record.value.len();
        self.ready.push(held.record);
        if let Some(owned) = self.owned.get_mut(&partition) {
            owned.position = next;
        }
        self.consumer
            .seek(&self.input, partition as i32, Offset::Offset(next), ASK)
            .map_err(|error| failed("going on behind a record", &error))?;
        if self.holding {
            return Ok(());
        }
        let list = self.list([(partition, Offset::Invalid)]);
        self.consumer.resume(&list).map_err(|error| failed("resuming a partition", &error))
    }
}
