//! What the API counts.

use std::{collections::BTreeMap, sync::atomic::Ordering};

use cns_state::Restoring;
use prometheus_client::{
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

type Labels = Vec<(&'static str, String)>;

/// Counters, gauges and histograms of the HTTP side of a process.
#[derive(Clone)]
pub struct Metrics {
    requests: Family<Labels, Counter>,
    request_seconds: Family<Labels, Histogram, fn() -> Histogram>,
    documents_accepted: Counter,
    rate_limited: Family<Labels, Counter>,
    keys_unreadable: Gauge,
    view_lag: Gauge,
    view_stopped: Gauge,
    restoring: Family<Labels, Gauge>,
    restored: Family<Labels, Counter>,
}

fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.000_5, 4.0, 10))
}

impl Metrics {
    /// Registers them.
    pub fn register(registry: &mut Registry) -> Metrics {
        let metrics = Metrics {
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(seconds as fn() -> Histogram),
            documents_accepted: Counter::default(),
            rate_limited: Family::default(),
            keys_unreadable: Gauge::default(),
            view_lag: Gauge::default(),
            view_stopped: Gauge::default(),
            restoring: Family::default(),
            restored: Family::default(),
        };
        registry.register(
            "cns_http_requests",
            "HTTP requests, by route and status",
            metrics.requests.clone(),
        );
        registry.register_with_unit(
            "cns_http_request",
            "Time from a request to its answer, by route; waiting for a job included",
            Unit::Seconds,
            metrics.request_seconds.clone(),
        );
        registry.register(
            "cns_documents_accepted",
            "Documents that the log has acknowledged",
            metrics.documents_accepted.clone(),
        );
        registry.register(
            "cns_http_rate_limited",
            "Requests that came too fast, by what was counted: key or address",
            metrics.rate_limited.clone(),
        );
        registry.register(
            "cns_access_keys_unreadable",
            "1 when the keys file could not be read again, so that older entries are at work",
            metrics.keys_unreadable.clone(),
        );
        registry.register_with_unit(
            "cns_view_lag",
            "Audit entries that are not folded into the views yet",
            Unit::Other("records".into()),
            metrics.view_lag.clone(),
        );
        registry.register(
            "cns_view_stopped",
            "1 when an audit entry could not be folded and the views have stopped",
            metrics.view_stopped.clone(),
        );
        registry.register_with_unit(
            "cns_restore_left",
            "Changelog records that are still to be read before a stage goes on, by stage",
            Unit::Other("records".into()),
            metrics.restoring.clone(),
        );
        registry.register(
            "cns_restored_records",
            "Changelog records that were read to restore rows, by stage",
            metrics.restored.clone(),
        );
        metrics
    }

    pub(crate) fn request(&self, route: &str, status: u16, took_seconds: f64) {
        let route = ("route", route.to_owned());
        let status = ("status", status.to_string());
        self.requests.get_or_create(&vec![route.clone(), status]).inc();
        self.request_seconds.get_or_create(&vec![route]).observe(took_seconds);
    }

    pub(crate) fn document_accepted(&self) {
        self.documents_accepted.inc();
    }

    /// `strategy` is what was counted: `key` or `address`.
    pub(crate) fn rate_limited(&self, strategy: &str) {
        self.rate_limited.get_or_create(&vec![("strategy", strategy.to_owned())]).inc();
    }

    pub(crate) fn keys(&self, unreadable: bool) {
        self.keys_unreadable.set(i64::from(unreadable));
    }

    pub(crate) fn views(&self, lag_records: i64, stopped: bool) {
        self.view_lag.set(lag_records);
        self.view_stopped.set(i64::from(stopped));
    }

    /// `restored` is what was read since the process began.
    pub(crate) fn restoration(&self, restoring: &[Restoring], restored: &BTreeMap<String, u64>) {
        let mut left: BTreeMap<&str, i64> = restored.keys().map(|g| (g.as_str(), 0)).collect();
        for part in restoring {
            *left.entry(&part.group).or_default() += part.total - part.done;
        }
        for (stage, left) in left {
            self.restoring.get_or_create(&of(stage)).set(left);
        }
        for (stage, records) in restored {
            self.restored.get_or_create(&of(stage)).inner().fetch_max(*records, Ordering::Relaxed);
        }
    }
}

fn of(stage: &str) -> Labels {
    vec![("stage", stage.to_owned())]
}
