//! Syntheses: proposed, in flight, and ended without a decision.

use cns_schemas::{Outcome, Sent, SnoProposed};
use serde::{Deserialize, Serialize};

use super::Folding;
use crate::{
    dto::{Child, Facets, SnoStatus, SnoView},
    views::{
        FoldError,
        tables::{CHILDREN, IN_FLIGHT, SYNTHESIS_BY_TRUST, SYNTHESIS_LIST},
    },
};

/// A synthesis candidate that no stage has answered yet.
#[derive(Debug, Serialize, Deserialize)]
struct InFlight {
    sno_id: String,
}

impl Folding<'_, '_> {
    pub(super) fn synthesis_proposed(
        &mut self,
        sent: &Sent,
        proposed: &SnoProposed,
    ) -> Result<(), FoldError> {
        let (sno, at) = (&proposed.sno, self.at);
        self.in_flight(&sent.event_id, &sno.sno_id);
        let tenant = &self.fact.tenant;
        for parent in &sno.parent_ids {
            let child = Child { sno_id: sno.sno_id.clone() };
            self.draft.put(CHILDREN, &[tenant, parent, &sno.sno_id], &child);
        }
        if self.sno(&sno.sno_id)?.is_some() {
            // The same pair can be synthesized once only; what is decided stays decided.
            return Ok(());
        }
        self.count(&sno.corpus, |counts| {
            counts.syntheses += 1;
            counts.snos.proposed += 1;
        })?;
        let view = SnoView::of(sno, proposed.pair_id.as_ref(), at);
        self.put_sno(None, &view);
        self.list_synthesis(&view);
        Ok(())
    }

    pub(super) fn in_flight(&mut self, event_id: &str, sno_id: &str) {
        let row = InFlight { sno_id: sno_id.to_owned() };
        self.draft.put(IN_FLIGHT, &[&self.fact.tenant, event_id], &row);
    }

    /// The candidate was answered: it is no longer in flight. A refused one has failed.
    pub(super) fn synthesis_answered(&mut self) -> Result<(), FoldError> {
        let fact = self.fact;
        let Some(row) = self.draft.get::<InFlight>(IN_FLIGHT, &[&fact.tenant, &fact.event_id])?
        else {
            return Ok(());
        };
        self.draft.remove(IN_FLIGHT, &[&fact.tenant, &fact.event_id]);
        if !matches!(fact.outcome, Outcome::Rejected | Outcome::DeadLettered) {
            return Ok(());
        }
        let Some(mut view) = self.sno(&row.sno_id)? else { return Ok(()) };
        if view.status != SnoStatus::Proposed {
            return Ok(());
        }
        self.count_sno(&view.corpus, Some(view.status), SnoStatus::Failed)?;
        view.status = SnoStatus::Failed;
        view.reason = fact.fault.as_ref().map(|fault| fault.detail.clone()).unwrap_or_default();
        self.put_sno(None, &view);
        self.list_synthesis(&view);
        Ok(())
    }

    pub(super) fn list_synthesis(&mut self, view: &SnoView) {
        let facets = Facets {
            id: view.sno_id.clone(),
            corpus: view.corpus.clone(),
            status: view.status.of_synthesis().to_owned(),
            provenance: None,
            trust: view.trust,
        };
        let tenant = &self.fact.tenant;
        self.draft.list(SYNTHESIS_LIST, tenant, &view.proposed, &facets);
        // Before it was decided it had no trust; what is decided once stays decided.
        let (was, now) = ((None, view.proposed), (view.trust, view.proposed));
        self.draft.rank(SYNTHESIS_BY_TRUST, tenant, Some(was), now, &facets);
    }
}
