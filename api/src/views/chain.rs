//! The chain of an audit partition, checked entry by entry while it is folded.
//!
//! Invariant: an entry is folded only when it continues the chain of its partition, so a lost, doubled or
//! changed entry is never served.

use cns_narrative::chain::verify;
use cns_schemas::{AuditEntry, ChainHead};

use super::{FoldError, draft::Draft, tables::HEADS};

/// Checks the entry against the head of its partition, and moves the head.
pub fn follow(draft: &mut Draft<'_>, entry: &AuditEntry) -> Result<(), FoldError> {
    let head: ChainHead = draft.get(HEADS, &["head"])?.unwrap_or_default();
    let next = verify(std::iter::once(entry), &head)
        .map_err(|broken| FoldError::Chain(broken.to_string()))?;
    draft.put(HEADS, &["head"], &next);
    Ok(())
}
