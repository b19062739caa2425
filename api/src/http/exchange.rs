//! What surrounds every request: its id, its trace, its metrics, and the form of its errors.
//!
//! Invariant: every answer has `X-Request-Id`, and every error answer has the one shape of [`Problem`], but those of
//! another protocol ([`Foreign`]).

use std::time::{Instant, SystemTime};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};

use cns_schemas::{Hop, HopKind, TraceContext, Traces};

use super::{Problem, access::KeyId};
use crate::{access::ApiKey, job_id::hex, limits::REQUEST_ID_CHARS_MAX, state::ApiState};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Marks an answer whose form another protocol prescribes, its errors too.
#[derive(Debug, Clone, Copy)]
pub struct Foreign;

/// One request and its answer.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The caller's id for the request when it is a usable one, else ours.
    pub request_id: String,
    /// Where in a trace what the request leads to belongs: its own hop when hops are told, else what the caller gave.
    pub trace: Option<TraceContext>,
}

impl Exchange {
    pub(super) fn of(headers: &HeaderMap, traces: &Traces) -> (Exchange, Option<TraceContext>) {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let request_id = text(REQUEST_ID.as_str())
            .filter(|id| usable(id))
            .map(str::to_owned)
            .unwrap_or_else(new_id);
        let parent = text("traceparent").and_then(TraceContext::parse);
        let own = new_id();
        let trace = traces.hop(parent.as_ref(), &own, &own).or(parent.clone());
        (Exchange { request_id, trace }, parent)
    }

    /// Names the request in its answer.
    pub(super) fn mark(&self, response: &mut Response) {
        let id = HeaderValue::from_str(&self.request_id).expect("a request id is visible ASCII");
        response.headers_mut().insert(REQUEST_ID, id);
    }

    /// The trace that the request belongs to.
    pub fn trace_id(&self) -> Option<&str> {
        self.trace.as_ref().map(|trace| trace.trace_id.as_str())
    }
}

/// Runs a request with all that surrounds it.
pub async fn exchange(State(state): State<ApiState>, mut request: Request, next: Next) -> Response {
    let (started, begun) = (Instant::now(), SystemTime::now());
    let traces = &state.inner.traces;
    let (exchange, parent) = Exchange::of(request.headers(), traces);
    let (method, waits) = (request.method().to_string(), waits(request.uri().query()));
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    request.extensions_mut().insert(exchange.clone());
    let mut response = next.run(request).await;
    let key = response.extensions_mut().remove::<KeyId>().map_or_else(String::new, |key| key.0);
    let failed = response.status().is_client_error() || response.status().is_server_error();
    if failed && response.extensions().get::<Foreign>().is_none() {
        let problem = response.extensions_mut().remove::<Problem>();
        let problem = problem.unwrap_or_else(|| Problem::of_status(response.status()));
        response = problem.answer(&exchange, std::mem::take(response.headers_mut()));
    }
    exchange.mark(&mut response);
    let took = started.elapsed().as_secs_f64();
    state.inner.metrics.request(&route, response.status().as_u16(), took);
    let told = traces.are_on() && (parent.is_some() || !is_watching(&route));
    if let Some(at) = exchange.trace.clone().filter(|_| told) {
        let status = response.status();
        let failure = status.is_server_error().then(|| status.to_string());
        let attributes = vec![
            ("http.request.method", method.as_str().into()),
            ("http.route", route.as_str().into()),
            ("http.response.status_code", i64::from(status.as_u16()).into()),
            ("http.request_id", exchange.request_id.as_str().into()),
            ("request.mode", if waits { "sync" } else { "async" }.into()),
        ];
        traces.ended(Hop {
            name: format!("{method} {route}"),
            kind: HopKind::Server,
            at,
            parent,
            links: Vec::new(),
            begun,
            took: started.elapsed(),
            attributes,
            failure,
        });
    }
    tracing::debug!(
        request_id = exchange.request_id,
        route,
        key,
        status = response.status().as_u16(),
        seconds = took,
        "Answered a request."
    );
    response
}

fn usable(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= REQUEST_ID_CHARS_MAX
        && id.bytes().all(|byte| byte.is_ascii_graphic())
        // A key in the wrong header would be in the log.
        && ApiKey::read(id).is_none()
}

fn new_id() -> String {
    let mut random = [0; 16];
    // Without random numbers the id says nothing; the request is answered all the same.
    match getrandom::fill(&mut random) {
        Ok(()) => hex(&random),
        Err(_) => "none".into(),
    }
}

/// Whether the request only looks whether the process is well: every few seconds, and nothing follows from it.
fn is_watching(route: &str) -> bool {
    route == "/metrics" || route.starts_with("/health/")
}

/// Whether the caller waits for the outcome.
fn waits(query: Option<&str>) -> bool {
    query.unwrap_or_default().split('&').any(|part| part.starts_with("wait="))
}
