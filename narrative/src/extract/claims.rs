//! Which statements become nodes of the reasoning graph.
//!
//! Invariant: the root comes first, the others follow in the order of the document; when there are too many,
//! the strongest stay.

use std::collections::BTreeSet;

use crate::even::words_of_even;
use crate::limits::CLAIMS_MAX;
use crate::sentence::SentenceKind;

use super::evidence::Collected;
use super::{Statement, cues};

/// Words of a list item without an end mark that can be a claim.
const ITEM_WORDS_MIN: usize = 5;

/// Indices of the chosen statements, the root first, and whether some were dropped at the limit.
pub(super) fn choose(
    statements: &[Statement<'_>],
    root: usize,
    collected: &Collected,
) -> (Vec<usize>, bool) {
    let mut seen = BTreeSet::new();
    seen.extend(statements.get(root).map(|statement| statement.evened.as_str()));
    let mut candidates: Vec<(u32, usize)> = Vec::new();
    for (index, statement) in statements.iter().enumerate() {
        let strength = strength(statement, collected);
        // The same sentence twice (an abstract and its repetition) is one claim.
        if index != root && strength > 0 && seen.insert(statement.evened.as_str()) {
            candidates.push((strength, index));
        }
    }
    let dropped = candidates.len() > CLAIMS_MAX - 1;
    candidates.sort_by_key(|(strength, index)| (std::cmp::Reverse(*strength), *index));
    candidates.truncate(CLAIMS_MAX - 1);
    let mut chosen: Vec<usize> = candidates.into_iter().map(|(_, index)| index).collect();
    chosen.sort_unstable();
    chosen.insert(0, root);
    (chosen, dropped)
}

fn strength(statement: &Statement<'_>, collected: &Collected) -> u32 {
    let text = statement.sentence.text;
    // Without an end mark only an item of a list is more than a fragment, and only when it is long enough.
    let fragment = statement.sentence.kind != SentenceKind::Item
        || words_of_even(&statement.evened).count() < ITEM_WORDS_MIN;
    if fragment && !cues::has_end_mark(text) {
        return 0;
    }
    let cites = !collected.cited_by(statement.index).is_empty();
    let voiced = if statement.attributed_to.is_some() { 4 } else { 0 };
    cues::claim_strength(text, cites) + voiced
}
