//! Takes documents in.
//!
//! Invariant: an answer is given after the log has acknowledged the document, never before; and a job id that
//! was handed out is never answered with "not found".

use std::time::{Instant, SystemTime};

use axum::{
    Extension, Json,
    extract::{Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use cns_schemas::{
    Attribute, Codec, DocumentKey, DocumentSubmitted, EventId, Headers, Hop, HopKind, Topic,
    TraceContext, Traces, hash_hex,
};
use cns_state::{Append, Partition, Record, partition_of};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Problem,
    body::JsonBody,
    exchange::Exchange,
    fields::{Fields, Rule},
    idempotency::{self, Accepting, IdempotencyKey},
    jobs,
    links::{self, Linked, Links},
    params::Params,
    tenant::Tenant,
};
use crate::{
    dto::JobStatus,
    limits::{DATE_CHARS_MAX, ID_CHARS_MAX, URI_CHARS_MAX},
    state::{ApiState, Inner},
};

const FIELDS: [&str; 7] =
    ["document_id", "corpus", "source", "text", "source_uri", "published_at", "metadata"];

/// Says that an answer is that to an earlier request with the same key.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// What a submission is answered with.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Accepted {
    job_id: String,
    status: JobStatus,
    document_id: String,
    corpus: String,
}

/// `POST /v1/documents`
pub async fn submit(
    State(state): State<ApiState>,
    tenant: Tenant,
    Extension(exchange): Extension<Exchange>,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let key = IdempotencyKey::of(&headers)?;
    let mut params = Params::new(query, &["wait", "timeout_ms"]);
    let wait = params.wait();
    params.finish()?;
    let document = document_of(body)?;
    let (document_id, corpus) = (document.document_id.clone(), document.corpus.clone());
    let Accepting { job_id, replayed } = accept(&state, &tenant, &exchange, document, key).await?;
    let path = links::job(&job_id);
    if let Some((wait, timeout)) = wait {
        let mut answer = jobs::wait_for(&state, &tenant, &job_id, wait, timeout).await?;
        // A document that the entrance has refused is not named in its fact; here it is known.
        answer.answer.answer.document_id.get_or_insert(document_id);
        answer.answer.answer.corpus.get_or_insert(corpus);
        return Ok(said(Json(answer).into_response(), replayed));
    }
    let status = match replayed {
        // What it has come to since; the views may not know the job yet.
        true => jobs::look(&state, &tenant, &job_id).await?.answer.answer.status,
        false => JobStatus::Queued,
    };
    let links = Links::from([
        ("self", path.clone()),
        ("wait", format!("{path}?wait=settled")),
        ("events", format!("{path}/events")),
        ("document", links::document(&corpus, &document_id)),
    ]);
    let accepted = Accepted { job_id, status, document_id, corpus };
    let mut response =
        (StatusCode::ACCEPTED, Json(Linked { answer: accepted, links })).into_response();
    if let Ok(path) = HeaderValue::from_str(&path) {
        response.headers_mut().insert(header::LOCATION, path);
    }
    Ok(said(response, replayed))
}

