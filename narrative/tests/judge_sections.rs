//! What the sections of a synthesis and the sentences about them may leave out, and what they may say.

mod sides;

use cns_narrative::{in_conflict, judge, pairing::strongest, propose, sound, synthesize};
use cns_schemas::{Finding, Section, Sno};

use sides::{galaxies, judged, sno, verdict};

fn told(child: &Sno) -> &cns_schemas::Narrative {
    child.narrative.as_ref().expect("a synthesis has one")
}

#[test]
fn an_open_point_says_who_cites_what() {
    let point = |of_a: &[&str], of_b: &[&str]| {
        let a = sno("sno_a", "d1", "Zinc", &[("Zinc does shorten colds", of_a)]);
        let b = sno("sno_b", "d2", "Zinc", &[("Zinc does not shorten colds", of_b)]);
        let mut pair = propose(&a, 0.5, &b, 0.5);
        let mut statement = pair.statements[0].clone();
        (statement.a_claim, statement.b_claim) = ("c1".into(), "c1".into());
        (statement.a_text, statement.b_text) = (a.claims[1].text.clone(), b.claims[1].text.clone());
        statement.alignment = cns_schemas::Alignment::Nearness;
        pair.statements = vec![statement];
        let child =
            synthesize(&judge(pair, vec![verdict(0.0, 0.95)]), &a, &b).expect("they contradict");
        let point = told(&child).open_points[0].clone();
        point.split(": a finding").next().expect("it begins with the evidence").to_owned()
    };
    assert_eq!(point(&["doi:1"], &["doi:1"]), "Both cite doi:1");
    assert_eq!(
        point(&["doi:1"], &["doi:1", "doi:2"]),
        "Both cite doi:1; only one side cites doi:2"
    );
    assert_eq!(point(&["doi:1"], &["doi:2"]), "One side cites doi:1, the other doi:2");
    assert_eq!(point(&[], &[]), "Neither side names evidence");
}

#[test]
fn what_stands_in_no_section_is_counted() {
    let (a, b) = galaxies();
    let left = ("Telescopes watched the cluster for 3 nights.", &["doi:rc"][..]);
    let a_says = [("The flat rotation of spirals needs unseen mass.", &["doi:rc"][..]), left];
    let b_says = [("The flat rotation of spirals needs no unseen mass.", &["doi:rc"][..])];
    let a = sno("sno_a", "doc-A", &a.hypothesis, &a_says);
    let b = sno("sno_b", "doc-B", &b.hypothesis, &b_says);
    let child = synthesize(&judged(&a, &b), &a, &b).expect("the two are in conflict");
    let stands = told(&child).findings.iter().any(|finding| finding.text.contains("Telescopes"));
    let summary = &told(&child).summary;
    let counted = "One more statement on shared sources stands in no section.";
    assert!(!stands && summary.contains(counted), "{summary}");
}

#[test]
fn what_made_the_conflict_is_never_left_out() {
    // The strongest pair is resolved by a condition, and its statement is open against a third one.
    let a = sno(
        "sno_a",
        "d1",
        "Coffee is kind",
        &[
            ("Coffee harms sleep when drunk after 16:30", &["doi:1"]),
            ("Coffee harms sleep when drunk late", &["doi:1"]),
        ],
    );
    let b = sno(
        "sno_b",
        "d2",
        "Coffee is bad",
        &[
            ("Coffee harms no sleep when drunk before 14:30", &["doi:1"]),
            ("Coffee harms no sleep when drunk after 16:30", &["doi:1"]),
        ],
    );
    let pair = propose(&a, 0.5, &b, 0.5);
    let strength = |x: &str, y: &str| match (x, y) {
        ("c1", "c1") => 0.97,
        ("c2", "c2") => 0.9,
        _ => 0.0,
    };
    let of = |s: &cns_schemas::StatementPair| verdict(0.0, strength(&s.a_claim, &s.b_claim));
    let verdicts = pair.statements.iter().map(of).collect();
    let child = synthesize(&judge(pair, verdicts), &a, &b).expect("they contradict");
    let texts = |finding: &&Finding| {
        let has = |text: &str| finding.sides.iter().any(|side| side.text == text);
        has(&a.claims[1].text) && has(&b.claims[1].text)
    };
    let stands = told(&child).findings.iter().find(texts).expect("it is in the synthesis");
    assert!(matches!(stands.section, Section::Resolved | Section::Unresolved), "{stands:?}");
    assert_eq!(sound(&child, &a, &b), Ok(()));
}

#[test]
fn hypotheses_are_about_what_they_argue() {
    let a = "This brief argues that afternoon coffee lowers the productivity of office workers and that a caffeine \
        curfew at noon is the simplest remedy.";
    let b = "The report's authors find that afternoon coffee increases the output of office workers, provided that \
        the cup is small and comes early (https://doi.org/10.5555/jws.2019.014).";
    let other =
        "This column argues that church bells should be tuned by ear (https://doi.org/10.5555/x).";
    let counts = |b: &str| {
        let (a, b) = (sno("sno_a", "d1", a, &[]), sno("sno_b", "d2", b, &[]));
        let judged = judge(propose(&a, 0.5, &b, 0.5), vec![verdict(0.0, 0.97)]);
        in_conflict(&judged, 0.6) && strongest(&judged) == Some(0)
    };
    assert!(counts(b), "how it is introduced and what it cites is not what it is about");
    assert!(!counts(other));
}
