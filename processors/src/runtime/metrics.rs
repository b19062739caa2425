//! What the runtime counts. Names are `cns_<noun>_<unit>`; labels are few words of our own, never an id or a name that
//! a user chose.

mod decisions;
mod models;
mod stages;

use std::sync::Arc;

use cns_schemas::{Topic, Traces};
use cns_state::{Error, Log, Partition};
use prometheus_client::{
    metrics::histogram::{Histogram, exponential_buckets},
    registry::{Metric, Registry, Unit},
};
use serde::Serialize;

use super::{
    flow::Flow,
    handled::Handled,
    hops::{self, Step},
};
use crate::topology::{PERFORM, STAGES};
use decisions::Decisions;
pub(crate) use models::CallMetrics;
use stages::Stages;

type Labels = Vec<(&'static str, String)>;
type Timer = fn() -> Histogram;

/// Counters, gauges and histograms of all workers of a process.
#[derive(Clone)]
pub struct Metrics {
    pub(super) stages: Stages,
    pub(crate) calls: CallMetrics,
    decisions: Decisions,
    flow: Flow,
    pub(super) traces: Traces,
}

impl Metrics {
    /// Registers them. Those with few possible labels begin at 0, so that a first event is a rise.
    pub fn register(registry: &mut Registry) -> Metrics {
        Metrics {
            stages: Stages::register(registry),
            calls: CallMetrics::register(registry),
            decisions: Decisions::register(registry),
            flow: Flow::default(),
            traces: Traces::off(),
        }
    }

    /// The same, with what is told of traces.
    pub fn traced(self, traces: Traces) -> Metrics {
        Metrics { traces, ..self }
    }

    /// Metrics that nobody reads.
    pub fn unread() -> Metrics {
        Metrics::register(&mut Registry::default())
    }

    /// Counts, logs and traces what a transaction did, once it is committed.
    pub(super) fn committed(&self, step: &Step, handled: &[Handled], now_ms: i64) {
        let stage = step.spec.name;
        for handled in handled {
            self.stages.handled(stage, handled);
            self.decisions.handled(handled, now_ms);
        }
        self.flow.committed(stage, handled);
        hops::committed(&self.traces, step, handled);
    }

    /// Brings the lags up to date; to be called when somebody is going to look.
    ///
    /// # Errors
    /// The log cannot be asked; then they stay as they were.
    pub fn lags(&self, log: &Arc<dyn Log>, now_ms: i64) -> Result<(), Error> {
        for spec in STAGES.into_iter().chain([&PERFORM]) {
            let behind = behind(log, spec.name, spec.inbox)?;
            self.stages.lag(spec.name, behind, now_ms);
        }
        Ok(())
    }
}

fn behind(log: &Arc<dyn Log>, stage: &str, inbox: Topic) -> Result<i64, Error> {
    let mut behind = 0;
    for index in 0..log.partitions(inbox) {
        let partition = Partition { topic: inbox, index };
        behind += (log.end(partition)? - log.committed(stage, partition)?).max(0);
    }
    Ok(behind)
}

/// Tenths of milliseconds to minutes.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.000_1, 4.0, 11))
}

/// Registers a metric of which somebody keeps a copy; the last word of its name is its unit, where it is one.
fn kept<M: Metric + Clone>(registry: &mut Registry, name: &str, help: &str, metric: M) -> M {
    let unit = |unit: &str| match unit {
        "seconds" => Some(Unit::Seconds),
        "bytes" => Some(Unit::Bytes),
        "records" => Some(Unit::Other(unit.to_owned())),
        _ => None,
    };
    match name.rsplit_once('_').and_then(|(stem, last)| Some((stem, unit(last)?))) {
        Some((stem, unit)) => registry.register_with_unit(stem, help, unit, metric.clone()),
        None => registry.register(name, help, metric.clone()),
    }
    metric
}

/// The word for a value that the schemas name.
fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => "other".to_owned(),
    }
}
