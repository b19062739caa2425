//! A way to find conflicts: a ranking of pairs, and which of them it calls one.

use super::{DocumentRow, Groups, Standing};
use crate::eval::measure::{Measure, Ranking, Resampling};

/// Parts that topics are divided into to fit a threshold.
pub const FOLDS: usize = 5;
/// Pairs at the top of the ranking that somebody would look at.
const LOOKED_AT: f64 = 10.0;

/// The measures, in their order.
pub const MEASURES: [&str; 8] = [
    "precision_at_10",
    "recall",
    "precision",
    "auc_conflict",
    "false_agreement",
    "false_paraphrase",
    "false_compatible",
    "false_unrelated",
];

/// A way to find conflicts.
pub struct Detector {
    /// What it is.
    pub name: String,
    /// What speaks for a conflict, for each pair.
    pub scores: Vec<f64>,
    /// Whether it calls the pair a conflict.
    pub fires: Vec<bool>,
}

impl Detector {
    /// Fires from a score on that has the best F1 on the topics of the other parts.
    pub fn fitted(name: &str, scores: Vec<f64>, rows: &[DocumentRow], folds: &[usize]) -> Detector {
        let thresholds: Vec<f64> = (0..FOLDS)
            .map(|part| {
                let others = (0..rows.len()).filter(|row| folds[*row] != part);
                threshold(others.map(|row| (scores[row], is_conflict(&rows[row]))))
            })
            .collect();
        let fires = scores.iter().zip(folds).map(|(score, part)| *score >= thresholds[*part]);
        Detector { name: name.into(), fires: fires.collect(), scores }
    }

    /// All of [`MEASURES`] with their intervals.
    pub fn measures(
        &self,
        rows: &[DocumentRow],
        groups: &Groups,
        resampling: Resampling,
    ) -> [Measure; MEASURES.len()] {
        let wanted = rows.iter().map(is_conflict);
        let ranking = Ranking::of(self.scores.iter().copied().zip(wanted.map(Some)));
        let order = self.order(rows);
        resampling.measure(groups, |weights| {
            let fired = |row: &usize| self.fires[*row];
            let sum = |chosen: &dyn Fn(&usize) -> bool| {
                // The sum of nothing is -0.0, which would be shown.
                (0..rows.len()).filter(chosen).fold(0.0, |sum, row| sum + weights[row])
            };
            let is = |row: &usize, label: Standing| rows[*row].label == label;
            let rate = |label: Standing| {
                share(sum(&|row| is(row, label) && fired(row)), sum(&|row| is(row, label)))
            };
            let hits = sum(&|row| is(row, Standing::Conflict) && fired(row));
            [
                precision_at(LOOKED_AT, &order, rows, weights),
                rate(Standing::Conflict),
                share(hits, sum(&fired)),
                ranking.auc(weights),
                rate(Standing::Agreement),
                rate(Standing::Paraphrase),
                rate(Standing::Compatible),
                rate(Standing::Unrelated),
            ]
        })
    }

    /// The pairs from the highest score down, ties by their names.
    fn order(&self, rows: &[DocumentRow]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by(|a, b| {
            let scores = self.scores[*b].total_cmp(&self.scores[*a]);
            scores.then_with(|| rows[*a].pair.cmp(&rows[*b].pair))
        });
        order
    }
}

fn is_conflict(row: &DocumentRow) -> bool {
    row.label == Standing::Conflict
}

fn share(part: f64, all: f64) -> Option<f64> {
    (all > 0.0).then(|| part / all)
}

/// The share of conflicts among the first `places` pairs; a pair that is drawn twice takes two places.
fn precision_at(
    places: f64,
    order: &[usize],
    rows: &[DocumentRow],
    weights: &[f64],
) -> Option<f64> {
    let (mut taken, mut hits) = (0.0, 0.0);
    for row in order {
        let weight = weights[*row].min(places - taken);
        taken += weight;
        hits += if is_conflict(&rows[*row]) { weight } else { 0.0 };
    }
    share(hits, taken)
}

/// The score from which on calling a conflict has the best F1; the highest of equally good ones.
fn threshold(rows: impl Iterator<Item = (f64, bool)>) -> f64 {
    let mut rows: Vec<(f64, bool)> = rows.collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let all = rows.iter().filter(|row| row.1).count() as f64;
    let (mut best, mut at) = (0.0, f64::INFINITY);
    let (mut called, mut hits) = (0.0, 0.0);
    for tie in rows.chunk_by(|a, b| a.0 == b.0) {
        called += tie.len() as f64;
        hits += tie.iter().filter(|row| row.1).count() as f64;
        let f1 = 2.0 * hits / (called + all);
        if f1 > best {
            (best, at) = (f1, tie[0].0);
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::labelled::Text;

    fn row(pair: &str, label: Standing) -> DocumentRow {
        let text = || Text { document_id: String::new(), text: String::new() };
        DocumentRow { pair: pair.into(), topic: pair.into(), label, a: text(), b: text() }
    }

    #[test]
    fn measures_computed_by_hand() {
        use Standing::{Agreement, Compatible, Conflict};
        let rows = [("d", Conflict), ("c", Agreement), ("b", Conflict), ("a", Compatible)]
            .map(|(pair, label)| row(pair, label));
        let detector = Detector {
            name: "x".into(),
            scores: vec![0.9, 0.9, 0.2, 0.0],
            fires: vec![true, true, false, false],
        };
        assert_eq!(detector.order(&rows), [1, 0, 2, 3], "ties by the name of the pair");
        let groups = Groups::of(rows.iter().map(|row| row.topic.as_str()));
        let measures = detector.measures(&rows, &groups, Resampling { resamples: 0, seed: 1 });
        // Above: 0.9 = 0.9, 0.9 > 0, 0.2 < 0.9, 0.2 > 0.
        let wanted =
            [Some(0.5), Some(0.5), Some(0.5), Some(2.5 / 4.0), Some(1.0), None, Some(0.0), None];
        assert_eq!(measures.map(|measure| measure.value), wanted);
        let order = detector.order(&rows);
        assert_eq!(precision_at(2.0, &order, &rows, &[1.0; 4]), Some(0.5));
        assert_eq!(precision_at(3.0, &order, &rows, &[2.0, 1.0, 0.0, 5.0]), Some(2.0 / 3.0));
    }

    #[test]
    fn a_threshold_is_the_best_one() {
        let rows = [(0.9, true), (0.5, true), (0.4, false), (0.5, false), (0.1, true)];
        // From 0.9: 2/4. From 0.5: 4/6. From 0.4: 4/7. From 0.1: 6/8.
        assert_eq!(threshold(rows.into_iter()), 0.1);
        assert_eq!(threshold(rows.into_iter().take(4)), 0.5);
        assert_eq!(threshold(std::iter::empty()), f64::INFINITY);
    }
}
