//! Grounding: whether claims follow from the evidence that is named for them.
//!
//! Invariant: evidence that cannot be found supports nothing. A document's own words are not independent
//! evidence for it: the sentence of a claim, sentences with the same words, and further citations of the study that it cites
//! itself are never its premise. A study counts once.

use std::collections::{BTreeMap, BTreeSet};

use cns_schemas::{
    Claim, ClaimStatus, CriticReport, Evidence, Finding, PairIndex, Provenance, Quote, Scores,
    Section, Sno,
};

use super::{asserted, sub_score, unit};
use crate::limits::{GROUNDING_PAIRS_MAX, PREMISES_PER_CLAIM_MAX};
use crate::statement::bare;
use crate::words::Stems;

/// What a claim gets at least that cites evidence which can be found but whose text is not at hand. Ours, not
/// published: "reported by the document, not verified". It lies below [`LIKELY`].
pub const SELF_REPORTED_GROUNDING: f64 = 0.5;
/// A claim is strict from this entailment on (CNS 8.0 runtime configuration).
const STRICT: f64 = 0.75;
/// A claim is likely from this entailment on (the same).
const LIKELY: f64 = 0.55;
/// Agreed sentences that stand together as the premise of a composed hypothesis.
const ROOT_PREMISE_FINDINGS_MAX: usize = 8;

/// What to ask an entailment model about an SNO.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroundingPlan {
    /// Premises and claims, each once.
    pub texts: Vec<String>,
    /// Which to compare: premise = evidence, hypothesis = claim.
    pub pairs: Vec<PairIndex>,
    /// For each pair the place of its claim in the SNO.
    pub owners: Vec<u32>,
}

/// Which claims are compared with which evidence texts: for each claim those that share most words with it, of the
/// evidence that it cites, or of all where it cites none. An entailment model is asked about each, and that is most of
/// what a document costs.
pub fn plan_grounding(sno: &Sno) -> GroundingPlan {
    let mut draft = Draft::default();
    let mut stems = Stems::default();
    // Each claim has its part of the pairs, so that the last ones are judged as the first.
    let each = (GROUNDING_PAIRS_MAX / asserted(sno).count().max(1)).max(1);
    for (place, claim) in asserted(sno) {
        if cites_only_absent(sno, claim) {
            continue;
        }
        let premises = match sno.provenance {
            Provenance::Document => premises_of_document(sno, claim, &mut stems),
            Provenance::Synthesis => premises_of_synthesis(sno, claim),
        };
        for premise in premises.into_iter().take(each) {
            if draft.plan.pairs.len() < GROUNDING_PAIRS_MAX {
                draft.add(place, premise, &claim.text);
            }
        }
    }
    draft.plan
}

/// Score_G = (1/|V|)·Σ_v max_e p(v|e) (blueprint §2.2; developer's guide, ch. 3): p is the probability of
/// entailment, premise evidence, hypothesis claim. A claim that cites evidence which can be found gets at least
/// [`SELF_REPORTED_GROUNDING`] in a document, one that cites only absent evidence 0. Missing scores count 0.
pub fn grounding(sno: &Sno, plan: &GroundingPlan, scores: &[Scores]) -> CriticReport {
    let judged = judged_claims(sno, plan, scores);
    let (score, confidence) = if judged.is_empty() || sno.evidence.is_empty() {
        (0.0, 1.0)
    } else {
        (unit(judged.iter().map(|claim| claim.value).sum::<f64>() / judged.len() as f64), 0.8)
    };
    CriticReport {
        critic: "grounding".into(),
        score,
        confidence,
        explanation: explain(sno, &judged),
        sub_scores: judged
            .iter()
            .map(|claim| sub_score(&sno.claims[claim.place].claim_id, claim.value))
            .collect(),
    }
}

