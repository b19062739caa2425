//! Trust: the weighted mean of the critics' scores.
//!
//! Invariant: in [0, 1], and the weights that were used are handed back, so that a reader can add it up.

use cns_schemas::{CriticReport, Weights};

use super::unit;

/// Reward(S) = Σ w·s / Σ w (blueprint eq. 1, normalised as in the developer's guide, ch. 3); 0 without weights.
/// Gives the trust and the weight of each report, in their order. A critic that has no weight counts 0, and so
/// does a weight that is negative or not a number.
pub fn trust(reports: &[CriticReport], weights: &Weights) -> (f64, Vec<f64>) {
    let used: Vec<f64> = reports.iter().map(|report| weight_of(&report.critic, weights)).collect();
    let total: f64 = used.iter().sum();
    if total <= 0.0 {
        return (0.0, used);
    }
    let sum: f64 =
        reports.iter().zip(&used).map(|(report, weight)| weight * unit(report.score)).sum();
    (unit(sum / total), used)
}

fn weight_of(critic: &str, weights: &Weights) -> f64 {
    let weight = match critic {
        "grounding" => weights.grounding,
        "logic" => weights.logic,
        "novelty" => weights.novelty,
        _ => 0.0,
    };
    if weight.is_finite() && weight > 0.0 { weight } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reports(grounding: f64, logic: f64, novelty: f64) -> Vec<CriticReport> {
        [("grounding", grounding), ("logic", logic), ("novelty", novelty)]
            .map(|(critic, score)| CriticReport {
                critic: critic.into(),
                score,
                ..CriticReport::default()
            })
            .into()
    }

    fn check(scores: [f64; 3], weights: [f64; 3], wanted: f64) {
        let [grounding, logic, novelty] = weights;
        let (got, used) = trust(
            &reports(scores[0], scores[1], scores[2]),
            &Weights { grounding, logic, novelty },
        );
        assert!((got - wanted).abs() < 6e-5, "{got} is not {wanted}");
        assert_eq!(used, weights);
    }

    #[test]
    fn published_profiles() {
        check([0.5, 0.4, 0.9], [0.1, 0.1, 0.8], 0.81);
        check([0.5, 0.4, 0.9], [0.45, 0.45, 0.1], 0.495);
        check([0.63, 1.0, 0.835], [0.4, 0.3, 0.3], 0.8025);
        check([0.63, 1.0, 0.835], [0.1, 0.1, 0.8], 0.831);
        check([0.63, 1.0, 0.835], [0.45, 0.45, 0.1], 0.817);
    }

    #[test]
    fn worked_example_of_missing_mass() {
        let weights = [0.4, 0.3, 0.3];
        check([0.666, 0.88, 0.652], weights, 0.726);
        check([0.7, 0.88, 0.272_794], weights, 0.6258);
        check([0.666, 0.38, 0.652], weights, 0.576);
        check([0.7, 0.38, 0.272_794], weights, 0.4758);
        check([0.755, 0.883_333, 0.202_389], weights, 0.6277);
    }

    #[test]
    fn weights_need_not_sum_to_one_and_may_be_missing() {
        check([1.0, 0.5, 0.0], [2.0, 2.0, 0.0], 0.75);
        assert_eq!(trust(&[], &Weights::default()), (0.0, vec![]));
        assert_eq!(
            trust(&reports(1.0, 1.0, 1.0), &Weights { grounding: 0.0, logic: 0.0, novelty: 0.0 }).0,
            0.0
        );
        let odd = Weights { grounding: f64::NAN, logic: -1.0, novelty: 1.0 };
        assert_eq!(trust(&reports(f64::NAN, 1.0, 0.25), &odd), (0.25, vec![0.0, 0.0, 1.0]));
    }
}
