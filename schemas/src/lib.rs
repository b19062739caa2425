//! What `cns` records, byte for byte: the Avro schemas (`schemas/*.avsc`, the published contract), the Rust
//! types for them, ids, keys, headers, topics, and the codec (Confluent wire format).
//!
//! Invariant: bytes that an earlier version wrote stay readable for ever (`tests/golden.rs`). Deliberately
//! absent: any decision about the content. Nothing here computes a score or touches a log.

mod codec;
mod config;
mod critique;
mod document;
mod event;
mod fact;
mod foreign;
mod headers;
mod ids;
mod model;
mod narrative;
mod pair;
mod rows;
mod sealed;
mod sno;
mod span;
mod topics;
mod trace;

pub use codec::{Codec, DecodeError, Recorded, SCHEMAS, SchemaEntry};
pub use config::{Configured, Gates, Models, Weights};
pub use critique::{CriticReport, SnoDecided, SnoFate, SnoJudged, SubScore};
pub use document::{
    DocumentChunked, DocumentFailed, DocumentRepeated, DocumentSubmitted, Flag, FlagCode, Passage,
    Rendition, RenditionRun,
};
pub use event::{Body, Event};
pub use fact::{
    AuditEntry, DeadLetter, DeadLetterDecided, Fact, Fault, FaultCode, LetterDecision, Origin,
    Outcome, Retry, Sent,
};
pub use foreign::Foreign;
pub use headers::{HeaderError, Headers, UNREADABLE_HEADER};
pub use ids::{DocumentKey, EventId, JobId, PairId, SnoId, hash_hex};
pub use model::{Answer, Call, ModelReplied, ModelRequested, PairIndex, Port, Scores, Vector};
pub use narrative::{Finding, Narrative, Section, Side, Stance};
pub use pair::{
    Alignment, PairDecided, PairFate, PairJudged, PairProposed, PairSide, Relational,
    StatementPair, StatementVerdict,
};
pub use rows::{ChainHead, DocumentVersion, OpenRequest, Parked, ParkedAnswer};
pub use sealed::{Cipher, Sealed};
pub use sno::{
    Claim, ClaimStatus, ClaimType, Evidence, EvidenceKind, Provenance, Quote, RefusedRelation,
    Relation, RelationType, Sno, SnoProposed,
};
pub use span::Span;
pub use topics::{TOPICS, Topic};
pub use trace::{Attribute, Hop, HopKind, HopSink, TraceContext, Traces};
