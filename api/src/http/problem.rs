//! The one shape of every error answer (RFC 9457).
//!
//! Invariant: a code never changes its meaning, the detail is a sentence that a person can act on, and no
//! document text, stack trace or internal of the log is in it.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use cns_state::{CommitError, Error};
use serde::Serialize;

use super::exchange::Exchange;
use crate::{
    limits::{FAULTS_SHOWN_MAX, RETRY_AFTER_SECONDS},
    state::RetryAfter,
};

/// A fault of one field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldFault {
    /// JSON pointer into the body, or `/name` of a query parameter.
    pub pointer: String,
    /// What is wrong with it.
    pub message: String,
}

/// An error answer before it knows whose request it answers.
#[derive(Debug, Clone)]
pub struct Problem {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) detail: String,
    pub(super) errors: Vec<FieldFault>,
    pub(super) job_id: Option<String>,
    pub(super) retryable: bool,
    pub(super) retry_after_seconds: Option<u32>,
    /// The connection ends with the answer.
    pub(super) closing: bool,
}

#[derive(Serialize)]
struct Form<'a> {
    r#type: String,
    title: String,
    status: u16,
    code: &'a str,
    detail: &'a str,
    errors: &'a [FieldFault],
    job_id: Option<&'a str>,
    trace_id: Option<&'a str>,
    request_id: &'a str,
    retryable: bool,
}

impl Problem {
    /// A problem that trying again does not cure.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Problem {
        Problem {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            job_id: None,
            retryable: false,
            retry_after_seconds: None,
            closing: false,
        }
    }

    /// Names what is wrong, field by field.
    pub fn with(mut self, errors: Vec<FieldFault>) -> Problem {
        self.errors = errors;
        self.errors.truncate(FAULTS_SHOWN_MAX);
        self
    }

    /// Names the job.
    pub fn about(mut self, job_id: &str) -> Problem {
        self.job_id = Some(job_id.to_owned());
        self
    }

    /// Trying again later can help.
    pub fn later(mut self, seconds: u32) -> Problem {
        self.retryable = true;
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// A fault of the program: told to the log, not to the caller.
    pub fn internal() -> Problem {
        let detail = "The request could not be answered because of a fault of the server. The request id names it in the server's log.";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    /// There is no such thing, for this tenant.
    pub fn not_found(code: &'static str, what: &str, id: &str) -> Problem {
        let id: String = id.chars().take(crate::limits::ID_CHARS_MAX).collect();
        Problem::new(StatusCode::NOT_FOUND, code, format!("There is no {what} `{id}`."))
    }

    /// The view store failed.
    pub fn views(error: &Error) -> Problem {
        tracing::error!(%error, "The views cannot be read.");
        let detail = "The views cannot be read at the moment. The request id names the cause in the server's log.";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "views_unavailable", detail)
            .later(RETRY_AFTER_SECONDS)
    }

    /// The log failed while it was read.
    pub fn log(error: &Error) -> Problem {
        tracing::error!(%error, "The log cannot be read.");
        let detail = "The log cannot be read at the moment.";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "log_unavailable", detail)
            .later(RETRY_AFTER_SECONDS)
    }

    /// A document was not, or perhaps not, written to the log.
    pub fn append(error: &CommitError, document_id: &str) -> Problem {
        tracing::error!(%error, "A document could not be appended.");
        let detail = match error {
            CommitError::Unknown(_) => format!(
                "It is unknown whether the document was written. Sending it again under the same document_id `{document_id}` is safe: the same text is taken once."
            ),
            CommitError::NotDone(_) | CommitError::Fenced(_) => {
                "The log does not accept documents at the moment. Nothing was written; send it again later.".into()
            }
        };
        let code = match error {
            CommitError::Unknown(Error::Away { .. }) | CommitError::NotDone(Error::Away { .. }) => {
                "kafka_unavailable"
            }
            _ => "log_unavailable",
        };
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).later(RETRY_AFTER_SECONDS)
    }

    /// New documents have to wait.
    pub fn saturated(retry: &RetryAfter) -> Problem {
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "queue_saturated", retry.detail.clone())
            .later(retry.seconds.max(1))
    }

    /// An error answer that the router gave by itself.
    pub(super) fn of_status(status: StatusCode) -> Problem {
        let (code, detail) = match status {
            StatusCode::NOT_FOUND => ("not_found", "There is no such route."),
            StatusCode::METHOD_NOT_ALLOWED => (
                "method_not_allowed",
                "The route does not take this method; the Allow header lists those it takes.",
            ),
            status if status.is_client_error() => {
                ("invalid_request", "The request cannot be read.")
            }
            _ => return Problem { status, ..Problem::internal() },
        };
        Problem::new(status, code, detail)
    }

    /// The answer to a request.
    pub(super) fn answer(&self, exchange: &Exchange, headers: HeaderMap) -> Response {
        let form = Form {
            r#type: format!("urn:cns:error:{}", self.code),
            title: title(self.code),
            status: self.status.as_u16(),
            code: self.code,
            detail: &self.detail,
            errors: &self.errors,
            job_id: self.job_id.as_deref(),
            trace_id: exchange.trace_id(),
            request_id: &exchange.request_id,
            retryable: self.retryable,
        };
        let body =
            serde_json::to_vec(&form).expect("a problem has string keys only, so it is JSON");
        let mut response = (self.status, body).into_response();
        if let Some(allow) = headers.get(header::ALLOW) {
            response.headers_mut().insert(header::ALLOW, allow.clone());
        }
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer realm=\"cns\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        if self.closing {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The code as words: `empty_field` → `Empty field`.
fn title(code: &str) -> String {
    let words = code.replace('_', " ");
    let mut chars = words.chars();
    chars
        .next()
        .map(|first| first.to_ascii_uppercase().to_string() + chars.as_str())
        .unwrap_or_default()
}

impl IntoResponse for Problem {
    /// Only the status; the exchange around every handler writes the body, because it knows the request.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
