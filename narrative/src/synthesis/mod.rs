//! Synthesis of two conflicting SNOs without a language model (blueprint §2.3, restated for proof-first use).
//!
//! Invariant: a synthesis says nothing that no side says, keeps all resolvable evidence of both sides, never
//! averages, and leaves open what no evidence decides, minority view included. Trust is not set here.

mod brief;
mod compose;
mod evidence;
mod findings;
mod side;
mod sound;
mod stated;
mod summary;
mod unopposed;

use cns_schemas::{
    Claim, ClaimStatus, ClaimType, Finding, Narrative, PairId, PairJudged, Provenance, Relation,
    RelationType, Section, Sno, SnoId, Span,
};

pub use brief::brief;
pub use sound::sound;

use findings::Found;

/// The child of a judged pair. `a` and `b` may come in either order.
///
/// # Errors
/// The SNOs are not those of the pair, or nothing in them opposes.
pub fn synthesize(judged: &PairJudged, a: &Sno, b: &Sno) -> Result<Sno, String> {
    let pair = &judged.pair;
    let (a, b) = if a.sno_id == pair.a.sno_id { (a, b) } else { (b, a) };
    if a.sno_id != pair.a.sno_id || b.sno_id != pair.b.sno_id {
        return Err(format!(
            "the pair joins {} and {}, not {} and {}",
            pair.a.sno_id, pair.b.sno_id, a.sno_id, b.sno_id
        ));
    }
    let Found { drafts, left_out } = findings::find(judged, a, b);
    if !drafts
        .iter()
        .any(|draft| matches!(draft.finding.section, Section::Resolved | Section::Unresolved))
    {
        return Err("nothing in the two narratives opposes".into());
    }
    let hypothesis = compose::hypothesis(&drafts, a, b);
    let summary = summary::summary(&drafts, pair.shared_evidence.len(), left_out);
    let open_points = compose::open_points(&drafts);
    let findings: Vec<Finding> = drafts
        .into_iter()
        .enumerate()
        .map(|(place, draft)| Finding { claim_id: format!("c{}", place + 1), ..draft.finding })
        .collect();
    let evidence = evidence::merge(a, b);
    let known = |id: &String| evidence.iter().any(|e| e.evidence_id == *id);
    let mut claims = vec![root(&hypothesis, &findings, known)];
    claims.extend(findings.iter().map(|finding| claim(finding, known)));
    Ok(Sno {
        sno_id: SnoId::of_pair(&PairId(pair.pair_id.clone())).0,
        corpus: a.corpus.clone(),
        provenance: Provenance::Synthesis,
        document_ids: united(&a.document_ids, &b.document_ids),
        parent_ids: vec![a.sno_id.clone(), b.sno_id.clone()],
        generation: a.generation.max(b.generation).saturating_add(1),
        hypothesis,
        claims,
        relations: findings.iter().filter_map(relation).collect(),
        evidence,
        narrative: Some(Narrative { summary, findings, open_points, prose: String::new() }),
        ..Sno::default()
    })
}

fn united(a: &[String], b: &[String]) -> Vec<String> {
    let all: std::collections::BTreeSet<&String> = a.iter().chain(b).collect();
    all.into_iter().cloned().collect()
}

/// The hypothesis rests on all that is upheld or open, so it cites their evidence.
fn root(hypothesis: &str, findings: &[Finding], known: impl Fn(&String) -> bool) -> Claim {
    let told = findings.iter().filter(|finding| finding.section != Section::Rejected);
    let ids = told
        .flat_map(|finding| &finding.sides)
        .flat_map(|side| &side.evidence_ids)
        .filter(|id| known(id));
    let ids: std::collections::BTreeSet<&String> = ids.collect();
    Claim {
        claim_id: "root".into(),
        text: hypothesis.to_owned(),
        claim_type: ClaimType::CentralHypothesis,
        evidence_ids: ids.into_iter().cloned().collect(),
        ..Claim::default()
    }
}

fn claim(finding: &Finding, known: impl Fn(&String) -> bool) -> Claim {
    let mut evidence_ids: Vec<String> = Vec::new();
    for id in finding.sides.iter().flat_map(|side| &side.evidence_ids) {
        if known(id) && !evidence_ids.contains(id) && finding.section != Section::Rejected {
            evidence_ids.push(id.clone());
        }
    }
    let source = finding.sides.first();
    Claim {
        claim_id: finding.claim_id.clone(),
        text: finding.text.clone(),
        claim_type: ClaimType::SynthesisResolution,
        status: match finding.section {
            Section::Agreed | Section::Resolved => ClaimStatus::Hypothesis,
            Section::Unresolved => ClaimStatus::Unresolved,
            Section::Rejected => ClaimStatus::Rejected,
        },
        document_id: source.map(|side| side.document_id.clone()).unwrap_or_default(),
        span: source.map_or_else(Span::default, |side| side.span),
        evidence_ids,
        hedged: false,
        attributed_to: None,
    }
}

/// What is upheld supports the hypothesis, what is open explains why it is cautious. What is rejected is no
/// premise of anything.
fn relation(finding: &Finding) -> Option<Relation> {
    let relation_type = match finding.section {
        Section::Agreed | Section::Resolved => RelationType::Supports,
        Section::Unresolved => RelationType::Explains,
        Section::Rejected => return None,
    };
    Some(Relation { source: finding.claim_id.clone(), target: "root".into(), relation_type })
}
