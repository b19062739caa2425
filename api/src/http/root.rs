//! What is there, for one who asks for nothing in particular.

use axum::{Json, extract::State};
use serde_json::{Value, json};

use crate::state::ApiState;

/// `GET /`
pub async fn root(State(state): State<ApiState>) -> Json<Value> {
    Json(json!({
        "name": "cns",
        "version": env!("CARGO_PKG_VERSION"),
        "links": {
            "corpora": "/v1/corpora",
            "documents": "/v1/documents",
            "jobs": "/v1/jobs",
            "snos": "/v1/snos",
            "conflicts": "/v1/conflicts",
            "syntheses": "/v1/syntheses",
            "dead_letters": "/v1/dead-letters",
            "status": "/v1/status",
            "live": "/health/live",
            "startup": "/health/startup",
            "ready": "/health/ready",
            "metrics": "/metrics",
            "openapi": "/openapi.json",
            "docs": "/docs",
            "schemas": state.inner.answers_for_schemas.then_some("/subjects"),
        },
    }))
}
