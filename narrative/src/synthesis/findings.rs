//! What two SNOs come to: agreed, resolved, unresolved, rejected.
//!
//! Invariant: each claim stands in one finding at most, contested ones first, so that nothing is agreed and
//! contested at once. Every section is bounded.

use std::collections::BTreeSet;

use cns_schemas::{
    Claim, Finding, PairJudged, Provenance, Section, Side, Sno, Stance, StatementPair,
};

use super::side::{Citation, citation, claim, inherited, sides};
use super::unopposed::unopposed;
use crate::condition::{ConditionKind, Difference, core, difference};
use crate::limits::FINDINGS_PER_SECTION_MAX;
use crate::pairing::{about_the_same, contradiction};
use crate::statement::bare;
use crate::words::{content_stems, overlap};

/// Statements contest each other from this contradiction on.
const CONTESTED: f64 = 0.5;
/// A trace of contradiction that a difference in conditions leaves behind.
const HINT: f64 = 0.1;
/// Below this contradiction two statements may count as agreeing.
pub(super) const UNCONTESTED: f64 = 0.25;
/// Entailment both ways that makes two statements one.
const SAME: f32 = 0.55;
/// Entailment one way that makes the other statement common ground.
const INCLUDED: f32 = 0.75;
/// Word overlap of statements that say the same in the same words.
const SAME_WORDS: f64 = 0.9;
/// Word overlap, conditions left out, of statements that report on one thing under different conditions.
const SAME_SUBJECT: f64 = 0.45;
/// Word overlap at which a finding repeats another.
const REPEATS: f64 = 0.8;

/// A finding with what the hypothesis and the open points need to know of it.
pub(super) struct Draft {
    pub finding: Finding,
    /// The statements, without citations: one, or those of the two sides.
    pub statements: Vec<String>,
    /// What explains the difference.
    pub difference: Option<ConditionKind>,
    /// It is about the two hypotheses.
    pub central: bool,
}

/// The claims of both sides that stand in a finding already.
#[derive(Default)]
struct Taken {
    a: BTreeSet<String>,
    b: BTreeSet<String>,
}

impl Taken {
    /// Takes both, unless one is gone. The root may stand in several findings: it is what all is about.
    fn take(&mut self, statement: &StatementPair) -> bool {
        let gone = |taken: &BTreeSet<String>, id: &String| id != "root" && taken.contains(id);
        if gone(&self.a, &statement.a_claim) || gone(&self.b, &statement.b_claim) {
            return false;
        }
        self.a.insert(statement.a_claim.clone());
        self.b.insert(statement.b_claim.clone());
        true
    }
}

/// All findings, by section: agreed, resolved, unresolved, rejected.
pub(super) fn find(judged: &PairJudged, a: &Sno, b: &Sno) -> Vec<Draft> {
    let mut taken = Taken::default();
    let mut drafts = contested(judged, a, b, &mut taken);
    drafts.extend(agreed(judged, a, b, &mut taken));
    drafts.extend(unopposed(judged, a, b, (&mut taken.a, &mut taken.b)));
    drafts.extend(rejected(a, &taken.a));
    drafts.extend(rejected(b, &taken.b));
    drafts.extend(handed_down(a, b));
    drafts.sort_by_key(|draft| draft.finding.section);
    let open: Vec<String> = drafts
        .iter()
        .filter(|draft| draft.finding.section == Section::Unresolved)
        .flat_map(|draft| draft.statements.clone())
        .collect();
    let mut kept: Vec<Draft> = Vec::new();
    for draft in drafts {
        // What is open in one finding cannot be settled in another that says the same.
        if matches!(draft.finding.section, Section::Agreed | Section::Resolved)
            && draft
                .statements
                .iter()
                .any(|stated| open.iter().any(|text| says_the_same(text, stated)))
        {
            continue;
        }
        let in_section = kept.iter().filter(|k| k.finding.section == draft.finding.section);
        let repeats = kept.iter().any(|k| repeats(k, &draft.statements));
        if in_section.count() < FINDINGS_PER_SECTION_MAX && !repeats {
            kept.push(draft);
        }
    }
    kept
}

/// Whether a finding holds these statements already, in any order.
fn repeats(draft: &Draft, statements: &[String]) -> bool {
    let near = |text: &String| draft.statements.iter().any(|known| says_the_same(known, text));
    draft.statements.len() == statements.len() && statements.iter().all(near)
}

fn says_the_same(x: &str, y: &str) -> bool {
    overlap(x, y) >= REPEATS && negates(x) == negates(y)
}

