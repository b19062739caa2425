//! One transaction: outputs, rows, barriers and offsets in the cluster; then the same rows here.

use std::{collections::BTreeMap, time::Instant};

use rdkafka::{Offset, TopicPartitionList, consumer::Consumer};

use super::{KafkaMember, Probe, idle};
use crate::{
    Change, CommitError, Error, Transaction,
    kafka::{
        changelog::{self, Barrier},
        producer::{Ended, Outgoing},
        restore::now_ms,
        rows::Place,
    },
};

/// What a transaction does to one partition.
#[derive(Default)]
struct Touched<'a> {
    changes: Vec<&'a Change>,
    /// The next offset of the inbox, when records were consumed.
    next: Option<i64>,
}

impl KafkaMember {
    pub(super) fn commit_transaction(
        &mut self,
        transaction: &Transaction,
    ) -> Result<Vec<i64>, CommitError> {
        if !self.log.inner.owns(&self.group, self.generation) {
            return Err(CommitError::Fenced(self.group.clone()));
        }
        let touched = touched(transaction);
        let barriers = self.barriers(&touched)?;
        let rows: Vec<Vec<u8>> = transaction.changes.iter().map(changelog::row_key).collect();
        let ends: Vec<(u32, Vec<u8>)> =
            barriers.iter().map(|(p, b)| (*p, changelog::barrier_value(b))).collect();
        let names = &self.log.inner.names;
        let topics: Vec<String> =
            transaction.appends.iter().map(|append| names.topic(append.to.topic)).collect();
        let barrier_key = changelog::barrier_key();

        let inner = &self.log.inner;
        let values: Vec<_> =
            transaction.appends.iter().map(|append| inner.theirs(&append.record.value)).collect();

        let appends = transaction.appends.iter().zip(&topics).zip(&values);
        let outputs = appends.map(|((append, topic), value)| Outgoing::of(append, topic, value));
        let changes = transaction.changes.iter().zip(&rows).map(|(change, key)| Outgoing {
            topic: &self.changelog,
            partition: change.partition,
            key,
            value: change.value.as_deref(),
            headers: &[],
            at_ms: None,
        });
        let ends = ends.iter().map(|(partition, value)| Outgoing {
            topic: &self.changelog,
            partition: *partition,
            key: &barrier_key,
            value: Some(value),
            headers: &[],
            at_ms: None,
        });
        let records: Vec<Outgoing<'_>> = outputs.chain(changes).chain(ends).collect();

        let offsets = self.offsets(&barriers);
        let group = self.consumer.group_metadata();
        let group = group.ok_or_else(|| CommitError::Fenced(self.group.clone()))?;
        let written = self.transactions.commit(&records, Some((&offsets, &group)));
        let mut written = match written {
            Ok(written) => written,
            Err(ended) => return Err(self.ended(ended)),
        };
        // Kafka has it: from here on nothing may say that it did not happen.
        let first_barrier = written.len() - barriers.len();
        let places: Vec<(u32, Place)> = barriers
            .iter()
            .zip(&written[first_barrier..])
            .map(|((partition, barrier), offset)| {
                let Barrier { input, rows_hash } = *barrier;
                (*partition, Place { changelog: offset + 1, input, rows_hash, at_ms: now_ms() })
            })
            .collect();
        self.rows.apply(&transaction.changes, &places).map_err(CommitError::Unknown)?;
        for (partition, place) in places {
            if let Some(owned) = self.owned.get_mut(&partition) {
                if owned.place.map(|before| before.input) != Some(place.input) {
                    owned.committed = place.input;
                }
                owned.place = Some(place);
                owned.probe = Probe::Due;
            }
        }
        self.last_commit = Instant::now();
        written.truncate(transaction.appends.len());
        Ok(written)
    }

    /// What each touched partition stands for after the transaction.
    fn barriers(
        &self,
        touched: &BTreeMap<u32, Touched<'_>>,
    ) -> Result<Vec<(u32, Barrier)>, CommitError> {
        let mut barriers = Vec::with_capacity(touched.len());
        for (partition, touched) in touched {
            let owned = self.owned.get(partition);
            let place = owned.and_then(|owned| owned.place);
            let place = place.ok_or_else(|| CommitError::Fenced(self.group.clone()))?;
            let rows_hash = self
                .rows
                .hash_after(place.rows_hash, &touched.changes)
                .map_err(CommitError::NotDone)?;
            let input = touched.next.unwrap_or(place.input);
            barriers.push((*partition, Barrier { input, rows_hash }));
        }
        Ok(barriers)
    }

    /// The offsets of every owned partition, also of untouched ones: a transaction without offsets is not
    /// checked against the generation of the group.
    fn offsets(&self, barriers: &[(u32, Barrier)]) -> TopicPartitionList {
        let mut list = TopicPartitionList::new();
        for (partition, owned) in &self.owned {
            let Some(place) = owned.place else { continue };
            let barrier = barriers.iter().find(|(touched, _)| touched == partition);
            let input = barrier.map_or(place.input, |(_, barrier)| barrier.input);
            // An untouched partition keeps an offset that was moved past markers.
            let offset = if input == place.input { owned.committed } else { input };
            let mut element = list.add_partition(&self.input, *partition as i32);
            element.set_offset(Offset::Offset(offset)).expect("an offset is representable");
            if offset != input {
                element.set_metadata(idle::mark(input));
            }
        }
        list
    }

    fn ended(&mut self, ended: Ended) -> CommitError {
        let error = |detail| Error::Io { what: format!("a transaction of {}", self.group), detail };
        match ended {
            Ended::Fenced(_) => CommitError::Fenced(self.group.clone()),
            Ended::Unknown(detail) => CommitError::Unknown(error(detail)),
            Ended::Aborted(detail) => {
                let error = error(detail);
                match self.rewind() {
                    Ok(()) => CommitError::NotDone(error),
                    // Not at its committed offsets: of no more use.
                    Err(_) => CommitError::Fenced(self.group.clone()),
                }
            }
        }
    }
}

fn touched(transaction: &Transaction) -> BTreeMap<u32, Touched<'_>> {
    let mut touched: BTreeMap<u32, Touched<'_>> = BTreeMap::new();
    for change in &transaction.changes {
        touched.entry(change.partition).or_default().changes.push(change);
    }
    for (partition, next) in &transaction.consumed {
        touched.entry(*partition).or_default().next = Some(*next);
    }
    touched
}
