//! The critics on the published values and on what must not be rewarded.

use cns_narrative::{
    SELF_REPORTED_GROUNDING, chunk, extract, grounding, logic, logic_published, novelty,
    plan_grounding, set_claim_statuses, trust,
};
use cns_schemas::{
    Claim, ClaimStatus, DocumentSubmitted, Evidence, Quote, RefusedRelation, Relation,
    RelationType, Scores, Sno, Span, Weights,
};
use proptest::prelude::*;

fn close(got: f64, wanted: f64) {
    assert!((got - wanted).abs() < 6e-5, "{got} is not {wanted}");
}

fn graph(ids: &[&str], edges: &[(&str, &str)]) -> Sno {
    Sno {
        claims: ids.iter().map(|id| Claim { claim_id: (*id).into(), ..Claim::default() }).collect(),
        relations: edges.iter().map(|(s, t)| relation(s, t)).collect(),
        ..Sno::default()
    }
}

fn relation(source: &str, target: &str) -> Relation {
    Relation { source: source.into(), target: target.into(), ..Relation::default() }
}

const STAR: [(&str, &str); 4] = [("c1", "root"), ("c2", "root"), ("c3", "root"), ("c4", "root")];

fn part(sno: &Sno, name: &str) -> f64 {
    logic(sno).sub_scores.iter().find(|part| part.name == name).expect("it is reported").value
}

#[test]
fn coffee_chain_scores_as_published() {
    let edges = [("c1", "c3"), ("c2", "c3"), ("c3", "c4"), ("c4", "c5"), ("c5", "c6")];
    close(logic_published(&graph(&["c1", "c2", "c3", "c4", "c5", "c6"], &edges)), 0.6833);
}

#[test]
fn a_star_of_premises_is_sound_and_the_published_heuristic_says_it_is_not() {
    let star = graph(&["root", "c1", "c2", "c3", "c4"], &STAR);
    close(logic_published(&star), 0.38);
    close(part(&star, "as_published"), 0.38);
    close(logic(&star).score, 0.88);
    let five = graph(
        &["root", "c1", "c2", "c3", "c4", "c5"],
        &[("c1", "root"), ("c2", "root"), ("c3", "root"), ("c4", "root"), ("c5", "root")],
    );
    close(logic(&five).score, 0.8833);
}

#[test]
fn what_does_not_lead_to_the_root_costs_and_is_named() {
    let lost = graph(&["root", "c1", "c2", "c3", "c4"], &STAR[..3]);
    let report = logic(&lost);
    close(report.score, 0.5 * 0.75 + 0.3 * (1.0 - 3.0 / 5.0 / 3.0) + 0.2 * (1.0 - 3.0 / 20.0));
    assert!(report.explanation.contains("c4"), "{}", report.explanation);
    // Direction counts: from the root outwards nothing leads to it.
    let outward = graph(&["root", "c1", "c2"], &[("root", "c1"), ("root", "c2")]);
    assert!(
        logic(&outward).score
            < logic(&graph(&["root", "c1", "c2"], &[("c1", "root"), ("c2", "root")])).score
    );
}

#[test]
fn refused_circles_and_denials_are_named() {
    let mut sno = graph(&["root", "c1", "c2"], &[("c1", "root"), ("c2", "root")]);
    sno.refused.push(RefusedRelation { relation: relation("root", "c1"), reason: "circle".into() });
    sno.relations[1].relation_type = RelationType::Contradicts;
    let explanation = logic(&sno).explanation;
    assert!(
        explanation.contains("root → c1") && explanation.contains("c2 denies root"),
        "{explanation}"
    );
}

#[test]
fn edges_that_repeat_or_lead_nowhere_are_not_counted() {
    let star = graph(&["root", "c1", "c2", "c3", "c4"], &STAR);
    let mut noisy = star.clone();
    noisy.relations.extend([relation("c1", "root"), relation("c9", "root"), relation("c2", "c2")]);
    close(logic(&noisy).score, logic(&star).score);
    assert_eq!(logic(&Sno::default()).score, 1.0);
    assert_eq!(logic(&graph(&["root"], &[])).score, 1.0);
}

fn quote(start: u32, text: &str) -> Quote {
    Quote { document_id: "d".into(), span: Span { start, end: start + 10 }, text: text.into() }
}

fn claim(id: &str, start: u32, text: &str, cites: &[&str]) -> Claim {
    Claim {
        claim_id: id.into(),
        text: text.into(),
        document_id: "d".into(),
        span: Span { start, end: start + 10 },
        evidence_ids: cites.iter().map(|id| (*id).into()).collect(),
        ..Claim::default()
    }
}

