//! HTTP: one file for each resource, and what all of them share.
//!
//! Invariants: every read is by tenant; every answer from the views says how old it may be; whatever blocks
//! runs away from the threads that serve connections.

mod access;
mod batch;
mod body;
mod bounds;
mod conflicts;
mod consistency;
mod corpora;
mod dead_letters;
mod documents;
mod events;
mod exchange;
mod faults;
mod fields;
mod health;
mod hosts;
mod idempotency;
mod jobs;
mod lanes;
mod links;
mod markdown;
mod openapi;
mod params;
mod problem;
mod registry;
mod root;
mod routes;
mod search;
mod server;
mod snos;
mod starting;
mod status;
mod submit;
mod syntheses;
mod tags;
mod tenant;
mod waiting;

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
    routing::{get, post},
};
use tower_http::catch_panic::CatchPanicLayer;

use crate::state::ApiState;
pub use bounds::place;
pub use lanes::Lanes;
pub use problem::{FieldFault, Problem};
pub use routes::{Need, ROUTES, Route};
pub use server::{Bounds, serve};
pub use starting::Starting;

/// All routes. What each needs stands in [`ROUTES`]; one without a row there is not served.
pub fn router(state: ApiState) -> Router {
    let schemas = if state.inner.answers_for_schemas { registry::routes() } else { Router::new() };
    Router::new()
        .merge(schemas)
        .route("/", get(root::root))
        .route("/ingest", post(submit::ingest))
        .route("/v1/corpora", get(corpora::list))
        .route("/v1/corpora/{corpus}", get(corpora::show))
        .route("/v1/corpora/{corpus}/events", get(events::of_corpus))
        .route("/v1/documents", post(submit::submit).get(documents::list))
        .route("/v1/documents:batch", post(batch::submit))
        .route("/v1/search", post(search::search))
        .route("/v1/documents/{id}", get(documents::show))
        .route("/v1/jobs", get(jobs::list))
        .route("/v1/jobs/{id}", get(jobs::show))
        .route("/v1/jobs/{id}/events", get(events::of_job))
        .route("/v1/snos", get(snos::list))
        .route("/v1/snos/{id}", get(snos::show))
        .route("/v1/snos/{id}/lineage", get(snos::lineage))
        .route("/v1/conflicts", get(conflicts::list))
        .route("/v1/conflicts/{id}", get(conflicts::show))
        .route("/v1/syntheses", get(syntheses::list))
        .route("/v1/syntheses/{id}", get(syntheses::show))
        .route("/v1/dead-letters", get(dead_letters::list))
        .route("/v1/dead-letters/{id}", get(dead_letters::show))
        .route("/v1/dead-letters/{id}/retry", post(dead_letters::retry))
        .route("/v1/dead-letters/{id}/drop", post(dead_letters::drop))
        .route("/v1/status", get(status::show))
        .route("/health/live", get(health::live))
        .route("/health/startup", get(health::startup))
        .route("/health/ready", get(health::ready))
        .route("/openapi.json", get(openapi::show))
        .route("/docs", get(openapi::docs))
        .route("/metrics", get(health::metrics))
        .fallback(no_route)
        .layer(from_fn(tags::tags))
        .layer(from_fn_with_state(state.clone(), consistency::consistency))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(state.clone(), access::admit))
        .layer(from_fn_with_state(state.clone(), exchange::exchange))
        .with_state(state)
}

async fn no_route() -> Problem {
    Problem::of_status(axum::http::StatusCode::NOT_FOUND)
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    tracing::error!("A request handler panicked.");
    axum::response::IntoResponse::into_response(Problem::internal())
}
