//! What became of the records of a transaction, kept until it is committed: what is counted and logged of them.
//!
//! Invariant: nothing is told of a record before its transaction is committed, so that counters, logs and facts agree.

use std::time::{Duration, SystemTime};

use cns_schemas::{
    Body, Call, CriticReport, Event, FaultCode, Origin, Outcome, PairDecided, PairFate, Port,
    Provenance, SnoDecided, SnoFate, SnoJudged, SnoProposed, TraceContext,
};

use crate::Output;

/// What became of one record.
#[derive(Debug, Clone)]
pub struct Handled {
    /// The unit of work that a submitter follows.
    pub job: String,
    /// The document that the record brings; empty for any other.
    pub document_id: String,
    /// Where its document comes from, when it says so.
    pub source: Option<String>,
    /// Whether what becomes of it is what becomes of a document.
    pub is_document: bool,
    /// The hop that led to it.
    pub parent: Option<TraceContext>,
    /// Its own hop, when hops are told.
    pub hop: Option<TraceContext>,
    /// The record's id.
    pub event_id: String,
    /// The calls of local models that it took.
    pub calls: Vec<Called>,
    /// Where it stood.
    pub origin: Origin,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, unless it is done.
    pub fault: Option<(FaultCode, String)>,
    /// When the first cause entered the system, milliseconds since 1970.
    pub at_ms: i64,
    /// What was decided with it.
    pub news: Vec<News>,
}

/// A call of a local model that was made for a record.
#[derive(Debug, Clone)]
pub struct Called {
    pub port: Port,
    pub model: String,
    pub inputs: usize,
    pub begun: SystemTime,
    pub took: Duration,
}

impl Called {
    /// Of a call that began and took so long.
    pub fn of(call: &Call, begun: SystemTime, took: Duration) -> Called {
        let inputs = call.texts.len().max(call.pairs.len());
        Called { port: call.port, model: call.model.clone(), inputs, begun, took }
    }
}

/// Something that was decided.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// A document was taken in.
    Taken { source: String, text_length: usize },
    /// A document was sent again with the text that is known.
    Repeated,
    /// An SNO has its trust.
    Decided {
        sno_id: String,
        document_id: String,
        provenance: Provenance,
        fate: SnoFate,
        trust: f64,
        /// Critic and score.
        scores: Vec<(String, f64)>,
    },
    /// A pair was compared.
    Compared { pair_id: String, fate: PairFate, opposition: f64 },
}

impl Handled {
    /// Of a record, before its outputs are taken apart.
    pub fn new(event: &Event, origin: &Origin, outcome: Outcome) -> Handled {
        Handled {
            job: event.job.clone(),
            document_id: event.body.document_id().unwrap_or_default().to_owned(),
            source: source(&event.body),
            is_document: is_document(&event.body),
            parent: None,
            hop: None,
            event_id: event.id.clone(),
            calls: Vec::new(),
            origin: origin.clone(),
            outcome,
            fault: None,
            at_ms: event.at_ms,
            news: Vec::new(),
        }
    }

    /// The trace that the record belongs to.
    pub fn trace_id(&self) -> Option<&str> {
        self.hop.as_ref().or(self.parent.as_ref()).map(|context| context.trace_id.as_str())
    }
}

fn source(body: &Body) -> Option<String> {
    match body {
        Body::DocumentSubmitted(document) => Some(document.source.clone()),
        Body::DocumentChunked(document) => Some(document.source.clone()),
        _ => None,
    }
}

fn is_document(body: &Body) -> bool {
    match body {
        Body::DocumentSubmitted(_) | Body::DocumentChunked(_) => true,
        Body::SnoProposed(SnoProposed { sno, .. }) | Body::SnoJudged(SnoJudged { sno, .. }) => {
            sno.provenance == Provenance::Document
        }
        _ => false,
    }
}

impl News {
    /// What an output says, when it is something to tell.
    pub fn of(event: &Event, output: &Output) -> Option<News> {
        match &output.body {
            Body::DocumentChunked(chunked) => Some(News::Taken {
                source: chunked.source.clone(),
                text_length: match &event.body {
                    Body::DocumentSubmitted(submitted) => submitted.text.chars().count(),
                    _ => chunked.plain.chars().count(),
                },
            }),
            Body::DocumentRepeated(_) => Some(News::Repeated),
            Body::SnoDecided(decided) => Some(News::decided(decided)),
            Body::PairDecided(decided) => Some(News::compared(decided)),
            _ => None,
        }
    }

    fn decided(decided: &SnoDecided) -> News {
        let score = |report: &CriticReport| (report.critic.clone(), report.score);
        News::Decided {
            sno_id: decided.sno.sno_id.clone(),
            document_id: decided.sno.document_ids.first().cloned().unwrap_or_default(),
            provenance: decided.sno.provenance,
            fate: decided.fate,
            trust: decided.trust,
            scores: decided.reports.iter().map(score).collect(),
        }
    }

    fn compared(decided: &PairDecided) -> News {
        let pair = &decided.judged.pair;
        News::Compared {
            pair_id: pair.pair_id.clone(),
            fate: decided.fate,
            opposition: pair.relational.opposition,
        }
    }
}
