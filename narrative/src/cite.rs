//! Citations: what a sentence points at, and the canonical identity of what it points at.
//!
//! Invariant: one study has one identity however it is written (resolver address or bare, upper or lower
//! case, any version of a preprint).

mod identifier;
mod mention;
mod study;

pub use identifier::{Identity, identities, identity};
pub use mention::{Mention, mentions};
