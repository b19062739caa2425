//! Decisions about dead letters: submit the document again, or leave it at that.
//!
//! Invariant: a decision is a record in the log, with who, when and why; the first one stays. A retry is the same
//! document as a new job whose id derives from the dead letter, so that two at once are one.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use cns_schemas::{
    Codec, DeadLetterDecided, DocumentSubmitted, EventId, Headers, LetterDecision, Recorded as _,
    Topic,
};
use cns_state::{Append, Limit, Partition, Record, partition_of};
use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;

use super::find;
use crate::{
    dto::{AsOf, DeadLetterView, JobStatus},
    http::{
        Problem,
        body::JsonBody,
        fields::{Fields, Rule},
        links::{self, Linked, Links},
        params::Params,
        submit,
        tenant::{NOBODY, Tenant},
        waiting,
    },
    limits::{DECISION_WAIT, LOG_READ_WAIT, REASON_CHARS_MAX},
    state::{ApiState, Inner},
};

/// What a decision is answered with.
#[derive(Debug, Serialize)]
pub struct Decided {
    #[serde(flatten)]
    letter: DeadLetterView,
    /// Nothing was written: this is what would be decided.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    dry_run: bool,
    as_of: AsOf,
}

/// `POST /v1/dead-letters/{id}/retry`
pub async fn retry(
    State(state): State<ApiState>,
    tenant: Tenant,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    decide(state, tenant, id, query, body, LetterDecision::Retried).await
}

/// `POST /v1/dead-letters/{id}/drop`
pub async fn drop(
    State(state): State<ApiState>,
    tenant: Tenant,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    decide(state, tenant, id, query, body, LetterDecision::Dropped).await
}

async fn decide(
    state: ApiState,
    tenant: Tenant,
    id: String,
    query: Vec<(String, String)>,
    body: Value,
    decision: LetterDecision,
) -> Result<Response, Problem> {
    let mut params = Params::new(query, &["dry_run"]);
    let dry_run = params.flag("dry_run");
    params.finish()?;
    let mut fields = Fields::new(body, &["reason"])?;
    let reason = fields.required("reason", Rule::Line(REASON_CHARS_MAX));
    fields.faults.finish()?;
    // Two that decide at once take turns, so that the second one sees what the first one did.
    let mut turn = state.inner.decisions.turn(&id).await;
    let letter = look(&state, &tenant, &id).await?;
    if letter.decision.is_some() {
        return Err(already_decided(&letter));
    }
    if let Some(decision) = turn.of(&turn_of(&tenant, &letter)) {
        return Err(just_decided(decision));
    }
    let again = match decision {
        LetterDecision::Retried => Some(again(&state, &tenant, &letter).await?),
        LetterDecision::Dropped => None,
    };
    if dry_run {
        let answer = Decided { letter, dry_run, as_of: state.as_of() };
        return Ok(Json(Linked { answer, links: links_of(&id, None) }).into_response());
    }
    let name = tenant.name.clone();
    let job = again.is_some().then(|| state.inner.job_ids.derive(&name, "dead-letter", &id));
    let record = DeadLetterDecided {
        dead_letter_id: id.clone(),
        corpus: letter.corpus.clone(),
        unowned: letter.unowned,
        decision,
        reason,
        by: tenant.caller.clone(),
        job: job.clone(),
    };
    let done = turn_of(&tenant, &letter);
    let append = move |inner: &Inner| {
        append(inner, &name, &record, again)?;
        turn.keep(&done, &crate::dto::word(&decision));
        Ok(())
    };
    state.blocking(append).await?;
    shown(&state, &tenant, letter, decision, links_of(&id, job.as_deref())).await
}

/// Under which name a decision is remembered until the views show it.
fn turn_of(tenant: &Tenant, letter: &DeadLetterView) -> String {
    let name = if letter.unowned { NOBODY } else { &tenant.name };
    format!("{name}/{}", letter.dead_letter_id)
}

