//! Well-formed arguments, each spoilt in one way: the logic critic must score it lower and name what is wrong.

use cns_narrative::logic;
use cns_schemas::{Claim, Provenance, RefusedRelation, Relation, RelationType, Sno};
use proptest::prelude::*;

/// What premises are about; no two share a word beside "output".
const THINGS: [&str; 8] =
    ["coffee", "daylight", "silence", "training", "sleep", "walking", "music", "shade"];

/// A tree: each claim leads to one before it, and so to the root.
fn tree(parents: &[usize]) -> Sno {
    let claim = |at: usize| {
        let thing = THINGS[at % THINGS.len()];
        let text = match at {
            0 => "Better rooms raise output in some adults.".to_owned(),
            _ => format!("Trial {at} of {thing} raised output {at} in some adults of group{at}."),
        };
        let claim_id = if at == 0 { "root".to_owned() } else { format!("c{at}") };
        Claim { claim_id, text, ..Claim::default() }
    };
    let id = |at: usize| claim(at).claim_id;
    Sno {
        claims: (0..=parents.len()).map(claim).collect(),
        relations: parents
            .iter()
            .enumerate()
            .map(|(at, parent)| supports(&id(at + 1), &id(parent % (at + 1))))
            .collect(),
        ..Sno::default()
    }
}

fn supports(source: &str, target: &str) -> Relation {
    let relation_type = RelationType::Supports;
    Relation { source: source.into(), target: target.into(), relation_type }
}

fn trees() -> impl Strategy<Value = Sno> {
    prop::collection::vec(0_usize..24, 2..20).prop_map(|parents| tree(&parents))
}

/// The path from a claim to the root, both included.
fn path(sno: &Sno, from: &str) -> Vec<String> {
    let mut path = vec![from.to_owned()];
    while let Some(next) = sno.relations.iter().find(|r| Some(&r.source) == path.last()) {
        path.push(next.target.clone());
    }
    path
}

fn falls(sound: &Sno, spoilt: &Sno, named: &str) -> Result<(), TestCaseError> {
    let (before, after) = (logic(sound), logic(spoilt));
    prop_assert!(!before.explanation.contains(named), "{}", before.explanation);
    prop_assert!(after.explanation.contains(named), "{named}: {}", after.explanation);
    prop_assert!(after.score < before.score, "{} is not below {}", after.score, before.score);
    Ok(())
}