fn contested(judged: &PairJudged, a: &Sno, b: &Sno, taken: &mut Taken) -> Vec<Draft> {
    let mut candidates: Vec<(bool, f64, usize, Option<Difference>)> = Vec::new();
    let about_the_same = about_the_same(&judged.pair);
    for (index, statement) in judged.pair.statements.iter().enumerate() {
        let Some(verdict) = judged.verdicts.get(index) else { break };
        let contradiction = contradiction(verdict);
        if contradiction < HINT
            || !about_the_same[index]
            || sums_up(a, &statement.a_claim)
            || sums_up(b, &statement.b_claim)
        {
            continue;
        }
        let (left, right) = (bare(&statement.a_text), bare(&statement.b_text));
        let difference = difference(&left, &right);
        let same = verdict.forward.entailment.min(verdict.backward.entailment) >= SAME;
        let under_conditions =
            difference.is_some() && !same && one_subject_two_results(&left, &right);
        if contradiction >= CONTESTED || under_conditions {
            let central = statement.a_claim == "root" && statement.b_claim == "root";
            candidates.push((central, contradiction, index, difference));
        }
    }
    candidates.sort_by(|x, y| y.0.cmp(&x.0).then(y.1.total_cmp(&x.1)).then(x.2.cmp(&y.2)));
    let mut drafts: Vec<Draft> = Vec::new();
    for (central, _, index, difference) in candidates {
        let statement = &judged.pair.statements[index];
        let (Some(of_a), Some(of_b)) = (claim(a, &statement.a_claim), claim(b, &statement.b_claim))
        else {
            continue;
        };
        let known =
            drafts.iter().any(|draft| repeats(draft, &[bare(&of_a.text), bare(&of_b.text)]));
        if !known && taken.take(statement) {
            drafts.push(opposed((a, of_a), (b, of_b), difference, central));
        }
    }
    drafts
}

/// The hypothesis of a synthesis sums up its claims and calls some of them contested: it is no statement of its own.
fn sums_up(sno: &Sno, claim_id: &str) -> bool {
    claim_id == "root" && sno.provenance == Provenance::Synthesis
}

/// Whether two statements measure one thing and find something else. What is left without the conditions has
/// much in common, and differs.
fn one_subject_two_results(left: &str, right: &str) -> bool {
    let (left, right) = (core(left), core(right));
    let (x, y) = (content_stems(&left), content_stems(&right));
    overlap(&left, &right) >= SAME_SUBJECT
        && (negates(&left) != negates(&right)
            || x.iter().collect::<BTreeSet<_>>() != y.iter().collect())
}

/// A disagreement: resolved by a condition or by what can be found, else unresolved. Both sides are kept.
fn opposed(
    left: (&Sno, &Claim),
    right: (&Sno, &Claim),
    difference: Option<Difference>,
    central: bool,
) -> Draft {
    let (x, y) = (bare(&left.1.text), bare(&right.1.text));
    let found = (citation(left.0, left.1), citation(right.0, right.1));
    let stances = |a, b| [sides(left.0, left.1, a), sides(right.0, right.1, b)].concat();
    let draft =
        |section, text: String, basis: String, sides: Vec<Side>, statements: Vec<String>| Draft {
            finding: Finding { section, claim_id: String::new(), text, basis, sides },
            statements,
            difference: None,
            central,
        };
    let both = vec![x.clone(), y.clone()];
    match (found, difference) {
        ((Citation::Found, Citation::Found), Some(difference)) => Draft {
            difference: Some(difference.kind),
            ..draft(
                Section::Resolved,
                format!("{x}; {y}."),
                difference.basis(),
                stances(Stance::Supports, Stance::Supports),
                both,
            )
        },
        ((Citation::Found, Citation::Found), None) => draft(
            Section::Unresolved,
            format!("Sources disagree: {x}; on the other hand: {y}."),
            "both sides cite evidence that can be found, and none of it decides".into(),
            stances(Stance::Supports, Stance::Opposes),
            both,
        ),
        ((Citation::Found, _), _) => draft(
            Section::Resolved,
            format!("{x}."),
            "only one side cites evidence that can be found".into(),
            stances(Stance::Supports, Stance::Opposes),
            vec![x],
        ),
        ((_, Citation::Found), _) => {
            let mut sides = stances(Stance::Opposes, Stance::Supports);
            sides.sort_by_key(|side| side.stance != Stance::Supports);
            let basis = "only one side cites evidence that can be found".into();
            draft(Section::Resolved, format!("{y}."), basis, sides, vec![y])
        }
        _ => draft(
            Section::Unresolved,
            format!("Sources disagree: {x}; on the other hand: {y}."),
            "neither side cites evidence that can be found".into(),
            stances(Stance::Supports, Stance::Opposes),
            both,
        ),
    }
}

