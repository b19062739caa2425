//! What one side says for a finding, traced to a sentence of a document.
//!
//! Invariant: a side always has the words of the claim or, for a claim of an earlier synthesis, the sentences of
//! the documents that it was made from.

use cns_schemas::RelationType::{Explains, Implies, Supports};
use cns_schemas::{Claim, Finding, Section, Side, Sno, Stance};

/// Sentences that one claim of an earlier synthesis may bring along.
const INHERITED_SIDES_MAX: usize = 4;

/// Whether what a claim cites can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Citation {
    /// At least one piece can be found.
    Found,
    /// It cites, and nothing of it can be found.
    Absent,
    /// It cites nothing.
    None,
}

pub(super) fn citation(sno: &Sno, claim: &Claim) -> Citation {
    let found = |id: &String| sno.evidence.iter().any(|e| e.resolved && e.evidence_id == *id);
    // A hypothesis seldom cites; it rests on what its premises cite.
    let premises_cite = || sno.claims.iter().any(|premise| premise.evidence_ids.iter().any(found));
    if claim.evidence_ids.is_empty() {
        if claim.claim_id == "root" && premises_cite() { Citation::Found } else { Citation::None }
    } else if claim.evidence_ids.iter().any(found) {
        Citation::Found
    } else {
        Citation::Absent
    }
}

/// The claim with this id, when the SNO has it.
pub(super) fn claim<'s>(sno: &'s Sno, id: &str) -> Option<&'s Claim> {
    sno.claims.iter().find(|claim| claim.claim_id == id)
}

/// What the SNO says with this claim.
pub(super) fn sides(sno: &Sno, claim: &Claim, stance: Stance) -> Vec<Side> {
    let inherited = source_of(sno, claim).map(|finding| {
        let upheld = |side: &&Side| side.stance == Stance::Supports;
        let restated = |side: &Side| Side { stance, ..side.clone() };
        finding
            .sides
            .iter()
            .filter(upheld)
            .take(INHERITED_SIDES_MAX)
            .map(restated)
            .collect::<Vec<_>>()
    });
    match inherited {
        Some(sides) if !sides.is_empty() => sides,
        _ => vec![Side {
            stance,
            sno_id: sno.sno_id.clone(),
            document_id: document_of(sno, claim),
            text: claim.text.clone(),
            span: claim.span,
            evidence_ids: rests_on(sno, claim),
        }],
    }
}

/// What a claim cites; a hypothesis that cites nothing itself rests on what its premises cite and can be found.
fn rests_on(sno: &Sno, claim: &Claim) -> Vec<String> {
    if claim.claim_id != "root" || !claim.evidence_ids.is_empty() {
        return claim.evidence_ids.clone();
    }
    let speaks_for = |premise: &&Claim| {
        premise.attributed_to.is_none()
            && sno.relations.iter().any(|relation| {
                relation.source == premise.claim_id
                    && relation.target == claim.claim_id
                    && matches!(relation.relation_type, Supports | Explains | Implies)
            })
    };
    let premises: Vec<&Claim> = sno.claims.iter().filter(speaks_for).collect();
    let cited = |id: &&String| premises.iter().any(|premise| premise.evidence_ids.contains(*id));
    let found = sno.evidence.iter().filter(|e| e.resolved).map(|e| &e.evidence_id);
    found.filter(cited).cloned().collect()
}

/// The finding of an earlier synthesis that the claim states.
fn source_of<'s>(sno: &'s Sno, claim: &Claim) -> Option<&'s Finding> {
    let narrative = sno.narrative.as_ref()?;
    narrative.findings.iter().find(|finding| finding.claim_id == claim.claim_id)
}

fn document_of(sno: &Sno, claim: &Claim) -> String {
    if claim.document_id.is_empty() && sno.document_ids.len() == 1 {
        sno.document_ids[0].clone()
    } else {
        claim.document_id.clone()
    }
}

/// What an earlier synthesis left open or rejected; it stays so in what is made from it.
pub(super) fn inherited(sno: &Sno, section: Section) -> Vec<&Finding> {
    let findings = sno.narrative.as_ref().map_or(&[][..], |narrative| &narrative.findings);
    findings.iter().filter(|finding| finding.section == section).collect()
}
