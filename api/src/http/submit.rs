//! Takes documents in.
//!
//! Invariant: an answer is given after the log has acknowledged the document, never before; and a job id that
//! was handed out is never answered with "not found".

use axum::{
    Extension, Json,
    extract::{Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use cns_schemas::{Codec, DocumentKey, DocumentSubmitted, EventId, Headers, Topic, hash_hex};
use cns_state::{Append, Partition, Record, partition_of};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Problem,
    body::JsonBody,
    exchange::Exchange,
    fields::{Fields, Rule},
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

/// What a submission is answered with.
#[derive(Debug, Serialize)]
struct Accepted {
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
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let mut params = Params::new(query, &["wait", "timeout_ms"]);
    let wait = params.wait();
    params.finish()?;
    let document = document_of(body)?;
    let (document_id, corpus) = (document.document_id.clone(), document.corpus.clone());
    let job_id = accept(&state, &tenant, &exchange, document).await?;
    let path = links::job(&job_id);
    if let Some((wait, timeout)) = wait {
        let mut answer = jobs::wait_for(&state, &tenant, &job_id, wait, timeout).await?;
        // A document that the entrance has refused is not named in its fact; here it is known.
        answer.answer.answer.document_id.get_or_insert(document_id);
        answer.answer.answer.corpus.get_or_insert(corpus);
        return Ok(Json(answer).into_response());
    }
    let links = Links::from([
        ("self", path.clone()),
        ("wait", format!("{path}?wait=settled")),
        ("events", format!("{path}/events")),
        ("document", links::document(&corpus, &document_id)),
    ]);
    let accepted = Accepted { job_id, status: JobStatus::Queued, document_id, corpus };
    let mut response =
        (StatusCode::ACCEPTED, Json(Linked { answer: accepted, links })).into_response();
    if let Ok(path) = HeaderValue::from_str(&path) {
        response.headers_mut().insert(header::LOCATION, path);
    }
    Ok(response)
}

/// `POST /ingest`: the short form, into the corpus `default`.
pub async fn ingest(
    State(state): State<ApiState>,
    tenant: Tenant,
    Extension(exchange): Extension<Exchange>,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<Value>), Problem> {
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
    let job_id = accept(&state, &tenant, &exchange, document).await?;
    Ok((
        StatusCode::ACCEPTED,
        Json(json!({ "message": "Ingestion task accepted", "task_id": job_id })),
    ))
}

fn document_of(body: Value) -> Result<DocumentSubmitted, Problem> {
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
) -> Result<String, Problem> {
    let tenant = tenant.name.clone();
    let traceparent = exchange.traceparent.clone();
    state.blocking(move |inner| append(inner, tenant, traceparent, &document)).await
}

fn append(
    inner: &Inner,
    tenant: String,
    traceparent: Option<String>,
    document: &DocumentSubmitted,
) -> Result<String, Problem> {
    if let Some(retry) = (inner.brake)() {
        return Err(Problem::saturated(&retry));
    }
    let job_id = inner.job_ids.make(&tenant).map_err(|error| {
        tracing::error!(%error, "The system has no random numbers.");
        Problem::internal()
    })?;
    let key = DocumentKey {
        tenant: tenant.clone(),
        corpus: document.corpus.clone(),
        document_id: document.document_id.clone(),
    };
    let key = key.to_string().into_bytes();
    let at_ms = (inner.clock)();
    let headers = Headers {
        event_id: Some(EventId::child(&job_id, "submit", 0).0),
        tenant,
        job: Some(job_id.clone()),
        cause: None,
        at_ms: Some(at_ms),
        traceparent,
    };
    let index = partition_of(&key, inner.log.partitions(Topic::Documents));
    let record = Record { key, value: Codec::encode(document), headers: headers.to_pairs(), at_ms };
    let to = Partition { topic: Topic::Documents, index };
    let appended = inner.log.append(vec![Append { to, record }]);
    appended.map_err(|error| Problem::append(&error, &document.document_id))?;
    inner.metrics.document_accepted();
    Ok(job_id)
}
