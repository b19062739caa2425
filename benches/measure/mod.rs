//! Clocks and tables that the benchmarks share. Figures are ratios within one run: the machine differs
//! from day to day, the two sides of a ratio do not.

#![allow(dead_code, reason = "each benchmark uses its own part")]

use std::time::Instant;

/// Wall and CPU seconds of some work, the CPU of all threads of the process together.
pub struct Spent {
    pub wall: f64,
    pub cpu: f64,
}

/// Runs the work once.
pub fn spend(work: impl FnOnce()) -> Spent {
    let (wall, cpu) = (Instant::now(), cpu_seconds(std::process::id()));
    work();
    Spent { wall: wall.elapsed().as_secs_f64(), cpu: cpu_seconds(std::process::id()) - cpu }
}

/// User and system time of a process in seconds, all its threads together.
pub fn cpu_seconds(pid: u32) -> f64 {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("Linux has /proc");
    let after_name = stat.rsplit(')').next().expect("the name ends with a parenthesis");
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |index: usize| fields[index].parse::<f64>().expect("a number of ticks");
    (ticks(11) + ticks(12)) / TICKS_PER_SECOND
}

/// Resident memory of a process in MB.
pub fn resident_mb(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Prints one line of a table.
pub fn row(name: &str, ours: f64, theirs: f64, unit: &str, goal: &str) {
    println!(
        "{name:<44} {ours:>12.0} {theirs:>12.0} {unit:<14} {:>6.2}  goal {goal}",
        ours / theirs
    );
}

/// Whether a benchmark is to be run: `cargo bench` passes `--bench`, `cargo test` does not.
pub fn wanted() -> bool {
    std::env::args().any(|arg| arg == "--bench")
}
