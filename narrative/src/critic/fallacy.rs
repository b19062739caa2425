//! What is wrong with an argument beyond its shape: circles, claims that deny each other, too general conclusions.
//!
//! Invariant: a fault names the claims that it is about, and is the same in whatever order claims and relations stand. What
//! others are reported to say is not the document's, so it contradicts nothing and is generalised from by nobody. A synthesis
//! keeps what its sides deny each other, which is no fault of it.

use std::collections::{BTreeMap, BTreeSet};

use cns_schemas::RelationType::{Contradicts, Explains, Implies, Supports};
use cns_schemas::{Claim, Provenance, Relation, Sno};
use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use super::asserted;
use crate::condition::Conditions;
use crate::direction::{Direction, direction};
use crate::quantity::{Quantity, clash_of, quantities};
use crate::statement::bare;
use crate::words::{denies, is_negative, overlap_of, stems_of, words};

/// What a fault takes from the score (penalties of the Elixir reference for circles and contradictions).
const CIRCLE_COST: f64 = 0.2;
const CONTRADICTION_COST: f64 = 0.3;
const GENERALISATION_COST: f64 = 0.2;

/// Overlap of what two claims are about, from which one can deny the other.
const SAME_SUBJECT: f64 = 0.9;
/// Words that two claims need for that.
const SUBJECT_WORDS_MIN: usize = 2;
/// Overlap from which a conclusion is about what its premise is about.
const SAME_TOPIC: f64 = 0.3;

/// Words that limit what is said to a part.
const LIMITED: &[&str] = &[
    "certain",
    "few",
    "many",
    "most",
    "occasionally",
    "often",
    "partly",
    "several",
    "some",
    "sometimes",
];
/// Words that say it of the whole.
const UNIVERSAL: &[&str] =
    &["all", "always", "every", "everybody", "everyone", "invariably", "universally"];
/// In front of a universal word these take it back: "not all", "at all", "after all".
const TAKEN_BACK: &[&str] = &["above", "after", "at", "no", "not"];

/// The faults of an argument, each in words that name its claims.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Faults {
    /// "c1 → c2 → c1".
    pub circles: Vec<String>,
    /// "c1 denies root".
    pub contradictions: Vec<String>,
    /// How many of them are about one thing; a relation alone ("However, this contradicts …") names what may be another.
    on_one_thing: usize,
    /// "root says “all” where c1 says “some”".
    pub generalisations: Vec<String>,
}

impl Faults {
    pub(super) fn of(sno: &Sno) -> Faults {
        if sno.provenance == Provenance::Synthesis {
            return Faults { circles: circles(sno), ..Faults::default() };
        }
        let told: Vec<Told<'_>> = asserted(sno)
            .filter(|(_, claim)| claim.attributed_to.is_none())
            .map(|(_, claim)| Told::of(claim))
            .collect();
        let (contradictions, on_one_thing) = contradictions(sno, &told);
        Faults {
            circles: circles(sno),
            contradictions,
            on_one_thing,
            generalisations: generalisations(sno, &told),
        }
    }

    /// What the score is multiplied with: 1 where nothing is wrong.
    pub(super) fn consistency(&self) -> f64 {
        let cost = CIRCLE_COST * self.circles.len() as f64
            + CONTRADICTION_COST * self.on_one_thing as f64
            + GENERALISATION_COST * self.generalisations.len() as f64;
        (1.0 - cost).max(0.0)
    }
}

/// Claims that are reasons for each other, refused relations included: what was refused was argued all the same.
fn circles(sno: &Sno) -> Vec<String> {
    let ids: BTreeSet<&str> = asserted(sno).map(|(_, claim)| claim.claim_id.as_str()).collect();
    let refused = sno.refused.iter().map(|refused| &refused.relation);
    let known = |relation: &&Relation| {
        ids.contains(relation.source.as_str()) && ids.contains(relation.target.as_str())
    };
    let mut graph = DiGraphMap::<&str, ()>::new();
    // A relation of a claim with itself says nothing, unless it was refused for that.
    let joining = sno.relations.iter().filter(|relation| relation.source != relation.target);
    for relation in joining.chain(refused).filter(known) {
        graph.add_edge(relation.source.as_str(), relation.target.as_str(), ());
    }
    let mut circles: Vec<Vec<&str>> = tarjan_scc(&graph)
        .into_iter()
        .filter(|part| part.len() > 1 || graph.contains_edge(part[0], part[0]))
        .collect();
    circles.iter_mut().for_each(|circle| circle.sort_unstable());
    circles.sort_unstable();
    circles
        .into_iter()
        .map(|circle| [circle.as_slice(), &circle[..1]].concat().join(" → "))
        .collect()
}

