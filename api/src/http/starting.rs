//! HTTP of a process whose log is not open yet: alive, and 503 `starting` to everything else.
//!
//! A cluster may be away for an hour, and whoever asks meanwhile has to be told so instead of finding nobody there.

use std::sync::{Arc, OnceLock};

use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use tower::ServiceExt;

use cns_schemas::Traces;

use super::{Problem, exchange::Exchange, health};
use crate::limits::RETRY_AFTER_SECONDS;

/// Answers until the routes are there, and passes on to them from then on.
#[derive(Clone, Default)]
pub struct Starting {
    routes: Arc<OnceLock<Router>>,
}

impl Starting {
    /// What is served from the start.
    pub fn router(&self) -> Router {
        Router::new().fallback(answer).with_state(self.clone())
    }

    /// Serves `routes` from now on. Only the first call has an effect.
    pub fn open(&self, routes: Router) {
        let _ = self.routes.set(routes);
    }
}

async fn answer(State(starting): State<Starting>, request: Request) -> Response {
    if let Some(routes) = starting.routes.get() {
        let Ok(response) = routes.clone().oneshot(request).await;
        return response;
    }
    let (exchange, _) = Exchange::of(request.headers(), &Traces::off());
    let mut response = match request.uri().path() {
        "/health/live" => health::live().await.into_response(),
        _ => not_yet().answer(&exchange, Default::default()),
    };
    exchange.mark(&mut response);
    response
}

fn not_yet() -> Problem {
    let detail = "The process is starting and its log is not open yet. Where the log is on Kafka and this lasts, its own diagnostics say what it waits for.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "starting", detail).later(RETRY_AFTER_SECONDS)
}
