//! Any log, made unreliable by a seed. With all faults off it passes the conformance suite.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use cns_schemas::Topic;

use crate::{
    Append, CommitError, Delivered, Error, Limit, Log, Member, Partition, Polled, Rows, Transaction,
};

/// How often each fault happens, in a thousand calls.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// A commit is refused, nothing written.
    pub not_done: u32,
    /// A commit is written, and reported as unknown.
    pub unknown_written: u32,
    /// A commit is not written, and reported as unknown.
    pub unknown_lost: u32,
    /// A commit is refused because somebody else has taken over.
    pub fenced: u32,
    /// Partitions are revoked and assigned again.
    pub revoked: u32,
    /// A poll brings fewer records than there are.
    pub short_poll: u32,
}

/// An unreliable log.
pub struct Faulty {
    log: Arc<dyn Log>,
    dice: Arc<Dice>,
}

struct Dice {
    faults: Faults,
    random: Mutex<fastrand::Rng>,
}

impl Dice {
    fn hits(&self, per_thousand: u32) -> bool {
        per_thousand > 0 && self.below(1000) < per_thousand
    }

    fn below(&self, end: u32) -> u32 {
        self.random.lock().expect("no holder of the lock panics").u32(0..end)
    }
}

impl Faulty {
    /// Wraps a log; the same seed and calls give the same faults.
    pub fn new(log: Arc<dyn Log>, seed: u64, faults: Faults) -> Faulty {
        let random = Mutex::new(fastrand::Rng::with_seed(seed));
        Faulty { log, dice: Arc::new(Dice { faults, random }) }
    }
}

fn injected(what: &str) -> Error {
    Error::Io { what: what.to_owned(), detail: "injected fault".to_owned() }
}

impl Log for Faulty {
    fn partitions(&self, topic: Topic) -> u32 {
        self.log.partitions(topic)
    }

    fn end(&self, of: Partition) -> Result<i64, Error> {
        self.log.end(of)
    }

    fn read(
        &self,
        from: Partition,
        offset: i64,
        limit: Limit,
        wait: Duration,
    ) -> Result<Vec<Delivered>, Error> {
        self.log.read(from, offset, limit, wait)
    }

    fn append(&self, appends: Vec<Append>) -> Result<Vec<i64>, CommitError> {
        self.log.append(appends)
    }

    fn committed(&self, group: &str, of: Partition) -> Result<i64, Error> {
        self.log.committed(group, of)
    }

    fn join(&self, group: &str, inbox: Topic) -> Result<Box<dyn Member>, Error> {
        let member = self.log.join(group, inbox)?;
        let again = Again { log: self.log.clone(), group: group.to_owned(), inbox };
        Ok(Box::new(FaultyMember { member, again, dice: self.dice.clone(), revoked: None }))
    }
}

struct Again {
    log: Arc<dyn Log>,
    group: String,
    inbox: Topic,
}

struct FaultyMember {
    member: Box<dyn Member>,
    again: Again,
    dice: Arc<Dice>,
    /// Partitions that were announced as going, to be given up with the next poll.
    revoked: Option<Vec<u32>>,
}

impl Member for FaultyMember {
    fn poll(&mut self, limit: Limit, wait: Duration) -> Result<Polled, Error> {
        if self.revoked.take().is_some() {
            // Somebody else owned them for a moment: everything that was delivered is delivered anew.
            self.member = self.again.log.join(&self.again.group, self.again.inbox)?;
        }
        let faults = self.dice.faults;
        if self.dice.hits(faults.revoked) {
            let all: Vec<u32> = (0..self.again.log.partitions(self.again.inbox)).collect();
            self.revoked = Some(all.clone());
            return Ok(Polled::Revoking(all, Duration::from_secs(1)));
        }
        let short = self.dice.hits(faults.short_poll) && limit.records > 0;
        let records = if short { 1 + self.dice.below(2) as usize } else { limit.records };
        self.member.poll(Limit { records, ..limit }, wait)
    }

    fn commit(&mut self, transaction: Transaction) -> Result<Vec<i64>, CommitError> {
        let faults = self.dice.faults;
        if self.dice.hits(faults.not_done) {
            self.member = self
                .again
                .log
                .join(&self.again.group, self.again.inbox)
                .map_err(CommitError::NotDone)?;
            return Err(CommitError::NotDone(injected("commit")));
        }
        if self.dice.hits(faults.fenced) {
            return Err(CommitError::Fenced(self.again.group.clone()));
        }
        if self.dice.hits(faults.unknown_lost) {
            return Err(CommitError::Unknown(injected("commit")));
        }
        let outcome = self.member.commit(transaction);
        if outcome.is_ok() && self.dice.hits(faults.unknown_written) {
            return Err(CommitError::Unknown(injected("commit")));
        }
        outcome
    }

    fn rows(&self) -> Arc<dyn Rows> {
        self.member.rows()
    }
}
