//! The completer's input.
//!
//! Invariant: the same SNO gives the same bytes; it holds statements and evidence ids, no whole document.

use cns_schemas::{Finding, Section, Sno, Stance};
use serde_json::{Value, json};

use super::compose::voices;

/// The narrative of a synthesis as JSON: `hypothesis`, `summary`, the sections `agreed` (both sides state it),
/// `one_sided` (one side alone reports it), `resolved`, `unresolved`, `rejected`, `open_points` and `evidence`.
/// A completer may cite only the ids under `evidence`.
pub fn brief(sno: &Sno) -> String {
    let narrative = sno.narrative.clone().unwrap_or_default();
    let section = |wanted: Section| {
        let findings = narrative.findings.iter().filter(|finding| finding.section == wanted);
        Value::Array(findings.map(finding).collect())
    };
    let held_by = |both: bool| {
        let agreed = narrative.findings.iter().filter(|finding| finding.section == Section::Agreed);
        Value::Array(agreed.filter(|f| (voices(f) > 1) == both).map(finding).collect())
    };
    let evidence: Vec<Value> = sno
        .evidence
        .iter()
        .map(|e| json!({ "evidence_id": e.evidence_id, "reference": e.reference }))
        .collect();
    json!({
        "hypothesis": sno.hypothesis,
        "summary": narrative.summary,
        "agreed": held_by(true),
        "one_sided": held_by(false),
        "resolved": section(Section::Resolved),
        "unresolved": section(Section::Unresolved),
        "rejected": section(Section::Rejected),
        "open_points": narrative.open_points,
        "evidence": evidence,
    })
    .to_string()
}

fn finding(finding: &Finding) -> Value {
    let sides: Vec<Value> = finding
        .sides
        .iter()
        .map(|side| {
            let stance = match side.stance {
                Stance::Supports => "supports",
                Stance::Opposes => "opposes",
            };
            json!({
                "stance": stance,
                "document_id": side.document_id,
                "text": side.text,
                "evidence_ids": side.evidence_ids,
            })
        })
        .collect();
    json!({ "claim_id": finding.claim_id, "text": finding.text, "basis": finding.basis, "sides": sides })
}