/// The dead letter when the views show what was decided, or as it is when they take too long.
async fn shown(
    state: &ApiState,
    tenant: &Tenant,
    letter: DeadLetterView,
    decision: LetterDecision,
    links: Links,
) -> Result<Response, Problem> {
    let (wanted, dry_run) = (letter.dead_letter_id.clone(), false);
    let seen = || async {
        let letter = look(state, tenant, &wanted).await?;
        Ok::<_, Problem>(letter.decision.is_some().then_some(letter))
    };
    let deadline = Instant::now() + DECISION_WAIT;
    let progress = state.inner.progress.clone();
    match waiting::wait(progress, deadline, seen).await? {
        // Somebody else was quicker, with another decision.
        waiting::Waited::There(letter) if letter.status() != crate::dto::word(&decision) => {
            Err(already_decided(&letter))
        }
        waiting::Waited::There(letter) => {
            let answer = Decided { letter, dry_run, as_of: state.as_of() };
            Ok(Json(Linked { answer, links }).into_response())
        }
        // It is in the log; the views will show it.
        waiting::Waited::Stopped | waiting::Waited::Late => {
            let answer = Decided { letter, dry_run, as_of: state.as_of() };
            Ok((StatusCode::ACCEPTED, Json(Linked { answer, links })).into_response())
        }
    }
}

async fn look(state: &ApiState, tenant: &Tenant, id: &str) -> Result<DeadLetterView, Problem> {
    let (tenant, wanted) = (tenant.clone(), id.to_owned());
    let letter = state.read(move |reader| find(reader, &tenant, &wanted)).await?;
    letter.ok_or_else(|| Problem::not_found("dead_letter_not_found", "dead letter", id))
}

fn links_of(id: &str, job: Option<&str>) -> Links {
    let mut links = Links::from([("self", links::dead_letter(id))]);
    if let Some(job) = job {
        links.insert("job", links::job(job));
    }
    links
}

fn already_decided(letter: &DeadLetterView) -> Problem {
    let decision = letter.decision.clone().unwrap_or_default();
    let job = decision.job_id.as_ref().map(|job| format!(" as {job}")).unwrap_or_default();
    let detail = format!(
        "The dead letter was {}{job} by {} at {} ms since 1970: {}",
        decision.decision, decision.by, decision.recorded.at_ms, decision.reason
    );
    let problem = Problem::new(StatusCode::CONFLICT, "already_decided", detail);
    match &decision.job_id {
        Some(job) => problem.about(job),
        None => problem,
    }
}

fn just_decided(decision: &str) -> Problem {
    let detail = format!(
        "The dead letter was {decision} a moment ago; the views will show by whom and why."
    );
    Problem::new(StatusCode::CONFLICT, "already_decided", detail)
}

/// The document of a dead letter, read back from the log.
async fn again(
    state: &ApiState,
    tenant: &Tenant,
    letter: &DeadLetterView,
) -> Result<DocumentSubmitted, Problem> {
    let refuse = |why: &str| {
        let detail = format!(
            "A retry cannot cure this: {why}. What can: {}. Then drop the dead letter.",
            letter.error.mend
        );
        Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "retry_cannot_cure", detail))
    };
    if letter.unowned {
        return refuse("no tenant could be read in the record");
    }
    if !letter.error.retryable {
        return refuse("the same record would fail again");
    }
    let (name, job_id) = (tenant.name.clone(), letter.job_id.clone());
    let job = state.read(move |reader| reader.job(&name, &job_id)).await?;
    let itself = letter.event_type == DocumentSubmitted::NAME;
    if !itself && job.as_ref().is_none_or(|job| job.status != JobStatus::Rejected) {
        return refuse(
            "the record was no document, and its document was not rejected because of it",
        );
    }
    let at = if itself {
        Some(letter.origin.clone())
    } else {
        job.and_then(|job| Some(job.submission?.origin))
    };
    let place = at.as_deref().and_then(place);
    let Some((partition, offset)) = place else {
        return refuse("the document that it came from is not known");
    };
    let name = tenant.name.clone();
    let found = state.blocking(move |inner| Ok(document(inner, &name, partition, offset))).await?;
    let Some(document) = found else {
        return refuse("the document does not stand in the log any more");
    };
    if let Some(newer) = newer(state, tenant, &document, (partition, offset)).await? {
        let why = format!("{newer} brought a newer text of the document, which it would overwrite");
        return refuse(&why);
    }
    Ok(document)
}

