//! How many requests are answered at a time, and how long each may take.
//!
//! Invariant: work that outlives its request, on a thread that may block, keeps the request's place until it ends.

use std::sync::Arc;

use axum::{
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};

use tokio::sync::OwnedSemaphorePermit;

use super::{Problem, body};
use crate::{limits::REQUEST_TIME_MAX, state::ApiState};

tokio::task_local! {
    static PLACE: Arc<OwnedSemaphorePermit>;
}

/// The place of the request at work, if it has one.
pub fn place() -> Option<Arc<OwnedSemaphorePermit>> {
    PLACE.try_with(Arc::clone).ok()
}

/// Answers a request while there is a place for it. Its sender is told at once when there is none: one that
/// waited would hold a connection and a body.
pub async fn placed(state: &ApiState, request: Request, next: Next) -> Response {
    let Ok(place) = state.inner.places.clone().try_acquire_owned() else {
        body::drain(request.into_body()).await;
        let detail = "As many requests are being answered as may be at a time (limits.requests_at_once_max). Send it again later.";
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail)
            .later(1)
            .into_response();
    };
    PLACE.scope(Arc::new(place), in_time(next.run(request))).await
}

/// Gives up a request that takes too long. What it has written to the log stays written.
pub async fn in_time(answer: impl Future<Output = Response>) -> Response {
    tokio::time::timeout(REQUEST_TIME_MAX, answer).await.unwrap_or_else(|_| {
        let seconds = REQUEST_TIME_MAX.as_secs();
        let detail = format!(
            "The request was given up after {seconds} s. If it sent a document, sending it again under the same document_id is safe."
        );
        Problem::new(StatusCode::GATEWAY_TIMEOUT, "request_timeout", detail).later(1).into_response()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_takes_too_long_is_given_up() {
        let begun = tokio::time::Instant::now();
        let answer = in_time(std::future::pending()).await;
        assert_eq!(answer.status(), StatusCode::GATEWAY_TIMEOUT);
        assert_eq!(begun.elapsed().as_secs(), REQUEST_TIME_MAX.as_secs());
        let quick = in_time(async { StatusCode::OK.into_response() }).await;
        assert_eq!(quick.status(), StatusCode::OK);
    }
}
