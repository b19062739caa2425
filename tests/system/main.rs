//! Whole-system tests: the real binary, its HTTP API and its command line; and the laws of the house.

mod architecture;
mod commands;
mod demo;
mod eval;
mod http_docs;
mod http_faults;
mod kills;
mod models;
#[allow(dead_code, reason = "the tests on a cluster use more of it")]
mod node;
mod papers;
mod quality;
mod run;
mod serve;
mod startup;
mod tidy;

#[path = "../../processors/tests/world/mod.rs"]
mod world;