/// The job that brought a text of a document that was submitted after the one at a place.
async fn newer(
    state: &ApiState,
    tenant: &Tenant,
    document: &DocumentSubmitted,
    (partition, offset): (u32, i64),
) -> Result<Option<String>, Problem> {
    let name = tenant.name.clone();
    let (id, corpus) = (document.document_id.clone(), document.corpus.clone());
    let newest = state.read(move |reader| {
        let Some(newest) = reader.documents(&name, &id, Some(&corpus))?.pop() else {
            return Ok(None);
        };
        reader.job(&name, &newest.job_id)
    });
    Ok(newest.await?.and_then(|job| {
        // All texts of a document stand in one partition, in the order in which they came.
        let at = place(&job.submission?.origin)?;
        (at.0 == partition && at.1 > offset).then(|| links::job(&job.job_id))
    }))
}

/// `documents/partition@offset`.
fn place(origin: &str) -> Option<(u32, i64)> {
    let (topic, place) = origin.split_once('/')?;
    let (partition, offset) = place.split_once('@')?;
    (topic == Topic::Documents.name()).then_some((partition.parse().ok()?, offset.parse().ok()?))
}

fn document(inner: &Inner, tenant: &str, index: u32, offset: i64) -> Option<DocumentSubmitted> {
    let from = Partition { topic: Topic::Documents, index };
    let limit = Limit { records: 1, bytes: 1 };
    let read = inner.log.read(from, offset, limit, LOG_READ_WAIT).inspect_err(|error| {
        tracing::warn!(%error, "The document of a dead letter cannot be read.");
    });
    let delivered = read.ok()?.into_iter().next().filter(|found| found.offset == offset)?;
    let headers = Headers::from_pairs(&delivered.record.headers).ok()?;
    // Whatever a row says: nobody gets another tenant's text.
    if headers.tenant != tenant {
        return None;
    }
    Codec::decode(&delivered.record.value).ok()
}

fn append(
    inner: &Inner,
    tenant: &str,
    decided: &DeadLetterDecided,
    again: Option<DocumentSubmitted>,
) -> Result<(), Problem> {
    let at_ms = (inner.clock)();
    let key = format!("{tenant}/{}/{}", decided.corpus, decided.dead_letter_id).into_bytes();
    let headers = Headers {
        event_id: Some(
            EventId::child(&decided.dead_letter_id, "decide", decided.decision as usize).0,
        ),
        tenant: tenant.to_owned(),
        job: None,
        cause: Some(decided.dead_letter_id.clone()),
        at_ms: Some(at_ms),
        traceparent: None,
    };
    let index = partition_of(&key, inner.log.partitions(Topic::Documents));
    let to = Partition { topic: Topic::Documents, index };
    let record = Record { key, value: Codec::encode(decided), headers: headers.to_pairs(), at_ms };
    let mut appends = vec![Append { to, record }];
    if let (Some(document), Some(job_id)) = (&again, &decided.job) {
        let entry = submit::Entry {
            job_id,
            event_id: EventId::child(job_id, "submit", 0).0,
            cause: Some(decided.dead_letter_id.clone()),
            traceparent: None,
        };
        appends.push(entry.append(inner, tenant, document));
    }
    inner.log.append(appends).map_err(|error| Problem::append(&error, &decided.dead_letter_id))?;
    Ok(())
}