/// Sets how firmly each claim stands: strict from 0.75, likely from 0.55 (CNS 8.0), else hypothesis. What a
/// synthesis left unresolved or rejected stays so: no score decides it.
pub fn set_claim_statuses(sno: &mut Sno, plan: &GroundingPlan, scores: &[Scores]) {
    let values: Vec<(usize, f64)> =
        judged_claims(sno, plan, scores).iter().map(|claim| (claim.place, claim.value)).collect();
    for (place, value) in values {
        let claim = &mut sno.claims[place];
        if !matches!(claim.status, ClaimStatus::Unresolved | ClaimStatus::Rejected) {
            claim.status = match value {
                v if v >= STRICT => ClaimStatus::Strict,
                v if v >= LIKELY => ClaimStatus::Likely,
                _ => ClaimStatus::Hypothesis,
            };
        }
    }
}

#[derive(Default)]
struct Draft {
    plan: GroundingPlan,
    places: BTreeMap<String, u32>,
}

impl Draft {
    fn add(&mut self, claim: usize, premise: String, hypothesis: &str) {
        let pair = PairIndex {
            premise: self.text(bare(&premise)),
            hypothesis: self.text(bare(hypothesis)),
        };
        self.plan.pairs.push(pair);
        self.plan.owners.push(claim as u32);
    }

    fn text(&mut self, text: String) -> u32 {
        let next = self.plan.texts.len() as u32;
        let texts = &mut self.plan.texts;
        *self.places.entry(text).or_insert_with_key(|text| {
            texts.push(text.clone());
            next
        })
    }
}

/// Reference entries and citing sentences of what can be found, without the claim's own sentence, those nearest to the
/// claim first. What shares no word with it settles nothing and is not asked about. A study is heard once, however often the
/// document cites it: of its citing sentences the nearest counts, and for a claim that cites the study itself none, since
/// that would be the document's word for its own reading.
fn premises_of_document<'s>(sno: &'s Sno, claim: &'s Claim, stems: &mut Stems<'s>) -> Vec<String> {
    let cites = cites_resolved(sno, claim);
    let cited = |id: &str| !cites || claim.evidence_ids.iter().any(|cited| cited == id);
    let found: Vec<&Evidence> = sno.evidence.iter().filter(|e| e.resolved).collect();
    let own = |id: &str| claim.evidence_ids.iter().any(|cited| cited == id);
    // A sentence that also cites a study which the claim does not cite brings that study.
    let brings_another = |quote: &Quote| {
        found.iter().any(|other| !own(&other.evidence_id) && other.quotes.contains(quote))
    };
    let mut seen = BTreeSet::new();
    let mut premises: Vec<(f64, &String)> = Vec::new();
    for evidence in found.iter().filter(|e| cited(&e.evidence_id)) {
        let mut nearest: Option<(f64, &String)> = None;
        for quote in &evidence.quotes {
            let inside = quote.document_id == claim.document_id
                && quote.span.start < claim.span.end
                && claim.span.start < quote.span.end;
            let again = own(&evidence.evidence_id)
                && quote.document_id == claim.document_id
                && !brings_another(quote);
            if inside || again || stems.same(&quote.text, &claim.text) {
                continue;
            }
            let overlap = stems.overlap(&quote.text, &claim.text);
            if nearest.is_none_or(|(least, _)| overlap > least) {
                nearest = Some((overlap, &quote.text));
            }
        }
        let reference = evidence.reference.as_ref();
        let reference = reference.map(|text| (stems.overlap(text, &claim.text), text));
        premises.extend([nearest, reference].into_iter().flatten());
    }
    premises.retain(|(overlap, text)| *overlap > 0.0 && seen.insert(text.as_str()));
    premises.sort_by(|x, y| y.0.total_cmp(&x.0));
    premises.into_iter().take(PREMISES_PER_CLAIM_MAX).map(|(_, text)| text.clone()).collect()
}

