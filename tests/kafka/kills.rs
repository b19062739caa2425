//! Processes that are killed, stopped and joined under load. `TEST_KAFKA_KILLS` sets how often (default 12),
//! `TEST_KILL_SEED` the seed, which is printed.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::BTreeMap,
    process::Command,
    sync::mpsc,
    time::{Duration, Instant},
};

use cns_processors::topology::STAGES;

use crate::{
    cluster::{Cluster, REST_WITHIN, settled, submit},
    node::Node,
    world::texts,
};

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Sends documents to whichever process takes them, each until one has.
struct Load {
    random: fastrand::Rng,
    sent: usize,
    jobs: Vec<String>,
}

impl Load {
    fn new(seed: u64) -> Load {
        Load { random: fastrand::Rng::with_seed(seed), sent: 0, jobs: Vec::new() }
    }

    fn send(&mut self, nodes: &[&Node], count: usize) {
        for _ in 0..count {
            let number = self.sent;
            self.sent += 1;
            let text =
                format!("{}\n\nReport {number} of the series.", texts::text(&mut self.random));
            let (corpus, id) = (format!("corpus-{}", number % 20), format!("d{number}"));
            let job = (0..).find_map(|turn| submit(nodes[turn % nodes.len()], &corpus, &id, &text));
            self.jobs.push(job.unwrap());
        }
    }
}

fn signal(node: &Node, name: &str) {
    let pid = node.pid().to_string();
    assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
}

/// A moment that passes; the point of it is that nobody knows what happens in it.
fn moment(millis: u64) {
    let (_never, clock) = mpsc::channel::<()>();
    let _ = clock.recv_timeout(Duration::from_millis(millis));
}

