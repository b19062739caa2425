//! A log that breaks its contract, to show that the verifier notices.

use std::{sync::Arc, time::Duration};

use cns_schemas::Topic;
use cns_state::*;

/// Forgets the rows of every third commit.
pub struct Forgetful(pub Memory);
struct ForgetfulMember(Box<dyn Member>, u32);

impl Log for Forgetful {
    fn partitions(&self, topic: Topic) -> u32 {
        self.0.partitions(topic)
    }
    fn end(&self, of: Partition) -> Result<i64, Error> {
        self.0.end(of)
    }
    fn read(
        &self,
        from: Partition,
        offset: i64,
        limit: Limit,
        wait: Duration,
    ) -> Result<Vec<Delivered>, Error> {
        self.0.read(from, offset, limit, wait)
    }
    fn append(&self, appends: Vec<Append>) -> Result<Vec<i64>, CommitError> {
        self.0.append(appends)
    }
    fn committed(&self, group: &str, of: Partition) -> Result<i64, Error> {
        self.0.committed(group, of)
    }
    fn join(&self, group: &str, inbox: Topic) -> Result<Box<dyn Member>, Error> {
        Ok(Box::new(ForgetfulMember(self.0.join(group, inbox)?, 0)))
    }
}

impl Member for ForgetfulMember {
    fn poll(&mut self, limit: Limit, wait: Duration) -> Result<Polled, Error> {
        self.0.poll(limit, wait)
    }
    fn commit(&mut self, mut transaction: Transaction) -> Result<Vec<i64>, CommitError> {
        self.1 += 1;
        if self.1.is_multiple_of(3) {
            transaction.changes.clear();
        }
        self.0.commit(transaction)
    }
    fn rows(&self) -> Arc<dyn Rows> {
        self.0.rows()
    }
}
