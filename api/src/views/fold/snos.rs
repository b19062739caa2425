//! SNOs: proposed, judged, decided, superseded.
//!
//! Invariant: trust comes from the decision alone, together with the reports and weights that it was made from.

use cns_schemas::{Provenance, Sent, SnoDecided, SnoFate, SnoJudged, SnoProposed};

use super::Folding;
use crate::{
    dto::{Facets, JobStatus, Recorded, Report, SnoStatus, SnoView, word},
    views::{
        FoldError,
        tables::{SNO_BY_TRUST, SNO_LIST, SNOS},
    },
};

impl Folding<'_, '_> {
    pub(super) fn sno_proposed(
        &mut self,
        sent: &Sent,
        proposed: &SnoProposed,
    ) -> Result<(), FoldError> {
        let sno = &proposed.sno;
        self.made(&sno.sno_id, &sent.event_type)?;
        self.tell_proposed(proposed);
        match sno.provenance {
            Provenance::Document => self.change_job(|job| job.sno_id = Some(sno.sno_id.clone())),
            Provenance::Synthesis => self.synthesis_proposed(sent, proposed),
        }
    }

    pub(super) fn sno_judged(&mut self, sent: &Sent, judged: &SnoJudged) -> Result<(), FoldError> {
        self.made(&judged.sno.sno_id, &sent.event_type)?;
        if judged.sno.provenance == Provenance::Synthesis {
            self.in_flight(&sent.event_id, &judged.sno.sno_id);
        }
        Ok(())
    }

    pub(super) fn sno_decided(&mut self, decided: &SnoDecided) -> Result<(), FoldError> {
        let sno = &decided.sno;
        self.made(&sno.sno_id, "SnoDecided")?;
        self.tell_scored(decided);
        let before = self.sno(&sno.sno_id)?;
        let proposed = match &before {
            Some(known) if known.status == SnoStatus::Proposed => known.proposed,
            _ => self.at,
        };
        if let Some(recorded) = before.as_ref().and_then(|known| known.recorded) {
            self.draft.unlist(SNO_LIST, &self.fact.tenant, &sno.corpus, &recorded, &sno.sno_id);
        }
        let reports = decided.reports.iter().enumerate().map(|(index, report)| Report {
            weight: decided.weights.get(index).copied(),
            ..Report::from(report)
        });
        let view = SnoView {
            status: match decided.fate {
                SnoFate::Admitted => SnoStatus::Admitted,
                SnoFate::Archived => SnoStatus::Archived,
                SnoFate::Duplicate => SnoStatus::Duplicate,
            },
            reason: decided.reason.clone(),
            duplicate_of: decided.duplicate_of.clone(),
            trust: Some(decided.trust),
            reports: reports.collect(),
            recorded: Some(self.at),
            ..SnoView::of(sno, decided.pair_id.as_ref(), proposed)
        };
        self.index(before.as_ref(), &view)?;
        let was = before.as_ref().and_then(|known| Some((known.trust, known.recorded?)));
        self.count_sno(&sno.corpus, before.map(|known| known.status), view.status)?;
        self.put_sno(was, &view);
        for old in &decided.supersedes {
            self.superseded(old, &sno.sno_id)?;
        }
        match sno.provenance {
            Provenance::Document => self.fate_known(decided, &view),
            Provenance::Synthesis => {
                self.list_synthesis(&view);
                Ok(())
            }
        }
    }

    /// The fate of a document is the fate of its SNO.
    fn fate_known(&mut self, decided: &SnoDecided, view: &SnoView) -> Result<(), FoldError> {
        let status = match decided.fate {
            SnoFate::Admitted => JobStatus::Admitted,
            SnoFate::Archived => JobStatus::Archived,
            SnoFate::Duplicate => JobStatus::Duplicate,
        };
        let reason = Some(decided.reason.clone()).filter(|reason| !reason.is_empty());
        self.change_job(|job| {
            job.status = status;
            job.sno_id = Some(view.sno_id.clone());
            job.duplicate_of = decided.duplicate_of.clone();
            job.reason = reason.clone();
            job.flags.extend(
                view.flags
                    .iter()
                    .filter(|flag| !job.flags.contains(flag))
                    .cloned()
                    .collect::<Vec<_>>(),
            );
        })?;
        for document_id in &decided.sno.document_ids {
            let version = decided.sno.document_version;
            self.change_document(
                &decided.sno.corpus,
                document_id,
                version,
                |document, version| {
                    version.status = status;
                    version.sno_id = Some(view.sno_id.clone());
                    document.status = status;
                    document.reason = reason.clone();
                    document.duplicate_of = decided.duplicate_of.clone();
                    document.sno_id = Some(view.sno_id.clone());
                    document.flags = view.flags.clone();
                },
            )?;
        }
        Ok(())
    }

    fn superseded(&mut self, old: &str, by: &str) -> Result<(), FoldError> {
        let Some(mut view) = self.sno(old)? else { return Ok(()) };
        self.count_sno(&view.corpus, Some(view.status), SnoStatus::Superseded)?;
        view.status = SnoStatus::Superseded;
        view.superseded_by = Some(by.to_owned());
        view.reason = format!("superseded by {by}");
        self.put_sno(None, &view);
        if view.provenance == word(&Provenance::Synthesis) {
            self.list_synthesis(&view);
            return Ok(());
        }
        for document_id in &view.document_ids {
            let version = view.document_version;
            self.change_document(&view.corpus, document_id, version, |_, version| {
                version.status = JobStatus::Superseded;
            })?;
        }
        Ok(())
    }

    pub(super) fn sno(&self, sno_id: &str) -> Result<Option<SnoView>, FoldError> {
        self.draft.get(SNOS, &[&self.fact.tenant, sno_id])
    }

    /// `was` is where it stood in the list by trust.
    pub(super) fn put_sno(&mut self, was: Option<(Option<f64>, Recorded)>, view: &SnoView) {
        let tenant = &self.fact.tenant;
        if let Some(recorded) = &view.recorded {
            let facets = Facets {
                id: view.sno_id.clone(),
                corpus: view.corpus.clone(),
                status: word(&view.status),
                provenance: Some(view.provenance.clone()),
                trust: view.trust,
            };
            self.draft.list(SNO_LIST, tenant, recorded, &facets);
            self.draft.rank(SNO_BY_TRUST, tenant, was, (view.trust, *recorded), &facets);
        }
        self.draft.put(SNOS, &[tenant, &view.sno_id], view);
    }
}
