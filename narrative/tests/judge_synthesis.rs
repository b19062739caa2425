//! What a synthesis keeps, and what the gate refuses.

mod sides;

use cns_narrative::{brief, judge, plan_grounding, propose, sound, synthesize};
use cns_schemas::{ClaimStatus, Finding, Provenance, Section, Sno, Stance};
use proptest::prelude::*;

use sides::{galaxies, judged, sno, verdict};

fn child() -> (Sno, Sno, Sno) {
    let (a, b) = galaxies();
    let child = synthesize(&judged(&a, &b), &a, &b).expect("the two are in conflict");
    (child, a, b)
}

fn findings(child: &Sno, section: Section) -> Vec<&Finding> {
    child
        .narrative
        .as_ref()
        .expect("a synthesis has one")
        .findings
        .iter()
        .filter(|f| f.section == section)
        .collect()
}

#[test]
fn missing_mass_keeps_evidence_agreement_and_conflict() {
    let (child, a, b) = child();
    assert_eq!(sound(&child, &a, &b), Ok(()));
    let ids: Vec<&str> = child.evidence.iter().map(|e| e.evidence_id.as_str()).collect();
    assert_eq!(ids, ["doi:bc", "doi:btfr", "doi:cmb", "doi:rar", "doi:rc"]);
    assert_eq!((child.generation, child.provenance), (1, Provenance::Synthesis));
    assert_eq!(child.parent_ids, ["sno_a", "sno_b"]);
    assert_eq!(child.document_ids, ["doc-A", "doc-B"]);

    assert!(
        findings(&child, Section::Agreed)
            .iter()
            .any(|f| f.text.contains("displaced") && f.sides.len() == 2),
        "agreed={child:#?}"
    );
    let open = findings(&child, Section::Unresolved);
    assert!(open.iter().any(|f| f.text.contains("flat rotation")), "{open:?}");
    for finding in &open {
        let stances: Vec<Stance> = finding.sides.iter().map(|side| side.stance).collect();
        assert_eq!(stances, [Stance::Supports, Stance::Opposes]);
    }
    let rejected = findings(&child, Section::Rejected);
    assert!(rejected.len() == 1 && rejected[0].text.contains("photographed"));
    assert!(
        child.hypothesis.contains("whether galaxies sit inside"),
        "hypothesis={}",
        child.hypothesis
    );
    assert!(!child.narrative.as_ref().expect("a synthesis has one").open_points.is_empty());
}

#[test]
fn every_finding_leads_to_a_sentence_of_a_document() {
    let (child, a, b) = child();
    for finding in &child.narrative.as_ref().expect("a synthesis has one").findings {
        assert!(!finding.sides.is_empty());
        for side in &finding.sides {
            let parent = if side.sno_id == a.sno_id { &a } else { &b };
            assert!(
                parent.claims.iter().any(|c| c.text == side.text && c.span == side.span),
                "{side:?}"
            );
        }
        let claim = child
            .claims
            .iter()
            .find(|c| c.claim_id == finding.claim_id)
            .expect("a claim states it");
        assert_eq!(claim.text, finding.text);
    }
    assert!(plan_grounding(&child).pairs.len() <= 256);
}

#[test]
fn order_of_the_parents_does_not_matter() {
    let (child, a, b) = child();
    assert_eq!(synthesize(&judged(&a, &b), &b, &a).expect("the same pair"), child);
    assert!(synthesize(&judged(&a, &b), &a, &a).is_err());
}

#[test]
fn a_condition_resolves_what_differs_by_it() {
    let a = sno(
        "sno_a",
        "d1",
        "Coffee is kind to sleep",
        &[("Coffee shortened sleep by 8 minutes when it was drunk before 14:30 [1].", &["doi:1"])],
    );
    let b = sno(
        "sno_b",
        "d2",
        "Coffee is bad for sleep",
        &[(
            "Coffee shortened sleep by 41 minutes when it was drunk after 16:30 (Marlow, 2020).",
            &["doi:1"],
        )],
    );
    let child = synthesize(&judged(&a, &b), &a, &b).expect("they differ");
    let resolved = findings(&child, Section::Resolved);
    assert_eq!(resolved.len(), 1);
    assert_eq!(resolved[0].basis, "by time of day: before 14:30 against after 16:30");
    assert!(resolved[0].text.contains("8 minutes") && resolved[0].text.contains("41 minutes"));
    assert!(!resolved[0].text.contains("[1]"));
    assert_eq!(sound(&child, &a, &b), Ok(()));
    assert!(
        child.hypothesis.contains("depends on the time of day"),
        "hypothesis={}",
        child.hypothesis
    );

    let mut averaged = child.clone();
    averaged.hypothesis = "Coffee shortened sleep by 24.5 minutes.".into();
    assert!(sound(&averaged, &a, &b).unwrap_err().contains("24.5"));
}