/// Says of an answer that it is that to an earlier request.
fn said(mut response: Response, replayed: bool) -> Response {
    if replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// `POST /ingest`: the short form, into the corpus `default`.
pub async fn ingest(
    State(state): State<ApiState>,
    tenant: Tenant,
    Extension(exchange): Extension<Exchange>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<Value>), Problem> {
    IdempotencyKey::none_in(&headers)?;
    let mut fields = Fields::new(body, &["source", "text"])?;
    let source = fields.required("source", Rule::Line(ID_CHARS_MAX));
    let text = fields.required("text", Rule::Document);
    let empty = fields.faults.only_empty();
    fields.faults.finish().map_err(|problem| match empty {
        true => Problem { detail: "Source and text cannot be empty.".into(), ..problem },
        false => problem,
    })?;
    let corpus = "default".to_owned();
    let document_id = derived_id(&corpus, &source);
    let document =
        DocumentSubmitted { document_id, corpus, source, text, ..DocumentSubmitted::default() };
    let Accepting { job_id, .. } = accept(&state, &tenant, &exchange, document, None).await?;
    Ok((
        StatusCode::ACCEPTED,
        Json(json!({ "message": "Ingestion task accepted", "task_id": job_id })),
    ))
}

/// The document that a body describes.
///
/// # Errors
/// All that is wrong with it.
pub fn document_of(body: Value) -> Result<DocumentSubmitted, Problem> {
    let mut fields = Fields::new(body, &FIELDS)?;
    let document_id = fields.optional("document_id", Rule::Id(ID_CHARS_MAX));
    let corpus = fields.required("corpus", Rule::KeyPart(ID_CHARS_MAX));
    let source = fields.required("source", Rule::Line(ID_CHARS_MAX));
    let text = fields.required("text", Rule::Document);
    let source_uri = fields.optional("source_uri", Rule::Id(URI_CHARS_MAX));
    let published_at = fields.optional("published_at", Rule::Line(DATE_CHARS_MAX));
    let metadata = fields.metadata("metadata");
    fields.faults.finish()?;
    let document_id = document_id.unwrap_or_else(|| derived_id(&corpus, &source));
    Ok(DocumentSubmitted { document_id, corpus, source, text, source_uri, published_at, metadata })
}

/// The id of a document that was sent without one: the same source is the same document.
fn derived_id(corpus: &str, source: &str) -> String {
    format!("doc_{}", hash_hex(&[corpus.as_bytes(), source.as_bytes()], 20))
}

async fn accept(
    state: &ApiState,
    tenant: &Tenant,
    exchange: &Exchange,
    document: DocumentSubmitted,
    key: Option<IdempotencyKey>,
) -> Result<Accepting, Problem> {
    let tenant = tenant.name.clone();
    let trace = exchange.trace.clone();
    // Waited for here: on a thread that may block, those that wait would keep all others out.
    let turn = match key.map(|key| key.job_id(&state.inner, &tenant)) {
        Some(job_id) => Some((state.inner.submissions.turn(&job_id).await, job_id)),
        None => None,
    };
    state
        .blocking(move |inner| {
            let append = |job_id: &str, event_id: String| {
                appended(inner, &tenant, trace.as_ref(), &document, (job_id, event_id))
            };
            match turn {
                Some((mut lane, job_id)) => {
                    idempotency::once(inner, &tenant, &document, job_id, &mut lane, append)
                }
                None => {
                    let job_id = new_job(inner, &tenant)?;
                    append(&job_id, EventId::child(&job_id, "submit", 0).0)?;
                    Ok(Accepting { job_id, replayed: false })
                }
            }
        })
        .await
}

/// The hop that put a document into the log.
fn sent(
    traces: &Traces,
    at: TraceContext,
    parent: Option<TraceContext>,
    begun: (SystemTime, Instant),
    mut attributes: Vec<(&'static str, Attribute)>,
) -> Hop {
    let inbox = traces.name(Topic::Documents.name());
    attributes.extend([
        ("messaging.system", traces.system().into()),
        ("messaging.operation.name", "send".into()),
        ("messaging.operation.type", "send".into()),
        ("messaging.destination.name", inbox.as_str().into()),
        ("queue.name", inbox.as_str().into()),
    ]);
    Hop {
        name: format!("send {inbox}"),
        kind: HopKind::Producer,
        at,
        parent,
        links: Vec::new(),
        begun: begun.0,
        took: begun.1.elapsed(),
        attributes,
        failure: None,
    }
}

/// What follows a question mark may be a secret.
fn without_query(uri: Option<&str>) -> &str {
    uri.and_then(|uri| uri.split(['?', '#']).next()).unwrap_or_default()
}

/// A new job of a tenant.
///
/// # Errors
/// The system has no random numbers.
pub fn new_job(inner: &Inner, tenant: &str) -> Result<String, Problem> {
    inner.job_ids.make(tenant).map_err(|error| {
        tracing::error!(%error, "The system has no random numbers.");
        Problem::internal()
    })
}

fn appended(
    inner: &Inner,
    tenant: &str,
    trace: Option<&TraceContext>,
    document: &DocumentSubmitted,
    named: (&str, String),
) -> Result<(), Problem> {
    if let Some(retry) = (inner.brake)() {
        return Err(Problem::saturated(&retry));
    }
    let (job_id, event_id) = named;
    let sending = inner.traces.hop(trace, job_id, &event_id);
    let carried = sending.as_ref().or(trace);
    let begun = (SystemTime::now(), Instant::now());
    let entry = Entry {
        job_id,
        event_id: event_id.clone(),
        cause: None,
        traceparent: carried.map(TraceContext::to_string),
    };
    let append = entry.append(inner, tenant, document);
    let index = append.to.index;
    let appended = inner.log.append(vec![append]);
    appended.map_err(|error| Problem::append(&error, &document.document_id))?;
    inner.metrics.document_accepted();
    if let Some(at) = sending.clone() {
        let attributes = vec![
            ("messaging.message.id", event_id.as_str().into()),
            ("messaging.destination.partition.id", index.to_string().into()),
            ("job.id", job_id.into()),
            ("job.url", without_query(document.source_uri.as_deref()).into()),
        ];
        inner.traces.ended(sent(&inner.traces, at, trace.cloned(), begun, attributes));
    }
    tracing::info!(
        event = "ingestion_task.received",
        job_id,
        trace_id = carried.map(|trace| trace.trace_id.as_str()),
        document_id = document.document_id,
        source = document.source,
        text_length = document.text.chars().count(),
        "A document was taken in."
    );
    Ok(())
}

/// What a submitted document's record says beside the document.
pub struct Entry<'a> {
    /// Its job.
    pub job_id: &'a str,
    /// Its event.
    pub event_id: String,
    /// What it was submitted because of.
    pub cause: Option<String>,
    /// The caller's trace.
    pub traceparent: Option<String>,
}

impl Entry<'_> {
    /// The record, and where it belongs.
    pub fn append(self, inner: &Inner, tenant: &str, document: &DocumentSubmitted) -> Append {
        let key = DocumentKey {
            tenant: tenant.to_owned(),
            corpus: document.corpus.clone(),
            document_id: document.document_id.clone(),
        };
        let key = key.to_string().into_bytes();
        let at_ms = (inner.clock)();
        let headers = Headers {
            event_id: Some(self.event_id),
            tenant: tenant.to_owned(),
            job: Some(self.job_id.to_owned()),
            cause: self.cause,
            at_ms: Some(at_ms),
            traceparent: self.traceparent,
        };
        let index = partition_of(&key, inner.log.partitions(Topic::Documents));
        let value = Codec::encode(document);
        let record = Record { key, value, headers: headers.to_pairs(), at_ms };
        Append { to: Partition { topic: Topic::Documents, index }, record }
    }
}