#[test]
fn kills_at_random_moments_lose_nothing_and_double_nothing() {
    let Some(cluster) = Cluster::fresh() else { return };
    let kills = setting("TEST_KAFKA_KILLS", 12);
    let seed = setting("TEST_KILL_SEED", u64::from(std::process::id()));
    println!("{kills} kills with TEST_KILL_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let states = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let mut nodes = states.each_ref().map(|state| Some(cluster.spawn(state.path())));
    let mut load = Load::new(seed);
    for _ in 0..kills {
        load.send(&nodes.each_ref().map(|node| node.as_ref().unwrap()), 6);
        moment(random.u64(0..2500));
        let which = random.usize(0..2);
        nodes[which].take().unwrap().kill();
        nodes[which] = Some(cluster.spawn(states[which].path()));
    }
    let first = nodes[0].as_ref().unwrap();
    for job in &load.jobs {
        settled(first, job);
    }
    cluster.rests();
    for node in nodes.into_iter().flatten() {
        assert_eq!(node.terminate(), Some(0));
    }
    println!("{} documents accepted", load.jobs.len());
    cluster.verify(&load.jobs);
}

#[test]
fn a_process_that_slept_past_its_session_writes_nothing_more() {
    let Some(cluster) = Cluster::fresh() else { return };
    let states = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [sleeper, other] = states.each_ref().map(|state| cluster.spawn(state.path()));
    let mut load = Load::new(7);
    for _ in 0..2 {
        load.send(&[&sleeper, &other], 8);
        signal(&sleeper, "-STOP");
        load.send(&[&other], 8);
        // Twice the session: its partitions are the other's by now.
        moment(6000);
        signal(&sleeper, "-CONT");
    }
    for job in &load.jobs {
        settled(&other, job);
    }
    cluster.rests();
    for node in [sleeper, other] {
        let (code, said) = node.end();
        assert_eq!(code, Some(0), "{said}");
    }
    cluster.verify(&load.jobs);
}

#[test]
fn processes_join_and_leave_under_load() {
    let Some(cluster) = Cluster::fresh() else { return };
    let states: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let first = cluster.spawn(states[0].path());
    let mut load = Load::new(11);
    load.send(&[&first], 10);
    let second = cluster.spawn(states[1].path());
    let third = cluster.spawn(states[2].path());
    load.send(&[&first, &second, &third], 15);
    nobody_is_idle(&mut load, &[&first, &second, &third]);
    assert_eq!(third.terminate(), Some(0));
    load.send(&[&first, &second], 10);
    nobody_is_idle(&mut load, &[&first, &second]);
    assert_eq!(second.terminate(), Some(0));
    load.send(&[&first], 5);
    for job in &load.jobs {
        settled(&first, job);
    }
    cluster.rests();
    assert_eq!(first.terminate(), Some(0));
    cluster.verify(&load.jobs);
}

/// Sends until every process has handled new records in every stage: there are more partitions than processes, so one
/// that handles none either owns nothing or does not move.
fn nobody_is_idle(load: &mut Load, nodes: &[&Node]) {
    let before: Vec<_> = nodes.iter().map(|node| handled(node)).collect();
    let end = Instant::now() + REST_WITHIN;
    loop {
        load.send(nodes, 20);
        for job in &load.jobs {
            settled(nodes[0], job);
        }
        let now: Vec<_> = nodes.iter().map(|node| handled(node)).collect();
        let idle = |(before, now): (&Handled, &Handled)| {
            let stages = STAGES.iter().map(|spec| spec.name);
            stages.filter(|stage| now.get(*stage) <= before.get(*stage)).collect::<Vec<_>>()
        };
        let idle: Vec<_> = before.iter().zip(&now).map(idle).collect();
        if idle.iter().all(Vec::is_empty) {
            return;
        }
        assert!(Instant::now() < end, "stages that process by process handled nothing: {idle:?}");
    }
}

/// How many inbox records a process has handled, by stage.
type Handled = BTreeMap<String, u64>;

fn handled(node: &Node) -> Handled {
    let mut handled = Handled::new();
    for line in node.text("/metrics").unwrap().lines() {
        let Some(rest) = line.strip_prefix("cns_stage_records_total{stage=\"") else { continue };
        let (stage, rest) = rest.split_once('"').unwrap();
        let count: u64 = rest.rsplit(' ').next().unwrap().parse().unwrap();
        *handled.entry(stage.to_owned()).or_default() += count;
    }
    handled
}

#[test]
fn a_rolling_restart_restores_nothing() {
    let Some(cluster) = Cluster::with_session(20_000) else { return };
    let states = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let mut nodes = states.each_ref().map(|state| Some(cluster.spawn(state.path())));
    let mut load = Load::new(17);
    load.send(&nodes.each_ref().map(|node| node.as_ref().unwrap()), 20);
    for (node, state) in nodes.iter_mut().zip(&states) {
        assert_eq!(node.take().unwrap().terminate(), Some(0));
        *node = Some(cluster.spawn(state.path()));
        let node = node.as_ref().unwrap();
        load.send(&[node], 8);
        // Its own partitions have come back to it when all that it took is settled again.
        load.jobs.iter().for_each(|job| drop(settled(node, job)));
    }
    cluster.rests();
    for node in nodes.map(Option::unwrap) {
        assert_eq!(restored(&node), 0, "its rows are where it left them");
        assert_eq!(node.terminate(), Some(0));
    }
    cluster.verify(&load.jobs);
}

/// Records of changelogs that a process has read.
fn restored(node: &Node) -> u64 {
    let metrics = node.text("/metrics").unwrap();
    let values = metrics.lines().filter(|line| line.starts_with("cns_restored_records_total{"));
    values.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
}

#[test]
fn stages_may_be_spread_over_processes_and_any_answers_for_all() {
    let Some(cluster) = Cluster::fresh() else { return };
    let states: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let with = |state: usize, stages| {
        cluster.try_spawn(states[state].path(), &[("CNS_STAGES", stages)]).unwrap()
    };
    let front = with(0, "none");
    let heavy = with(1, "embed,critique");
    let light = with(2, "chunk,synthesize,audit,performer");
    let mut load = Load::new(13);
    load.send(&[&front], 8);
    for job in &load.jobs {
        settled(&front, job);
    }
    cluster.rests();
    for node in [front, heavy, light] {
        assert_eq!(node.terminate(), Some(0));
    }
    cluster.verify(&load.jobs);
}
