//! What is counted of the stages, and of the performer as one of them.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use cns_schemas::{FaultCode, Outcome};
use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use super::{Labels, Timer, kept, seconds, word};
use crate::{
    runtime::handled::Handled,
    topology::{PERFORM, STAGES},
};

/// One value for each stage.
type ByStage = Family<[(&'static str, &'static str); 1], Gauge>;

#[derive(Clone)]
pub struct Stages {
    records: Family<Labels, Counter>,
    dead_letters: Family<Labels, Counter>,
    commits: Family<Labels, Counter>,
    rebalances: Family<Labels, Counter>,
    commit_seconds: Family<Labels, Histogram, Timer>,
    compute_seconds: Family<Labels, Histogram, Timer>,
    wait_seconds: Family<Labels, Histogram, Timer>,
    parked: ByStage,
    in_work: ByStage,
    assigned: ByStage,
    lag_records: ByStage,
    lag_seconds: ByStage,
    /// When the record was appended with which each stage last began, in the order of [`names`].
    begun_ms: Arc<[AtomicI64; 6]>,
    lost: Gauge,
}

const OUTCOMES: [Outcome; 5] =
    [Outcome::Done, Outcome::Parked, Outcome::Rejected, Outcome::DeadLettered, Outcome::Redirected];
const COMMITS: [&str; 4] = ["done", "not_done", "fenced", "unknown"];

fn names() -> impl Iterator<Item = &'static str> {
    STAGES.into_iter().chain([&PERFORM]).map(|spec| spec.name)
}

fn of(stage: &str) -> Labels {
    vec![("stage", stage.to_owned())]
}

fn with(stage: &str, name: &'static str, value: String) -> Labels {
    vec![("stage", stage.to_owned()), (name, value)]
}

fn counter(registry: &mut Registry, name: &str, help: &str) -> Family<Labels, Counter> {
    kept(registry, name, help, Family::default())
}

fn gauge(registry: &mut Registry, name: &str, help: &str) -> ByStage {
    kept(registry, name, help, Family::default())
}

fn timer(registry: &mut Registry, name: &str, help: &str) -> Family<Labels, Histogram, Timer> {
    kept(registry, name, help, Family::new_with_constructor(seconds as Timer))
}

impl Stages {
    pub fn register(registry: &mut Registry) -> Stages {
        let r = registry;
        let stages = Stages {
            records: counter(r, "cns_stage_records", "Inbox records, by stage and outcome"),
            dead_letters: counter(
                r,
                "cns_dead_letters",
                "Records that went to the dead letters, by stage and code",
            ),
            commits: counter(r, "cns_stage_commits", "Transactions, by stage and outcome"),
            rebalances: counter(
                r,
                "cns_stage_rebalances",
                "Times that partitions came to the stage here or went",
            ),
            commit_seconds: timer(r, "cns_stage_commit_seconds", "Time of one commit"),
            compute_seconds: timer(r, "cns_stage_compute_seconds", "Time to compute one batch"),
            wait_seconds: timer(
                r,
                "cns_stage_wait_seconds",
                "Time from when a record was appended until the stage took it",
            ),
            parked: gauge(
                r,
                "cns_stage_parked_records",
                "Records that wait for an answer or behind another record",
            ),
            in_work: gauge(r, "cns_stage_in_work_records", "Records that are being computed"),
            assigned: gauge(
                r,
                "cns_stage_assigned_partitions",
                "Partitions that the stage owns in this process",
            ),
            lag_records: gauge(
                r,
                "cns_stage_lag_records",
                "Records of the inbox that the stage has not committed, over all processes",
            ),
            lag_seconds: gauge(
                r,
                "cns_stage_lag_seconds",
                "While records wait: age of the record with which the stage last began here",
            ),
            begun_ms: Arc::default(),
            lost: kept(
                r,
                "cns_compute_lost_threads",
                "Threads lost to records that do not end",
                Gauge::default(),
            ),
        };
        stages.begin();
        stages
    }

    fn begin(&self) {
        for stage in names() {
            for outcome in OUTCOMES {
                drop(self.records.get_or_create(&with(stage, "outcome", word(outcome))));
            }
            for outcome in COMMITS {
                drop(self.commits.get_or_create(&with(stage, "outcome", outcome.to_owned())));
            }
            drop(self.rebalances.get_or_create(&of(stage)));
            drop(self.dead_letters.get_or_create(&with(
                stage,
                "code",
                word(FaultCode::StagePanicked),
            )));
            for gauge in [&self.parked, &self.in_work, &self.assigned, &self.lag_records] {
                drop(gauge.get_or_create(&[("stage", stage)]));
            }
            drop(self.lag_seconds.get_or_create(&[("stage", stage)]));
            for histogram in [&self.commit_seconds, &self.compute_seconds, &self.wait_seconds] {
                drop(histogram.get_or_create(&of(stage)));
            }
        }
    }

    pub fn handled(&self, stage: &'static str, handled: &Handled) {
        self.records.get_or_create(&with(stage, "outcome", word(handled.outcome))).inc();
        if let (Outcome::DeadLettered, Some((code, _))) = (handled.outcome, &handled.fault) {
            self.dead_letters.get_or_create(&with(stage, "code", word(code))).inc();
        }
    }

    pub fn commit(&self, stage: &'static str, outcome: &'static str, took: f64) {
        self.commits.get_or_create(&with(stage, "outcome", outcome.to_owned())).inc();
        self.commit_seconds.get_or_create(&of(stage)).observe(took);
    }

    pub fn compute(&self, stage: &'static str, took: f64) {
        self.compute_seconds.get_or_create(&of(stage)).observe(took);
    }

    /// Notes records that were taken from the inbox; `appended` says when each came into it.
    pub fn taken(&self, stage: &'static str, appended: impl Iterator<Item = i64>, now_ms: i64) {
        let wait = self.wait_seconds.get_or_create(&of(stage));
        let mut oldest = i64::MAX;
        for at_ms in appended {
            oldest = oldest.min(at_ms);
            wait.observe((now_ms - at_ms).max(0) as f64 / 1000.0);
        }
        if oldest < i64::MAX
            && let Some(index) = names().position(|name| name == stage)
        {
            self.begun_ms[index].store(oldest, Ordering::Relaxed);
        }
    }

    pub fn lag(&self, stage: &'static str, behind: i64, now_ms: i64) {
        self.lag_records.get_or_create(&[("stage", stage)]).set(behind);
        let index = names().position(|name| name == stage).unwrap_or_default();
        let begun = self.begun_ms[index].load(Ordering::Relaxed);
        let age = if behind > 0 && begun > 0 { (now_ms - begun).max(0) / 1000 } else { 0 };
        self.lag_seconds.get_or_create(&[("stage", stage)]).set(age);
    }

    pub fn rebalanced(&self, stage: &'static str, owned: usize) {
        self.rebalances.get_or_create(&of(stage)).inc();
        self.owns(stage, owned);
    }

    pub fn owns(&self, stage: &'static str, owned: usize) {
        self.assigned.get_or_create(&[("stage", stage)]).set(owned as i64);
    }

    pub fn parked(&self, stage: &'static str, count: usize) {
        self.parked.get_or_create(&[("stage", stage)]).set(count as i64);
    }

    pub fn in_work(&self, stage: &'static str, count: usize) {
        self.in_work.get_or_create(&[("stage", stage)]).set(count as i64);
    }

    pub fn lost_thread(&self) -> i64 {
        self.lost.inc() + 1
    }
}
