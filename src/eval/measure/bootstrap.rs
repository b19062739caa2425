//! How far a measure could be off: it is taken again on rows drawn with replacement, group by group.

use super::Groups;

/// The share of resamples below the interval, and above it.
const TAIL: f64 = 0.025;

/// A measure with its 95 % interval. `None` where it is not defined.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Measure {
    /// On the rows as they are.
    pub value: Option<f64>,
    /// 95 % of the resamples lie between these.
    pub interval: Option<(f64, f64)>,
}

/// How resamples are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Resampling {
    /// How many.
    pub resamples: usize,
    /// The same seed draws the same.
    pub seed: u64,
}

impl Resampling {
    /// Takes measures on the rows and on resamples of them. `measure` gets the weight of each row.
    pub fn measure<const N: usize>(
        &self,
        groups: &Groups,
        measure: impl Fn(&[f64]) -> [Option<f64>; N],
    ) -> [Measure; N] {
        let values = measure(&vec![1.0; groups.of.len()]);
        let mut random = fastrand::Rng::with_seed(self.seed);
        let mut drawn: [Vec<f64>; N] = std::array::from_fn(|_| Vec::new());
        for _ in 0..self.resamples {
            let mut times = vec![0.0; groups.count];
            (0..groups.count).for_each(|_| times[random.usize(..groups.count)] += 1.0);
            let weights: Vec<f64> = groups.of.iter().map(|group| times[*group]).collect();
            for (all, value) in drawn.iter_mut().zip(measure(&weights)) {
                all.extend(value);
            }
        }
        let mut intervals = drawn.into_iter().map(interval);
        values.map(|value| {
            let interval = intervals.next().flatten().filter(|_| value.is_some());
            Measure { value, interval }
        })
    }
}

fn interval(mut values: Vec<f64>) -> Option<(f64, f64)> {
    values.sort_by(f64::total_cmp);
    Some((quantile(&values, TAIL)?, quantile(&values, 1.0 - TAIL)?))
}

/// Between two values the line between them counts.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * (sorted.len().checked_sub(1)?) as f64;
    let (low, high) = (sorted.get(place.floor() as usize)?, sorted.get(place.ceil() as usize)?);
    Some(low + (high - low) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(resampling: Resampling, keys: &[&str], values: &[f64]) -> Measure {
        let groups = Groups::of(keys.iter().copied());
        let [measure] = resampling.measure(&groups, |weights| {
            let sum: f64 = weights.iter().zip(values).map(|(weight, value)| weight * value).sum();
            [Some(sum / weights.iter().sum::<f64>())]
        });
        measure
    }

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let keys: Vec<String> = (0..50).map(|key| key.to_string()).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let values: Vec<f64> = (0..50).map(f64::from).collect();
        let drawn = |seed| mean(Resampling { resamples: 200, seed }, &keys, &values);
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
        let (low, high) = drawn(1).interval.unwrap();
        assert!(low < 24.5 && 24.5 < high && high - low < 12.0, "{low} {high}");
    }

    #[test]
    fn rows_of_a_group_stay_together() {
        // In each group the mean is 1, so no resample of whole groups can be off.
        let drawn = mean(
            Resampling { resamples: 100, seed: 1 },
            &["a", "a", "b", "b"],
            &[0.0, 2.0, 2.0, 0.0],
        );
        assert_eq!(drawn, Measure { value: Some(1.0), interval: Some((1.0, 1.0)) });
    }

    #[test]
    fn quantiles_computed_by_hand() {
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.25), Some(2.0));
        assert_eq!(quantile(&[1.0, 2.0], 0.25), Some(1.25));
        assert_eq!(quantile(&[], 0.25), None);
    }
}
