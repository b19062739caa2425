//! The hops of a committed step: one for each record, one for each model call that it took, and one for the step, linked to
//! what its records came from. Names and attributes follow OpenTelemetry's conventions for messaging.

use std::time::{Duration, SystemTime};

use cns_schemas::{Attribute, Hop, HopKind, Outcome, TraceContext, Traces};

use super::handled::{Called, Handled};
use crate::topology::StageSpec;

/// A step that was committed.
pub struct Step {
    /// Whose.
    pub spec: &'static StageSpec,
    /// When its records were taken.
    pub started: SystemTime,
    /// How long the commit took, up to now.
    pub commit: Duration,
}

/// Links of one hop; a step with more records names the first ones.
const LINKS_MAX: usize = 128;

/// Tells the hops of what was committed.
pub fn committed(traces: &Traces, step: &Step, handled: &[Handled]) {
    if !traces.are_on() {
        return;
    }
    let took = step.started.elapsed().unwrap_or_default();
    for handled in handled {
        let Some(at) = &handled.hop else { continue };
        for (index, call) in handled.calls.iter().enumerate() {
            traces.ended(model_call(at, index, call));
        }
        traces.ended(record(traces, step, handled, at, took));
    }
    if let Some(hop) = settled(traces, step, handled, took) {
        traces.ended(hop);
    }
}

fn record(
    traces: &Traces,
    step: &Step,
    handled: &Handled,
    at: &TraceContext,
    took: Duration,
) -> Hop {
    let topic = traces.name(&handled.origin.topic);
    let mut attributes = messaging(traces, step, "process");
    attributes.extend([
        ("messaging.message.id", handled.event_id.as_str().into()),
        ("messaging.destination.partition.id", handled.origin.partition.to_string().into()),
        ("messaging.kafka.offset", handled.origin.offset.into()),
        ("job.id", handled.job.as_str().into()),
        ("cns.outcome", format!("{:?}", handled.outcome).into()),
    ]);
    let refused = matches!(handled.outcome, Outcome::Rejected | Outcome::DeadLettered);
    if let (true, Some((code, _))) = (refused, &handled.fault) {
        attributes.push(("error.type", format!("{code:?}").into()));
        attributes.push(("failed.stage", step.spec.name.into()));
    }
    Hop {
        name: format!("process {topic}"),
        kind: HopKind::Consumer,
        at: at.clone(),
        parent: handled.parent.clone(),
        links: Vec::new(),
        begun: step.started,
        took,
        attributes,
        failure: handled.fault.as_ref().filter(|_| refused).map(|(_, detail)| detail.clone()),
    }
}

fn model_call(record: &TraceContext, index: usize, call: &Called) -> Hop {
    let port = format!("{:?}", call.port).to_lowercase();
    Hop {
        name: format!("{port} {}", call.model),
        kind: HopKind::Client,
        at: record.child(&format!("{}/call/{index}", record.span_id)),
        parent: Some(record.clone()),
        links: Vec::new(),
        begun: call.begun,
        took: call.took,
        attributes: vec![
            ("gen_ai.request.model", call.model.as_str().into()),
            ("cns.model.port", port.into()),
            ("cns.model.inputs", i64::try_from(call.inputs).unwrap_or(i64::MAX).into()),
        ],
        failure: None,
    }
}

/// The step as a whole, in a trace of its own: its records may come from many.
fn settled(traces: &Traces, step: &Step, handled: &[Handled], took: Duration) -> Option<Hop> {
    let parents = || handled.iter().filter_map(|handled| handled.parent.clone());
    // It is kept with any of its records.
    let mut hops = handled.iter().filter_map(|handled| handled.hop.as_ref());
    let first = &hops.find(|hop| hop.is_sampled())?.span_id;
    let at = traces.hop(None, &format!("settle/{first}"), first)?.sampled();
    let mut attributes = messaging(traces, step, "settle");
    let count = i64::try_from(handled.len()).unwrap_or(i64::MAX);
    attributes.push(("messaging.batch.message_count", count.into()));
    attributes.push(("cns.commit.microseconds", (step.commit.as_micros() as i64).into()));
    Some(Hop {
        name: format!("settle {}", traces.name(step.spec.inbox.name())),
        kind: HopKind::Internal,
        at,
        parent: None,
        links: parents().take(LINKS_MAX).collect(),
        begun: step.started,
        took,
        attributes,
        failure: None,
    })
}

fn messaging(
    traces: &Traces,
    step: &Step,
    operation: &'static str,
) -> Vec<(&'static str, Attribute)> {
    vec![
        ("messaging.system", traces.system().into()),
        ("messaging.operation.name", operation.into()),
        ("messaging.operation.type", operation.into()),
        ("messaging.destination.name", traces.name(step.spec.inbox.name()).into()),
        ("messaging.consumer.group.name", traces.name(step.spec.name).into()),
        ("queue.name", traces.name(step.spec.inbox.name()).into()),
        ("job.stage", step.spec.name.into()),
    ]
}