#[test]
fn a_side_without_findable_evidence_loses_and_is_heard() {
    let a = sno("sno_a", "d1", "Zinc", &[("Zinc does shorten colds", &["doi:1"])]);
    let mut b = sno("sno_b", "d2", "Zinc", &[("Zinc does not shorten colds", &["ref:absent"])]);
    b.claims[1].claim_id = "c1".into();
    let mut pair = propose(&a, 0.5, &b, 0.5);
    let mut statement = pair.statements[0].clone();
    statement.a_claim = "c1".into();
    statement.b_claim = "c1".into();
    (statement.a_text, statement.b_text) = (a.claims[1].text.clone(), b.claims[1].text.clone());
    statement.alignment = cns_schemas::Alignment::Nearness;
    pair.statements = vec![statement];
    let child =
        synthesize(&judge(pair, vec![verdict(0.0, 0.95)]), &a, &b).expect("they contradict");
    let resolved = findings(&child, Section::Resolved);
    assert_eq!(resolved[0].basis, "only one side cites evidence that can be found");
    assert_eq!(resolved[0].text, "Zinc does shorten colds.");
    assert!(resolved[0].sides.iter().any(|s| s.stance == Stance::Opposes && s.sno_id == "sno_b"));
    assert_eq!(sound(&child, &a, &b), Ok(()));
}

#[test]
fn without_opposition_there_is_no_synthesis() {
    let (a, _) = galaxies();
    let twin = Sno { sno_id: "sno_t".into(), document_ids: vec!["doc-T".into()], ..a.clone() };
    assert!(synthesize(&judged(&a, &twin), &a, &twin).is_err());
}

/// Changes a sound child and expects the gate to say why not.
fn refused(change: impl Fn(&mut Sno), reason: &str) {
    let (mut child, a, b) = child();
    change(&mut child);
    let said = sound(&child, &a, &b).expect_err("it has to be refused");
    assert!(said.contains(reason), "{said}");
}

#[test]
fn the_gate_refuses_the_published_bad_syntheses() {
    refused(
        |c| c.hypothesis = "Both sides are partly right about galaxies.".into(),
        "splits the difference",
    );
    refused(
        |c| c.claims.iter_mut().for_each(|claim| claim.evidence_ids.clear()),
        "names no evidence",
    );
    refused(|c| c.evidence.retain(|e| e.evidence_id != "doi:bc"), "drops doi:bc");
    refused(|c| c.claims[1].evidence_ids.push("doi:10.9999/halo".into()), "doi:10.9999/halo");
    refused(
        |c| {
            let open = c.claims.iter_mut().find(|claim| claim.status == ClaimStatus::Unresolved);
            open.expect("one is open").status = ClaimStatus::Strict;
        },
        "asserted as settled",
    );
    refused(
        |c| c.hypothesis = "Galaxies sit inside extended halos of unseen matter.".into(),
        "asserts as settled",
    );
    refused(
        |c| {
            let narrative = c.narrative.as_mut().expect("a synthesis has one");
            let open = narrative.findings.iter_mut().find(|f| f.section == Section::Unresolved);
            open.expect("one is open").section = Section::Agreed;
        },
        "opposed and called agreed",
    );
    refused(
        |c| c.narrative.as_mut().expect("has one").prose = "It is so [doi:10.1/x].".into(),
        "doi:10.1/x",
    );
    refused(|c| c.parent_ids.clear(), "parents");
    refused(|c| c.narrative = None, "no narrative");
    refused(
        |c| {
            let first = c.relations[0].clone();
            c.relations.push(cns_schemas::Relation {
                source: first.target,
                target: first.source,
                ..first
            });
        },
        "circular",
    );
}

#[test]
fn what_stays_open_is_handed_down() {
    let (child, _, _) = child();
    let c = sno(
        "sno_c",
        "doc-C",
        "Spirals rotate slowly.",
        &[("The lensing mass of the cluster is not displaced from the gas.", &["doi:bc"])],
    );
    let (first, second) = if child.sno_id < c.sno_id { (&child, &c) } else { (&c, &child) };
    let mut pair = propose(first, 0.6, second, 0.6);
    pair.statements.retain(|s| s.a_text.contains("displaced") && s.b_text.contains("displaced"));
    assert!(!pair.statements.is_empty());
    let verdicts = vec![verdict(0.0, 0.95); pair.statements.len()];
    let grand = synthesize(&judge(pair, verdicts), first, second).expect("they contradict");
    assert_eq!(grand.generation, 2);
    assert_eq!(sound(&grand, first, second), Ok(()));
    assert!(findings(&grand, Section::Unresolved).iter().any(|f| f.text.contains("flat rotation")));
    let displaced =
        findings(&grand, Section::Unresolved).into_iter().find(|f| f.text.contains("displaced"));
    assert!(displaced.expect("it is open").sides.iter().any(|s| s.document_id == "doc-A"));
}

#[test]
fn brief_is_json_with_all_sections() {
    let (child, _, _) = child();
    assert_eq!(brief(&child), brief(&child.clone()));
    let value: serde_json::Value = serde_json::from_str(&brief(&child)).expect("it is JSON");
    for key in [
        "hypothesis",
        "summary",
        "agreed",
        "resolved",
        "unresolved",
        "rejected",
        "open_points",
        "evidence",
    ] {
        assert!(value.get(key).is_some(), "{key}");
    }
}

