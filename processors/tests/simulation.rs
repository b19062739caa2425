//! Thousands of schedules over a faulty log, each from one seed: crashes, lost and unknown commits,
//! fencing, revoked partitions, short polls, slow and failing models. Afterwards nothing is lost, nothing
//! is there twice, and each inbox replayed into an empty store gives the same facts and the same rows.
//!
//! `CNS_SIM_SEED` runs one seed, `CNS_SIM_COUNT` that many (default 1000).

mod world;

use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

use world::World;

/// Keeps the runs of different versions apart; any number does.
const FIRST_SEED: u64 = 7_000;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn every_schedule_ends_as_if_nothing_had_happened() {
    let (first, count) = match setting("CNS_SIM_SEED") {
        Some(seed) => (seed, 1),
        None => (FIRST_SEED, setting("CNS_SIM_COUNT").unwrap_or(1000)),
    };
    let next = AtomicU64::new(first);
    let failures = Mutex::new(Vec::new());
    let run = || loop {
        let seed = next.fetch_add(1, Ordering::SeqCst);
        if seed >= first + count {
            return;
        }
        let outcome = std::panic::catch_unwind(|| World::run(seed));
        if outcome.is_err() {
            failures.lock().unwrap().push(seed);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(run);
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "run again with CNS_SIM_SEED={}: {failures:?}", failures[0]);
    println!("{count} schedules from seed {first}");
}

#[test]
fn a_worker_that_loses_a_commit_is_caught() {
    // The verifier has teeth: a log that drops the rows of some commits must not pass.
    let outcome = std::panic::catch_unwind(|| World::run_sabotaged(FIRST_SEED));
    assert!(outcome.is_err(), "lost rows went unnoticed");
}
