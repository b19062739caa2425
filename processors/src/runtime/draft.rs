//! The transaction that a worker is building: outputs, facts, consumed offsets.

use std::{collections::BTreeMap, sync::Arc};

use cns_schemas::{
    Answer, Body, Codec, DeadLetter, DocumentFailed, Event, EventId, Fact, Fault, FaultCode,
    Headers, Origin, Outcome, Provenance, Retry, Sealed, Sent, SnoJudged, SnoProposed, Topic,
    TraceContext, Traces, hash_hex,
};
use cns_state::{Append, Change, Log, Partition, Record, Transaction, partition_of};

use super::handled::{Called, Handled, News};
use crate::{Destination, Output, topology::StageSpec};

/// Builds one transaction.
pub struct Draft<'a> {
    log: &'a Arc<dyn Log>,
    spec: &'static StageSpec,
    now_ms: i64,
    traces: &'a Traces,
    /// Trace context of what is being sent.
    trace: Option<String>,
    appends: Vec<Append>,
    consumed: BTreeMap<u32, i64>,
    handled: Vec<Handled>,
}

/// What a fact says beside the event and its outcome.
#[derive(Default)]
pub struct Findings {
    pub fault: Option<Fault>,
    pub answers: Vec<Answer>,
    pub config_hash: String,
    /// The corpus, when the event does not say it itself.
    pub corpus: Option<String>,
    /// Counts the facts `parked` of one record.
    pub attempt: usize,
    /// The calls of local models that it took.
    pub calls: Vec<Called>,
}

/// A record that is larger than its topic takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Oversized {
    topic: Topic,
    bytes: usize,
}

/// The header of a trace context, and how long one is.
const TRACE_HEADER: &str = "traceparent";
const TRACE_CHARS: usize = 55;

impl Oversized {
    fn of(append: &Append) -> Option<Oversized> {
        let Append { to, record } = append;
        // A trace is counted whether there is one or not: what is too large must not depend on who watches.
        let headers = record.headers.iter().filter(|(name, _)| name != TRACE_HEADER);
        let headers: usize = headers.map(|(name, value)| name.len() + value.len()).sum();
        let trace = TRACE_HEADER.len() + TRACE_CHARS;
        let bytes = record.key.len() + record.value.len() + headers + trace;
        let topic = to.topic;
        (bytes > topic.record_bytes_max()).then_some(Oversized { topic, bytes })
    }

    /// What is said of the record that led to it.
    pub fn fault(self) -> Fault {
        let (topic, max) = (self.topic.name(), self.topic.record_bytes_max());
        Fault {
            code: FaultCode::DocumentTooLarge,
            detail: format!(
                "what it leads to has {} bytes; a record of `{topic}` has at most {max}",
                self.bytes
            ),
            mend: "split the document and submit its parts".into(),
            retry: Retry::AfterMending,
        }
    }
}

