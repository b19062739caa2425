//! What followers of a job or a corpus are told, read back in order.

use cns_schemas::ChainHead;
use cns_state::{Error, Rows, Table};

use super::{
    Moment, Reader,
    key::key,
    tables::{CORPUS_EVENTS, HEADS, JOB_EVENTS},
};
use crate::dto::Told;

/// What is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Followed {
    /// A job.
    Job(String),
    /// A corpus.
    Corpus(String),
}

impl Followed {
    fn rows(&self) -> (Table, &str) {
        match self {
            Followed::Job(id) => (JOB_EVENTS, id),
            Followed::Corpus(name) => (CORPUS_EVENTS, name),
        }
    }
}

impl Reader {
    /// What one partition tells after a moment, at most so much.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn told(
        &self,
        tenant: &str,
        of: &Followed,
        partition: u32,
        after: Option<Moment>,
        limit: usize,
    ) -> Result<Vec<(Moment, Told)>, Error> {
        let (table, id) = of.rows();
        let prefix = key(&[tenant, id]);
        let after = after.map(|moment| [prefix.as_slice(), &moment.place()].concat());
        let rows = self.views.scan(table, partition, &prefix, after.as_deref(), limit)?;
        let mut told = Vec::with_capacity(rows.len());
        for (key, bytes) in rows {
            let moment = Moment::of_key(&key).ok_or_else(|| Error::Corrupt {
                what: table.name.to_owned(),
                detail: "a key has no place at its end".into(),
            })?;
            told.push((moment, self.parse(table, &bytes)?));
        }
        Ok(told)
    }

    /// Behind the last entry of each partition that is folded.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn now(&self) -> Result<Vec<(u32, Moment)>, Error> {
        let mut moments = Vec::new();
        for partition in 0..self.partitions {
            let Some(bytes) = self.views.get(HEADS, partition, &key(&["head"]))? else { continue };
            let head: ChainHead = self.parse(HEADS, &bytes)?;
            if head.next_sequence > 0 {
                moments.push((partition, Moment::behind(head.next_sequence - 1)));
            }
        }
        Ok(moments)
    }

    /// Over how many audit partitions.
    pub fn partitions(&self) -> u32 {
        self.partitions
    }
}
