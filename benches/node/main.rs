//! The whole node: durable accepts over HTTP, documents a minute end to end and where the time goes, memory,
//! what the next document costs in a large corpus, and restart after SIGKILL.
//!
//! `BENCH_PAGES` is how many documents the end-to-end run has, `BENCH_GROWTH` the sizes of the corpus,
//! `BENCH_STATE_MB` the sizes of the state to restart on.

mod client;
#[path = "../measure/mod.rs"]
mod measure;
mod texts;

use std::path::Path;

use client::Node;
use measure::{median, wanted};

const STAGES: [&str; 5] = ["chunk", "embed", "critique", "synthesize", "audit"];

fn main() {
    if !wanted() {
        return;
    }
    throughput();
    growth();
    restart();
}

/// Numbers of an environment variable.
fn setting(name: &str, otherwise: &[usize]) -> Vec<usize> {
    let given = std::env::var(name).ok();
    let numbers = given.map(|text| text.split(',').map(|n| n.parse().expect("numbers")).collect());
    numbers.unwrap_or_else(|| otherwise.to_vec())
}

fn line(name: &str, value: String, goal: &str) {
    println!("{name:<44} {value:>12}   {goal}");
}

fn throughput() {
    let state = tempfile::tempdir().expect("a directory");
    let (node, started) = Node::start(state.path());
    line("start on an empty state", format!("{started:.2} s"), "");
    line("resident memory, idle", format!("{:.0} MB", node.resident_mb()), "goal 150");

    let took = node.submit_all("accepts", 0..2000, texts::note);
    line("durable accepts over HTTP, 16 clients", format!("{:.0} /s", 2000.0 / took), "");
    node.drained();

    let pages = setting("BENCH_PAGES", &[2000])[0];
    let computed = |node: &Node| STAGES.map(|stage| node.metric(&compute_seconds(stage)));
    let (cpu, before) = (node.cpu_seconds(), computed(&node));
    let begun = std::time::Instant::now();
    for corpus in 0..8 {
        let share = pages / 8;
        node.submit_all(
            &format!("pages-{corpus}"),
            corpus * share..(corpus + 1) * share,
            texts::page,
        );
    }
    node.drained();
    let (wall, cpu) = (begun.elapsed().as_secs_f64(), node.cpu_seconds() - cpu);
    line("documents a minute, end to end", format!("{:.0}", pages as f64 / wall * 60.0), "");
    line("CPU per document", format!("{:.1} ms", cpu / pages as f64 * 1e3), "");
    for (stage, (after, before)) in STAGES.iter().zip(computed(&node).iter().zip(before)) {
        let share = (after - before) / cpu * 100.0;
        line(&format!("  computing in {stage}"), format!("{share:.0} %"), "of the CPU");
    }
    line("resident memory, full", format!("{:.0} MB", node.resident_mb()), "goal 512");
}

fn compute_seconds(stage: &str) -> String {
    format!("cns_stage_compute_seconds_sum{{stage=\"{stage}\"}}")
}

fn growth() {
    let state = tempfile::tempdir().expect("a directory");
    let (node, _) = Node::start(state.path());
    let mut known = 0;
    let mut last: Option<(f64, f64)> = None;
    for size in setting("BENCH_GROWTH", &[1000, 10_000]) {
        node.submit_all("growing", known..size, texts::note);
        node.drained();
        let cpu = node.cpu_seconds();
        let took = (0..100).map(|number| {
            let begun = std::time::Instant::now();
            // Spread over the corpus, so that each meets documents over the same studies.
            let number = number * size / 100;
            node.settle(&node.submit(
                "growing",
                &format!("next-{size}-{number}"),
                &texts::page(number),
            ));
            begun.elapsed().as_secs_f64() * 1e3
        });
        let took = median(took.collect());
        let cpu = (node.cpu_seconds() - cpu) * 10.0;
        let growth = last.map(|(n, ms): (f64, f64)| (cpu / ms).ln() / (size as f64 / n).ln());
        let growth = growth.map(|by| format!("exponent {by:.2}, goal 0.2")).unwrap_or_default();
        line(&format!("the next of {size}: to settled"), format!("{took:.1} ms"), "");
        line(&format!("the next of {size}: CPU"), format!("{cpu:.1} ms"), &growth);
        last = Some((size as f64, cpu));
        known = size;
    }
    line("resident memory, full", format!("{:.0} MB", node.resident_mb()), "goal 512");
}

fn restart() {
    let state = tempfile::tempdir().expect("a directory");
    let mut number = 0;
    for megabytes in setting("BENCH_STATE_MB", &[100, 1000]) {
        let (node, _) = Node::start(state.path());
        while folder_mb(state.path()) < megabytes {
            node.submit_all("large", number..number + 500, texts::note);
            node.drained();
            number += 500;
        }
        drop(node);
        let size = folder_mb(state.path());
        let (_node, took) = Node::start(state.path());
        line(&format!("ready after SIGKILL, {size} MB of state"), format!("{took:.2} s"), "goal 2");
    }
}

fn folder_mb(path: &Path) -> usize {
    fn bytes(path: &Path) -> u64 {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        let sizes = entries.map(|entry| match entry.metadata() {
            Ok(data) if data.is_dir() => bytes(&entry.path()),
            Ok(data) => data.len(),
            // Compaction deletes files while they are counted.
            Err(_) => 0,
        });
        sizes.sum()
    }
    (bytes(path) >> 20) as usize
}