proptest! {
    #[test]
    fn every_synthesis_is_sound(
        words in proptest::collection::vec(("(coffee|tea|sleep|output) (raises|lowers|does not raise) (sleep|output|7 mg|9 mg)", 0usize..5), 1..8),
        others in proptest::collection::vec(("(coffee|tea|sleep|output) (raises|lowers|does not raise) (sleep|output|7 mg|9 mg)", 0usize..5), 1..8),
        contradictions in proptest::collection::vec((0.0f32..1.0, 0.0f32..1.0), 24),
    ) {
        const IDS: [&[&str]; 5] = [&[], &["doi:1"], &["doi:2"], &["doi:1", "doi:2"], &["ref:absent"]];
        let x: Vec<(&str, &[&str])> = words.iter().map(|(text, ids)| (text.as_str(), IDS[*ids])).collect();
        let y: Vec<(&str, &[&str])> = others.iter().map(|(text, ids)| (text.as_str(), IDS[*ids])).collect();
        let a = sno("sno_a", "d1", "coffee raises output", &x);
        let b = sno("sno_b", "d2", "coffee lowers output", &y);
        let pair = propose(&a, 0.5, &b, 0.5);
        let verdicts = contradictions.iter().take(pair.statements.len())
            .map(|(c, e)| verdict(e * (1.0 - c), *c)).collect();
        let pair = judge(pair, verdicts);
        if let Ok(child) = synthesize(&pair, &a, &b) {
            let kept: Vec<&str> = child.evidence.iter().map(|e| e.evidence_id.as_str()).collect();
            for id in &pair.pair.shared_evidence {
                prop_assert!(kept.contains(&id.as_str()));
            }
            match sound(&child, &a, &b) {
                Ok(()) => {}
                // Claims that nothing cites make a child that says so.
                Err(reason) => prop_assert_eq!(reason, "it names no evidence"),
            }
        }
    }
}

#[test]
fn only_silence_is_consent() {
    let told = |other: &str| {
        let (mut a, mut b) = galaxies();
        let a_says = ("Halos slow the spin of bars by 9 percent.", &["doi:bars"][..]);
        a = sno(
            "sno_a",
            "doc-A",
            &a.hypothesis,
            &[a_says, ("Stars need 3 years more.", &["doi:bars"])],
        );
        b = sno("sno_b", "doc-B", &b.hypothesis, &[(other, &["doi:bars"])]);
        let child = synthesize(&judged(&a, &b), &a, &b).expect("the two are in conflict");
        findings(&child, Section::Agreed).iter().any(|f| f.text.starts_with("Halos slow"))
    };
    assert!(told("Telescopes were built in 1990."), "the other side says nothing on it");
    // The model of this test is neutral here; the same source on the same subject is enough.
    assert!(!told("Halos delay no spin of bars."), "the other side reads the source otherwise");
    assert!(!told("Whether the spin of bars slows is open."), "the other side leaves it open");
}

#[test]
fn what_a_study_did_is_no_finding() {
    let (a, b) = galaxies();
    let did = ("Lee and colleagues put sensors into six domes.", &["doi:rc"][..]);
    let a = sno(
        "sno_a",
        "doc-A",
        &a.hypothesis,
        &[did, ("Halos lower noise by 2 percent.", &["doi:rc"])],
    );
    let b = sno("sno_b", "doc-B", &b.hypothesis, &[("Arms wind up.", &["doi:rc"])]);
    let child = synthesize(&judged(&a, &b), &a, &b).expect("the two are in conflict");
    let texts: Vec<&str> =
        findings(&child, Section::Agreed).iter().map(|finding| finding.text.as_str()).collect();
    assert_eq!(texts, ["Halos lower noise by 2 percent."]);
    let summary = &child.narrative.as_ref().expect("a synthesis has one").summary;
    assert!(
        summary.contains("one of them alone reports one point") && !summary.contains("agree"),
        "{summary}"
    );
}

#[test]
fn the_hypothesis_of_a_synthesis_is_no_statement_of_a_side() {
    let (child, a, _) = child();
    let child = Sno { provenance: Provenance::Synthesis, ..child };
    let summed = child.hypothesis.clone();
    let denied =
        summed.replace("contested whether galaxies sit", "contested whether galaxies do not sit");
    assert!(summed != denied, "{summed}");
    let other = sno(
        "sno_c",
        "doc-C",
        &denied,
        &[("The flat rotation of spirals needs no unseen mass.", &["doi:rc"])],
    );
    let told = [("The flat rotation of spirals needs unseen mass.", &["doi:rc"][..])];
    let mut parent = sno(&child.sno_id, "doc-A", &summed, &told);
    parent.provenance = Provenance::Synthesis;
    let next = synthesize(&judged(&parent, &other), &parent, &other).expect("they are in conflict");
    let narrative = next.narrative.as_ref().expect("a synthesis has one");
    assert!(!narrative.findings.is_empty());
    assert!(narrative.findings.iter().all(|f| !f.text.contains("contested")), "{narrative:?}");
    assert!(!a.hypothesis.contains("contested"));
}
