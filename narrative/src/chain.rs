//! The hash chain of an audit partition.
//!
//! Invariant: an entry's hash covers its sequence number, the hash before it and its fact's bytes, so that no
//! entry can be changed, removed, added or moved without the chain breaking at that very entry.

use cns_schemas::{AuditEntry, ChainHead};
use sha2::{Digest, Sha256};

/// Why a chain does not hold, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenChain {
    /// The first entry that does not fit; everything before it is intact.
    pub sequence: i64,
    /// What does not fit, in a sentence.
    pub reason: String,
}

impl std::fmt::Display for BrokenChain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "audit entry {}: {}", self.sequence, self.reason)
    }
}

impl std::error::Error for BrokenChain {}

/// The head before the first entry: sequence 0, 64 zeros.
pub fn genesis() -> ChainHead {
    ChainHead { next_sequence: 0, hash: "0".repeat(64) }
}

/// Appends a fact: the entry to write, and the head after it. A default head counts as [`genesis`].
pub fn link(head: &ChainHead, fact: &[u8]) -> (AuditEntry, ChainHead) {
    let previous_hash = hash_of(head);
    let sequence = head.next_sequence;
    let hash = entry_hash(sequence, &previous_hash, fact);
    let entry = AuditEntry { sequence, previous_hash, hash: hash.clone(), fact: fact.to_vec() };
    (entry, ChainHead { next_sequence: sequence.saturating_add(1), hash })
}

/// Walks entries from a known head and gives the head after them.
///
/// # Errors
/// The first entry whose number, previous hash or own hash does not fit.
pub fn verify<'a>(
    entries: impl Iterator<Item = &'a AuditEntry>,
    start: &ChainHead,
) -> Result<ChainHead, BrokenChain> {
    let mut head = ChainHead { next_sequence: start.next_sequence, hash: hash_of(start) };
    for entry in entries {
        let broken = |reason: String| Err(BrokenChain { sequence: head.next_sequence, reason });
        if entry.sequence != head.next_sequence {
            return broken(format!("the entry that stands here has number {}", entry.sequence));
        }
        if entry.previous_hash != head.hash {
            return broken("it does not name the hash of the entry before it".into());
        }
        let hash = entry_hash(entry.sequence, &entry.previous_hash, &entry.fact);
        if entry.hash != hash {
            return broken("its hash does not match its bytes".into());
        }
        head = ChainHead { next_sequence: entry.sequence.saturating_add(1), hash };
    }
    Ok(head)
}

fn hash_of(head: &ChainHead) -> String {
    if head.hash.is_empty() { genesis().hash } else { head.hash.clone() }
}

/// SHA-256 over sequence (8 bytes, big-endian), previous hash (its hexadecimal digits), fact bytes. The first
/// two have a fixed length, so no boundary can be moved.
fn entry_hash(sequence: i64, previous_hash: &str, fact: &[u8]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(sequence.to_be_bytes());
    hasher.update(previous_hash.as_bytes());
    hasher.update(fact);
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
