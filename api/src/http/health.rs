//! For those who run it: alive, ready, metrics.

use std::sync::atomic::Ordering;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use cns_schemas::Topic;
use cns_state::Partition;
use prometheus_client::encoding::text::encode;
use serde_json::{Value, json};

use super::{Problem, status::restorations};
use crate::{
    access::Keys,
    state::{ApiState, Inner},
};

/// Asked for to see whether the log answers.
const AUDIT: Partition = Partition { topic: Topic::Audit, index: 0 };

/// `GET /health/live`
pub async fn live() -> Json<Value> {
    Json(json!({ "status": "live" }))
}

/// `GET /health/startup`: whether the process has been ready once; until then, how far it is.
pub async fn startup(state: State<ApiState>) -> Result<Json<Value>, Problem> {
    if state.inner.has_started.load(Ordering::Relaxed) {
        return Ok(Json(json!({ "status": "started" })));
    }
    ready(state).await.map(|_| Json(json!({ "status": "started" })))
}

/// `GET /health/ready`
pub async fn ready(State(state): State<ApiState>) -> Result<Json<Value>, Problem> {
    let progress = state.inner.progress.borrow().clone();
    if let Some(reason) = &progress.stopped {
        // Where callers need keys this route needs none, so what the entry says is for the log alone.
        let reason = match state.inner.access.keys() {
            None => format!(": {reason}"),
            Some(_) => "; the server's log says which".into(),
        };
        let detail =
            format!("The views have stopped at an audit entry that cannot be folded{reason}.");
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "views_stopped", detail));
    }
    if !progress.caught_up {
        let detail = format!(
            "The views are catching up: {} % done; {} audit entries are left.",
            progress.percent(),
            progress.lag_records()
        );
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "starting", detail).later(1));
    }
    let restoring = restorations(&*state.inner.log);
    if !state.inner.has_started.load(Ordering::Relaxed)
        && let Some(slowest) = restoring.iter().max_by_key(|part| part.seconds_left)
    {
        let detail = format!(
            "The rows of {} partition{} are being restored; {} of partition {} is {}.",
            restoring.len(),
            if restoring.len() == 1 { "" } else { "s" },
            slowest.stage,
            slowest.partition,
            slowest.how_far()
        );
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "starting", detail).later(1));
    }
    // From here on a rebalance takes nothing away from readers: what it brings is only shown.
    state.inner.has_started.store(true, Ordering::Relaxed);
    let mut body = json!({ "status": "ready", "as_of": progress.as_of() });
    // What is known can be read all the same, so that alone is no reason to send readers away.
    let look = |inner: &Inner| {
        inner.access.keys().into_iter().for_each(Keys::look);
        Ok(inner.log.end(AUDIT).is_ok())
    };
    let reached = state.blocking(look).await?;
    if !reached {
        body["log"] = json!("unavailable");
    }
    if keys_fault(&state) {
        body["keys"] = json!("unreadable");
    }
    if !restoring.is_empty() {
        body["restoring"] = json!(restoring);
    }
    Ok(Json(body))
}

/// Whether the keys at work are older than their file, which cannot be read. Why stands in the server's log.
fn keys_fault(state: &ApiState) -> bool {
    state.inner.access.keys().is_some_and(|keys| keys.fault().is_some())
}

/// `GET /metrics`
pub async fn metrics(State(state): State<ApiState>) -> Result<Response, Problem> {
    let (lag_records, stopped) = {
        let progress = state.inner.progress.borrow();
        (progress.lag_records(), progress.stopped.is_some())
    };
    state.inner.metrics.keys(keys_fault(&state));
    state.inner.metrics.views(lag_records, stopped);
    let written = state.blocking(|inner| {
        inner.metrics.restoration(&inner.log.restoring(), &inner.log.restored());
        (inner.refresh)();
        let mut text = String::new();
        encode(&mut text, &inner.registry).map(|()| text).map_err(|error| {
            tracing::error!(%error, "The metrics cannot be written.");
            Problem::internal()
        })
    });
    let text = written.await?;
    let kind =
        [(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];
    Ok((kind, text).into_response())
}
