//! The pure domain: rendering, chunking, extraction, critics, relational metrics, pairing, synthesis, hash chain.
//!
//! Invariant: every function is a pure function of its arguments: no I/O, clock, environment, randomness or
//! thread; ordered maps only, arithmetic in a fixed order. What is not deterministic comes in as an argument.

pub mod chain;
pub mod chunk;
pub mod cite;
pub mod condition;
pub mod contradiction;
pub mod critic;
pub mod direction;
mod even;
mod extract;
pub mod flags;
pub mod index;
mod layout;
pub mod limits;
pub mod pairing;
pub mod quantity;
pub mod references;
pub mod relational;
pub mod render;
pub mod sentence;
pub mod signature;
pub mod statement;
pub mod synthesis;
pub mod words;

pub use chain::BrokenChain;
pub use chunk::chunk;
pub use cite::{Identity, Mention, identities, identity, mentions};
pub use critic::{
    GroundingPlan, SELF_REPORTED_GROUNDING, grounding, logic, logic_published, novelty,
    plan_grounding, set_claim_statuses, trust,
};
pub use even::content_hash;
pub use extract::extract;
pub use flags::is_instruction_like;
pub use index::{probe_buckets, signature_bands, vector_buckets};
pub use pairing::{Candidate, in_conflict, judge, propose, worth_comparing};
pub use references::{Reference, References, Resolution};
pub use render::{Rendered, render, to_submitted};
pub use sentence::{Sentence, SentenceKind, sentences};
pub use signature::{signature, similarity};
pub use statement::bare;
pub use synthesis::{brief, sound, synthesize};
