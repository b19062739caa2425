//! Pairs: proposed, compared, in conflict.

use cns_schemas::{PairDecided, PairProposed};

use super::Folding;
use crate::{
    dto::{Closest, ConflictStatus, Facets, Pair, SidedConflict, word},
    limits::PAIR_STATEMENTS_SHOWN_MAX,
    views::{
        FoldError,
        tables::{
            CONFLICT_BY_OPPOSITION, CONFLICT_LIST, PAIR_BY_OPPOSITION, PAIR_LIST, PAIRS,
            SNO_CONFLICTS,
        },
    },
};

impl Folding<'_, '_> {
    pub(super) fn pair_proposed(&mut self, proposed: &PairProposed) -> Result<(), FoldError> {
        self.count(&proposed.corpus, |counts| counts.pairs_proposed += 1)
    }

    pub(super) fn pair_decided(&mut self, decided: &PairDecided) -> Result<(), FoldError> {
        self.tell_compared(decided);
        let pair = Pair::of(decided, self.at, PAIR_STATEMENTS_SHOWN_MAX);
        let tenant = &self.fact.tenant;
        let before: Option<Pair> = self.draft.get(PAIRS, &[tenant, &pair.pair_id])?;
        if let Some(before) = &before {
            self.draft.unlist(PAIR_LIST, tenant, &before.corpus, &before.recorded, &before.pair_id);
            self.draft.unlist(
                CONFLICT_LIST,
                tenant,
                &before.corpus,
                &before.recorded,
                &before.pair_id,
            );
        }
        let facets = Facets {
            id: pair.pair_id.clone(),
            corpus: pair.corpus.clone(),
            status: word(&pair.status),
            ..Facets::default()
        };
        let placed = |pair: &Pair| (Some(pair.opposition), pair.recorded);
        let (was, now) = (before.as_ref().map(placed), placed(&pair));
        self.draft.list(PAIR_LIST, tenant, &pair.recorded, &facets);
        self.draft.rank(PAIR_BY_OPPOSITION, tenant, was, now, &facets);
        if in_conflict(&pair) {
            self.draft.list(CONFLICT_LIST, tenant, &pair.recorded, &facets);
            self.draft.rank(CONFLICT_BY_OPPOSITION, tenant, was, now, &facets);
        } else if let Some(was) = was {
            self.draft.unrank(CONFLICT_BY_OPPOSITION, tenant, was, &facets);
        }
        for side in [&pair.a, &pair.b] {
            let key = [tenant.as_str(), &side.sno_id, &pair.pair_id];
            if in_conflict(&pair) {
                let row = SidedConflict { pair_id: pair.pair_id.clone() };
                self.draft.put(SNO_CONFLICTS, &key, &row);
            } else {
                self.draft.remove(SNO_CONFLICTS, &key);
            }
        }
        self.draft.put(PAIRS, &[tenant, &pair.pair_id], &pair);
        self.count(&pair.corpus, |counts| {
            if before.is_none() {
                counts.pairs_compared += 1;
            }
            let was = before.as_ref().is_some_and(in_conflict);
            counts.conflicts =
                (counts.conflicts + u64::from(in_conflict(&pair))).saturating_sub(u64::from(was));
            counts.offer(&Closest {
                pair_id: pair.pair_id.clone(),
                opposition: pair.opposition,
                opposition_gate: pair.opposition_gate,
            });
        })
    }
}

fn in_conflict(pair: &Pair) -> bool {
    pair.status != ConflictStatus::NoConflict
}
