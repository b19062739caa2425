//! Moves the offsets of a group that has nothing to do past commit markers, so that it has no lag.

use std::time::Duration;

use rdkafka::{
    Offset, TopicPartitionList,
    consumer::{CommitMode, Consumer},
};

use super::{ASK, KafkaMember};
use crate::{
    Error,
    kafka::{
        producer::{between_generations, fenced},
        restore::now_ms,
    },
};

/// Whether only commit markers lie between the committed offset and the end of the partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// Known, or not worth asking.
    Settled,
    /// To be asked when nothing else is to be done.
    Due,
    /// The end was this before the partition was read once more from its committed offset.
    Reading(i64),
}

/// How old a place may become: far less than what a restart takes as too old.
const FRESH_FOR_MS: i64 = 3_600_000;
/// So long after the last commit a group counts as idle.
const IDLE: Duration = Duration::from_millis(200);

impl KafkaMember {
    pub(super) fn at_end(&mut self, partition: u32) -> Result<(), Error> {
        let Some(owned) = self.owned.get_mut(&partition) else { return Ok(()) };
        let Probe::Reading(end) = owned.probe else {
            // A new end, perhaps behind a transaction that was aborted and brought nothing.
            owned.probe = Probe::Due;
            return Ok(());
        };
        if owned.position != owned.committed {
            owned.probe = Probe::Due;
            return Ok(());
        }
        // It was read from the committed offset to an end that lies no earlier: only markers are between.
        owned.probe = Probe::Settled;
        let mut list = TopicPartitionList::new();
        let mut element = list.add_partition(&self.input, partition as i32);
        element.set_offset(Offset::Offset(end)).expect("an offset is representable");
        let input = owned.place.map_or(end, |place| place.input);
        element.set_metadata(mark(input));
        match self.consumer.commit(&list, CommitMode::Sync) {
            Ok(()) => {
                owned.position = end;
                owned.committed = end;
                Ok(())
            }
            Err(error) if fenced(&error) && !between_generations(&error) => Err(self.fenced()),
            // Nothing depends on it: it is tried again.
            Err(_) => {
                owned.probe = Probe::Due;
                Ok(())
            }
        }
    }

    /// Begins to look whether only markers are left, where nothing else is to be done.
    pub(super) fn probe(&mut self) -> Result<(), Error> {
        self.keep_fresh()?;
        if self.last_commit.elapsed() < IDLE {
            return Ok(());
        }
        let due: Vec<(u32, i64)> = self
            .owned
            .iter()
            .filter(|(p, o)| {
                let quiet = o.place.is_some() && o.position == o.committed;
                o.probe == Probe::Due && quiet && !self.held.contains_key(p)
            })
            .map(|(p, o)| (*p, o.position))
            .collect();
        for (partition, position) in due {
            let ends = self.consumer.fetch_watermarks(&self.input, partition as i32, ASK);
            let Ok((_, end)) = ends else { return Ok(()) };
            let owned = self.owned.get_mut(&partition).expect("it was found just now");
            if end <= position {
                owned.probe = Probe::Settled;
                continue;
            }
            let from = Offset::Offset(position);
            if self.consumer.seek(&self.input, partition as i32, from, ASK).is_ok() {
                owned.probe = Probe::Reading(end);
            }
        }
        Ok(())
    }

    /// The rows of an owner are up to date however long nothing was committed; their place says so.
    fn keep_fresh(&mut self) -> Result<(), Error> {
        let now = now_ms();
        for (partition, owned) in &mut self.owned {
            if let Some(place) = &mut owned.place
                && now - place.at_ms > FRESH_FOR_MS
            {
                place.at_ms = now;
                self.rows.apply([], &[(*partition, *place)])?;
            }
        }
        Ok(())
    }
}

const MARK: &str = "barrier=";

/// What is committed with an offset that lies past markers: the offset in the last barrier.
pub fn mark(input: i64) -> String {
    format!("{MARK}{input}")
}

/// The offset in the last barrier, where the committed offset does not say it itself.
pub fn marked(metadata: &str) -> Option<i64> {
    metadata.strip_prefix(MARK)?.parse().ok()
}
