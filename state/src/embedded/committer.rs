//! The one thread that writes: it gives out offsets and makes a group of transactions one synced batch.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use cns_schemas::Topic;
use crossbeam_channel::{Receiver, Sender};
use rocksdb::WriteBatch;

use super::{keys, store::Store};
use crate::{CommitError, Error, Partition, Transaction};

type Outcome = Result<Vec<i64>, CommitError>;

/// A transaction with who commits it. Its records are encoded by the caller, not by the committer.
pub struct Job {
    /// Group, generation and inbox; `None` for one that consumes nothing.
    author: Option<(String, u64, Topic)>,
    appends: Vec<(Partition, Vec<u8>)>,
    transaction: Transaction,
    reply: Sender<Outcome>,
}

impl Job {
    pub fn new(
        author: Option<(String, u64, Topic)>,
        mut transaction: Transaction,
        reply: Sender<Outcome>,
    ) -> Job {
        let appends = std::mem::take(&mut transaction.appends)
            .into_iter()
            .map(|append| {
                let bytes = postcard::to_stdvec(&append.record)
                    .expect("a record of bytes and text is encodable");
                (append.to, bytes)
            })
            .collect();
        Job { author, appends, transaction, reply }
    }

    fn bytes(&self) -> usize {
        let appends: usize = self.appends.iter().map(|(_, bytes)| bytes.len()).sum();
        let row =
            |change: &crate::Change| change.key.len() + change.value.as_ref().map_or(0, Vec::len);
        appends + self.transaction.changes.iter().map(row).sum::<usize>()
    }
}

/// One batch holds at most this much, and always at least one transaction.
const BATCH_BYTES_MAX: usize = 8 << 20;

pub struct Committer {
    store: Arc<Store>,
    path: PathBuf,
    headroom_bytes: u64,
    ends: BTreeMap<Partition, i64>,
}

impl Committer {
    pub fn new(store: Arc<Store>, path: PathBuf, headroom_bytes: u64) -> Result<Committer, Error> {
        Ok(Committer { store, path, headroom_bytes, ends: BTreeMap::new() })
    }

    /// Runs until every sender is gone, or a write has failed.
    pub fn run(mut self, waiting: &Receiver<Job>) {
        while let Ok(first) = waiting.recv() {
            let mut bytes = first.bytes();
            let mut jobs = vec![first];
            while bytes < BATCH_BYTES_MAX {
                let Ok(job) = waiting.try_recv() else { break };
                bytes += job.bytes();
                jobs.push(job);
            }
            if let Err(error) = self.commit(jobs, bytes as u64) {
                // The outcome of what was in flight is unknown: nothing more may be written over it.
                refuse_all(waiting, &error);
                return;
            }
        }
    }

    fn commit(&mut self, jobs: Vec<Job>, bytes: u64) -> Result<(), Error> {
        if let Err(full) = self.check_disk(bytes) {
            for job in jobs {
                answer(&job, Err(CommitError::NotDone(full.clone())));
            }
            return Ok(());
        }
        let mut batch = WriteBatch::default();
        let mut written = Vec::with_capacity(jobs.len());
        let mut fenced = Vec::new();
        for job in jobs {
            match &job.author {
                Some((group, generation, _)) if !self.store.owns(group, *generation) => {
                    fenced.push(job)
                }
                _ => {
                    let offsets = self.add(&mut batch, &job);
                    written.push((job, offsets));
                }
            }
        }
        for job in fenced {
            let group = job.author.as_ref().map(|(group, ..)| group.clone()).unwrap_or_default();
            answer(&job, Err(CommitError::Fenced(group)));
        }
        if let Err(error) = self.store.write(batch) {
            for (job, _) in written {
                answer(&job, Err(CommitError::Unknown(error.clone())));
            }
            return Err(error);
        }
        self.store.publish(&self.ends);
        for (job, offsets) in written {
            answer(&job, Ok(offsets));
        }
        Ok(())
    }

    fn add(&mut self, batch: &mut WriteBatch, job: &Job) -> Vec<i64> {
        let mut offsets = Vec::with_capacity(job.appends.len());
        for (to, bytes) in &job.appends {
            let end = self.ends.entry(*to).or_insert_with(|| self.store.end(*to));
            batch.put_cf(self.store.family(keys::RECORDS), keys::record(*to, *end), bytes);
            offsets.push(*end);
            *end += 1;
        }
        for change in &job.transaction.changes {
            let key = keys::row(change.table.number, change.partition, &change.key);
            match &change.value {
                Some(value) => batch.put_cf(self.store.family(keys::ROWS), key, value),
                None => batch.delete_cf(self.store.family(keys::ROWS), key),
            }
        }
        if let Some((group, _, inbox)) = &job.author {
            for (index, next) in &job.transaction.consumed {
                let key = keys::group(group, Partition { topic: *inbox, index: *index });
                batch.put_cf(self.store.family(keys::META), key, next.to_be_bytes());
            }
        }
        offsets
    }

    fn check_disk(&self, bytes: u64) -> Result<(), Error> {
        let what = format!("writing to {}", self.path.display());
        let free = fs4::available_space(&self.path)
            .map_err(|error| Error::Io { what: what.clone(), detail: error.to_string() })?;
        let needed = bytes.saturating_add(self.headroom_bytes);
        if free >= needed {
            return Ok(());
        }
        let detail = format!(
            "the disk has {free} bytes free and {needed} are needed ({bytes} to write, {} kept back); free some space",
            self.headroom_bytes
        );
        Err(Error::Io { what, detail })
    }
}

fn answer(job: &Job, outcome: Outcome) {
    // Whoever asked may have gone; the outcome stands either way.
    drop(job.reply.send(outcome));
}

fn refuse_all(waiting: &Receiver<Job>, error: &Error) {
    for job in waiting.try_iter() {
        answer(&job, Err(CommitError::Unknown(error.clone())));
    }
}
