//! Rows put together as they are shown: a conflict with its synthesis, a synthesis with its parents.

use cns_state::Error;

use super::Reader;
use crate::{
    dto::{
        Conflict, Document, DocumentConflict, DocumentShown, FindingView, Pair, Sections, SnoRef,
        SnoView, Synthesis, SynthesisItem, SynthesisRef,
    },
    limits::{DOCUMENT_RESTING_SHOWN_MAX, LINEAGE_SNOS_MAX},
};

impl Reader {
    /// A pair with where its sides and its synthesis stand now.
    pub fn conflict(&self, tenant: &str, mut pair: Pair) -> Result<Conflict, Error> {
        pair.a.status = self.sno_status(tenant, &pair.a.sno_id)?;
        pair.b.status = self.sno_status(tenant, &pair.b.sno_id)?;
        let sno = match &pair.synthesis_id {
            Some(sno_id) => self.sno(tenant, sno_id)?,
            None => None,
        };
        Ok(Conflict { pair, synthesis: sno.map(synthesis_ref) })
    }

    /// A document with what rests on its newest version.
    pub fn document_shown(&self, tenant: &str, document: Document) -> Result<DocumentShown, Error> {
        let (mut conflicts, mut syntheses) = (Vec::new(), Vec::new());
        if let Some(sno_id) = &document.sno_id {
            let limit = DOCUMENT_RESTING_SHOWN_MAX;
            for conflict in self.conflicts_of(tenant, sno_id, limit)? {
                let pair = self.pair(tenant, &conflict.pair_id)?;
                conflicts.extend(pair.map(|pair| DocumentConflict::of(pair, sno_id)));
            }
            for child in self.children(tenant, sno_id)?.into_iter().take(limit) {
                syntheses.extend(self.sno(tenant, &child.sno_id)?.map(synthesis_ref));
            }
        }
        Ok(DocumentShown { document, conflicts, syntheses })
    }

    /// A synthesis for a list.
    pub fn synthesis_item(&self, tenant: &str, sno: &SnoView) -> Result<SynthesisItem, Error> {
        let mut parents = Vec::new();
        for parent in sno.parent_ids.iter().take(LINEAGE_SNOS_MAX) {
            parents.extend(self.sno(tenant, parent)?.as_ref().map(SnoRef::from));
        }
        Ok(SynthesisItem {
            sno_id: sno.sno_id.clone(),
            corpus: sno.corpus.clone(),
            status: sno.status.of_synthesis().to_owned(),
            reason: sno.reason.clone(),
            trust: sno.trust,
            hypothesis: sno.hypothesis.clone(),
            summary: sno
                .narrative
                .as_ref()
                .map(|narrative| narrative.summary.clone())
                .unwrap_or_default(),
            generation: sno.generation,
            pair_id: sno.pair_id.clone(),
            document_ids: sno.document_ids.clone(),
            parents,
            proposed: sno.proposed,
            recorded: sno.recorded,
        })
    }

    /// A synthesis in full; `None` when there is no such SNO or it is of a document.
    pub fn synthesis(&self, tenant: &str, sno_id: &str) -> Result<Option<Synthesis>, Error> {
        let Some(sno) = self.sno(tenant, sno_id)? else { return Ok(None) };
        let lineage = self.lineage(tenant, &sno)?;
        let item = self.synthesis_item(tenant, &sno)?;
        let Some(narrative) = sno.narrative else { return Ok(None) };
        Ok(Some(Synthesis {
            item,
            sections: sections(narrative.findings),
            open_points: narrative.open_points,
            prose: narrative.prose,
            reports: sno.reports,
            evidence: sno.evidence,
            flags: sno.flags,
            pair: lineage.pair.clone(),
            lineage,
        }))
    }
}

fn synthesis_ref(sno: SnoView) -> SynthesisRef {
    SynthesisRef {
        status: sno.status.of_synthesis().to_owned(),
        sno_id: sno.sno_id,
        reason: sno.reason,
        trust: sno.trust,
    }
}

fn sections(findings: Vec<FindingView>) -> Sections {
    let mut sections = Sections::default();
    for finding in findings {
        match finding.section.as_str() {
            "agreed" => sections.agreed.push(finding),
            "resolved" => sections.resolved.push(finding),
            "rejected" => sections.rejected.push(finding),
            _ => sections.unresolved.push(finding),
        }
    }
    sections
}