/// What both sides state.
fn agreed(judged: &PairJudged, a: &Sno, b: &Sno, taken: &mut Taken) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let about_the_same = about_the_same(&judged.pair);
    for (index, statement) in judged.pair.statements.iter().enumerate() {
        let Some(verdict) = judged.verdicts.get(index) else { break };
        if contradiction(verdict) >= UNCONTESTED || !about_the_same[index] {
            continue;
        }
        let (Some(of_a), Some(of_b)) = (claim(a, &statement.a_claim), claim(b, &statement.b_claim))
        else {
            continue;
        };
        if sums_up(a, &statement.a_claim) || sums_up(b, &statement.b_claim) {
            continue;
        }
        let (forward, backward) = (verdict.forward.entailment, verdict.backward.entailment);
        let (x, y) = (bare(&of_a.text), bare(&of_b.text));
        let words = overlap(&x, &y) >= SAME_WORDS
            && negates(&x) == negates(&y)
            && difference(&x, &y).is_none();
        let both = forward.min(backward) >= SAME || words;
        let one = forward.max(backward) >= INCLUDED;
        let cited = citation(a, of_a) == Citation::Found || citation(b, of_b) == Citation::Found;
        if !(both || one) || !cited {
            continue;
        }
        // Where one includes the other, only the part that both hold is agreed.
        let (text, fuller) = if both || backward >= forward { (x, y) } else { (y, x) };
        // "It pays when the grant is counted" is no agreement that it pays.
        if !both && is_conditional(&fuller) && !is_conditional(&text) {
            continue;
        }
        if taken.a.contains(&statement.a_claim)
            || taken.b.contains(&statement.b_claim)
            || !taken.take(statement)
        {
            continue;
        }
        let shared = of_a.evidence_ids.iter().any(|id| of_b.evidence_ids.contains(id));
        let basis = match (both, shared) {
            (true, true) => "both sides state it and cite the same evidence",
            (true, false) => "both sides state it",
            (false, _) => "one side's finding includes the other's",
        };
        let sides = [sides(a, of_a, Stance::Supports), sides(b, of_b, Stance::Supports)].concat();
        drafts.push(plain(Section::Agreed, text, basis.into(), sides));
    }
    drafts
}

fn is_conditional(text: &str) -> bool {
    core(text).split_whitespace().count() < text.split_whitespace().count()
}

/// Claims that cite only what cannot be found.
fn rejected(sno: &Sno, taken: &BTreeSet<String>) -> Vec<Draft> {
    let absent = |claim: &&Claim| {
        citation(sno, claim) == Citation::Absent && !taken.contains(&claim.claim_id)
    };
    let draft = |claim: &Claim| {
        let basis = "it cites only evidence that cannot be found".into();
        plain(Section::Rejected, bare(&claim.text), basis, sides(sno, claim, Stance::Supports))
    };
    sno.claims.iter().filter(absent).map(draft).collect()
}

/// What earlier syntheses left open or rejected.
fn handed_down(a: &Sno, b: &Sno) -> Vec<Draft> {
    let draft = |finding: &Finding| Draft {
        finding: finding.clone(),
        statements: finding.sides.iter().map(|side| bare(&side.text)).collect(),
        difference: None,
        central: false,
    };
    let sections = [Section::Unresolved, Section::Rejected];
    sections
        .iter()
        .flat_map(|section| [a, b].map(|sno| inherited(sno, *section)))
        .flatten()
        .map(draft)
        .collect()
}

pub(super) fn plain(section: Section, text: String, basis: String, sides: Vec<Side>) -> Draft {
    let finding =
        Finding { section, claim_id: String::new(), text: format!("{text}."), basis, sides };
    Draft { finding, statements: vec![text], difference: None, central: false }
}

/// Whether a statement denies: an odd number of negative words.
pub(super) fn negates(text: &str) -> bool {
    const NEGATIVE: &[&str] = &[
        "not",
        "no",
        "never",
        "none",
        "neither",
        "nor",
        "without",
        "fails",
        "fail",
        "failed",
        "unchanged",
        "lack",
        "lacks",
        "unable",
    ];
    crate::words::words(text).iter().filter(|word| NEGATIVE.contains(&word.as_str())).count() % 2
        == 1
}
