//! The durable log inside one RocksDB: records, rows and offsets of a transaction are one synced
//! `WriteBatch`, so there is nothing to recover and the rows are their own changelog.
//!
//! Invariant: a commit is visible only after its batch is on disk. A write error leaves the outcome
//! unknown; the log then refuses everything, and the process ends.

mod committer;
mod keys;
mod member;
mod store;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use cns_schemas::Topic;
use crossbeam_channel::{Sender, bounded};

use crate::{
    Append, CommitError, Delivered, Error, Limit, Log, Member, Partition, Transaction,
    directory::Directory,
};
use committer::{Committer, Job};
use member::EmbeddedMember;
use store::Store;

/// How an embedded log is opened.
#[derive(Debug, Clone)]
pub struct EmbeddedOptions {
    /// Partitions of each topic. Fixed by the first opening; later ones use what is stored.
    pub partitions: u32,
    /// A commit that would leave less than this free on the disk is refused before it writes anything.
    pub disk_headroom_bytes: u64,
    /// Memory for cached blocks, shared by all column families.
    pub block_cache_bytes: usize,
    /// Memory for rows that are not yet in files.
    pub write_buffer_bytes: usize,
}

impl EmbeddedOptions {
    /// What `cns serve` uses.
    pub const fn standard() -> EmbeddedOptions {
        EmbeddedOptions {
            partitions: 4,
            disk_headroom_bytes: 256 << 20,
            block_cache_bytes: 64 << 20,
            write_buffer_bytes: 64 << 20,
        }
    }
}

/// The embedded log. Clones share it; it closes with the last.
#[derive(Clone)]
pub struct Embedded {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<Store>,
    /// Dropped first, so that the committer ends before the directory is unlocked.
    jobs: Option<Sender<Job>>,
    committer: Option<std::thread::JoinHandle<()>>,
    _directory: Directory,
}

/// Commits that wait for the committer; more callers block.
const JOBS_WAITING_MAX: usize = 1024;

impl Embedded {
    /// Opens the log in `path`, creating it when nothing is there.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::NewerFormat`], [`Error::Corrupt`], [`Error::Io`].
    pub fn open(path: &Path, options: &EmbeddedOptions) -> Result<Embedded, Error> {
        let directory = Directory::lock(path)?;
        let store = Arc::new(Store::open(&path.join("log"), options)?);
        let (jobs, waiting) = bounded(JOBS_WAITING_MAX);
        let committer =
            Committer::new(store.clone(), PathBuf::from(path), options.disk_headroom_bytes)?;
        let thread = std::thread::Builder::new()
            .name("committer".into())
            .spawn(move || committer.run(&waiting))
            .map_err(|error| Error::Io {
                what: "starting the committer".into(),
                detail: error.to_string(),
            })?;
        let inner =
            Inner { store, jobs: Some(jobs), committer: Some(thread), _directory: directory };
        Ok(Embedded { inner: Arc::new(inner) })
    }

    fn submit(
        &self,
        author: Option<(String, u64, Topic)>,
        transaction: Transaction,
    ) -> Result<Vec<i64>, CommitError> {
        let gone = || {
            CommitError::Unknown(Error::Io {
                what: "commit".into(),
                detail: "the committer has stopped after an earlier failure".into(),
            })
        };
        let (reply, answer) = bounded(1);
        let jobs =
            self.inner.jobs.as_ref().expect("the sender is taken only when the log is dropped");
        jobs.send(Job::new(author, transaction, reply)).map_err(|_| gone())?;
        answer.recv().map_err(|_| gone())?
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(committer) = self.committer.take() {
            // A committer that panicked has reported Unknown to everyone that waited.
            drop(committer.join());
        }
    }
}

impl Log for Embedded {
    fn partitions(&self, _: Topic) -> u32 {
        self.inner.store.partitions()
    }

    fn end(&self, of: Partition) -> Result<i64, Error> {
        Ok(self.inner.store.end(of))
    }

    fn read(
        &self,
        from: Partition,
        offset: i64,
        limit: Limit,
        wait: Duration,
    ) -> Result<Vec<Delivered>, Error> {
        let store = &self.inner.store;
        let end = store.end(from);
        if offset < 0 || offset > end {
            return Err(Error::OutOfRange { partition: from, offset, first: 0, end });
        }
        store.wait_past(&[(from, offset)], Instant::now() + wait);
        store.slice(from, offset, limit)
    }

    fn append(&self, appends: Vec<Append>) -> Result<Vec<i64>, CommitError> {
        self.submit(None, Transaction { appends, ..Transaction::default() })
    }

    fn committed(&self, group: &str, of: Partition) -> Result<i64, Error> {
        self.inner.store.committed(group, of)
    }

    fn join(&self, group: &str, inbox: Topic) -> Result<Box<dyn Member>, Error> {
        let generation = self.inner.store.next_generation(group);
        Ok(Box::new(EmbeddedMember::new(self.clone(), group, inbox, generation)))
    }
}
