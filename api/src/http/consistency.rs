//! `X-Consistency: latest`: an answer that shows all that the audit log held when the request came.
//!
//! It waits for the views, not for the stages: what was submitted and is still on its way is not waited for.

use std::collections::BTreeMap;

use axum::{
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::Response,
};
use cns_schemas::Topic;
use cns_state::Partition;
use tokio::time::Instant;

use super::{
    Problem,
    faults::{Faults, Kind},
    waiting::{self, Waited},
};
use crate::{
    limits::CONSISTENCY_WAIT,
    state::{ApiState, Inner},
};

const HEADER: &str = "x-consistency";

/// Waits, when a reader asks for it.
pub async fn consistency(
    State(state): State<ApiState>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let Some(wanted) = request.headers().get(HEADER) else { return Ok(next.run(request).await) };
    if wanted != "latest" {
        let mut faults = Faults::default();
        faults.add(Kind::Invalid, "/X-Consistency", "has to be: latest");
        faults.finish()?;
    }
    if request.method() == Method::GET && request.uri().path().starts_with("/v1/") {
        wait(&state).await?;
    }
    Ok(next.run(request).await)
}

async fn wait(state: &ApiState) -> Result<(), Problem> {
    let _place = state.inner.waiting.try_acquire().map_err(|_| {
        let detail = "Too many requests are waiting; ask again without X-Consistency, or later.";
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_waiting", detail).later(1)
    })?;
    let goal = state.blocking(goal).await?;
    let goal = &goal;
    let look = || async move { state.blocking(reached(goal.clone())).await };
    let deadline = Instant::now() + CONSISTENCY_WAIT;
    match waiting::wait(state.inner.progress.clone(), deadline, look).await? {
        Waited::There(()) => Ok(()),
        Waited::Stopped => {
            let detail = "The views have stopped; without X-Consistency what they hold is shown.";
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "views_stopped", detail))
        }
        Waited::Late => {
            let detail = format!(
                "The views did not catch up within {} s; ask again, or without X-Consistency.",
                CONSISTENCY_WAIT.as_secs()
            );
            Err(Problem::new(StatusCode::GATEWAY_TIMEOUT, "wait_timeout", detail).later(1))
        }
    }
}

/// Where each audit partition ends now.
fn goal(inner: &Inner) -> Result<BTreeMap<u32, i64>, Problem> {
    (0..inner.log.partitions(Topic::Audit))
        .map(|index| {
            let end = inner.log.end(Partition { topic: Topic::Audit, index });
            Ok((index, end.map_err(|error| Problem::log(&error))?))
        })
        .collect()
}

/// Whether the views are there. Not every offset before an end has to have an entry.
fn reached(goal: BTreeMap<u32, i64>) -> impl FnOnce(&Inner) -> Result<Option<()>, Problem> {
    move |inner| {
        let at = inner.progress.borrow().positions.clone();
        for (index, end) in goal {
            let at = at.get(&index).copied().unwrap_or(0);
            let partition = Partition { topic: Topic::Audit, index };
            let behind = || inner.log.behind(partition, at).map_err(|error| Problem::log(&error));
            if at < end && behind()? > 0 {
                return Ok(None);
            }
        }
        Ok(Some(()))
    }
}
