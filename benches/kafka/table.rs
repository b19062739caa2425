//! Runs the systems one after the other, and prints what they told.

use std::process::Command;

use serde_json::Value;

use crate::{measure::median, number, text};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/kafka-streams/run.sh");

/// Throughput, memory and the way back after a SIGKILL.
pub fn run() {
    if std::env::var("BROKERS").is_err() {
        eprintln!("BROKERS names no cluster; `make bench-kafka` starts one.");
        return;
    }
    println!(
        "One broker at {}, 8 partitions, 1 KiB records, commit each 100 ms.\n",
        text("BROKERS")
    );
    // No rounds: the way back alone, which takes long with large states.
    let rounds = number("BENCH_ROUNDS", 3);
    if rounds > 0 {
        throughput(rounds);
    }
    restart();
}

fn throughput(rounds: u64) {
    let systems = [
        ("cns, exactly once", "cns", "exactly_once"),
        ("by hand, at least once", "cns", "at_least_once"),
        ("Kafka Streams, exactly once", "streams", "exactly_once_v2"),
        ("Kafka Streams, at least once", "streams", "at_least_once"),
    ];
    let mut told = systems.map(|_| Vec::new());
    for _ in 0..rounds {
        // In turns, so that a slow moment of the machine hits all of them.
        for ((_, system, guarantee), told) in systems.iter().zip(&mut told) {
            told.push(line(system, "throughput", guarantee, "middle"));
        }
    }
    println!("{:<30} {:>14} {:>14} {:>10}", "", "records/CPU s", "records/s", "peak MiB");
    for ((name, ..), told) in systems.iter().zip(&told) {
        let middle = |key: &str| median(told.iter().map(|line| figure(line, key)).collect());
        let (cpu, wall, peak) = (middle("per_cpu_s"), middle("per_wall_s"), middle("peak_mib"));
        println!("{name:<30} {cpu:>14.0} {wall:>14.0} {peak:>10.0}");
    }
}

fn restart() {
    let sizes = std::env::var("BENCH_STATE_MB").unwrap_or_else(|_| "100".into());
    println!("\n{:<30} {:>14} {:>24}", "", "state MB", "SIGKILL to output, ms");
    for megabytes in sizes.split(',') {
        let megabytes: u64 = megabytes.trim().parse().expect("sizes in MB, with commas between");
        let keys = megabytes * 1_000_000 / 216;
        for (name, system, guarantee) in
            [("cns", "cns", "exactly_once"), ("Kafka Streams", "streams", "exactly_once_v2")]
        {
            // Twice as many records as keys: half of them fill the rows. Small values, so that filling is quick.
            let sizes = [("KEYS", keys), ("RECORDS", 2 * keys), ("VALUE", 200)];
            let told = ran(system, "restart", guarantee, "kill_to_output_ms", &sizes);
            println!("{name:<30} {megabytes:>14} {:>24.0}", figure(&told, "kill_to_output_ms"));
        }
    }
}

fn figure(line: &Value, key: &str) -> f64 {
    line[key].as_f64().unwrap_or_else(|| panic!("{line} tells no {key}"))
}

fn line(system: &str, what: &str, guarantee: &str, wanted: &str) -> Value {
    ran(system, what, guarantee, wanted, &[("RECORDS", number("RECORDS", 2_000_000))])
}

/// Runs the script once, and gives the line that has what is wanted.
fn ran(system: &str, what: &str, guarantee: &str, wanted: &str, sizes: &[(&str, u64)]) -> Value {
    let stage = std::env::current_exe().expect("this program has a path");
    let sizes = sizes.iter().map(|(name, size)| ((*name).to_owned(), size.to_string()));
    let mut command = Command::new(SCRIPT);
    command.args([what, guarantee, "1"]).envs(sizes).env("VERIFY", "1");
    if system == "cns" {
        command.env("STAGE", stage);
    }
    let ran = command.output().expect("the script runs");
    let said = String::from_utf8_lossy(&ran.stdout);
    let mut found = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let found = found.rfind(|line| line.get(wanted).is_some());
    let tell = || format!("{said}\n{}", String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{system} {what}: {}", tell());
    found.unwrap_or_else(|| panic!("{system} {what} tells no {wanted}: {}", tell()))
}
