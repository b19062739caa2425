//! What is there, for one who asks for nothing in particular.

use axum::Json;
use serde_json::{Value, json};

/// `GET /`
pub async fn root() -> Json<Value> {
    Json(json!({
        "name": "cns",
        "version": env!("CARGO_PKG_VERSION"),
        "links": {
            "documents": "/v1/documents",
            "jobs": "/v1/jobs",
            "snos": "/v1/snos",
            "conflicts": "/v1/conflicts",
            "syntheses": "/v1/syntheses",
            "dead_letters": "/v1/dead-letters",
            "status": "/v1/status",
            "live": "/health/live",
            "ready": "/health/ready",
            "metrics": "/metrics",
        },
    }))
}
