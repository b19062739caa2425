//! Whole-system tests: the real binary, its HTTP API and its command line; and the laws of the house.

mod architecture;
mod collector;
mod commands;
mod configuration;
mod demo;
mod eval;
mod grafana;
mod http_docs;
mod http_faults;
mod keys;
mod kills;
mod logs;
mod metrics;
mod models;
#[allow(dead_code, reason = "the tests on a cluster use more of it")]
mod node;
mod operations;
mod papers;
mod promises;
mod quality;
mod run;
mod serve;
mod starting;
mod startup;
mod tidy;
mod traces;

#[path = "../../processors/tests/world/mod.rs"]
mod world;
