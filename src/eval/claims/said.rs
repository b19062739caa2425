//! What is said of a row, and what that is worth.

use cns_schemas::Scores;

use super::{Groups, Label, Ranking};
use crate::eval::measure::{Confusion, Measure, Reliability, Resampling};

/// The measures, in their order.
pub const MEASURES: [&str; 7] = [
    "accuracy",
    "macro_f1",
    "auc_supports_refutes",
    "auc_supports",
    "auc_neutral",
    "auc_refutes",
    "ece",
];

/// What a model or a baseline says of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Said {
    /// The class.
    pub class: usize,
    /// What speaks for each class.
    pub ranks: [f64; 3],
    /// What speaks for support rather than refutation.
    pub leaning: f64,
    /// The probability of the class; a baseline names none.
    pub confidence: Option<f64>,
}

impl Said {
    /// What an entailment model says. Where it cannot tell it is neutral.
    pub fn of_scores(scores: Scores) -> Said {
        let ranks = [scores.entailment, scores.neutral, scores.contradiction].map(f64::from);
        let class = match ranks {
            [supports, neutral, refutes] if neutral >= supports && neutral >= refutes => 1,
            [supports, _, refutes] if supports >= refutes => 0,
            _ => 2,
        };
        Said { class, ranks, leaning: ranks[0] - ranks[2], confidence: Some(ranks[class]) }
    }
}

/// Counts what was said of which class.
pub fn confusion(said: &[Said], labels: &[Label], weight: impl Fn(usize) -> f64) -> Confusion {
    let rows = said.iter().zip(labels).enumerate();
    Confusion::of(rows.map(|(row, (said, label))| (*label as usize, said.class, weight(row))))
}

/// How often what was said is right, by confidence; empty where there is none.
pub fn reliability(said: &[Said], labels: &[Label], weight: impl Fn(usize) -> f64) -> Reliability {
    let rows = said.iter().zip(labels).enumerate();
    Reliability::of(rows.filter_map(|(row, (said, label))| {
        Some((said.confidence?, said.class == *label as usize, weight(row)))
    }))
}

/// Rows that support or refute, by what speaks for support.
pub fn opposed(said: &[Said], labels: &[Label]) -> Ranking {
    Ranking::of(said.iter().zip(labels).map(|(said, label)| {
        let supports = match label {
            Label::Supports => Some(true),
            Label::Refutes => Some(false),
            Label::Neutral => None,
        };
        (said.leaning, supports)
    }))
}

/// All of [`MEASURES`] with their intervals.
pub fn measures(
    said: &[Said],
    labels: &[Label],
    groups: &Groups,
    resampling: Resampling,
) -> [Measure; MEASURES.len()] {
    let opposed = opposed(said, labels);
    let against_rest = Label::ALL.map(|class| {
        let rows = said.iter().zip(labels);
        Ranking::of(rows.map(|(said, is)| (said.ranks[class as usize], Some(*is == class))))
    });
    resampling.measure(groups, |weights| {
        let confusion = confusion(said, labels, |row| weights[row]);
        [
            confusion.accuracy(),
            confusion.macro_f1(),
            opposed.auc(weights),
            against_rest[0].auc(weights),
            against_rest[1].auc(weights),
            against_rest[2].auc(weights),
            reliability(said, labels, |row| weights[row]).error(),
        ]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(entailment: f32, neutral: f32, contradiction: f32) -> Said {
        Said::of_scores(Scores { entailment, neutral, contradiction })
    }

    #[test]
    fn the_class_is_the_highest_score_and_neutral_where_two_are() {
        assert_eq!(said(0.5, 0.2, 0.3).class, 0);
        assert_eq!(said(0.2, 0.2, 0.6).class, 2);
        assert_eq!(said(0.4, 0.4, 0.2).class, 1);
        assert_eq!(said(0.5, 0.2, 0.3).confidence, Some(0.5));
    }

    #[test]
    fn measures_computed_by_hand() {
        let said = [
            said(0.75, 0.25, 0.0),
            said(0.0, 0.25, 0.75),
            said(0.25, 0.5, 0.25),
            said(0.75, 0.25, 0.0),
        ];
        let labels = [Label::Supports, Label::Refutes, Label::Neutral, Label::Refutes];
        let groups = Groups::of(["a", "b", "c", "d"].into_iter());
        let resampling = Resampling { resamples: 0, seed: 1 };
        let got = measures(&said, &labels, &groups, resampling).map(|m| m.value.unwrap());
        // F1: 2/3, 1, 2/3. Leaning of supports 0.75, of refutes -0.75 and 0.75.
        // Supports against the rest: 0.75 above 0 and 0.25, equal to 0.75.
        // Refutes 0.75 and 0 against 0 and 0.25: two above, one equal, one below.
        // Confidence 0.75 three times with two right, 0.5 once and right: (0.25 + 0.5) / 4.
        let wanted = [0.75, 7.0 / 9.0, 0.75, 2.5 / 3.0, 1.0, 2.5 / 4.0, 0.75 / 4.0];
        for ((name, got), wanted) in MEASURES.iter().zip(got).zip(wanted) {
            assert!((got - wanted).abs() < 1e-12, "{name}: {got} is not {wanted}");
        }
    }
}
