//! Search by words: BM25 over the index, the best first.
//!
//! Invariant: words are looked up and added up in their order, and equal scores stand in the order of ids, so the same
//! rows give the same answer everywhere.

use std::collections::{BTreeMap, BTreeSet};

use cns_narrative::words::content_stems;
use cns_state::{Error, Rows};

use super::{
    Reader,
    key::key,
    tables::{INDEXED, WORDS},
};
use crate::{
    dto::{Hit, Indexed, Posting, SnoItem, SnoStatus, SnoView, word},
    limits::{QUERY_WORDS_MAX, SEARCH_LOOKS_MAX, SEARCH_POSTINGS_ALL_MAX, SEARCH_POSTINGS_MAX},
};

/// How soon a word that is said again counts no more.
const SATURATION: f64 = 1.2;
/// How much a long text counts less.
const LENGTH: f64 = 0.75;

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// In which corpus.
    pub corpus: String,
    /// In words.
    pub query: String,
    /// With at least this trust.
    pub min_trust: Option<f64>,
    /// With this status; without one, all but superseded ones.
    pub status: Option<String>,
    /// With this provenance.
    pub provenance: Option<String>,
}

impl Question {
    fn lets_pass(&self, sno: &SnoView) -> bool {
        let status = match &self.status {
            Some(status) => *status == word(&sno.status),
            None => sno.status != SnoStatus::Superseded,
        };
        status
            && self.provenance.as_ref().is_none_or(|provenance| *provenance == sno.provenance)
            && self.min_trust.is_none_or(|min| sno.trust.is_some_and(|trust| trust >= min))
    }
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The best first.
    pub hits: Vec<Hit>,
    /// SNOs in which a word of the question stands.
    pub matching: usize,
    /// The stems that were looked up.
    pub words: Vec<String>,
    /// A limit was hit: there may be more.
    pub truncated: bool,
}

impl Reader {
    /// The SNOs that are nearest to a question, at most so many.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn search(&self, tenant: &str, question: &Question, top_k: usize) -> Result<Found, Error> {
        self.search_within(tenant, question, top_k, SEARCH_POSTINGS_ALL_MAX)
    }

    /// As [`Reader::search`], over at most so many SNOs of all words together.
    fn search_within(
        &self,
        tenant: &str,
        question: &Question,
        top_k: usize,
        budget: usize,
    ) -> Result<Found, Error> {
        let words: BTreeSet<String> =
            content_stems(&question.query).into_iter().take(QUERY_WORDS_MAX).collect();
        let parts: Vec<Indexed> = self.all(INDEXED, &[tenant, &question.corpus])?;
        let snos = parts.iter().map(|part| part.snos).sum::<u64>().max(1) as f64;
        let average = (parts.iter().map(|part| part.words).sum::<u64>() as f64 / snos).max(1.0);
        let mut scored: BTreeMap<String, (f64, Vec<String>)> = BTreeMap::new();
        let (mut truncated, mut left) = (false, budget);
        for word in &words {
            let (postings, cut) = self.postings(tenant, &question.corpus, word, left)?;
            truncated |= cut;
            left -= postings.len();
            let found = postings.len() as f64;
            let rarity = (1.0 + (snos - found + 0.5).max(0.0) / (found + 0.5)).ln();
            for Posting { sno_id, count, words } in postings {
                let count = count as f64;
                let long = 1.0 - LENGTH + LENGTH * words as f64 / average;
                let score = rarity * count * (SATURATION + 1.0) / (count + SATURATION * long);
                let entry = scored.entry(sno_id).or_default();
                entry.0 += score;
                entry.1.push(word.clone());
            }
        }
        let matching = scored.len();
        let mut best: Vec<(String, (f64, Vec<String>))> = scored.into_iter().collect();
        best.sort_by(|x, y| y.1.0.total_cmp(&x.1.0).then_with(|| x.0.cmp(&y.0)));
        let mut hits = Vec::new();
        for (looks, (sno_id, (score, matched))) in best.into_iter().enumerate() {
            if hits.len() == top_k {
                break;
            }
            if looks == SEARCH_LOOKS_MAX {
                truncated = true;
                break;
            }
            let sno = self.sno(tenant, &sno_id)?.filter(|sno| question.lets_pass(sno));
            hits.extend(sno.map(|sno| Hit { score, matched, sno: SnoItem::from(sno) }));
        }
        Ok(Found { hits, matching, words: words.into_iter().collect(), truncated })
    }

    /// In which SNOs a word stands; and whether there are more.
    fn postings(
        &self,
        tenant: &str,
        corpus: &str,
        word: &str,
        left: usize,
    ) -> Result<(Vec<Posting>, bool), Error> {
        let prefix = key(&[tenant, corpus, word]);
        let (mut postings, mut cut) = (Vec::new(), false);
        for partition in 0..self.partitions {
            let limit = SEARCH_POSTINGS_MAX.min(left - postings.len());
            // One row more says whether there are more.
            let mut rows = self.views.scan(WORDS, partition, &prefix, None, limit + 1)?;
            cut |= rows.len() > limit;
            rows.truncate(limit);
            for (_, bytes) in rows {
                postings.push(self.parse(WORDS, &bytes)?);
            }
        }
        Ok((postings, cut))
    }
}
