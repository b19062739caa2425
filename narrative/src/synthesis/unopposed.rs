//! What one side alone reports from a source that both cite.
//!
//! Invariant: silence is only consent where no word of the other side on the subject is recognised. A claim is left
//! out as soon as the other side reads the same source, or argues, on the same subject, whatever the entailment model
//! makes of it. The other side may still say it in words of its own, so a finding does not call it silent.

use std::collections::BTreeSet;

use cns_schemas::{Claim, ClaimStatus, PairJudged, Section, Sno, Stance};

use super::findings::{Draft, UNCONTESTED, plain};
use super::side::sides;
use super::stated::Readings;
use crate::extract::states_result;
use crate::limits::ONE_SIDED_FINDINGS_MAX;
use crate::pairing::contradiction;
use crate::statement::bare;
use crate::words::{content_stems, overlap_of};

/// Word overlap from which the other side speaks of the same subject.
const SAME_SUBJECT: f64 = 0.4;
/// The basis of such a finding.
const BASIS: &str = "one side alone reports it, from evidence that both cite; no statement of the other that matches it was recognised";

/// What one side reports from evidence that both cite, without a statement of the other that matches it.
pub(super) fn unopposed(
    judged: &PairJudged,
    a: &Sno,
    b: &Sno,
    taken: (&mut BTreeSet<String>, &mut BTreeSet<String>),
    readings: &Readings,
) -> Vec<Draft> {
    let mut disputed = (BTreeSet::new(), BTreeSet::new());
    for (statement, verdict) in judged.pair.statements.iter().zip(&judged.verdicts) {
        if contradiction(verdict) >= UNCONTESTED {
            disputed.0.insert(statement.a_claim.as_str());
            disputed.1.insert(statement.b_claim.as_str());
        }
    }
    let stems = |text: &str| content_stems(text).into_iter().collect::<BTreeSet<String>>();
    let topic = stems(&format!("{} {}", bare(&a.hypothesis), bare(&b.hypothesis)));
    let of = |sno: &Sno, other: &Sno, taken: &BTreeSet<String>, disputed: &BTreeSet<&str>| {
        let mut claims: Vec<(f64, &Claim)> = sno
            .claims
            .iter()
            .filter(|claim| shared(claim, &judged.pair.shared_evidence) && firm(claim))
            .filter(|claim| {
                claim.claim_id != "root"
                    && !taken.contains(&claim.claim_id)
                    && !disputed.contains(claim.claim_id.as_str())
                    && !spoken_of(claim, other, readings)
            })
            .map(|claim| (overlap_of(&stems(&claim.text), &topic), claim))
            .collect();
        claims.sort_by(|(near_x, x), (near_y, y)| {
            x.status.cmp(&y.status).then(near_y.total_cmp(near_x))
        });
        claims.truncate(ONE_SIDED_FINDINGS_MAX / 2);
        claims.into_iter().map(|(_, claim)| claim.clone()).collect::<Vec<Claim>>()
    };
    let (of_a, of_b) = (of(a, b, taken.0, &disputed.0), of(b, a, taken.1, &disputed.1));
    taken.0.extend(of_a.iter().map(|claim| claim.claim_id.clone()));
    taken.1.extend(of_b.iter().map(|claim| claim.claim_id.clone()));
    let all = of_a.iter().map(|claim| (a, claim)).chain(of_b.iter().map(|claim| (b, claim)));
    all.map(|(sno, claim)| {
        let sides = sides(sno, claim, Stance::Supports);
        plain(Section::Agreed, readings.of(&claim.text), BASIS.into(), sides)
    })
    .collect()
}

fn shared(claim: &Claim, evidence: &[String]) -> bool {
    claim.evidence_ids.iter().any(|id| evidence.contains(id))
}

/// The author's own, not hedged, and a result: neither what a study did nor what the author argues.
fn firm(claim: &Claim) -> bool {
    matches!(claim.status, ClaimStatus::Strict | ClaimStatus::Likely | ClaimStatus::Hypothesis)
        && !claim.hedged
        && claim.attributed_to.is_none()
        && states_result(&claim.text)
}

/// Whether the other side speaks of the same subject, from the same source or as what it argues. It would be agreed
/// if it said the same.
fn spoken_of(claim: &Claim, other: &Sno, readings: &Readings) -> bool {
    let said = readings.of(&claim.text);
    let near = |text: &str| said.overlap(&readings.of(text)) >= SAME_SUBJECT;
    let claims = other
        .claims
        .iter()
        .filter(|known| known.claim_id == "root" || shared(known, &claim.evidence_ids));
    // A synthesis keeps only some claims, but all that its sides read in a source.
    let read = other.evidence.iter().filter(|e| claim.evidence_ids.contains(&e.evidence_id));
    claims.map(|known| known.text.as_str()).any(near)
        || read.flat_map(|e| &e.quotes).any(|quote| near(&quote.text))
}
