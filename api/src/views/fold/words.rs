//! The search index: which words stand in which SNOs, and how often.
//!
//! Invariant: an SNO is indexed by what it says alone, so one that is decided again has the words of its newest form.

use std::collections::BTreeMap;

use cns_narrative::words::content_stems;

use super::Folding;
use crate::{
    dto::{Indexed, Posting, SnoView},
    limits::{SEARCH_WORD_CHARS_MAX, SEARCH_WORDS_PER_SNO_MAX},
    views::{
        FoldError,
        tables::{INDEXED, WORDS},
    },
};

impl Folding<'_, '_> {
    pub(super) fn index(
        &mut self,
        before: Option<&SnoView>,
        now: &SnoView,
    ) -> Result<(), FoldError> {
        // A proposed synthesis is not indexed yet.
        let before = before.filter(|before| before.recorded.is_some());
        let (old, new) = (before.map(counted).unwrap_or_default(), counted(now));
        let tenant = &self.fact.tenant;
        let (corpus, sno_id) = (&now.corpus, &now.sno_id);
        for word in old.keys().filter(|word| !new.contains_key(*word)) {
            self.draft.remove(WORDS, &[tenant, corpus, word, sno_id]);
        }
        let words: u64 = new.values().sum();
        for (word, count) in &new {
            let posting = Posting { sno_id: sno_id.clone(), count: *count, words };
            self.draft.put(WORDS, &[tenant, corpus, word, sno_id], &posting);
        }
        let gone: u64 = old.values().sum();
        let first = before.is_none();
        self.draft.change::<Indexed>(INDEXED, &[tenant, corpus], |indexed| {
            indexed.snos += u64::from(first);
            indexed.words = (indexed.words + words).saturating_sub(gone);
        })
    }
}

/// The stems of the words that an SNO says, with how often; the first ones of a long one.
fn counted(sno: &SnoView) -> BTreeMap<String, u64> {
    let mut counted = BTreeMap::new();
    let claims = sno.claims.iter().map(|claim| claim.text.as_str());
    for text in std::iter::once(sno.hypothesis.as_str()).chain(claims) {
        for stem in content_stems(text) {
            let room = counted.len() < SEARCH_WORDS_PER_SNO_MAX || counted.contains_key(&stem);
            if room && stem.chars().count() <= SEARCH_WORD_CHARS_MAX {
                *counted.entry(stem).or_insert(0) += 1;
            }
        }
    }
    counted
}
