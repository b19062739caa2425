//! For those who run it: alive, ready, metrics.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::Problem;
use crate::state::ApiState;

/// `GET /health/live`
pub async fn live() -> Json<Value> {
    Json(json!({ "status": "live" }))
}

/// `GET /health/ready`
pub async fn ready(State(state): State<ApiState>) -> Result<Json<Value>, Problem> {
    let progress = state.inner.progress.borrow().clone();
    if let Some(reason) = &progress.stopped {
        let detail =
            format!("The views have stopped at an audit entry that cannot be folded: {reason}.");
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "views_stopped", detail));
    }
    if !progress.caught_up {
        let detail = format!(
            "The views are catching up; {} audit entries are left.",
            progress.lag_records()
        );
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "starting", detail).later(1));
    }
    Ok(Json(json!({ "status": "ready", "as_of": progress.as_of() })))
}

/// `GET /metrics`
pub async fn metrics(State(state): State<ApiState>) -> Result<Response, Problem> {
    let (lag_records, stopped) = {
        let progress = state.inner.progress.borrow();
        (progress.lag_records(), progress.stopped.is_some())
    };
    state.inner.metrics.views(lag_records, stopped);
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &state.inner.registry).map_err(
        |error| {
            tracing::error!(%error, "The metrics cannot be written.");
            Problem::internal()
        },
    )?;
    let kind =
        [(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];
    Ok((kind, text).into_response())
}
