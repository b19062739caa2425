//! What is counted of model calls, local and remote.

use std::time::Duration;

use cns_schemas::{Call, Port};
use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use super::{Labels, Timer, kept, seconds, word};

#[derive(Clone)]
pub struct CallMetrics {
    calls: Family<Labels, Counter>,
    inputs: Family<Labels, Counter>,
    retries: Family<Labels, Counter>,
    took: Family<Labels, Histogram, Timer>,
    circuit: Family<Labels, Gauge>,
    open_requests: Gauge,
    running: Gauge,
}

const PORTS: [Port; 3] = [Port::Embedder, Port::Entailment, Port::Completer];

fn of(port: Port) -> Labels {
    vec![("port", word(port))]
}

impl CallMetrics {
    pub fn register(registry: &mut Registry) -> CallMetrics {
        let r = registry;
        let calls = CallMetrics {
            calls: kept(
                r,
                "cns_model_calls",
                "Calls of a model, by kind, model and outcome",
                Family::default(),
            ),
            inputs: kept(
                r,
                "cns_model_inputs",
                "Texts to embed, pairs to compare and briefs to complete that models were given",
                Family::default(),
            ),
            retries: kept(
                r,
                "cns_model_retries",
                "Calls of a remote model that were tried again",
                Family::default(),
            ),
            took: kept(
                r,
                "cns_model_call_seconds",
                "Time of one call of a model",
                Family::new_with_constructor(seconds as Timer),
            ),
            circuit: kept(
                r,
                "cns_model_circuit_open",
                "1 while a remote model is left alone because it failed several times in a row",
                Family::default(),
            ),
            open_requests: kept(
                r,
                "cns_performer_open_requests",
                "Remote calls that are owed here: running, or waiting for their turn",
                Gauge::default(),
            ),
            running: kept(
                r,
                "cns_performer_running_calls",
                "Remote calls that are running",
                Gauge::default(),
            ),
        };
        for port in PORTS {
            drop(calls.inputs.get_or_create(&of(port)));
            drop(calls.retries.get_or_create(&of(port)));
            drop(calls.took.get_or_create(&of(port)));
            drop(calls.circuit.get_or_create(&of(port)));
        }
        calls
    }

    /// Notes a call that was made.
    pub fn called(&self, call: &Call, answered: bool, took: Duration) {
        let outcome = if answered { "answered" } else { "failed" };
        let labels = vec![
            ("port", word(call.port)),
            ("model", call.model.clone()),
            ("outcome", outcome.to_owned()),
        ];
        self.calls.get_or_create(&labels).inc();
        let inputs =
            if call.port == Port::Entailment { call.pairs.len() } else { call.texts.len() };
        self.inputs.get_or_create(&of(call.port)).inc_by(inputs as u64);
        self.took.get_or_create(&of(call.port)).observe(took.as_secs_f64());
    }

    pub fn retried(&self, port: Port) {
        self.retries.get_or_create(&of(port)).inc();
    }

    pub fn circuit(&self, port: Port, open: bool) {
        self.circuit.get_or_create(&of(port)).set(i64::from(open));
    }

    pub fn performer(&self, open: usize, running: usize) {
        self.open_requests.set(open as i64);
        self.running.set(running as i64);
    }
}
