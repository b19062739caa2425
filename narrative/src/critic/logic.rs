//! Structure of the reasoning graph, and what is wrong with the argument.
//!
//! Invariant: the structure is read from the shape of the graph alone, never from words; relations that repeat, name no claim
//! or join a claim with itself are not counted in it. What is wrong takes a share of it (`IP · ConsistencyCheck`), so that a
//! sound argument scores as its structure.
//!
//! The published heuristic counts a claim without incoming relation as an orphan. With relations that go from
//! premise to conclusion every premise is one, and a sound star of four premises gets 0.38. Here an orphan is a
//! claim from which no directed path leads to the root.

use std::collections::{BTreeMap, BTreeSet};

use cns_schemas::{CriticReport, Sno};

use super::fallacy::Faults;
use super::{asserted, sub_score, unit};

const ORPHAN_WEIGHT: f64 = 0.5;
const COHERENCE_WEIGHT: f64 = 0.3;
const PARSIMONY_WEIGHT: f64 = 0.2;
/// Mean number of conclusions for each claim at which coherence is gone.
const OUT_DEGREE_FULL: f64 = 3.0;

/// The graph by places: claims, and relations without repeats.
struct Shape<'a> {
    ids: Vec<&'a str>,
    root: Option<usize>,
    edges: BTreeSet<(usize, usize)>,
}

impl<'a> Shape<'a> {
    fn of(sno: &'a Sno) -> Shape<'a> {
        let ids: Vec<&str> = asserted(sno).map(|(_, claim)| claim.claim_id.as_str()).collect();
        let places: BTreeMap<&str, usize> =
            ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        let place = |id: &str| places.get(id).copied();
        let edges = sno
            .relations
            .iter()
            .filter_map(|relation| Some((place(&relation.source)?, place(&relation.target)?)))
            .filter(|(source, target)| source != target)
            .collect();
        Shape { root: place("root"), ids, edges }
    }

    fn coherence(&self) -> f64 {
        unit(1.0 - self.edges.len() as f64 / self.ids.len() as f64 / OUT_DEGREE_FULL)
    }

    fn parsimony(&self) -> f64 {
        let n = self.ids.len() as f64;
        unit(1.0 - self.edges.len() as f64 / (n * (n - 1.0)))
    }

    /// Claims other than the root into which no relation goes.
    fn without_incoming(&self) -> Vec<usize> {
        let targets: BTreeSet<usize> = self.edges.iter().map(|(_, target)| *target).collect();
        (0..self.ids.len())
            .filter(|place| Some(*place) != self.root && !targets.contains(place))
            .collect()
    }

    /// Claims from which no directed path leads to the root; without a root the first claim stands in for it.
    fn off_the_path(&self) -> Vec<usize> {
        let mut premises: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (source, target) in &self.edges {
            premises.entry(*target).or_default().push(*source);
        }
        let root = self.root.unwrap_or(0);
        let mut reached = BTreeSet::from([root]);
        let mut open = vec![root];
        while let Some(place) = open.pop() {
            for premise in premises.get(&place).into_iter().flatten() {
                if reached.insert(*premise) {
                    open.push(*premise);
                }
            }
        }
        (0..self.ids.len()).filter(|place| !reached.contains(place)).collect()
    }

    fn score(&self, orphans: usize) -> (f64, f64) {
        let orphan = unit(1.0 - orphans as f64 / (self.ids.len() - 1) as f64);
        let score = ORPHAN_WEIGHT * orphan
            + COHERENCE_WEIGHT * self.coherence()
            + PARSIMONY_WEIGHT * self.parsimony();
        (orphan, unit(score))
    }
}

/// Score_L as the developer's guide (ch. 3) prints it: 0.5·(1 − orphans/(n − 1)) + 0.3·max(0, 1 − mean
/// out-degree/3) + 0.2·(1 − density), an orphan being a claim other than `root` without incoming relation; 1
/// for a single claim. Reported beside [`logic`], not used.
pub fn logic_published(sno: &Sno) -> f64 {
    let shape = Shape::of(sno);
    if shape.ids.len() <= 1 { 1.0 } else { shape.score(shape.without_incoming().len()).1 }
}

/// The same with orphans counted as claims that have no directed path to the root, times what is left of the argument after
/// its faults. The explanation names orphans, refused relations, circles, claims that deny each other and conclusions that are
/// more general than their premises.
pub fn logic(sno: &Sno) -> CriticReport {
    let shape = Shape::of(sno);
    let faults = Faults::of(sno);
    let report = |score, explanation, sub_scores| CriticReport {
        critic: "logic".into(),
        score,
        confidence: 0.9,
        explanation,
        sub_scores,
    };
    if shape.ids.len() <= 1 {
        return report(
            faults.consistency(),
            with_notes("There is one statement and nothing to connect.".into(), sno, &faults),
            Vec::new(),
        );
    }
    let orphans = shape.off_the_path();
    let (orphan, score) = shape.score(orphans.len());
    let explanation = match orphans.len() {
        0 => format!("All {} statements lead to the hypothesis.", shape.ids.len() - 1),
        count => format!(
            "{count} of {} statements do not lead to the hypothesis: {}.",
            shape.ids.len() - 1,
            names(orphans.iter().map(|place| shape.ids[*place]))
        ),
    };
    let sub_scores = vec![
        sub_score("orphan", orphan),
        sub_score("coherence", shape.coherence()),
        sub_score("parsimony", shape.parsimony()),
        sub_score("consistency", faults.consistency()),
        sub_score("as_published", logic_published(sno)),
        sub_score("premises_without_evidence", bare_premises(sno, &shape) as f64),
    ];
    report(score * faults.consistency(), with_notes(explanation, sno, &faults), sub_scores)
}

/// How many claims nothing supports: no premise and no evidence.
fn bare_premises(sno: &Sno, shape: &Shape<'_>) -> usize {
    let bare: BTreeSet<&str> = asserted(sno)
        .filter(|(_, claim)| claim.evidence_ids.is_empty())
        .map(|(_, claim)| claim.claim_id.as_str())
        .collect();
    shape.without_incoming().iter().filter(|place| bare.contains(shape.ids[**place])).count()
}

fn with_notes(mut explanation: String, sno: &Sno, faults: &Faults) -> String {
    let refused = sno.refused.iter();
    let refused = refused.map(|r| format!("{} → {}", r.relation.source, r.relation.target));
    let notes = [
        ("Refused relations", names(refused)),
        ("It argues in a circle", names(faults.circles.iter())),
        ("It contradicts itself", names(faults.contradictions.iter())),
        ("It generalises too far", names(faults.generalisations.iter())),
    ];
    for (what, named) in notes.into_iter().filter(|(_, named)| !named.is_empty()) {
        explanation.push_str(&format!(" {what}: {named}."));
    }
    explanation
}

/// The first few, by name.
fn names(all: impl Iterator<Item = impl Into<String>>) -> String {
    const SHOWN: usize = 5;
    let all: Vec<String> = all.map(Into::into).collect();
    let mut text = all.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if all.len() > SHOWN {
        text.push_str(&format!(" and {} more", all.len() - SHOWN));
    }
    text
}
