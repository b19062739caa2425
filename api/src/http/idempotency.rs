//! `Idempotency-Key`: a submission that is sent again is the same submission.
//!
//! Invariant: the job id derives from tenant and key, the event id from the job and the document, and both are in the
//! log. So a process knows from the views alone whether a key was used, and for which document; keys never expire.
//! Until the views know it, the process remembers it; requests with one key are handled one after another. The same
//! document that two processes append at once is one submission, because its ids are the same.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use axum::http::{HeaderMap, StatusCode};
use cns_schemas::{Codec, DocumentSubmitted, EventId, hash_hex};

use super::{
    Problem,
    faults::{Faults, Kind},
    links,
};
use crate::{
    limits::{IDEMPOTENCY_KEY_CHARS_MAX, IDEMPOTENCY_LANES, IDEMPOTENCY_REMEMBERED_MAX},
    state::Inner,
};

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
}

/// A job that a document was accepted under.
#[derive(Debug, PartialEq, Eq)]
pub struct Accepting {
    /// Its id.
    pub job_id: String,
    /// An earlier request brought it.
    pub replayed: bool,
}

/// Submissions that the views may not know yet, by job.
pub struct Lanes(Vec<Mutex<Remembered>>);

#[derive(Default)]
struct Remembered {
    events: BTreeMap<String, String>,
    oldest_first: VecDeque<String>,
}

impl Lanes {
    /// None yet.
    pub fn new() -> Lanes {
        Lanes((0..IDEMPOTENCY_LANES).map(|_| Mutex::default()).collect())
    }

    fn of(&self, job_id: &str) -> &Mutex<Remembered> {
        let sum: usize = job_id.bytes().map(usize::from).sum();
        &self.0[sum % IDEMPOTENCY_LANES]
    }
}

impl Remembered {
    fn keep(&mut self, job_id: &str, event_id: &str) {
        if self.events.insert(job_id.to_owned(), event_id.to_owned()).is_none() {
            self.oldest_first.push_back(job_id.to_owned());
        }
        if self.oldest_first.len() > IDEMPOTENCY_REMEMBERED_MAX
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.events.remove(&oldest);
        }
    }
}

/// Appends the document unless its key was used for it before.
///
/// # Errors
/// The key was used for another document, or the document could not be appended.
pub fn once(
    inner: &Inner,
    tenant: &str,
    document: &DocumentSubmitted,
    key: &IdempotencyKey,
    append: impl FnOnce(&str, String) -> Result<(), Problem>,
) -> Result<Accepting, Problem> {
    let job_id = inner.job_ids.derive(tenant, HEADER, &key.0);
    let body = hash_hex(&[&Codec::encode(document)], 32);
    let event_id = EventId::child(&job_id, &format!("submit {body}"), 0).0;
    let mut lane = inner.submissions.of(&job_id).lock().unwrap_or_else(PoisonError::into_inner);
    let known = match lane.events.get(&job_id) {
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
