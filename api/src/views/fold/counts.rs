//! Numbers of a corpus, and over all corpora of a tenant.
//!
//! Invariant: what is counted is counted in both, so the totals need no look at the corpora, however many.

use super::Folding;
use crate::{
    dto::{Corpus, JobStatus, SnoCounts, SnoStatus},
    views::{
        FoldError,
        tables::{CORPORA, TOTALS},
    },
};

impl Folding<'_, '_> {
    pub(super) fn count(
        &mut self,
        corpus: &str,
        change: impl Fn(&mut Corpus),
    ) -> Result<(), FoldError> {
        let (tenant, at_ms) = (&self.fact.tenant, self.at.at_ms);
        let change = |counts: &mut Corpus| {
            counts.changed_at_ms = counts.changed_at_ms.max(at_ms);
            change(counts);
        };
        self.draft.change::<Corpus>(TOTALS, &[tenant], &change)?;
        self.draft.change::<Corpus>(CORPORA, &[tenant, corpus], |counts| {
            counts.corpus = corpus.to_owned();
            change(counts);
        })
    }

    /// The newest version of a document went from one status to another.
    pub(super) fn count_document(
        &mut self,
        corpus: &str,
        from: Option<JobStatus>,
        to: JobStatus,
    ) -> Result<(), FoldError> {
        if from == Some(to) {
            return Ok(());
        }
        self.count(corpus, |counts| {
            let by_status = &mut counts.documents_by_status;
            if let Some(was) = from.and_then(|from| by_status.of(from)) {
                *was = was.saturating_sub(1);
            }
            if let Some(is) = by_status.of(to) {
                *is += 1;
            }
        })
    }

    /// An SNO went from one status to another.
    pub(super) fn count_sno(
        &mut self,
        corpus: &str,
        from: Option<SnoStatus>,
        to: SnoStatus,
    ) -> Result<(), FoldError> {
        self.count(corpus, |counts| {
            if let Some(from) = from {
                let was = of(&mut counts.snos, from);
                *was = was.saturating_sub(1);
            }
            *of(&mut counts.snos, to) += 1;
        })
    }
}

fn of(counts: &mut SnoCounts, status: SnoStatus) -> &mut u64 {
    match status {
        SnoStatus::Proposed => &mut counts.proposed,
        SnoStatus::Admitted => &mut counts.admitted,
        SnoStatus::Archived => &mut counts.archived,
        SnoStatus::Duplicate => &mut counts.duplicate,
        SnoStatus::Superseded => &mut counts.superseded,
        SnoStatus::Failed => &mut counts.failed,
    }
}
