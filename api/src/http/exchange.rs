//! What surrounds every request: its id, its trace, its metrics, and the form of its errors.
//!
//! Invariant: every answer has `X-Request-Id`, and every error answer has the one shape of [`Problem`], but those of
//! another protocol ([`Foreign`]).

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};

use super::Problem;
use crate::{job_id::hex, limits::REQUEST_ID_CHARS_MAX, state::ApiState};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Marks an answer whose form another protocol prescribes, its errors too.
#[derive(Debug, Clone, Copy)]
pub struct Foreign;

/// One request and its answer.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The caller's id for the request when it is a usable one, else ours.
    pub request_id: String,
    /// W3C trace context, when the caller gave a valid one.
    pub traceparent: Option<String>,
}

impl Exchange {
    pub(super) fn of(headers: &HeaderMap) -> Exchange {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let request_id = text(REQUEST_ID.as_str())
            .filter(|id| usable(id))
            .map(str::to_owned)
            .unwrap_or_else(new_id);
        let traceparent = text("traceparent").filter(|trace| valid_trace(trace)).map(str::to_owned);
        Exchange { request_id, traceparent }
    }

    /// Names the request in its answer.
    pub(super) fn mark(&self, response: &mut Response) {
        let id = HeaderValue::from_str(&self.request_id).expect("a request id is visible ASCII");
        response.headers_mut().insert(REQUEST_ID, id);
    }

    /// The trace that the request belongs to.
    pub fn trace_id(&self) -> Option<&str> {
        self.traceparent.as_deref().and_then(|trace| trace.get(3..35))
    }
}

/// Runs a request with all that surrounds it.
pub async fn exchange(State(state): State<ApiState>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let exchange = Exchange::of(request.headers());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    request.extensions_mut().insert(exchange.clone());
    let mut response = next.run(request).await;
    let failed = response.status().is_client_error() || response.status().is_server_error();
    if failed && response.extensions().get::<Foreign>().is_none() {
        let problem = response.extensions_mut().remove::<Problem>();
        let problem = problem.unwrap_or_else(|| Problem::of_status(response.status()));
        response = problem.answer(&exchange, std::mem::take(response.headers_mut()));
    }
    exchange.mark(&mut response);
    let took = started.elapsed().as_secs_f64();
    state.inner.metrics.request(&route, response.status().as_u16(), took);
    tracing::debug!(
        request_id = exchange.request_id,
        route,
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
}

fn new_id() -> String {
    let mut random = [0; 16];
    // Without random numbers the id says nothing; the request is answered all the same.
    match getrandom::fill(&mut random) {
        Ok(()) => hex(&random),
        Err(_) => "none".into(),
    }
}

/// `00-` trace `-` span `-` flags, with neither id all zeros.
fn valid_trace(trace: &str) -> bool {
    let parts: Vec<&str> = trace.split('-').collect();
    let hex = |text: &str, length: usize| {
        text.len() == length
            && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let some = |text: &str| text.bytes().any(|byte| byte != b'0');
    matches!(parts[..], [version, trace, span, flags]
        if version == "00" && hex(trace, 32) && some(trace) && hex(span, 16) && some(span) && hex(flags, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trace_context_is_checked() {
        assert!(valid_trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        for bad in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert!(!valid_trace(bad), "{bad}");
        }
    }
}
