//! The views, folded from the audit log, and the HTTP API that serves them.
//!
//! The guarantee: *effects on the log, the state and the views happen exactly once; model calls happen at
//! least once (again only after a crash or a loss of ownership), and their recorded result exactly once.*
//!
//! Invariants: what HTTP shows is what the audit log holds; nothing here decides anything about a document.
//! Deliberately absent: the stages, models, and any knowledge of which log it runs on.

pub mod access;
pub mod dto;
mod http;
mod job_id;
pub mod limits;
mod metrics;
mod state;
pub mod views;

pub use http::{Bounds, Need, ROUTES, Route, Starting, router, serve};
pub use job_id::JobIds;
pub use metrics::Metrics;
pub use state::{ApiParts, ApiState, Brake, Refresh, RetryAfter};
