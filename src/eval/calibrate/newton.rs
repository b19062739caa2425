//! Fits a multinomial logistic regression by Newton's method.
//!
//! Invariant: deterministic: full batches, sums in the order of the rows, no random start.

use cns_processors::models::{
    calibration::{CLASSES, Logistic},
    features::{COUNT, NAMES},
};

/// Weights of a class: one for each feature, and the constant.
const INPUTS: usize = COUNT + 1;
/// All weights.
const SIZE: usize = CLASSES * INPUTS;
/// How much large weights cost. Ours: small beside thousands of rows, and enough to keep features apart that
/// say almost the same.
const PENALTY: f64 = 1e-3;
/// The constants cost next to nothing; without that the three classes would not be told apart by one solution.
const CONSTANT_PENALTY: f64 = 1e-8;
const STEPS_MAX: usize = 50;
/// A smaller gain is none.
const GAIN_LEAST: f64 = 1e-10;
/// A step is halved at most so often.
const HALVINGS_MAX: usize = 30;

/// A row: its features, its class, its weight.
pub type Row = ([f64; COUNT], usize, f64);

/// The regression that fits rows best; their weights sum to 1.
pub fn fit(rows: &[Row]) -> Logistic {
    let (means, scales) = standard(rows);
    let inputs = |features: &[f64; COUNT]| -> [f64; INPUTS] {
        std::array::from_fn(|place| match place {
            COUNT => 1.0,
            _ => (features[place] - means[place]) / scales[place],
        })
    };
    let rows: Vec<([f64; INPUTS], usize, f64)> =
        rows.iter().map(|(features, class, weight)| (inputs(features), *class, *weight)).collect();
    let mut weights = [0.0; SIZE];
    let mut cost = costs(&rows, &weights);
    for _ in 0..STEPS_MAX {
        let Some(step) = newton_step(&rows, &weights) else { break };
        let mut share = 1.0;
        let better = (0..HALVINGS_MAX).find_map(|_| {
            let tried: [f64; SIZE] = std::array::from_fn(|at| weights[at] - share * step[at]);
            share /= 2.0;
            let reached = costs(&rows, &tried);
            (reached < cost).then_some((tried, reached))
        });
        let Some((next, reached)) = better else { break };
        let gain = cost - reached;
        (weights, cost) = (next, reached);
        if gain < GAIN_LEAST {
            break;
        }
    }
    Logistic {
        features: NAMES.map(str::to_owned).to_vec(),
        means: means.to_vec(),
        scales: scales.to_vec(),
        weights: weights.chunks(INPUTS).map(<[f64]>::to_vec).collect(),
    }
}

/// Weighted mean and deviation of each feature. One that never changes is left as it is.
fn standard(rows: &[Row]) -> ([f64; COUNT], [f64; COUNT]) {
    let mean = |value: &dyn Fn(&[f64; COUNT]) -> f64| {
        rows.iter().map(|(features, _, weight)| weight * value(features)).sum::<f64>()
    };
    let means: [f64; COUNT] = std::array::from_fn(|place| mean(&|features| features[place]));
    let scales = std::array::from_fn(|place| {
        let variance = mean(&|features| (features[place] - means[place]).powi(2));
        if variance.sqrt() > 1e-6 { variance.sqrt() } else { 1.0 }
    });
    (means, scales)
}

fn probabilities(inputs: &[f64; INPUTS], weights: &[f64; SIZE]) -> [f64; CLASSES] {
    let sums: [f64; CLASSES] = std::array::from_fn(|class| {
        let of_class = &weights[class * INPUTS..(class + 1) * INPUTS];
        inputs.iter().zip(of_class).map(|(x, weight)| x * weight).sum()
    });
    let highest = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let parts = sums.map(|sum| (sum - highest).exp());
    let sum: f64 = parts.iter().sum();
    parts.map(|part| part / sum)
}

fn penalty(place: usize) -> f64 {
    if place % INPUTS == COUNT { CONSTANT_PENALTY } else { PENALTY }
}

/// The weighted mean of the surprise, and what large weights cost.
fn costs(rows: &[([f64; INPUTS], usize, f64)], weights: &[f64; SIZE]) -> f64 {
    let surprise = rows.iter().map(|(inputs, class, weight)| {
        -weight * probabilities(inputs, weights)[*class].max(f64::MIN_POSITIVE).ln()
    });
    let large = weights.iter().enumerate().map(|(place, w)| penalty(place) * w * w / 2.0);
    surprise.sum::<f64>() + large.sum::<f64>()
}

