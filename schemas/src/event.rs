//! An event: who and why, and one of the kinds of body.

use crate::{
    AuditEntry, Configured, DeadLetterDecided, DocumentChunked, DocumentFailed, DocumentRepeated,
    DocumentSubmitted, Fact, Headers, ModelReplied, ModelRequested, PairDecided, PairJudged,
    PairProposed, Recorded, SnoDecided, SnoJudged, SnoProposed,
};

/// A decoded inbox record.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The event's id.
    pub id: String,
    /// Who owns it.
    pub tenant: String,
    /// The unit of work that a submitter follows.
    pub job: String,
    /// The event that caused it; empty for one from outside.
    pub cause: String,
    /// When the first cause entered the system, milliseconds since 1970.
    pub at_ms: i64,
    /// W3C trace context.
    pub traceparent: Option<String>,
    /// What it says.
    pub body: Body,
}

/// What an event says.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each variant is named after the record that it holds")]
pub enum Body {
    DocumentSubmitted(DocumentSubmitted),
    DocumentChunked(DocumentChunked),
    DocumentRepeated(DocumentRepeated),
    DocumentFailed(DocumentFailed),
    DeadLetterDecided(DeadLetterDecided),
    SnoProposed(SnoProposed),
    PairProposed(PairProposed),
    SnoJudged(SnoJudged),
    PairJudged(PairJudged),
    SnoDecided(SnoDecided),
    PairDecided(PairDecided),
    Configured(Configured),
    ModelRequested(ModelRequested),
    ModelReplied(ModelReplied),
    AuditEntry(AuditEntry),
    /// A fact. It is chained byte for byte as it came, so it is not decoded.
    Fact,
}

impl Body {
    /// The name of the record's schema.
    pub fn name(&self) -> &'static str {
        match self {
            Body::DocumentSubmitted(_) => DocumentSubmitted::NAME,
            Body::DocumentChunked(_) => DocumentChunked::NAME,
            Body::DocumentRepeated(_) => DocumentRepeated::NAME,
            Body::DocumentFailed(_) => DocumentFailed::NAME,
            Body::DeadLetterDecided(_) => DeadLetterDecided::NAME,
            Body::SnoProposed(_) => SnoProposed::NAME,
            Body::PairProposed(_) => PairProposed::NAME,
            Body::SnoJudged(_) => SnoJudged::NAME,
            Body::PairJudged(_) => PairJudged::NAME,
            Body::SnoDecided(_) => SnoDecided::NAME,
            Body::PairDecided(_) => PairDecided::NAME,
            Body::Configured(_) => Configured::NAME,
            Body::ModelRequested(_) => ModelRequested::NAME,
            Body::ModelReplied(_) => ModelReplied::NAME,
            Body::AuditEntry(_) => AuditEntry::NAME,
            Body::Fact => Fact::NAME,
        }
    }

    /// The document that the event brings.
    pub fn document_id(&self) -> Option<&str> {
        match self {
            Body::DocumentSubmitted(document) => Some(&document.document_id),
            Body::DocumentChunked(document) => Some(&document.document_id),
            _ => None,
        }
    }

    /// The collection that the event belongs to, when it says so itself.
    pub fn corpus(&self) -> Option<&str> {
        match self {
            Body::DocumentSubmitted(e) => Some(&e.corpus),
            Body::DocumentChunked(e) => Some(&e.corpus),
            Body::DocumentRepeated(e) => Some(&e.corpus),
            Body::DocumentFailed(e) => Some(&e.corpus),
            Body::DeadLetterDecided(e) => Some(&e.corpus),
            Body::SnoProposed(e) => Some(&e.sno.corpus),
            Body::PairProposed(e) => Some(&e.corpus),
            Body::SnoJudged(e) => Some(&e.sno.corpus),
            Body::PairJudged(e) => Some(&e.pair.corpus),
            Body::SnoDecided(e) => Some(&e.sno.corpus),
            Body::PairDecided(e) => Some(&e.judged.pair.corpus),
            Body::Configured(_)
            | Body::ModelRequested(_)
            | Body::ModelReplied(_)
            | Body::AuditEntry(_)
            | Body::Fact => None,
        }
    }
}

impl Event {
    /// The headers under which the event is appended.
    pub fn headers(&self) -> Headers {
        Headers {
            event_id: Some(self.id.clone()),
            tenant: self.tenant.clone(),
            job: Some(self.job.clone()),
            cause: Some(self.cause.clone()).filter(|cause| !cause.is_empty()),
            at_ms: Some(self.at_ms),
            traceparent: self.traceparent.clone(),
        }
    }
}
