//! What two SNOs come to: agreed, resolved, unresolved, rejected.
//!
//! Invariant: each claim stands in one finding at most, contested ones first, so that nothing is agreed and
//! contested at once. Every section is bounded; what is left out is counted. The statements that made the conflict
//! are never left out.

use std::collections::BTreeSet;
use std::rc::Rc;

use cns_schemas::{
    Claim, Finding, PairJudged, Provenance, Section, Side, Sno, Stance, StatementPair,
};

use super::side::{Citation, citation, claim, inherited, sides};
use super::stated::{Readings, Stated};
use super::unopposed::unopposed;
use crate::condition::{ConditionKind, Difference};
use crate::limits::FINDINGS_PER_SECTION_MAX;
use crate::pairing::{alignments, opposes, strongest};

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

/// The basis of what a condition or the evidence would resolve, were it not contested elsewhere.
const REOPENED: &str =
    "what would resolve it is contested elsewhere in this synthesis, so it stays open";

/// A finding with what the hypothesis and the open points need to know of it.
pub(super) struct Draft {
    pub finding: Finding,
    /// The statements, without citations: one, or those of the two sides.
    pub statements: Vec<Rc<Stated>>,
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

/// What a pair comes to.
pub(super) struct Found {
    /// All findings, by section: agreed, resolved, unresolved, rejected.
    pub drafts: Vec<Draft>,
    /// Statements on evidence that both cite and that stand in none of them.
    pub left_out: usize,
}

/// Finds what a pair comes to.
pub(super) fn find(judged: &PairJudged, a: &Sno, b: &Sno) -> Found {
    let readings = Readings::default();
    let alignments = alignments(&judged.pair);
    let pair = Pair { judged, a, b, alignments: &alignments, readings: &readings };
    let mut taken = Taken::default();
    let handed_down = pair.handed_down();
    let mut drafts = pair.contested(&mut taken, &open(&handed_down));
    drafts.extend(pair.agreed(&mut taken));
    drafts.extend(unopposed(judged, a, b, (&mut taken.a, &mut taken.b), &readings));
    drafts.extend(pair.rejected(a, &taken.a));
    drafts.extend(pair.rejected(b, &taken.b));
    drafts.extend(handed_down);
    drafts.sort_by_key(|draft| draft.finding.section);
    let open = open(&drafts);
    let mut kept: Vec<Draft> = Vec::new();
    for draft in drafts {
        // What is open in one finding cannot be settled in another that says the same.
        if draft.finding.section == Section::Agreed && touches(&draft, &open) {
            continue;
        }
        let in_section = kept.iter().filter(|k| k.finding.section == draft.finding.section);
        let repeats = kept.iter().any(|k| repeats(k, &draft.statements));
        if in_section.count() < FINDINGS_PER_SECTION_MAX && !repeats {
            kept.push(draft);
        }
    }
    let left_out = pair.left_out(a, &kept) + pair.left_out(b, &kept);
    Found { drafts: kept, left_out }
}

/// The statements that are open.
fn open(drafts: &[Draft]) -> Vec<Rc<Stated>> {
    let unresolved = drafts.iter().filter(|draft| draft.finding.section == Section::Unresolved);
    unresolved.flat_map(|draft| draft.statements.clone()).collect()
}

/// Whether a finding says what is open.
fn touches(draft: &Draft, open: &[Rc<Stated>]) -> bool {
    draft.statements.iter().any(|stated| open.iter().any(|x| x.says_the_same(stated)))
}

/// Whether a finding holds these statements already, in any order.
fn repeats(draft: &Draft, statements: &[Rc<Stated>]) -> bool {
    let near = |stated: &Rc<Stated>| draft.statements.iter().any(|x| x.says_the_same(stated));
    draft.statements.len() == statements.len() && statements.iter().all(near)
}

/// A judged pair with its sides, and what has been read of their statements.
struct Pair<'p> {
    judged: &'p PairJudged,
    a: &'p Sno,
    b: &'p Sno,
    /// For each statement pair, how far the two are about the same thing.
    alignments: &'p [f64],
    readings: &'p Readings,
}

