//! Typed reads of view rows over all audit partitions.

use std::collections::BTreeMap;

use cns_state::{Error, Rows, Table, Views};
use serde::de::DeserializeOwned;

use super::{key::key, tables};
use crate::{
    dto::{
        Child, Corpus, DeadLetterView, Decision, Document, Job, Making, Pair, SidedConflict,
        SnoStatus, SnoView,
    },
    limits::{CORPORA_SHOWN_MAX, LINEAGE_SNOS_MAX},
};

/// Reads the rows of a tenant. Which partition holds a row does not matter to a reader.
#[derive(Clone)]
pub struct Reader {
    pub(super) views: Views,
    pub(super) partitions: u32,
}

impl Reader {
    /// A reader of a store that is folded from so many audit partitions.
    pub fn new(views: Views, partitions: u32) -> Reader {
        Reader { views, partitions }
    }

    /// A job: the sum of its parts.
    ///
    /// # Errors
    /// The store cannot be read; as for every read below.
    pub fn job(&self, tenant: &str, job_id: &str) -> Result<Option<Job>, Error> {
        let parts: Vec<Job> = self.all(tables::JOBS, &[tenant, job_id])?;
        let open_work: i64 = parts.iter().map(|part| part.open_work).sum();
        // The part that knows the document leads.
        let lead = parts
            .into_iter()
            .max_by_key(|part| (part.document_id.is_some(), part.entered, part.terminal));
        Ok(lead.map(|mut job| {
            job.open_work = open_work;
            job.settled = job.entered && open_work == 0;
            job
        }))
    }

    /// A document by corpus, or every document of that id.
    pub fn documents(
        &self,
        tenant: &str,
        document_id: &str,
        corpus: Option<&str>,
    ) -> Result<Vec<Document>, Error> {
        match corpus {
            Some(corpus) => self.all(tables::DOCUMENTS, &[tenant, document_id, corpus]),
            // Two are enough to know that the id is not unique; a few more to name them.
            None => self.under(tables::DOCUMENTS, &[tenant, document_id], 10),
        }
    }

    /// An SNO.
    pub fn sno(&self, tenant: &str, sno_id: &str) -> Result<Option<SnoView>, Error> {
        self.one(tables::SNOS, &[tenant, sno_id])
    }

    /// Where an SNO stands, without its parts.
    pub fn sno_status(&self, tenant: &str, sno_id: &str) -> Result<Option<SnoStatus>, Error> {
        #[derive(serde::Deserialize)]
        struct StatusAlone {
            status: SnoStatus,
        }
        let row: Option<StatusAlone> = self.one(tables::SNOS, &[tenant, sno_id])?;
        Ok(row.map(|row| row.status))
    }

    /// A compared pair.
    pub fn pair(&self, tenant: &str, pair_id: &str) -> Result<Option<Pair>, Error> {
        self.one(tables::PAIRS, &[tenant, pair_id])
    }

    /// A dead letter.
    pub fn dead_letter(&self, tenant: &str, id: &str) -> Result<Option<DeadLetterView>, Error> {
        let letter: Option<DeadLetterView> = self.one(tables::DEAD_LETTERS, &[tenant, id])?;
        let Some(letter) = letter else { return Ok(None) };
        // Those who run the installation may have decided twice about what belongs to nobody.
        let decisions: Vec<Decision> = self.all(tables::DECISIONS, &[tenant, id])?;
        let decision = decisions.into_iter().min_by_key(|decision| {
            (decision.recorded.at_ms, decision.recorded.partition, decision.recorded.sequence)
        });
        Ok(Some(DeadLetterView { decision, ..letter }))
    }

    /// The facts that made an SNO, in their order.
    pub fn makings(&self, tenant: &str, sno_id: &str) -> Result<Vec<Making>, Error> {
        let parts: Vec<Vec<Making>> = self.all(tables::MAKINGS, &[tenant, sno_id])?;
        Ok(parts.into_iter().flatten().collect())
    }

