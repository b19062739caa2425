//! Many documents in one request, one a line (NDJSON). Each line has its own outcome, in the order of the lines.
//!
//! Invariants: what is held of the body is one line and one group; a line that cannot be used stops nothing; what a
//! limit or a broken connection cuts off was not submitted, and all before it was.

use axum::{
    Extension,
    body::Body,
    extract::{Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use cns_schemas::{DocumentSubmitted, EventId};
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::{
    Problem,
    body::{self, drain},
    exchange::Exchange,
    idempotency::IdempotencyKey,
    links,
    params::Params,
    submit::{Entry, document_of, new_job},
    tenant::Tenant,
};
use crate::{
    limits::{
        BATCH_BYTES_MAX, BATCH_GROUP_BYTES_MAX, BATCH_GROUP_MAX, BATCH_LINE_FAULTS_SHOWN_MAX,
        BATCH_LINES_MAX, BODY_BYTES_MAX, BODY_WAIT,
    },
    state::{ApiState, Inner},
};

const NDJSON: &str = "application/x-ndjson";

/// `POST /v1/documents:batch`
pub async fn submit(
    State(state): State<ApiState>,
    tenant: Tenant,
    Extension(exchange): Extension<Exchange>,
    Query(query): Query<Vec<(String, String)>>,
    request: Request,
) -> Result<Response, Problem> {
    Params::new(query, &[]).finish()?;
    let (parts, mut body) = request.into_parts();
    if let Some(problem) = refused(&parts.headers) {
        drain(body).await;
        return Err(problem);
    }
    let traceparent = exchange.trace.as_ref().map(ToString::to_string);
    let mut batch = Batch {
        state,
        tenant,
        traceparent,
        outcomes: Vec::new(),
        group: Vec::new(),
        group_bytes: 0,
    };
    let read = batch.read(&mut body).await;
    batch.append().await;
    if let Err(cut) = read {
        batch.outcomes.push(outcome_of(&cut, batch.outcomes.len() + 1));
        drain(body).await;
    }
    // Blank lines have no outcome.
    let told = batch.outcomes.iter().filter(|outcome| !outcome.is_null());
    let text: String = told.map(|outcome| format!("{outcome}\n")).collect();
    Ok(([(header::CONTENT_TYPE, NDJSON)], text).into_response())
}

fn refused(headers: &HeaderMap) -> Option<Problem> {
    if !body::is(headers, NDJSON) {
        let detail = format!("The content type has to be one of: {NDJSON}.");
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Some(Problem::new(status, "unsupported_media_type", detail));
    }
    if let Err(problem) = IdempotencyKey::none_in(headers) {
        return Some(problem);
    }
    body::length(headers).is_some_and(|bytes| bytes > BATCH_BYTES_MAX).then(too_many_bytes)
}

fn too_many_bytes() -> Problem {
    let detail =
        format!("A batch has at most {BATCH_BYTES_MAX} bytes; send the rest as another batch.");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "batch_too_large", detail)
}

struct Batch {
    state: ApiState,
    tenant: Tenant,
    traceparent: Option<String>,
    /// One for each line so far; `null` where the document waits in the group, and for blank lines.
    outcomes: Vec<Value>,
    group: Vec<(usize, DocumentSubmitted)>,
    group_bytes: usize,
}

impl Batch {
    /// Reads lines and appends groups of them.
    ///
    /// # Errors
    /// Why the rest was not read.
    async fn read(&mut self, body: &mut Body) -> Result<(), Problem> {
        let (mut bytes, mut line) = (0, Line::default());
        loop {
            let frame = tokio::time::timeout(BODY_WAIT, body.frame()).await.map_err(|_| {
                let detail = "The rest of the batch did not arrive in time.";
                Problem::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", detail).later(1)
            })?;
            let Some(frame) = frame else { break };
            let frame = frame.map_err(|_| {
                let detail = "The body could not be read to its end.";
                Problem::new(StatusCode::BAD_REQUEST, "invalid_request", detail)
            })?;
            let Some(data) = frame.data_ref() else { continue };
            bytes += data.len();
            if bytes > BATCH_BYTES_MAX {
                return Err(too_many_bytes());
            }
            let mut pieces = data.split(|byte| *byte == b'\n');
            line.extend(pieces.next().unwrap_or_default());
            for piece in pieces {
                self.line(std::mem::take(&mut line)).await?;
                line.extend(piece);
            }
        }
        if line.bytes > 0 { self.line(line).await } else { Ok(()) }
    }

    async fn line(&mut self, line: Line) -> Result<(), Problem> {
        if self.outcomes.len() == BATCH_LINES_MAX {
            let detail = format!(
                "A batch has at most {BATCH_LINES_MAX} lines; send the rest as another batch."
            );
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "batch_too_large", detail));
        }
        let number = self.outcomes.len() + 1;
        let outcome = match line.document() {
            Ok(Some(document)) => {
                self.group_bytes += document.text.len();
                self.group.push((number, document));
                Value::Null
            }
            // A blank line has none.
            Ok(None) => Value::Null,
            Err(problem) => outcome_of(&problem, number),
        };
        self.outcomes.push(outcome);
        if self.group.len() >= BATCH_GROUP_MAX || self.group_bytes >= BATCH_GROUP_BYTES_MAX {
            self.append().await;
        }
        Ok(())
    }

    /// Appends the group, whole or not at all.
    async fn append(&mut self) {
        self.group_bytes = 0;
        let group = std::mem::take(&mut self.group);
        if group.is_empty() {
            return;
        }
        let numbers: Vec<usize> = group.iter().map(|(number, _)| *number).collect();
        let (tenant, trace) = (self.tenant.name.clone(), self.traceparent.clone());
        let appended =
            self.state.blocking(move |inner| append(inner, &tenant, trace.as_ref(), &group)).await;
        for (at, number) in numbers.into_iter().enumerate() {
            self.outcomes[number - 1] = match &appended {
                Ok(accepted) => accepted[at].clone(),
                Err(problem) => outcome_of(problem, number),
            };
        }
    }
}

