//! Which SNOs meet, and which disagreements make a conflict.

use cns_narrative::limits::{NEAR_STATEMENTS_KEPT, STATEMENTS_MAX};
use cns_narrative::{in_conflict, judge, propose, worth_comparing};
use cns_schemas::{
    Alignment, Claim, Evidence, PairJudged, Provenance, Scores, Sno, StatementVerdict,
};
use proptest::prelude::*;

fn sno(id: &str, document: &str, hypothesis: &str, claims: &[(&str, &[&str])]) -> Sno {
    let mut all =
        vec![Claim { claim_id: "root".into(), text: hypothesis.into(), ..Claim::default() }];
    all.extend(claims.iter().enumerate().map(|(place, (text, ids))| Claim {
        claim_id: format!("c{}", place + 1),
        text: (*text).into(),
        document_id: document.into(),
        evidence_ids: ids.iter().map(|id| (*id).into()).collect(),
        ..Claim::default()
    }));
    let mut ids: Vec<String> = all.iter().flat_map(|claim| claim.evidence_ids.clone()).collect();
    ids.sort();
    ids.dedup();
    let evidence = |id: String| Evidence { resolved: true, evidence_id: id, ..Evidence::default() };
    Sno {
        sno_id: id.into(),
        document_ids: vec![document.into()],
        hypothesis: hypothesis.into(),
        claims: all,
        evidence: ids.into_iter().map(evidence).collect(),
        ..Sno::default()
    }
}

/// Judges with a model that contradicts the pairs whose texts pass.
fn judged(a: &Sno, b: &Sno, denies: impl Fn(&str, &str) -> bool) -> PairJudged {
    let pair = propose(a, 0.7, b, 0.7);
    let verdicts = pair
        .statements
        .iter()
        .map(|s| {
            let contradiction = if denies(&s.a_text, &s.b_text) { 0.95 } else { 0.02 };
            let scores = Scores { entailment: 0.0, neutral: 1.0 - contradiction, contradiction };
            StatementVerdict { forward: scores, backward: scores }
        })
        .collect();
    judge(pair, verdicts)
}

fn coffee(id: &str, document: &str, verb: &str) -> Sno {
    let text = format!("Afternoon coffee {verb} the output of office workers");
    sno(
        id,
        document,
        &text,
        &[(&text, &["doi:trial"]), ("Coffee raises alertness", &["doi:alert"])],
    )
}

#[test]
fn shared_evidence_and_disagreement_conflict() {
    let (a, b) = (coffee("sno_a", "d1", "increases"), coffee("sno_b", "d2", "reduces"));
    assert!(worth_comparing(&a, &b));
    let pair = judged(&a, &b, |x, y| x.contains("increases") && y.contains("reduces"));
    assert!(in_conflict(&pair, 0.6));
    assert!((pair.pair.relational.opposition - 0.95).abs() < 1e-6);
    assert_eq!(pair.pair.relational.entanglement, 1.0);
    assert!((pair.pair.relational.chirality - 0.95 * 0.7).abs() < 1e-6);
}

#[test]
fn shared_evidence_and_agreement_do_not() {
    let (a, b) = (coffee("sno_a", "d1", "increases"), coffee("sno_b", "d2", "raises"));
    assert!(worth_comparing(&a, &b));
    assert!(!in_conflict(&judged(&a, &b, |_, _| false), 0.6));
}

#[test]
fn a_model_that_sees_contradictions_everywhere_makes_no_conflict_of_unrelated_things() {
    let a = sno("sno_a", "d1", "Coffee raises alertness", &[("Kettles boil water", &["doi:1"])]);
    let b = sno("sno_b", "d2", "Bells hang in towers", &[("Tides follow moons", &["doi:2"])]);
    assert!(!worth_comparing(&a, &b));
    assert!(!in_conflict(&judged(&a, &b, |_, _| true), 0.6));
    // The same source cited for unrelated things is no conflict either.
    let c = sno("sno_c", "d3", "Bells hang in towers", &[("Tides follow moons", &["doi:1"])]);
    assert!(worth_comparing(&a, &c));
    assert!(!in_conflict(&judged(&a, &c, |_, _| true), 0.6));
}

#[test]
fn a_contradiction_in_one_direction_alone_is_not_enough() {
    let (a, b) = (coffee("sno_a", "d1", "increases"), coffee("sno_b", "d2", "reduces"));
    let pair = propose(&a, 0.7, &b, 0.7);
    let one_way = StatementVerdict {
        forward: Scores { contradiction: 1.0, ..Scores::default() },
        backward: Scores { neutral: 1.0, ..Scores::default() },
    };
    let verdicts = vec![one_way; pair.statements.len()];
    assert!(!in_conflict(&judge(pair, verdicts), 0.6));
}

