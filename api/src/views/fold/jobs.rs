//! Jobs: open work, events, and the fate of the document.
//!
//! Invariant: a job's open work is the events it sent to inboxes less the final facts of such events. A job
//! whose facts stand in several audit partitions has a part in each; their sum is the job's.

use cns_schemas::{DocumentFailed, DocumentSubmitted, Fact, Outcome, Recorded as _, Topic};

use super::Folding;
use crate::{
    dto::{Facets, Job, JobError, JobEvent, JobStatus, Submission, word},
    limits::JOB_EVENTS_SHOWN_MAX,
    views::{
        FoldError,
        tables::{JOB_LIST, JOBS},
    },
};

impl Folding<'_, '_> {
    /// Counts the fact into its job, when it has one; opens the job with its first.
    pub(super) fn job(&mut self) -> Result<(), FoldError> {
        let (fact, at) = (self.fact, self.at);
        let Some(job_id) = self.job_id() else { return Ok(()) };
        let known: Option<Job> = self.draft.get(JOBS, &[&fact.tenant, job_id])?;
        let first = known.is_none();
        let mut job = known.unwrap_or_else(|| Job {
            job_id: job_id.to_owned(),
            recorded: at,
            ..Job::default()
        });
        // A failure is told to the entrance by a later stage of the same job, so it is open work.
        let brought =
            fact.origin.topic == Topic::Documents.name() && fact.event_type != DocumentFailed::NAME;
        let entrance = brought || (first && fact.stage != "performer");
        count(&mut job, fact, entrance);
        let document = brought && fact.event_type == DocumentSubmitted::NAME;
        if document && fact.outcome != Outcome::Redirected && job.submission.is_none() {
            let origin = fact.origin.to_string();
            job.submission = Some(Submission { event_id: fact.event_id.clone(), origin });
        }
        job.events_total += 1;
        if job.events.len() < JOB_EVENTS_SHOWN_MAX {
            job.events.push(JobEvent {
                stage: fact.stage.clone(),
                event_type: fact.event_type.clone(),
                outcome: word(&fact.outcome),
                at: at.at_ms,
            });
        }
        if job.status == JobStatus::Queued {
            job.status = JobStatus::Processing;
        }
        if job.corpus.is_none() && !fact.corpus.is_empty() {
            job.corpus = Some(fact.corpus.clone());
        }
        if job.document_id.is_none() && !fact.document_id.is_empty() {
            job.document_id = Some(fact.document_id.clone());
        }
        let refused = matches!(fact.outcome, Outcome::Rejected | Outcome::DeadLettered);
        if refused && !job.status.terminal() {
            job.status = JobStatus::Rejected;
            job.error = fact.fault.as_ref().map(JobError::of);
        }
        self.put_job(job);
        Ok(())
    }

    /// Changes the fact's job, which [`Folding::job`] has opened.
    pub(super) fn change_job(&mut self, change: impl FnOnce(&mut Job)) -> Result<(), FoldError> {
        let Some(job_id) = self.job_id() else { return Ok(()) };
        if let Some(mut job) = self.draft.get::<Job>(JOBS, &[&self.fact.tenant, job_id])? {
            change(&mut job);
            self.put_job(job);
        }
        Ok(())
    }

    fn put_job(&mut self, mut job: Job) {
        job.terminal = job.status.terminal();
        job.settled = job.entered && job.open_work == 0;
        let tenant = &self.fact.tenant;
        let facets = Facets {
            id: job.job_id.clone(),
            corpus: job.corpus.clone().unwrap_or_default(),
            status: word(&job.status),
            ..Facets::default()
        };
        self.draft.list(JOB_LIST, tenant, &job.recorded, &facets);
        self.draft.put(JOBS, &[tenant, &job.job_id], &job);
    }
}

fn count(job: &mut Job, fact: &Fact, entrance: bool) {
    match fact.outcome {
        // The same event, in another partition of the same inbox: one more and one less.
        Outcome::Redirected => return,
        Outcome::Parked => {}
        _ if entrance => job.entered = true,
        _ => job.open_work -= 1,
    }
    let sent = fact.outputs.iter().filter(|sent| is_inbox(&sent.topic)).count();
    job.open_work += sent as i64;
}

fn is_inbox(topic: &str) -> bool {
    matches!(
        Topic::by_name(topic),
        Some(
            Topic::Documents
                | Topic::Passages
                | Topic::Candidates
                | Topic::Verdicts
                | Topic::Requests
        )
    )
}