impl<'a> Draft<'a> {
    pub fn new(
        log: &'a Arc<dyn Log>,
        spec: &'static StageSpec,
        now_ms: i64,
        traces: &'a Traces,
    ) -> Draft<'a> {
        Draft {
            log,
            spec,
            now_ms,
            traces,
            trace: None,
            appends: Vec::new(),
            consumed: BTreeMap::new(),
            handled: Vec::new(),
        }
    }

    /// The inbox record is part of this transaction.
    pub fn consume(&mut self, partition: u32, offset: i64) {
        let next = self.consumed.entry(partition).or_default();
        *next = (*next).max(offset + 1);
    }

    pub fn is_empty(&self) -> bool {
        self.appends.is_empty() && self.consumed.is_empty()
    }

    /// Sends what a record led to, and its fact. The audit stage has no facts of its own: it would never end.
    ///
    /// # Errors
    /// Something of it does not fit into one record; then nothing of it is in the draft.
    pub fn record(
        &mut self,
        event: &Event,
        origin: &Origin,
        outcome: Outcome,
        mut outputs: Vec<Output>,
        findings: Findings,
    ) -> Result<(), Oversized> {
        let before = self.appends.len();
        let mut handled = self.handle(event, origin, outcome, &findings);
        if outcome == Outcome::Rejected {
            outputs.extend(self.failed(event));
        }
        handled.news = outputs.iter().filter_map(|output| News::of(event, output)).collect();
        let mut sent = Vec::with_capacity(outputs.len());
        for (index, output) in outputs.into_iter().enumerate() {
            let child = self.child(event, index, output.body);
            sent.push(self.send(&child, output.to, output.subjects));
        }
        self.fact(event, origin, outcome, sent, findings);
        if let Some(oversized) = self.appends[before..].iter().find_map(Oversized::of) {
            self.appends.truncate(before);
            return Err(oversized);
        }
        self.handled.push(handled);
        Ok(())
    }

    /// Begins with a record: what is sent from here on, its hop led to.
    fn handle(
        &mut self,
        event: &Event,
        origin: &Origin,
        outcome: Outcome,
        findings: &Findings,
    ) -> Handled {
        let parent = event.traceparent.as_deref().and_then(TraceContext::parse);
        let of = self.fact_id(event, outcome, findings.attempt);
        let hop = self.traces.hop(parent.as_ref(), &event.job, &of);
        self.trace = hop.as_ref().map(TraceContext::to_string).or(event.traceparent.clone());
        let fault = findings.fault.as_ref().map(|fault| (fault.code, fault.detail.clone()));
        let calls = findings.calls.clone();
        Handled { fault, parent, hop, calls, ..Handled::new(event, origin, outcome) }
    }

    fn fact_id(&self, event: &Event, outcome: Outcome, attempt: usize) -> String {
        let attempt = if outcome == Outcome::Parked { attempt } else { 0 };
        EventId::child(&event.id, &format!("{}/{outcome:?}", self.spec.name), attempt).0
    }

    /// Puts a record that nothing can be done with into the dead letters.
    pub fn bury(&mut self, event: &Event, origin: &Origin, record: &Record, findings: Findings) {
        let Some(fault) = findings.fault.clone() else { return };
        let handled = self.handle(event, origin, Outcome::DeadLettered, &findings);
        self.handled.push(handled);
        let id = hash_hex(&[event.id.as_bytes(), self.spec.name.as_bytes()], 32);
        let letter = DeadLetter {
            dead_letter_id: format!("dl_{id}"),
            stage: self.spec.name.to_owned(),
            origin: origin.clone(),
            fault,
            key: record.key.clone(),
            value: record.value.clone(),
        };
        let value = Codec::encode(&letter);
        let child = EventId::child(&event.id, self.spec.name, 0).0;
        let sent = Sent {
            event_id: child.clone(),
            event_type: "DeadLetter".to_owned(),
            topic: Topic::DeadLetters.name().to_owned(),
            content: Sealed::plain(
                vec![String::from_utf8_lossy(&record.key).into_owned()],
                value.clone(),
            ),
        };
        let headers = Headers {
            event_id: Some(child),
            tenant: tenant_or_unknown(event),
            job: Some(event.job.clone()),
            cause: Some(event.id.clone()),
            at_ms: Some(event.at_ms),
            traceparent: self.trace.clone(),
        };
        self.append(Topic::DeadLetters, &record.key, value, &headers);
        let mut sent = vec![sent];
        if let Some(failed) = self.failed(event) {
            let child = self.child(event, 1, failed.body);
            sent.push(self.send(&child, failed.to, failed.subjects));
        }
        self.fact(event, origin, Outcome::DeadLettered, sent, findings);
    }

    /// Tells the entrance that nothing came of a document, so that its text may be sent again.
    fn failed(&self, event: &Event) -> Option<Output> {
        let (document_id, corpus, version) = match &event.body {
            Body::DocumentChunked(d) => (&d.document_id, &d.corpus, d.version),
            Body::SnoProposed(SnoProposed { sno, .. }) | Body::SnoJudged(SnoJudged { sno, .. })
                if sno.provenance == Provenance::Document =>
            {
                (sno.document_ids.first()?, &sno.corpus, sno.document_version)
            }
            _ => return None,
        };
        let key = format!("{}/{corpus}/{document_id}", event.tenant);
        let (document_id, corpus) = (document_id.clone(), corpus.clone());
        Some(Output {
            to: Destination::Keyed(Topic::Documents, key.clone()),
            body: Body::DocumentFailed(DocumentFailed { document_id, corpus, version }),
            subjects: vec![key],
        })
    }

    fn child(&self, event: &Event, index: usize, body: Body) -> Event {
        let id = match &body {
            // What a record asks must not share its id with what it leads to in the end.
            Body::ModelRequested(request) => EventId::child(&event.id, &request.effect, 0),
            _ => EventId::child(&event.id, self.spec.name, index),
        };
        Event {
            id: id.0,
            tenant: event.tenant.clone(),
            job: event.job.clone(),
            cause: event.id.clone(),
            at_ms: event.at_ms,
            traceparent: self.trace.clone(),
            body,
        }
    }

    /// Passes a record on, unchanged and under its own id, to the partition where its key belongs.
    pub fn redirect(
        &mut self,
        event: &Event,
        origin: &Origin,
        record: Record,
        to: Partition,
        findings: Findings,
    ) {
        let sent = Sent {
            event_id: event.id.clone(),
            event_type: event.body.name().to_owned(),
            topic: to.topic.name().to_owned(),
            content: Sealed::default(),
        };
        self.appends
            .push(Append { to, record: Record { headers: event.headers().to_pairs(), ..record } });
        let handled = self.handle(event, origin, Outcome::Redirected, &findings);
        self.handled.push(handled);
        self.fact(event, origin, Outcome::Redirected, vec![sent], findings);
    }

    /// The transaction, with the rows that changed; and what is to be told of it once it is committed.
    pub fn finish(self, changes: Vec<Change>) -> (Transaction, Vec<Handled>) {
        let transaction = Transaction {
            appends: self.appends,
            changes,
            consumed: self.consumed.into_iter().collect(),
        };
        (transaction, self.handled)
    }

    fn send(&mut self, event: &Event, to: Destination, subjects: Vec<String>) -> Sent {
        let value = Codec::encode_body(&event.body);
        let headers = event.headers();
        let topic = match to {
            Destination::Recorded => String::new(),
            Destination::Keyed(topic, key) => {
                self.append(topic, key.as_bytes(), value.clone(), &headers);
                topic.name().to_owned()
            }
            Destination::At(to, key) => {
                let record = self.framed(key.as_bytes(), value.clone(), &headers);
                self.appends.push(Append { to, record });
                to.topic.name().to_owned()
            }
        };
        Sent {
            event_id: event.id.clone(),
            event_type: event.body.name().to_owned(),
            topic,
            content: Sealed::plain(subjects, value),
        }
    }

    fn fact(
        &mut self,
        event: &Event,
        origin: &Origin,
        outcome: Outcome,
        outputs: Vec<Sent>,
        findings: Findings,
    ) {
        if self.spec.inbox == Topic::Facts {
            return;
        }
        let corpus = event.body.corpus().map(str::to_owned).or(findings.corpus).unwrap_or_default();
        let fact = Fact {
            fact_id: self.fact_id(event, outcome, findings.attempt),
            stage: self.spec.name.to_owned(),
            tenant: event.tenant.clone(),
            corpus,
            job: event.job.clone(),
            event_id: event.id.clone(),
            event_type: event_type(event, outcome),
            document_id: event.body.document_id().unwrap_or_default().to_owned(),
            cause: event.cause.clone(),
            origin: origin.clone(),
            outcome,
            fault: findings.fault,
            outputs,
            answers: findings.answers,
            logic_version: self.spec.logic_version.to_owned(),
            config_hash: findings.config_hash,
            at_ms: event.at_ms,
            decided_at_ms: self.now_ms,
        };
        let headers = Headers {
            event_id: Some(fact.fact_id.clone()),
            tenant: tenant_or_unknown(event),
            job: Some(fact.job.clone()),
            cause: Some(fact.event_id.clone()),
            at_ms: Some(fact.at_ms),
            traceparent: self.trace.clone(),
        };
        let key = format!("{}/{}", fact.tenant, fact.corpus);
        self.append(Topic::Facts, key.as_bytes(), Codec::encode(&fact), &headers);
    }

    fn append(&mut self, topic: Topic, key: &[u8], value: Vec<u8>, headers: &Headers) {
        let index = partition_of(key, self.log.partitions(topic));
        let record = self.framed(key, value, headers);
        self.appends.push(Append { to: Partition { topic, index }, record });
    }

    fn framed(&self, key: &[u8], value: Vec<u8>, headers: &Headers) -> Record {
        Record { key: key.to_vec(), value, headers: headers.to_pairs(), at_ms: self.now_ms }
    }
}

/// A record of a foreign producer may name no tenant.
fn tenant_or_unknown(event: &Event) -> String {
    if event.tenant.is_empty() { "unknown".to_owned() } else { event.tenant.clone() }
}

/// A record that could not be decoded has no type: its shell holds `Body::Fact`.
fn event_type(event: &Event, outcome: Outcome) -> String {
    match (&event.body, outcome) {
        (Body::Fact, Outcome::DeadLettered) => String::new(),
        (body, _) => body.name().to_owned(),
    }
}
