//! Taking partitions over: where the group goes on, and when their rows are complete.

use rdkafka::{Offset, TopicPartitionList, consumer::Consumer};

use super::{ASK, CONTRADICTIONS_MAX, KafkaMember, Owned, Probe, idle};
use crate::{
    Error, Partition, Polled,
    kafka::{bounds, committed, failed, restore::Wanted, rows::Place},
};

/// Where a group goes on in a partition.
#[derive(Debug, Clone, Copy)]
struct Start {
    partition: u32,
    offset: i64,
    /// The inbox offset in the last barrier.
    input: i64,
}

impl KafkaMember {
    /// Takes partitions over: they are paused until their rows are restored.
    pub(super) fn take_over(&mut self, partitions: TopicPartitionList) -> Result<(), Error> {
        let starts = self.committed(&partitions)?;
        let list = self.list(starts.iter().map(|s| (s.partition, Offset::Offset(s.offset))));
        self.consumer
            .incremental_assign(&list)
            .map_err(|error| failed("taking partitions over", &error))?;
        self.consumer.pause(&list).map_err(|error| failed("pausing partitions", &error))?;
        for Start { partition, offset, input } in starts {
            self.restore.begin(Wanted { partition, input })?;
            let owned = Owned {
                position: offset,
                committed: offset,
                place: None,
                probe: Probe::Due,
                contradictions: 0,
            };
            self.owned.insert(partition, owned);
        }
        Ok(())
    }

    /// Where a group begins that has never committed. An inbox that has already lost records is not begun.
    fn beginning(&self, partition: u32) -> Result<i64, Error> {
        let (first, end) = bounds(&self.consumer, &self.input, partition, ASK)?;
        if first > 0 {
            let partition = Partition { topic: self.inbox, index: partition };
            return Err(Error::OutOfRange { partition, offset: 0, first, end });
        }
        Ok(0)
    }

    pub(super) fn restored(&mut self, partition: u32, place: Place) -> Result<Polled, Error> {
        if let Some(owned) = self.owned.get_mut(&partition) {
            owned.place = Some(place);
        }
        if !self.holding {
            let list = self.list([(partition, Offset::Invalid)]);
            self.consumer.resume(&list).map_err(|error| failed("resuming a partition", &error))?;
        }
        Ok(Polled::Assigned(vec![partition]))
    }

    /// A process that slept may have lost the partition since it asked for the committed offset; then it is told
    /// so soon. Only what contradicts itself again and again is corrupt.
    pub(super) fn ask_again(&mut self, partition: u32, error: Error) -> Result<(), Error> {
        let Some(owned) = self.owned.get_mut(&partition) else { return Ok(()) };
        owned.contradictions += 1;
        if owned.contradictions > CONTRADICTIONS_MAX {
            return Err(error);
        }
        let start = self.committed(&self.list([(partition, Offset::Invalid)]))?[0];
        let owned = self.owned.get_mut(&partition).expect("it was there just now");
        (owned.position, owned.committed) = (start.offset, start.offset);
        self.consumer
            .seek(&self.input, partition as i32, Offset::Offset(start.offset), ASK)
            .map_err(|error| failed("going to the committed offset", &error))?;
        self.restore.begin(Wanted { partition, input: start.input })
    }

    /// Where the group goes on. Waits until the transactions
    /// of the owner before have ended.
    fn committed(&self, partitions: &TopicPartitionList) -> Result<Vec<Start>, Error> {
        let patience = 2 * self.log.inner.options.transaction_timeout;
        let committed = committed(&self.consumer, partitions, patience)?;
        let mut starts = Vec::new();
        for element in committed.elements() {
            let partition = element.partition() as u32;
            let offset = match element.offset() {
                Offset::Offset(offset) => offset,
                _ => self.beginning(partition)?,
            };
            let input = idle::marked(element.metadata()).unwrap_or(offset);
            starts.push(Start { partition, offset, input });
        }
        Ok(starts)
    }
}
