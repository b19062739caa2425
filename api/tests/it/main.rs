//! The API and the views against a log in memory: facts are written as the stages would write them, answers
//! are read as a caller would read them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod access;
mod bad_inputs;
mod batch;
mod bounds;
mod corpora;
mod corruption;
mod counts;
mod decisions;
mod determinism;
mod events;
mod freshness;
mod hostile;
mod hosts;
mod job_life;
mod lists;
mod narratives;
mod openapi;
mod registry;
mod restoring;
mod search;
mod submission;
mod tenants;
mod world;
