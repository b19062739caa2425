//! The evidence of a synthesis: E_C ⊇ E_A ∩ E_B (blueprint §2.3), here the whole union of what can be found.
//!
//! Invariant: in the order of the ids, each once, no quote twice.

use std::collections::BTreeMap;

use cns_schemas::{Evidence, Sno};

use crate::limits::MERGED_QUOTES_MAX;

/// All resolved evidence of both sides, quotes merged.
pub(super) fn merge(a: &Sno, b: &Sno) -> Vec<Evidence> {
    let mut merged: BTreeMap<&str, Evidence> = BTreeMap::new();
    for evidence in a.evidence.iter().chain(&b.evidence).filter(|e| e.resolved) {
        let kept = merged
            .entry(&evidence.evidence_id)
            .or_insert_with(|| Evidence { quotes: Vec::new(), ..evidence.clone() });
        if kept.reference.is_none() {
            kept.reference.clone_from(&evidence.reference);
        }
        for quote in &evidence.quotes {
            if !kept.quotes.contains(quote) {
                kept.quotes.push(quote.clone());
            }
        }
    }
    let mut evidence: Vec<Evidence> = merged.into_values().collect();
    for one in &mut evidence {
        thin(one);
    }
    evidence
}

/// Keeps a bounded number of quotes, each document's in turn, so that neither side's are lost.
fn thin(evidence: &mut Evidence) {
    if evidence.quotes.len() > MERGED_QUOTES_MAX {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut turns: Vec<(usize, usize)> = Vec::new();
        for (place, quote) in evidence.quotes.iter().enumerate() {
            let turn = seen.entry(quote.document_id.clone()).or_insert(0);
            turns.push((*turn, place));
            *turn += 1;
        }
        turns.sort_unstable();
        evidence.quotes = turns
            .iter()
            .take(MERGED_QUOTES_MAX)
            .map(|(_, place)| evidence.quotes[*place].clone())
            .collect();
    }
    evidence
        .quotes
        .sort_by(|x, y| (&x.document_id, x.span, &x.text).cmp(&(&y.document_id, y.span, &y.text)));
}