fn append(
    inner: &Inner,
    tenant: &str,
    traceparent: Option<&String>,
    group: &[(usize, DocumentSubmitted)],
) -> Result<Vec<Value>, Problem> {
    if let Some(retry) = (inner.brake)() {
        return Err(Problem::saturated(&retry));
    }
    let (mut appends, mut accepted) = (Vec::new(), Vec::new());
    for (number, document) in group {
        let job_id = new_job(inner, tenant)?;
        let event_id = EventId::child(&job_id, "submit", 0).0;
        let traceparent = traceparent.cloned();
        let entry = Entry { job_id: &job_id, event_id, cause: None, traceparent };
        appends.push(entry.append(inner, tenant, document));
        accepted.push(json!({
            "line": number,
            "status": StatusCode::ACCEPTED.as_u16(),
            "job_id": job_id,
            "document_id": document.document_id,
            "corpus": document.corpus,
            "links": { "self": links::job(&job_id) },
        }));
    }
    let first = &group[0].1.document_id;
    inner.log.append(appends).map_err(|error| Problem::append(&error, first))?;
    group.iter().for_each(|_| inner.metrics.document_accepted());
    Ok(accepted)
}

fn outcome_of(problem: &Problem, line: usize) -> Value {
    let shown = problem.errors.iter().take(BATCH_LINE_FAULTS_SHOWN_MAX).collect::<Vec<_>>();
    json!({
        "line": line,
        "status": problem.status.as_u16(),
        "code": problem.code,
        "detail": problem.detail,
        "errors": shown,
        "retryable": problem.retryable,
    })
}

/// A line that is read piece by piece. One that is too long is not kept.
#[derive(Default)]
struct Line {
    kept: Vec<u8>,
    bytes: usize,
}

impl Line {
    fn extend(&mut self, piece: &[u8]) {
        self.bytes += piece.len();
        if self.bytes <= BODY_BYTES_MAX {
            self.kept.extend(piece);
        } else {
            self.kept = Vec::new();
        }
    }

    /// The document that it describes; `None` when it is blank.
    fn document(&self) -> Result<Option<DocumentSubmitted>, Problem> {
        if self.bytes > BODY_BYTES_MAX {
            return Err(body::too_large(Some(self.bytes)));
        }
        if self.kept.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        document_of(body::parse(&self.kept)?).map(Some)
    }
}