impl Pair<'_> {
    /// What the sides deny each other, the hypotheses first, then the sharpest. What says the same as something
    /// that is open is open itself.
    fn contested(&self, taken: &mut Taken, open_before: &[Rc<Stated>]) -> Vec<Draft> {
        let mut drafts: Vec<Draft> = Vec::new();
        let mut reopened: Vec<Option<Draft>> = Vec::new();
        for (central, _, index, difference) in self.contests() {
            let statement = &self.judged.pair.statements[index];
            let (Some(of_a), Some(of_b)) =
                (claim(self.a, &statement.a_claim), claim(self.b, &statement.b_claim))
            else {
                continue;
            };
            let both = [self.readings.of(&of_a.text), self.readings.of(&of_b.text)];
            let known = drafts.iter().any(|draft| repeats(draft, &both));
            if !known && taken.take(statement) {
                let (left, right) = ((self.a, of_a), (self.b, of_b));
                reopened.push(Some(unresolved(left, right, &both, REOPENED, central)));
                drafts.push(opposed(left, right, both, difference, central));
            }
        }
        // Each round opens one more, so it ends.
        loop {
            let open = [open(&drafts), open_before.to_vec()].concat();
            let settled = |draft: &Draft| draft.finding.section != Section::Unresolved;
            let Some(next) = drafts.iter().position(|d| settled(d) && touches(d, &open)) else {
                return drafts;
            };
            if let Some(draft) = reopened[next].take() {
                drafts[next] = draft;
            }
        }
    }

    /// How many statements of a side cite evidence of both and stand in no finding, nor say what stands in one.
    fn left_out(&self, sno: &Sno, kept: &[Draft]) -> usize {
        let shared = &self.judged.pair.shared_evidence;
        let on_shared = |claim: &&Claim| {
            claim.claim_id != "root" && claim.evidence_ids.iter().any(|id| shared.contains(id))
        };
        let told: Vec<&Side> = kept.iter().flat_map(|draft| &draft.finding.sides).collect();
        let stands = |claim: &Claim| {
            let own = sides(sno, claim, Stance::Supports);
            let is = |x: &Side, y: &Side| {
                (&x.document_id, x.span, &x.text) == (&y.document_id, y.span, &y.text)
            };
            let stated = self.readings.of(&claim.text);
            let same = |draft: &Draft| draft.statements.iter().any(|x| x.says_the_same(&stated));
            own.iter().any(|side| told.iter().any(|known| is(side, known))) || kept.iter().any(same)
        };
        sno.claims.iter().filter(on_shared).filter(|claim| !stands(claim)).count()
    }

    /// Statements that contest each other: whether both are the hypotheses, how much, which, and what explains it.
    fn contests(&self) -> Vec<(bool, f64, usize, Option<Difference>)> {
        let mut contests = Vec::new();
        let strongest = strongest(self.judged);
        for (index, statement) in self.judged.pair.statements.iter().enumerate() {
            let Some(verdict) = self.judged.verdicts.get(index) else { break };
            let contradiction = opposes(self.alignments[index], verdict);
            // Where the gate is low, what made the conflict may be weaker than what contests otherwise.
            let made_it = strongest == Some(index) && contradiction >= UNCONTESTED;
            if contradiction < HINT
                || self.alignments[index] <= 0.0
                || sums_up(self.a, &statement.a_claim)
                || sums_up(self.b, &statement.b_claim)
            {
                continue;
            }
            let left = self.readings.of(&statement.a_text);
            let right = self.readings.of(&statement.b_text);
            let difference = left.difference(&right);
            let same = verdict.forward.entailment.min(verdict.backward.entailment) >= SAME;
            let under_conditions =
                difference.is_some() && !same && left.differs_in_result(&right, SAME_SUBJECT);
            let central = statement.a_claim == "root" && statement.b_claim == "root";
            // A model may call two reports of one study contradictory that are about different things.
            let one_subject = central || made_it || left.overlap(&right) >= SAME_SUBJECT;
            if one_subject && (contradiction >= CONTESTED || under_conditions) || made_it {
                contests.push((central, contradiction, index, difference));
            }
        }
        contests.sort_by(|x, y| y.0.cmp(&x.0).then(y.1.total_cmp(&x.1)).then(x.2.cmp(&y.2)));
        contests
    }

    /// What both sides state.
    fn agreed(&self, taken: &mut Taken) -> Vec<Draft> {
        let (a, b) = (self.a, self.b);
        let mut drafts = Vec::new();
        for (index, statement) in self.judged.pair.statements.iter().enumerate() {
            let Some(verdict) = self.judged.verdicts.get(index) else { break };
            let alignment = self.alignments[index];
            if opposes(alignment, verdict) >= UNCONTESTED || alignment <= 0.0 {
                continue;
            }
            let (Some(of_a), Some(of_b)) =
                (claim(a, &statement.a_claim), claim(b, &statement.b_claim))
            else {
                continue;
            };
            if sums_up(a, &statement.a_claim) || sums_up(b, &statement.b_claim) {
                continue;
            }
            let (forward, backward) = (verdict.forward.entailment, verdict.backward.entailment);
            let (x, y) = (self.readings.of(&of_a.text), self.readings.of(&of_b.text));
            // Whatever a model says, two numbers for one thing are no agreement.
            if x.clashes(&y) {
                continue;
            }
            let words =
                x.overlap(&y) >= SAME_WORDS && x.agrees_in_denial(&y) && x.difference(&y).is_none();
            let both = forward.min(backward) >= SAME || words;
            let one = forward.max(backward) >= INCLUDED;
            let cited =
                citation(a, of_a) == Citation::Found || citation(b, of_b) == Citation::Found;
            if !(both || one) || !cited {
                continue;
            }
            // Where one includes the other, only the part that both hold is agreed.
            let (stated, fuller) = if both || backward >= forward { (x, y) } else { (y, x) };
            // "It pays when the grant is counted" is no agreement that it pays.
            if !both && fuller.is_conditional() && !stated.is_conditional() {
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
            let sides =
                [sides(a, of_a, Stance::Supports), sides(b, of_b, Stance::Supports)].concat();
            drafts.push(plain(Section::Agreed, stated, basis.into(), sides));
        }
        drafts
    }

    /// Claims that cite only what cannot be found.
    fn rejected(&self, sno: &Sno, taken: &BTreeSet<String>) -> Vec<Draft> {
        let absent = |claim: &&Claim| {
            citation(sno, claim) == Citation::Absent && !taken.contains(&claim.claim_id)
        };
        let draft = |claim: &Claim| {
            let basis = "it cites only evidence that cannot be found".into();
            let stated = self.readings.of(&claim.text);
            plain(Section::Rejected, stated, basis, sides(sno, claim, Stance::Supports))
        };
        sno.claims.iter().filter(absent).map(draft).collect()
    }

    /// What earlier syntheses left open or rejected.
    fn handed_down(&self) -> Vec<Draft> {
        let draft = |finding: &Finding| Draft {
            finding: finding.clone(),
            statements: finding.sides.iter().map(|side| self.readings.of(&side.text)).collect(),
            difference: None,
            central: false,
        };
        let sections = [Section::Unresolved, Section::Rejected];
        sections
            .iter()
            .flat_map(|section| [self.a, self.b].map(|sno| inherited(sno, *section)))
            .flatten()
            .map(draft)
            .collect()
    }
}

