//! Novelty against parsimony.
//!
//! Invariant: in [0, 0.7]: the scale is the developer's guide's, and its best case is an SNO without relations
//! far from all others.

use cns_schemas::CriticReport;

use super::{sub_score, unit};

/// Weight of the distance.
const ALPHA: f64 = 0.7;
/// Weight of the penalty for many relations.
const BETA: f64 = 0.3;
/// Relations for each claim at which the penalty is full.
const RELATIONS_PER_CLAIM_FULL: f64 = 5.0;

/// Score_N = α·min‖H − H_i‖/2 − β·min(1, (|E|/|V|)/5), clamped (blueprint §2.2 with the scaling of the
/// developer's guide, ch. 3). For unit vectors ‖H − H_i‖ = √(2 − 2·cos). `nearest_cosine` is that of the nearest
/// admitted SNO outside its own lineage, `None` when there is none: then the distance counts 1.
pub fn novelty(nearest_cosine: Option<f64>, claims: usize, relations: usize) -> CriticReport {
    let distance = match nearest_cosine {
        None => 1.0,
        Some(cosine) => unit((2.0 - 2.0 * cosine).max(0.0).sqrt() / 2.0),
    };
    let density = if claims == 0 { 0.0 } else { relations as f64 / claims as f64 };
    let penalty = BETA * (density / RELATIONS_PER_CLAIM_FULL).min(1.0);
    let explanation = match nearest_cosine {
        None => "Nothing comparable was there before it.".to_owned(),
        Some(cosine) => format!(
            "The nearest narrative outside its lineage has cosine {cosine:.2}; {density:.1} relations for each claim cost {penalty:.2}."
        ),
    };
    CriticReport {
        critic: "novelty".into(),
        score: unit(ALPHA * distance - penalty),
        confidence: 0.9,
        explanation,
        sub_scores: vec![sub_score("distance", distance), sub_score("parsimony_penalty", penalty)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(nearest: Option<f64>, claims: usize, relations: usize, wanted: f64) {
        let got = novelty(nearest, claims, relations).score;
        assert!((got - wanted).abs() < 6e-5, "{got} is not {wanted}");
    }

    #[test]
    fn worked_example_of_missing_mass() {
        check(None, 5, 4, 0.652);
        check(Some(0.58), 5, 4, 0.2728);
        check(Some(0.74), 6, 5, 0.2024);
    }

    #[test]
    fn ends_of_the_scale() {
        check(Some(1.0), 5, 4, 0.0);
        check(Some(1.000_001), 1, 0, 0.0);
        check(Some(-1.0), 1, 0, 0.7);
        check(None, 0, 0, 0.7);
        check(None, 2, 100, 0.4);
        check(Some(f64::NAN), 1, 0, 0.0);
    }
}
