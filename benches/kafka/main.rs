//! A stateful keyed stage on a real broker, beside Kafka Streams on the same one: `make bench-kafka`.
//!
//! Every system runs in a process of its own, on topics of its own that hold the same records, and tells what it
//! used. `benches/kafka-streams/run.sh` starts them, kills them and checks every output; this program is the stage
//! of ours that it starts (`BENCH_ROLE`), and without a role the one that runs them all and prints the table.

mod plain;
mod stage;
mod table;
mod workload;

#[path = "../measure/mod.rs"]
mod measure;

use cns_state::{KafkaOptions, Plan, TopicSettings};

/// As in the product.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The group whose inbox, rows and output the stage uses.
const GROUP: &str = "embed";

fn main() {
    if !measure::wanted() {
        return;
    }
    match std::env::var("BENCH_ROLE").as_deref() {
        Ok("setup") => setup(),
        Ok("exactly_once") => stage::run(&options()),
        Ok("at_least_once") => plain::run(&options()),
        Ok(other) => panic!("BENCH_ROLE is setup, exactly_once or at_least_once, not {other}"),
        Err(_) => table::run(),
    }
}

/// A number from the environment.
fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

fn text(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

fn options() -> KafkaOptions {
    KafkaOptions {
        namespace: text("BENCH_NAME"),
        // As the peer.
        session_timeout: std::time::Duration::from_secs(6),
        ..KafkaOptions::standard(&text("BROKERS"), text("BENCH_STATE").into())
    }
}

fn setup() {
    let settings = TopicSettings { partitions: 8, replication: 1, ..TopicSettings::STANDARD };
    let plan = Plan::make(&options(), &[GROUP], &settings).expect("the cluster can be asked");
    plan.create_missing(&options(), settings.replication).expect("topics can be made");
}
