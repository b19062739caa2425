//! `Idempotency-Key`: a submission that is sent again is the same submission.
//!
//! Invariant: the job id derives from tenant and key, the event id from the job and the document, and both are in the
//! log. So a process knows from the views alone whether a key was used, and for which document; keys never expire.
//! Until the views know it, the process remembers it; requests with one key are handled one after another. The same
//! document that two processes append at once is one submission, because its ids are the same.

use axum::http::{HeaderMap, StatusCode};
use cns_schemas::{Codec, DocumentSubmitted, EventId, hash_hex};

use super::{
    Problem,
    faults::{Faults, Kind},
    lanes::Remembered,
    links,
};
use crate::{limits::IDEMPOTENCY_KEY_CHARS_MAX, state::Inner};

const HEADER: &str = "idempotency-key";

/// A caller's own name for a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key of a request.
    ///
    /// # Errors
    /// It is none that can be used.
    pub fn of(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Problem> {
        let Some(value) = headers.get(HEADER) else { return Ok(None) };
        let usable = |key: &&str| {
            (1..=IDEMPOTENCY_KEY_CHARS_MAX).contains(&key.len())
                && key.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let key = value.to_str().ok().filter(usable);
        if key.is_none() {
            let mut faults = Faults::default();
            let message =
                format!("has to be 1 to {IDEMPOTENCY_KEY_CHARS_MAX} visible ASCII characters");
            faults.add(Kind::Invalid, "/Idempotency-Key", message);
            faults.finish()?;
        }
        Ok(key.map(|key| IdempotencyKey(key.to_owned())))
    }

    /// The job of the submission that the key names.
    pub fn job_id(&self, inner: &Inner, tenant: &str) -> String {
        inner.job_ids.derive(tenant, HEADER, &self.0)
    }

    /// A route that keeps no promise about the key does not take one.
    ///
    /// # Errors
    /// The request has a key.
    pub fn none_in(headers: &HeaderMap) -> Result<(), Problem> {
        let mut faults = Faults::default();
        if headers.contains_key(HEADER) {
            let message = "is not taken here: send each document to POST /v1/documents to use a key, or leave it out";
            faults.add(Kind::Invalid, "/Idempotency-Key", message);
        }
        faults.finish()
    }
}

/// A job that a document was accepted under.
#[derive(Debug, PartialEq, Eq)]
pub struct Accepting {
    /// Its id.
    pub job_id: String,
    /// An earlier request brought it.
    pub replayed: bool,
}

/// Appends the document of a job unless its key was used for it before. The caller has the turn of the job.
///
/// # Errors
/// The key was used for another document, or the document could not be appended.
pub fn once(
    inner: &Inner,
    tenant: &str,
    document: &DocumentSubmitted,
    job_id: String,
    lane: &mut Remembered,
    append: impl FnOnce(&str, String) -> Result<(), Problem>,
) -> Result<Accepting, Problem> {
    let body = hash_hex(&[&Codec::encode(document)], 32);
    let event_id = EventId::child(&job_id, &format!("submit {body}"), 0).0;
    let known = match lane.of(&job_id) {
        Some(event_id) => Some(event_id.clone()),
        None => {
            let job = inner.reader.job(tenant, &job_id).map_err(|error| Problem::views(&error))?;
            job.and_then(|job| job.submission).map(|submission| submission.event_id)
        }
    };
    match known {
        Some(known) if known == event_id => return Ok(Accepting { job_id, replayed: true }),
        Some(_) => {
            let detail = format!(
                "The Idempotency-Key was used for another document; its job is {}. Use a new key for a new document.",
                links::job(&job_id)
            );
            let problem = Problem::new(StatusCode::CONFLICT, "idempotency_conflict", detail);
            return Err(problem.about(&job_id));
        }
        None => {}
    }
    append(&job_id, event_id.clone())?;
    lane.keep(&job_id, &event_id);
    Ok(Accepting { job_id, replayed: false })
}
