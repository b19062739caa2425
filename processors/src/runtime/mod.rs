//! The runtime: runs a stage's step over its inbox and commits what it decides.

mod compute;
mod draft;
mod flow;
mod handled;
mod hops;
mod item;
mod metrics;
mod parking;
mod performer;
mod suspects;
mod worker;

pub use compute::Compute;
pub use metrics::Metrics;
pub use performer::{Performer, PerformerOptions};
pub use worker::{Progress, Worker, WorkerOptions, lag};
