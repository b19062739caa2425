//! Several processes on a real cluster: `TEST_KAFKA` names its brokers, `TEST_REGISTRY` its schema registry; without
//! them nothing is tried. `make test-kafka` starts both.

mod cluster;
mod differential;
mod held;
mod kills;
mod outages;
mod producers;
mod proxy;
mod snapshot;

#[path = "../system/node.rs"]
#[allow(dead_code, reason = "each test binary uses its own part")]
mod node;
#[path = "../system/run.rs"]
#[allow(dead_code, reason = "each test binary uses its own part")]
mod run;
#[path = "../../processors/tests/world/mod.rs"]
mod world;