/// The hypothesis of a synthesis sums up its claims and calls some of them contested: it is no statement of its own.
fn sums_up(sno: &Sno, claim_id: &str) -> bool {
    claim_id == "root" && sno.provenance == Provenance::Synthesis
}

/// A disagreement: resolved by a condition or by what can be found, else unresolved. Both sides are kept.
fn opposed(
    left: (&Sno, &Claim),
    right: (&Sno, &Claim),
    both: [Rc<Stated>; 2],
    difference: Option<Difference>,
    central: bool,
) -> Draft {
    let (x, y) = (&both[0].text, &both[1].text);
    let open = |basis: &str| unresolved(left, right, &both, basis, central);
    let found = (citation(left.0, left.1), citation(right.0, right.1));
    let stances = |a, b| [sides(left.0, left.1, a), sides(right.0, right.1, b)].concat();
    let draft =
        |section, text: String, basis: String, sides: Vec<Side>, statements: &[Rc<Stated>]| Draft {
            finding: Finding { section, claim_id: String::new(), text, basis, sides },
            statements: statements.to_vec(),
            difference: None,
            central,
        };
    match (found, difference) {
        ((Citation::Found, Citation::Found), Some(difference)) => Draft {
            difference: Some(difference.kind),
            ..draft(
                Section::Resolved,
                format!("{x}; {y}."),
                difference.basis(),
                stances(Stance::Supports, Stance::Supports),
                &both,
            )
        },
        ((Citation::Found, Citation::Found), None) => {
            open("both sides cite evidence that can be found, and none of it decides")
        }
        ((Citation::Found, _), _) => draft(
            Section::Resolved,
            format!("{x}."),
            "only one side cites evidence that can be found".into(),
            stances(Stance::Supports, Stance::Opposes),
            &both[..1],
        ),
        ((_, Citation::Found), _) => {
            let mut sides = stances(Stance::Opposes, Stance::Supports);
            sides.sort_by_key(|side| side.stance != Stance::Supports);
            let basis = "only one side cites evidence that can be found".into();
            draft(Section::Resolved, format!("{y}."), basis, sides, &both[1..])
        }
        _ => open("neither side cites evidence that can be found"),
    }
}

/// A disagreement that nothing decides.
fn unresolved(
    left: (&Sno, &Claim),
    right: (&Sno, &Claim),
    both: &[Rc<Stated>; 2],
    basis: &str,
    central: bool,
) -> Draft {
    let (x, y) = (&both[0].text, &both[1].text);
    let text = format!("Sources disagree: {x}; on the other hand: {y}.");
    let sides = [sides(left.0, left.1, Stance::Supports), sides(right.0, right.1, Stance::Opposes)]
        .concat();
    let (section, basis, claim_id) = (Section::Unresolved, basis.into(), String::new());
    let finding = Finding { section, claim_id, text, basis, sides };
    Draft { finding, statements: both.to_vec(), difference: None, central }
}

pub(super) fn plain(
    section: Section,
    stated: Rc<Stated>,
    basis: String,
    sides: Vec<Side>,
) -> Draft {
    let text = format!("{}.", stated.text);
    let finding = Finding { section, claim_id: String::new(), text, basis, sides };
    Draft { finding, statements: vec![stated], difference: None, central: false }
}
