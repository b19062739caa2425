//! The topology, the five stages, the runtime that runs them, the performer of remote calls, the models.
//!
//! Invariant: a stage never computes and never commits. It reads rows, calls the domain, and returns what
//! to write; [`runtime::Worker`] commits. Deliberately absent: async code, and any knowledge of which log
//! it runs on.

pub mod limits;
pub mod models;
pub mod pipeline;
pub mod runtime;
mod stage;
pub mod stages;
pub mod topology;

pub use stage::{
    Destination, Done, Input, Output, PartitionRows, RowChange, Stage, StageError, Step,
};