/// A claim as it is held against others.
struct Told<'s> {
    claim: &'s Claim,
    /// What it is about: topic words without numbers and directions.
    subject: BTreeSet<String>,
    directions: BTreeSet<Direction>,
    denies: bool,
    quantities: Vec<Quantity>,
    conditions: Conditions,
    limited: Option<String>,
    universal: Option<String>,
}

impl<'s> Told<'s> {
    fn of(claim: &'s Claim) -> Told<'s> {
        let text = bare(&claim.text);
        let words = words(&text);
        let found = |list: &[&str]| {
            let taken_back = |at: usize| at > 0 && TAKEN_BACK.contains(&words[at - 1].as_str());
            let mut places = words.iter().enumerate();
            let place = places.find(|(at, word)| list.contains(&word.as_str()) && !taken_back(*at));
            place.map(|(_, word)| word.clone())
        };
        let number = |word: &String| word.starts_with(|c: char| c.is_ascii_digit());
        let subject = words.iter().filter(|word| {
            !number(word) && direction(word).is_none() && !is_negative(word) && *word != "percent"
        });
        Told {
            claim,
            subject: stems_of(subject.cloned().collect()).collect(),
            directions: words.iter().filter_map(|word| direction(word)).collect(),
            denies: denies(&words),
            limited: found(LIMITED),
            universal: found(UNIVERSAL),
            quantities: quantities(&text),
            conditions: Conditions::of(&text),
        }
    }

    /// Whether both cannot be true: the same subject under the same conditions, denied, in another direction or number.
    fn contradicts(&self, other: &Told<'_>) -> bool {
        let enough = self.subject.len().min(other.subject.len()) >= SUBJECT_WORDS_MIN;
        if !enough || overlap_of(&self.subject, &other.subject) < SAME_SUBJECT {
            return false;
        }
        let same_way = self.directions == other.directions;
        let opposed = self.directions.len() == 1 && other.directions.len() == 1 && !same_way;
        let differs = if self.denies == other.denies {
            opposed || clash_of(&self.quantities, &other.quantities).is_some()
        } else {
            same_way
        };
        differs && self.conditions.difference(&other.conditions).is_none()
    }
}

/// Claims that deny each other, by their words or by a relation that says so, and how many of them are about one thing.
fn contradictions(sno: &Sno, told: &[Told<'_>]) -> (Vec<String>, usize) {
    let by_relation = |x: &str, y: &str| {
        sno.relations.iter().any(|relation| {
            let ends = [relation.source.as_str(), relation.target.as_str()];
            relation.relation_type == Contradicts && (ends == [x, y] || ends == [y, x])
        })
    };
    let (mut found, mut on_one_thing) = (BTreeSet::new(), 0);
    for (at, left) in told.iter().enumerate() {
        for right in &told[at + 1..] {
            let (earlier, later) = (left.claim.claim_id.as_str(), right.claim.claim_id.as_str());
            let related = by_relation(earlier, later);
            let near = overlap_of(&left.subject, &right.subject) >= SAME_TOPIC;
            let by_words = left.contradicts(right);
            if related || by_words {
                found.insert((later, earlier));
                on_one_thing += usize::from(by_words || near);
            }
        }
    }
    let named = found.into_iter().map(|(later, earlier)| format!("{later} denies {earlier}"));
    (named.collect(), on_one_thing)
}

/// Conclusions that say of all what their premises say of some.
fn generalisations(sno: &Sno, told: &[Told<'_>]) -> Vec<String> {
    let by_id: BTreeMap<&str, &Told<'_>> =
        told.iter().map(|told| (told.claim.claim_id.as_str(), told)).collect();
    let mut found = Vec::new();
    for conclusion in told {
        let Some(universal) = &conclusion.universal else { continue };
        let premises: Vec<&Told<'_>> = sno
            .relations
            .iter()
            .filter(|relation| {
                relation.target == conclusion.claim.claim_id
                    && matches!(relation.relation_type, Supports | Explains | Implies)
            })
            .filter_map(|relation| by_id.get(relation.source.as_str()).copied())
            .filter(|premise| overlap_of(&premise.subject, &conclusion.subject) >= SAME_TOPIC)
            .collect();
        // One premise that says it of all is enough.
        if conclusion.limited.is_some() || premises.iter().any(|p| p.universal.is_some()) {
            continue;
        }
        let narrow = premises.iter().find_map(|p| Some((&p.claim.claim_id, p.limited.as_ref()?)));
        found.extend(narrow.map(|(premise, limited)| {
            let id = &conclusion.claim.claim_id;
            format!("{id} says “{universal}” where {premise} says “{limited}”")
        }));
    }
    found.sort_unstable();
    found
}