#[test]
fn missing_and_odd_verdicts_do_no_harm() {
    let (a, b) = (coffee("sno_a", "d1", "increases"), coffee("sno_b", "d2", "reduces"));
    let pair = propose(&a, 0.7, &b, 0.7);
    assert_eq!(judge(pair.clone(), Vec::new()).pair.relational.opposition, 0.0);
    let odd = Scores { entailment: f32::NAN, neutral: f32::NAN, contradiction: f32::NAN };
    let judged = judge(pair, vec![StatementVerdict { forward: odd, backward: odd }; 99]);
    assert_eq!(judged.pair.relational.opposition, 0.0);
}

#[test]
fn lineage_is_never_compared() {
    let (a, b) = (coffee("sno_a", "d1", "increases"), coffee("sno_b", "d2", "reduces"));
    let child = Sno {
        sno_id: "sno_c".into(),
        provenance: Provenance::Synthesis,
        parent_ids: vec!["sno_a".into(), "sno_b".into()],
        document_ids: vec!["d1".into(), "d2".into()],
        ..a.clone()
    };
    let newer = Sno { sno_id: "sno_a2".into(), ..a.clone() };
    let elsewhere = Sno { corpus: "other".into(), ..b.clone() };
    for (x, y) in
        [(&a, &a), (&a, &child), (&child, &b), (&a, &newer), (&newer, &child), (&a, &elsewhere)]
    {
        assert!(!worth_comparing(x, y) && !worth_comparing(y, x), "{} {}", x.sno_id, y.sno_id);
    }
    let third = coffee("sno_d", "d3", "lowers");
    assert!(worth_comparing(&third, &child));
}

#[test]
fn what_opponents_are_said_to_claim_is_not_compared() {
    let mut a = coffee("sno_a", "d1", "increases");
    a.claims[1].attributed_to = Some("critics".into());
    let pair = propose(&a, 0.7, &coffee("sno_b", "d2", "reduces"), 0.7);
    assert!(pair.statements.iter().all(|s| s.a_claim != "c1"));
}

#[test]
fn statements_are_bounded_and_hypotheses_come_first() {
    let claims: Vec<(String, Vec<&str>)> =
        (0..40).map(|i| (format!("Coffee raises output in office {i}"), vec!["doi:1"])).collect();
    let claims: Vec<(&str, &[&str])> =
        claims.iter().map(|(text, ids)| (text.as_str(), ids.as_slice())).collect();
    let a = sno("sno_a", "d1", "Coffee raises output", &claims);
    let b = sno("sno_b", "d2", "Coffee raises output", &claims);
    let pair = propose(&a, 0.5, &b, 0.5);
    assert_eq!(pair.statements.len(), STATEMENTS_MAX);
    assert_eq!(pair.statements[0].alignment, Alignment::Hypotheses);
    // Claims with common evidence fill it up, some places are kept for near ones.
    let near = STATEMENTS_MAX - NEAR_STATEMENTS_KEPT;
    assert!(pair.statements[1..near].iter().all(|s| s.alignment == Alignment::SharedEvidence));
    assert!(pair.statements[near..].iter().all(|s| s.alignment == Alignment::Nearness));
    assert_eq!(pair.statements[1].a_text, pair.statements[1].b_text);
}

proptest! {
    #[test]
    fn a_pair_is_the_same_in_either_order(
        texts in proptest::collection::vec(("[a-e ]{0,20}", 0usize..4), 0..6),
        others in proptest::collection::vec(("[a-e ]{0,20}", 0usize..4), 0..6),
        trust in (0.0f64..1.0, 0.0f64..1.0),
    ) {
        const IDS: [&[&str]; 4] = [&[], &["doi:1"], &["doi:2"], &["doi:1", "doi:2"]];
        let of = |list: &[(String, usize)]| -> Vec<(String, &'static [&'static str])> {
            list.iter().map(|(text, ids)| (text.clone(), IDS[*ids])).collect()
        };
        let (x, y) = (of(&texts), of(&others));
        let a = sno("sno_a", "d1", "x y", &x.iter().map(|(t, i)| (t.as_str(), *i)).collect::<Vec<_>>());
        let b = sno("sno_b", "d2", "x z", &y.iter().map(|(t, i)| (t.as_str(), *i)).collect::<Vec<_>>());
        prop_assert_eq!(propose(&a, trust.0, &b, trust.1), propose(&b, trust.1, &a, trust.0));
        prop_assert_eq!(worth_comparing(&a, &b), worth_comparing(&b, &a));
        let pair = judged(&a, &b, |_, _| true);
        let r = &pair.pair.relational;
        for value in [r.opposition, r.chirality, r.entanglement, r.chirality_normalised] {
            prop_assert!((0.0..=1.0).contains(&value));
        }
        prop_assert!((0.0..=1.2).contains(&r.potential));
    }
}