/// c1 cites what can be found and the entry says what it found; c2 cites what can be found; c3 what cannot.
fn grounded() -> Sno {
    let evidence = |id: &str, resolved, quotes| Evidence {
        evidence_id: id.into(),
        resolved,
        quotes,
        reference: resolved.then(|| match id {
            "e1" => "The trial found more output.".to_owned(),
            other => format!("entry {other}"),
        }),
        ..Evidence::default()
    };
    Sno {
        claims: vec![
            claim("root", 0, "Coffee helps.", &[]),
            claim("c1", 20, "Coffee raises output.", &["e1"]),
            claim("c2", 40, "Tea is cheap.", &["e2"]),
            claim("c3", 60, "Gold cures colds.", &["e9"]),
        ],
        evidence: vec![
            evidence(
                "e1",
                true,
                vec![quote(20, "Coffee raises output."), quote(80, "More output came of coffee.")],
            ),
            evidence("e2", true, vec![quote(40, "Tea is cheap.")]),
            evidence("e9", false, vec![quote(60, "Gold cures colds.")]),
        ],
        ..Sno::default()
    }
}

fn answer(
    sno: &Sno,
    says: impl Fn(&str, &str) -> f32,
) -> (cns_narrative::GroundingPlan, Vec<Scores>) {
    let plan = plan_grounding(sno);
    let text = |index: u32| plan.texts[index as usize].as_str();
    let scores = plan
        .pairs
        .iter()
        .map(|p| {
            let entailment = says(text(p.premise), text(p.hypothesis));
            Scores { entailment, neutral: 1.0 - entailment, contradiction: 0.0 }
        })
        .collect();
    (plan, scores)
}

#[test]
fn own_sentence_and_absent_evidence_are_never_premises() {
    let sno = grounded();
    let plan = plan_grounding(&sno);
    for pair in &plan.pairs {
        let (premise, hypothesis) =
            (&plan.texts[pair.premise as usize], &plan.texts[pair.hypothesis as usize]);
        assert_ne!(premise, hypothesis);
        assert_ne!(premise, "Gold cures colds.");
        assert_ne!(hypothesis, "Gold cures colds.");
    }
    assert!(!plan.pairs.is_empty());
}

#[test]
fn grounding_is_the_mean_of_the_best_entailments_with_a_floor() {
    let sno = grounded();
    let (plan, scores) = answer(&sno, |premise, hypothesis| {
        if premise.contains("trial") && hypothesis == "Coffee raises output" { 0.9 } else { 0.1 }
    });
    let report = grounding(&sno, &plan, &scores);
    let values: Vec<f64> = report.sub_scores.iter().map(|part| part.value).collect();
    let wanted = [0.1, 0.9, SELF_REPORTED_GROUNDING, 0.0];
    for (got, wanted) in values.iter().zip(wanted) {
        close(*got, wanted);
    }
    close(report.score, wanted.iter().sum::<f64>() / 4.0);
    assert_eq!(report.confidence, 0.8);
    assert!(report.explanation.contains("c3"), "{}", report.explanation);

    let mut judged = sno.clone();
    set_claim_statuses(&mut judged, &plan, &scores);
    let statuses: Vec<ClaimStatus> = judged.claims.iter().map(|c| c.status).collect();
    use ClaimStatus::{Hypothesis, Strict};
    assert_eq!(statuses, [Hypothesis, Strict, Hypothesis, Hypothesis]);
}

/// Grounding of a text by a model to which all that a document says proves all else that it says, and titles prove nothing.
fn grounding_of(text: &str) -> cns_schemas::CriticReport {
    let document = DocumentSubmitted {
        document_id: "d".into(),
        corpus: "c".into(),
        text: format!(
            "{text}\n\nReferences\n\n[1] Smith J. Coffee and sleep. 2019. doi:10.5555/x.1\n"
        ),
        ..DocumentSubmitted::default()
    };
    let sno = extract("t", &chunk(&document, 1).expect("it is text")).expect("it states something");
    let (plan, scores) =
        answer(&sno, |premise, _| if premise.contains("Smith J") { 0.0 } else { 1.0 });
    grounding(&sno, &plan, &scores)
}