    /// What was synthesized from an SNO; one more than a lineage shows, so that it can say that there are more.
    pub fn children(&self, tenant: &str, sno_id: &str) -> Result<Vec<Child>, Error> {
        self.under(tables::CHILDREN, &[tenant, sno_id], LINEAGE_SNOS_MAX + 1)
    }

    /// The pairs in conflict that an SNO is a side of, at most so many.
    pub fn conflicts_of(
        &self,
        tenant: &str,
        sno_id: &str,
        limit: usize,
    ) -> Result<Vec<SidedConflict>, Error> {
        self.under(tables::SNO_CONFLICTS, &[tenant, sno_id], limit)
    }

    /// The numbers of a corpus, or of all of them together.
    pub fn counts(&self, tenant: &str, corpus: Option<&str>) -> Result<Corpus, Error> {
        let parts: Vec<Corpus> = match corpus {
            Some(corpus) => self.all(tables::CORPORA, &[tenant, corpus])?,
            None => self.all(tables::TOTALS, &[tenant])?,
        };
        let mut counts = Corpus::default();
        parts.iter().for_each(|part| counts.add(part));
        counts.corpus = parts.into_iter().next().map(|part| part.corpus).unwrap_or_default();
        Ok(counts)
    }

    /// The numbers of each corpus, by name, and whether there are more corpora than are given.
    pub fn corpora(&self, tenant: &str) -> Result<(Vec<Corpus>, bool), Error> {
        let (mut corpora, more) = self.corpora_after(tenant, "", CORPORA_SHOWN_MAX)?;
        corpora.sort_by(|x, y| x.corpus.cmp(&y.corpus));
        Ok((corpora, more))
    }

    /// Corpora after one of that name, at most so many: shorter names first, then by name. And whether there are
    /// more.
    pub fn corpora_after(
        &self,
        tenant: &str,
        after: &str,
        limit: usize,
    ) -> Result<(Vec<Corpus>, bool), Error> {
        // No name is empty: under it stand dead letters of records that name no corpus.
        let after = key(&[tenant, after]);
        let mut corpora: BTreeMap<Vec<u8>, Corpus> = BTreeMap::new();
        for partition in 0..self.partitions {
            let prefix = key(&[tenant]);
            let rows =
                self.views.scan(tables::CORPORA, partition, &prefix, Some(&after), limit + 1)?;
            for (key, bytes) in rows {
                let part: Corpus = self.parse(tables::CORPORA, &bytes)?;
                let corpus = corpora.entry(key).or_default();
                corpus.add(&part);
                corpus.corpus = part.corpus;
            }
        }
        let more = corpora.len() > limit;
        Ok((corpora.into_values().take(limit).collect(), more))
    }

    fn one<T: DeserializeOwned>(&self, table: Table, parts: &[&str]) -> Result<Option<T>, Error> {
        Ok(self.all(table, parts)?.into_iter().next())
    }

    pub(super) fn all<T: DeserializeOwned>(
        &self,
        table: Table,
        parts: &[&str],
    ) -> Result<Vec<T>, Error> {
        let key = key(parts);
        let mut found = Vec::new();
        for partition in 0..self.partitions {
            if let Some(bytes) = self.views.get(table, partition, &key)? {
                found.push(self.parse(table, &bytes)?);
            }
        }
        Ok(found)
    }

    fn under<T: DeserializeOwned>(
        &self,
        table: Table,
        parts: &[&str],
        limit: usize,
    ) -> Result<Vec<T>, Error> {
        let prefix = key(parts);
        let mut found = Vec::new();
        for partition in 0..self.partitions {
            for (_, bytes) in self.views.scan(table, partition, &prefix, None, limit)? {
                found.push(self.parse(table, &bytes)?);
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    pub(super) fn parse<T: DeserializeOwned>(
        &self,
        table: Table,
        bytes: &[u8],
    ) -> Result<T, Error> {
        serde_json::from_slice(bytes).map_err(|error| Error::Corrupt {
            what: format!("{} in {}", table.name, self.views.name()),
            detail: error.to_string(),
        })
    }
}
