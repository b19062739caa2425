//! What the runtime counts. Names are `cns_<noun>_<unit>` with the stage as label.

use std::sync::Arc;

use prometheus_client::{
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

type Labels = Vec<(&'static str, &'static str)>;

/// Counters and gauges of all workers of a process.
#[derive(Clone)]
pub struct Metrics {
    records: Family<Labels, Counter>,
    commits: Family<Labels, Counter>,
    commit_seconds: Family<Labels, Histogram, fn() -> Histogram>,
    compute_seconds: Family<Labels, Histogram, fn() -> Histogram>,
    parked: Family<Labels, Gauge>,
    lost: Arc<Gauge>,
}

fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.000_1, 4.0, 9))
}

impl Metrics {
    /// Registers them.
    pub fn register(registry: &mut Registry) -> Metrics {
        let metrics = Metrics {
            records: Family::default(),
            commits: Family::default(),
            commit_seconds: Family::new_with_constructor(seconds as fn() -> Histogram),
            compute_seconds: Family::new_with_constructor(seconds as fn() -> Histogram),
            parked: Family::default(),
            lost: Arc::default(),
        };
        registry.register(
            "cns_stage_records",
            "Inbox records, by stage and outcome",
            metrics.records.clone(),
        );
        registry.register(
            "cns_stage_commits",
            "Transactions, by stage and outcome",
            metrics.commits.clone(),
        );
        registry.register_with_unit(
            "cns_stage_commit",
            "Time of one commit",
            Unit::Seconds,
            metrics.commit_seconds.clone(),
        );
        registry.register_with_unit(
            "cns_stage_compute",
            "Time of the computation of one batch",
            Unit::Seconds,
            metrics.compute_seconds.clone(),
        );
        registry.register(
            "cns_stage_parked_records",
            "Records that wait for an answer or behind another record",
            metrics.parked.clone(),
        );
        registry.register(
            "cns_compute_lost_threads",
            "Threads lost to records that do not end",
            (*metrics.lost).clone(),
        );
        metrics
    }

    /// Metrics that nobody reads.
    pub fn unread() -> Metrics {
        Metrics::register(&mut Registry::default())
    }

    pub(super) fn record(&self, stage: &'static str, outcome: &'static str) {
        self.records.get_or_create(&vec![("stage", stage), ("outcome", outcome)]).inc();
    }

    pub(super) fn commit(&self, stage: &'static str, outcome: &'static str, took: f64) {
        self.commits.get_or_create(&vec![("stage", stage), ("outcome", outcome)]).inc();
        self.commit_seconds.get_or_create(&vec![("stage", stage)]).observe(took);
    }

    pub(super) fn compute(&self, stage: &'static str, took: f64) {
        self.compute_seconds.get_or_create(&vec![("stage", stage)]).observe(took);
    }

    pub(super) fn parked(&self, stage: &'static str, count: usize) {
        self.parked.get_or_create(&vec![("stage", stage)]).set(count as i64);
    }

    pub(super) fn lost_thread(&self) -> i64 {
        self.lost.inc() + 1
    }
}