#[test]
fn one_study_counts_once_however_often_it_is_cited() {
    let root = "We argue that coffee delays sleep in adults.";
    let once = grounding_of(&format!("{root} Coffee delayed sleep by 40 minutes [1]."));
    let of = |report: &cns_schemas::CriticReport, id: &str| {
        report.sub_scores.iter().find(|part| part.name == id).expect("it is judged").value
    };
    assert_eq!((of(&once, "root"), of(&once, "c1")), (1.0, SELF_REPORTED_GROUNDING));
    let thrice = [
        // In one sentence, under three forms.
        format!("{root} Coffee delayed sleep by 40 minutes [1] (Smith, 2019) (doi:10.5555/x.1)."),
        // In three sentences that say the same in other words.
        format!(
            "{root} Coffee delayed sleep by 40 minutes [1]. With coffee, sleep was delayed and came 40 minutes later (Smith, 2019). A delay of 40 minutes of sleep was caused by coffee (doi:10.5555/x.1)."
        ),
        // Once, and twice in the document's own words.
        format!(
            "{root} Coffee delayed sleep by 40 minutes [1]. Sleep is therefore delayed by coffee. Sleep of adults is reduced by coffee, which delays it."
        ),
    ];
    for text in thrice {
        let report = grounding_of(&text);
        assert_eq!(of(&report, "root"), of(&once, "root"), "{text}");
        assert_eq!(of(&report, "c1"), of(&once, "c1"), "{text}");
        // Sentences that cite it again are no better grounded than the first.
        let again = report.sub_scores.iter().filter(|part| part.name != "root");
        let cited = again.filter(|_| !text.contains("therefore"));
        assert!(
            cited.clone().all(|part| part.value == SELF_REPORTED_GROUNDING),
            "{text}: {report:?}"
        );
        assert!(cited.count() == 0 || report.score <= once.score, "{text}: {report:?}");
    }
}

#[test]
fn nothing_to_ground_scores_nothing() {
    let bare = Sno { evidence: Vec::new(), ..grounded() };
    let report = grounding(&bare, &plan_grounding(&bare), &[]);
    assert_eq!((report.score, report.confidence), (0.0, 1.0));
    let report = grounding(&Sno::default(), &plan_grounding(&Sno::default()), &[]);
    assert_eq!((report.score, report.confidence), (0.0, 1.0));
    assert!(
        grounding(&grounded(), &plan_grounding(&grounded()), &[]).score < SELF_REPORTED_GROUNDING
    );
}

#[test]
fn junk_evidence_does_not_raise_grounding() {
    let sno = grounded();
    let mut padded = sno.clone();
    for index in 0..500 {
        let id = format!("junk{index}");
        padded.evidence.push(Evidence {
            evidence_id: id.clone(),
            resolved: true,
            reference: Some(id),
            ..Evidence::default()
        });
    }
    let says = |premise: &str, _: &str| if premise.contains("trial") { 0.9 } else { 0.02 };
    let (plan, scores) = answer(&sno, says);
    let (padded_plan, padded_scores) = answer(&padded, says);
    assert!(padded_plan.pairs.len() <= 256);
    let (plain, padded) =
        (grounding(&sno, &plan, &scores), grounding(&padded, &padded_plan, &padded_scores));
    assert!(padded.score <= plain.score + 1e-9);
}

#[test]
fn open_and_rejected_points_of_a_synthesis_keep_their_status() {
    let mut sno = grounded();
    sno.claims[1].status = ClaimStatus::Unresolved;
    sno.claims[2].status = ClaimStatus::Rejected;
    let (plan, scores) = answer(&sno, |_, _| 1.0);
    let before: Vec<ClaimStatus> = sno.claims[1..3].iter().map(|c| c.status).collect();
    set_claim_statuses(&mut sno, &plan, &scores);
    let after: Vec<ClaimStatus> = sno.claims[1..3].iter().map(|c| c.status).collect();
    assert_eq!(before, after);
}

proptest! {
    #[test]
    fn trust_is_in_range_and_can_be_added_up(
        edges in proptest::collection::vec((0usize..8, 0usize..8), 0..30),
        nearest in proptest::option::of(-1.0f64..1.0),
        weights in (0.0f64..2.0, 0.0f64..2.0, 0.01f64..2.0),
        entailment in 0.0f32..1.0,
    ) {
        let ids = ["root", "c1", "c2", "c3", "c4", "c5", "c6", "c7"];
        let edges: Vec<(&str, &str)> = edges.into_iter().map(|(s, t)| (ids[s], ids[t])).collect();
        let mut sno = graph(&ids, &edges);
        sno.evidence = grounded().evidence;
        sno.claims[1] = grounded().claims[1].clone();
        let (plan, scores) = answer(&sno, |_, _| entailment);
        let reports = [grounding(&sno, &plan, &scores), logic(&sno), novelty(nearest, 8, edges.len())];
        let weights = Weights { grounding: weights.0, logic: weights.1, novelty: weights.2 };
        let (value, used) = trust(&reports, &weights);
        for report in &reports {
            prop_assert!((0.0..=1.0).contains(&report.score));
        }
        prop_assert!((0.0..=1.0).contains(&value));
        let again = reports.iter().zip(&used).map(|(r, w)| r.score * w).sum::<f64>() / used.iter().sum::<f64>();
        prop_assert!((value - again).abs() < 1e-12);
    }
}