proptest! {
    #[test]
    fn a_sound_argument_has_no_fault(sno in trees()) {
        let report = logic(&sno);
        let consistency = report.sub_scores.iter().find(|part| part.name == "consistency");
        prop_assert_eq!(consistency.map(|part| part.value), Some(1.0));
        prop_assert!(report.explanation.starts_with("All "), "{}", report.explanation);
    }

    #[test]
    fn a_circle_costs_and_is_named(sno in trees(), pick: prop::sample::Index, refused: bool) {
        let from = sno.claims[1 + pick.index(sno.claims.len() - 1)].claim_id.clone();
        let mut spoilt = sno.clone();
        let back = supports("root", &from);
        if refused {
            spoilt.refused.push(RefusedRelation { relation: back, reason: "a circle".into() });
        } else {
            spoilt.relations.push(back);
        }
        falls(&sno, &spoilt, "argues in a circle")?;
        let explanation = logic(&spoilt).explanation;
        for id in path(&sno, &from) {
            prop_assert!(explanation.contains(&id) || explanation.contains("more"), "{id}: {explanation}");
        }
    }

    #[test]
    fn a_missing_step_costs_and_what_hangs_in_the_air_is_named(sno in trees(), pick: prop::sample::Index) {
        let bridges: Vec<&str> = sno.claims[1..]
            .iter()
            .map(|claim| claim.claim_id.as_str())
            .filter(|id| sno.relations.iter().any(|relation| relation.target == *id))
            .collect();
        prop_assume!(!bridges.is_empty());
        let bridge = bridges[pick.index(bridges.len())].to_owned();
        let mut spoilt = sno.clone();
        spoilt.claims.retain(|claim| claim.claim_id != bridge);
        spoilt.relations.retain(|relation| relation.source != bridge && relation.target != bridge);
        falls(&sno, &spoilt, "do not lead to the hypothesis")?;
        let lost = sno.relations.iter().find(|relation| relation.target == bridge);
        let lost = &lost.expect("a bridge has a premise").source;
        let explanation = logic(&spoilt).explanation;
        prop_assert!(explanation.contains(lost.as_str()) || explanation.contains("more"), "{explanation}");
    }

    #[test]
    fn a_too_general_conclusion_costs_and_is_named(sno in trees(), pick: prop::sample::Index) {
        let backed: Vec<usize> = (0..sno.claims.len())
            .filter(|at| sno.relations.iter().any(|r| r.target == sno.claims[*at].claim_id))
            .collect();
        let at = backed[pick.index(backed.len())];
        let mut spoilt = sno.clone();
        spoilt.claims[at].text = spoilt.claims[at].text.replace("some adults", "all adults");
        falls(&sno, &spoilt, "generalises too far")?;
        let named = format!("{} says “all”", sno.claims[at].claim_id);
        let explanation = logic(&spoilt).explanation;
        prop_assert!(explanation.contains(&named), "{explanation}");
    }

    #[test]
    fn an_argument_that_denies_itself_costs_and_is_named(
        sno in trees(), pick: prop::sample::Index, how in 0_usize..3,
    ) {
        let at = 1 + pick.index(sno.claims.len() - 1);
        let denied = &sno.claims[at];
        let text = match how {
            0 => denied.text.replace("raised output", "did not raise output"),
            1 => denied.text.replace("raised output", "lowered output"),
            _ => denied.text.replace("raised output", "never raised output"),
        };
        let mut spoilt = sno.clone();
        let claim_id = "own".to_owned();
        spoilt.claims.push(Claim { claim_id, text, ..Claim::default() });
        spoilt.relations.push(supports("own", "root"));
        let mut told_elsewhere = spoilt.clone();
        falls(&sno, &spoilt, "contradicts itself")?;
        let named = format!("own denies {}", denied.claim_id);
        let explanation = logic(&spoilt).explanation;
        prop_assert!(explanation.contains(&named), "{named}: {explanation}");
        // An opponent who says it makes the document no less consistent, and a synthesis keeps both.
        let last = told_elsewhere.claims.len() - 1;
        told_elsewhere.claims[last].attributed_to = Some("critics".into());
        prop_assert!(!logic(&told_elsewhere).explanation.contains("contradicts itself"));
        let synthesis = Sno { provenance: Provenance::Synthesis, ..spoilt };
        prop_assert!(!logic(&synthesis).explanation.contains("contradicts itself"));
    }
}

#[test]
fn numbers_deny_each_other_and_conditions_do_not() {
    let argue = |texts: &[&str]| {
        let mut sno = tree(&[0, 0]);
        for (claim, text) in sno.claims[1..].iter_mut().zip(texts) {
            claim.text = (*text).to_owned();
        }
        logic(&sno).explanation
    };
    let denies = |texts: &[&str]| argue(texts).contains("c2 denies c1");
    assert!(denies(&[
        "Takings of cafes fell by 11 percent.",
        "Takings of cafes fell by 40 percent."
    ]));
    for apart in [
        ["Takings of cafes fell by 11 percent.", "Takings of cafes fell by eleven per cent."],
        ["Takings of cafes fell in men.", "Takings of cafes rose in women."],
        ["Takings of cafes fell.", "Takings of kiosks rose."],
        ["It helps.", "It does not help."],
    ] {
        assert!(!denies(&apart), "{apart:?}: {}", argue(&apart));
    }
    // "Not all" limits, and a premise that is as general carries the conclusion.
    let general = |root: &str, premise: &str| {
        let mut sno = tree(&[0, 0]);
        sno.claims[0].text = root.into();
        sno.claims[1].text = premise.into();
        logic(&sno).explanation.contains("generalises too far")
    };
    let premise = "Coffee raised output in some adults.";
    assert!(general("Coffee raises output in all people.", premise));
    assert!(!general(
        "Coffee does not raise output in all people.".replace("in all", "in not all").as_str(),
        premise
    ));
    assert!(!general(
        "Coffee raises output in all people.",
        "Coffee raised output in every adult."
    ));
}
