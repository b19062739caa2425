//! Documents: what was cut, what was sent again, and what became of each version.

use cns_schemas::{DocumentChunked, DocumentRepeated};

use super::Folding;
use crate::{
    dto::{Document, Facets, FlagView, Job, JobStatus, RenditionRunView, Version, word},
    limits::DOCUMENT_VERSIONS_SHOWN_MAX,
    views::{
        FoldError,
        tables::{DOCUMENT_LIST, DOCUMENTS, JOBS},
    },
};

impl Folding<'_, '_> {
    pub(super) fn document_chunked(&mut self, chunked: &DocumentChunked) -> Result<(), FoldError> {
        let (fact, at) = (self.fact, self.at);
        self.tell_chunked(chunked);
        let flags: Vec<FlagView> = chunked.flags.iter().map(FlagView::from).collect();
        self.change_job(|job| {
            job.document_id = Some(chunked.document_id.clone());
            job.flags = flags.clone();
        })?;
        let known = self.document(&chunked.corpus, &chunked.document_id)?;
        if known.is_none() {
            self.count(&chunked.corpus, |counts| counts.documents += 1)?;
        }
        let before = known.as_ref().map(|known| known.status);
        let known = known.unwrap_or_else(|| Document { recorded: at, ..Document::default() });
        let mut versions = known.versions;
        versions.insert(
            0,
            Version {
                version: chunked.version,
                content_hash: chunked.content_hash.clone(),
                job_id: fact.job.clone(),
                status: JobStatus::Processing,
                sno_id: None,
                recorded: at,
            },
        );
        versions.truncate(DOCUMENT_VERSIONS_SHOWN_MAX);
        let run = |run: &cns_schemas::RenditionRun| RenditionRunView {
            plain: run.plain,
            submitted: run.submitted,
            length: run.length,
        };
        let document = Document {
            document_id: chunked.document_id.clone(),
            corpus: chunked.corpus.clone(),
            source: chunked.source.clone(),
            source_uri: chunked.source_uri.clone(),
            published_at: chunked.published_at.clone(),
            metadata: chunked.metadata.clone(),
            status: JobStatus::Processing,
            job_id: fact.job.clone(),
            flags,
            version: chunked.version,
            versions,
            text: chunked.plain.clone(),
            rendition: chunked.rendition.runs.iter().map(run).collect(),
            recorded: known.recorded,
            ..Document::default()
        };
        self.put_document(before, &document)
    }

    pub(super) fn document_repeated(
        &mut self,
        repeated: &DocumentRepeated,
    ) -> Result<(), FoldError> {
        self.tell_repeated(repeated);
        let first = self.document(&repeated.corpus, &repeated.document_id)?;
        let version =
            first.and_then(|d| d.versions.into_iter().find(|v| v.version == repeated.version));
        if repeated.first_job == self.fact.job {
            // The same submission, delivered twice: its fate is that of the first delivery.
            return Ok(());
        }
        self.change_job(|job| {
            job.status = JobStatus::Duplicate;
            job.document_id = Some(repeated.document_id.clone());
            job.duplicate_of = Some(repeated.document_id.clone());
            job.sno_id = version.and_then(|version| version.sno_id);
            job.reason = Some(format!(
                "the same text is known under this id as version {}, brought by {}",
                repeated.version, repeated.first_job
            ));
        })
    }

    /// Changes the version that a job brought, and what the document says of itself when it is the newest.
    pub(super) fn change_document(
        &mut self,
        corpus: &str,
        document_id: &str,
        version: u32,
        change: impl FnOnce(&mut Document, &mut Version),
    ) -> Result<(), FoldError> {
        let Some(mut document) = self.document(corpus, document_id)? else { return Ok(()) };
        let Some(index) = document.versions.iter().position(|v| v.version == version) else {
            return Ok(());
        };
        let before = Some(document.status);
        let mut versions = std::mem::take(&mut document.versions);
        if version == document.version {
            change(&mut document, &mut versions[index]);
        } else {
            change(&mut Document::default(), &mut versions[index]);
        }
        document.versions = versions;
        self.put_document(before, &document)
    }

    /// A document that ended before it had an SNO.
    pub(super) fn document_refused(&mut self) -> Result<(), FoldError> {
        let Some(job_id) = self.job_id() else { return Ok(()) };
        let job: Option<Job> = self.draft.get(JOBS, &[&self.fact.tenant, job_id])?;
        let Some(job) = job.filter(|job| job.status == JobStatus::Rejected) else { return Ok(()) };
        let (Some(corpus), Some(document_id)) = (job.corpus, job.document_id) else {
            return Ok(());
        };
        let reason = job.error.map(|error| error.detail);
        let document = match self.document(&corpus, &document_id)? {
            Some(document) if document.version > 0 => document,
            known => return self.document_never_taken(known, corpus, document_id, reason),
        };
        let brought = document.versions.iter().find(|version| version.job_id == job_id);
        let Some(version) = brought.map(|version| version.version) else { return Ok(()) };
        self.change_document(&corpus, &document_id, version, |document, version| {
            version.status = JobStatus::Rejected;
            document.status = JobStatus::Rejected;
            document.reason = reason;
        })
    }

    /// A document of which no version was ever taken in: it is listed and counted all the same.
    fn document_never_taken(
        &mut self,
        known: Option<Document>,
        corpus: String,
        document_id: String,
        reason: Option<String>,
    ) -> Result<(), FoldError> {
        if known.is_none() {
            self.count(&corpus, |counts| counts.documents += 1)?;
        }
        let before = known.as_ref().map(|known| known.status);
        let recorded = known.map_or(self.at, |known| known.recorded);
        let document = Document {
            document_id,
            corpus,
            status: JobStatus::Rejected,
            job_id: self.fact.job.clone(),
            reason,
            recorded,
            ..Document::default()
        };
        self.put_document(before, &document)
    }

    fn document(&self, corpus: &str, document_id: &str) -> Result<Option<Document>, FoldError> {
        self.draft.get(DOCUMENTS, &[&self.fact.tenant, document_id, corpus])
    }

    /// `before` is the status that it had.
    fn put_document(
        &mut self,
        before: Option<JobStatus>,
        document: &Document,
    ) -> Result<(), FoldError> {
        self.count_document(&document.corpus, before, document.status)?;
        let tenant = &self.fact.tenant;
        let facets = Facets {
            id: document.document_id.clone(),
            corpus: document.corpus.clone(),
            status: word(&document.status),
            ..Facets::default()
        };
        self.draft.list(DOCUMENT_LIST, tenant, &document.recorded, &facets);
        self.draft.put(DOCUMENTS, &[tenant, &document.document_id, &document.corpus], document);
        Ok(())
    }
}