/// The sentences of the sides that state a finding, one by one and together, then the quotes of the evidence
/// that it cites. For the hypothesis, the sentences of all findings together.
fn premises_of_synthesis(sno: &Sno, claim: &Claim) -> Vec<String> {
    let findings = sno.narrative.as_ref().map_or(&[][..], |narrative| &narrative.findings);
    let sides =
        |finding: &Finding| finding.sides.iter().map(|side| side.text.clone()).collect::<Vec<_>>();
    let mut premises = Vec::new();
    let mut together: Vec<String> = Vec::new();
    if claim.claim_id == "root" {
        let told = findings.iter().filter(|finding| finding.section != Section::Rejected);
        together.extend(told.take(ROOT_PREMISE_FINDINGS_MAX).flat_map(sides));
    } else {
        for finding in findings.iter().filter(|finding| finding.claim_id == claim.claim_id) {
            together.extend(sides(finding));
        }
        premises.extend(together.iter().cloned());
    }
    if together.len() > 1 {
        premises.insert(0, together.join(" "));
    }
    let cited = |id: &str| claim.evidence_ids.iter().any(|cited| cited == id);
    for evidence in sno.evidence.iter().filter(|e| e.resolved && cited(&e.evidence_id)) {
        premises.extend(evidence.quotes.iter().map(|quote| quote.text.clone()));
    }
    let mut seen = BTreeSet::new();
    premises.retain(|premise| seen.insert(premise.clone()));
    premises.truncate(2 * PREMISES_PER_CLAIM_MAX);
    premises
}

fn is_resolved(sno: &Sno, id: &str) -> bool {
    sno.evidence.iter().any(|evidence| evidence.resolved && evidence.evidence_id == id)
}

fn cites_resolved(sno: &Sno, claim: &Claim) -> bool {
    claim.evidence_ids.iter().any(|id| is_resolved(sno, id))
}

fn cites_only_absent(sno: &Sno, claim: &Claim) -> bool {
    !claim.evidence_ids.is_empty() && !cites_resolved(sno, claim)
}

struct JudgedClaim {
    place: usize,
    value: f64,
    /// The value is the floor and no entailment.
    reported: bool,
}

fn judged_claims(sno: &Sno, plan: &GroundingPlan, scores: &[Scores]) -> Vec<JudgedClaim> {
    let mut best: BTreeMap<usize, f64> = BTreeMap::new();
    for (owner, score) in plan.owners.iter().zip(scores) {
        let value = best.entry(*owner as usize).or_insert(0.0);
        *value = value.max(unit(f64::from(score.entailment)));
    }
    let judge = |(place, claim): (usize, &Claim)| {
        if cites_only_absent(sno, claim) {
            return JudgedClaim { place, value: 0.0, reported: false };
        }
        let value = best.get(&place).copied().unwrap_or(0.0);
        let floor = sno.provenance == Provenance::Document && cites_resolved(sno, claim);
        let reported = floor && value < SELF_REPORTED_GROUNDING;
        JudgedClaim {
            place,
            value: if reported { SELF_REPORTED_GROUNDING } else { value },
            reported,
        }
    };
    asserted(sno).map(judge).collect()
}

fn explain(sno: &Sno, judged: &[JudgedClaim]) -> String {
    if judged.is_empty() {
        return "It states nothing that could be grounded.".into();
    }
    if sno.evidence.is_empty() {
        return "It names no evidence.".into();
    }
    let total = judged.len();
    let follow = judged.iter().filter(|claim| !claim.reported && claim.value >= LIKELY).count();
    let reported = judged.iter().filter(|claim| claim.reported).count();
    let absent: Vec<&str> = judged
        .iter()
        .map(|claim| &sno.claims[claim.place])
        .filter(|claim| cites_only_absent(sno, claim))
        .map(|claim| claim.claim_id.as_str())
        .collect();
    let mut text = format!("{follow} of {total} statements follow from the text of the evidence");
    if reported > 0 {
        text.push_str(&format!(
            "; {reported} cite evidence that can be found but whose text does not settle them (counted at least {SELF_REPORTED_GROUNDING})"
        ));
    }
    let open = total - follow - reported - absent.len();
    if open > 0 {
        text.push_str(&format!("; {open} are little or not supported"));
    }
    if !absent.is_empty() {
        text.push_str(&format!(
            "; citing only evidence that cannot be found: {} (counted 0)",
            absent.join(", ")
        ));
    }
    text.push('.');
    text
}
