//! Whether a model is right as often as it says.

/// Parts of the scale from 0 to 1.
pub const BINS: usize = 15;

/// What falls into each part of the scale: weight, sum of confidence, weight of right rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Reliability(pub [(f64, f64, f64); BINS]);

impl Reliability {
    /// Counts rows: confidence, whether the model was right, weight.
    pub fn of(rows: impl Iterator<Item = (f64, bool, f64)>) -> Reliability {
        let mut bins = [(0.0, 0.0, 0.0); BINS];
        for (confidence, right, weight) in rows {
            let place = ((confidence * BINS as f64) as usize).min(BINS - 1);
            let bin = &mut bins[place];
            bin.0 += weight;
            bin.1 += weight * confidence;
            bin.2 += if right { weight } else { 0.0 };
        }
        Reliability(bins)
    }

    /// Expected calibration error: the mean distance of confidence and accuracy, by weight; `None` without rows.
    pub fn error(&self) -> Option<f64> {
        let total: f64 = self.0.iter().map(|bin| bin.0).sum();
        let distance: f64 = self.0.iter().map(|(_, said, right)| (said - right).abs()).sum();
        (total > 0.0).then(|| distance / total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_computed_by_hand() {
        // One bin: 0.9 and 0.92, one right: |1.82 - 1|. Another: 0.5, right: |0.5 - 1|.
        let rows = [(0.9, true, 1.0), (0.92, false, 1.0), (0.5, true, 1.0)];
        let error = Reliability::of(rows.into_iter()).error().unwrap();
        assert!((error - (0.82 + 0.5) / 3.0).abs() < 1e-12, "{error}");
        // Twice the weight of the last: (0.82 + 2·0.5) / 4.
        let rows = [(0.9, true, 1.0), (0.92, false, 1.0), (0.5, true, 2.0)];
        let error = Reliability::of(rows.into_iter()).error().unwrap();
        assert!((error - 1.82 / 4.0).abs() < 1e-12, "{error}");
        assert_eq!(Reliability::of([(1.0, true, 1.0)].into_iter()).error(), Some(0.0));
        assert_eq!(Reliability::of(std::iter::empty()).error(), None);
    }
}