/// What to take from the weights; `None` when there is no way down.
fn newton_step(rows: &[([f64; INPUTS], usize, f64)], weights: &[f64; SIZE]) -> Option<[f64; SIZE]> {
    let mut slope: [f64; SIZE] = std::array::from_fn(|place| penalty(place) * weights[place]);
    let mut bend = vec![[0.0; SIZE]; SIZE];
    (0..SIZE).for_each(|place| bend[place][place] = penalty(place));
    for (inputs, class, weight) in rows {
        let said = probabilities(inputs, weights);
        for one in 0..CLASSES {
            let is = f64::from(u8::from(one == *class));
            for (place, x) in inputs.iter().enumerate() {
                slope[one * INPUTS + place] += weight * (said[one] - is) * x;
            }
            for other in 0..CLASSES {
                let same = f64::from(u8::from(one == other));
                let curve = weight * said[one] * (same - said[other]);
                for (i, x) in inputs.iter().enumerate() {
                    let row = &mut bend[one * INPUTS + i][other * INPUTS..(other + 1) * INPUTS];
                    row.iter_mut().zip(inputs).for_each(|(cell, y)| *cell += curve * x * y);
                }
            }
        }
    }
    solve(bend, slope)
}

/// x with `matrix`·x = `right`, for a symmetric positive matrix (Cholesky); `None` for another one.
fn solve(mut matrix: Vec<[f64; SIZE]>, mut right: [f64; SIZE]) -> Option<[f64; SIZE]> {
    for i in 0..SIZE {
        for j in 0..=i {
            let product: f64 = (0..j).map(|k| matrix[i][k] * matrix[j][k]).sum();
            let rest = matrix[i][j] - product;
            if i == j {
                if rest <= 0.0 {
                    return None;
                }
                matrix[i][i] = rest.sqrt();
            } else {
                matrix[i][j] = rest / matrix[j][j];
            }
        }
    }
    for i in 0..SIZE {
        let known: f64 = (0..i).map(|k| matrix[i][k] * right[k]).sum();
        right[i] = (right[i] - known) / matrix[i][i];
    }
    for i in (0..SIZE).rev() {
        let known: f64 = (i + 1..SIZE).map(|k| matrix[k][i] * right[k]).sum();
        right[i] = (right[i] - known) / matrix[i][i];
    }
    Some(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Row> {
        let mut random = fastrand::Rng::with_seed(3);
        let row = |number: usize| {
            let mut features = [0.0; COUNT];
            features.iter_mut().for_each(|feature| *feature = random.f64());
            let class = number % CLASSES;
            // The first feature tells class 0, the second class 2, with exceptions.
            features[0] += if class == 0 { 0.7 } else { 0.0 };
            features[1] += if class == 2 { 0.7 } else { 0.0 };
            (features, class, 1.0 / 300.0)
        };
        (0..300).map(row).collect()
    }

    #[test]
    fn the_fit_has_no_slope_left_and_is_the_same_again() {
        let rows = rows();
        let fitted = fit(&rows);
        assert_eq!(fitted, fit(&rows));
        let weights: Vec<f64> = fitted.weights.concat();
        let weights: [f64; SIZE] = weights.try_into().unwrap();
        let standard = |(features, class, weight): &Row| {
            let inputs = std::array::from_fn(|place| match place {
                COUNT => 1.0,
                _ => (features[place] - fitted.means[place]) / fitted.scales[place],
            });
            (inputs, *class, *weight)
        };
        let rows: Vec<_> = rows.iter().map(standard).collect();
        let best = costs(&rows, &weights);
        for place in 0..SIZE {
            for change in [-0.01, 0.01] {
                let mut other = weights;
                other[place] += change;
                assert!(costs(&rows, &other) >= best - 1e-9, "weight {place}");
            }
        }
        assert!(weights[0] > 1.0 && weights[2 * INPUTS + 1] > 1.0, "{weights:?}");
    }

    #[test]
    fn features_that_never_change_do_no_harm() {
        let rows = [([1.0; COUNT], 0, 0.5), ([1.0; COUNT], 1, 0.5)];
        let fitted = fit(&rows);
        assert!(fitted.weights.iter().flatten().all(|weight| weight.is_finite()));
        assert_eq!(fitted.scales, [1.0; COUNT]);
    }
}
