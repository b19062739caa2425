//! Area under the ROC curve: how often a row that is wanted stands above one that is not.

/// Rows by their score, sorted once for many weightings.
#[derive(Debug, Clone)]
pub struct Ranking {
    /// Row, score, whether it is wanted; the lowest score first.
    sorted: Vec<(usize, f64, bool)>,
}

impl Ranking {
    /// Ranks rows: score, and whether it is wanted; `None` leaves a row out.
    pub fn of(rows: impl Iterator<Item = (f64, Option<bool>)>) -> Ranking {
        let numbered = rows.enumerate();
        let mut sorted: Vec<(usize, f64, bool)> =
            numbered.filter_map(|(row, (score, wanted))| Some((row, score, wanted?))).collect();
        sorted.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        Ranking { sorted }
    }

    /// Rows of the same score.
    fn ties(&self) -> impl DoubleEndedIterator<Item = &[(usize, f64, bool)]> {
        self.sorted.chunk_by(|a, b| a.1 == b.1)
    }

    /// The probability that a wanted row stands above an unwanted one; equal scores count half. `None` when
    /// one of the two is missing.
    pub fn auc(&self, weights: &[f64]) -> Option<f64> {
        let (mut below, mut wanted, mut above) = (0.0, 0.0, 0.0);
        for tie in self.ties() {
            let (hits, misses) = sums(tie, weights);
            above += hits * (below + misses / 2.0);
            wanted += hits;
            below += misses;
        }
        (wanted * below > 0.0).then(|| above / (wanted * below))
    }

    /// The ROC curve with all rows counting the same: share of unwanted, share of wanted rows, from the
    /// highest score down.
    pub fn curve(&self) -> Vec<(f64, f64)> {
        let weights = vec![1.0; self.sorted.iter().map(|(row, ..)| row + 1).max().unwrap_or(0)];
        let mut curve = vec![(0.0, 0.0)];
        let (mut wanted, mut unwanted) = (0.0, 0.0);
        for tie in self.ties().rev() {
            let (hits, misses) = sums(tie, &weights);
            wanted += hits;
            unwanted += misses;
            curve.push((unwanted, wanted));
        }
        let share = |part: f64, all: f64| if all > 0.0 { part / all } else { 0.0 };
        curve.iter().map(|(x, y)| (share(*x, unwanted), share(*y, wanted))).collect()
    }
}

fn sums(tie: &[(usize, f64, bool)], weights: &[f64]) -> (f64, f64) {
    let sum = |wanted: bool| {
        tie.iter().filter(|row| row.2 == wanted).map(|(row, ..)| weights[*row]).sum::<f64>()
    };
    (sum(true), sum(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranking(rows: &[(f64, bool)]) -> Ranking {
        Ranking::of(rows.iter().map(|(score, wanted)| (*score, Some(*wanted))))
    }

    #[test]
    fn ties_count_half() {
        // Wanted 0.9, 0.5, 0.5; unwanted 0.5, 0.1. Of 6 pairs: 4 above, 2 equal.
        let rows = [(0.9, true), (0.5, true), (0.5, false), (0.5, true), (0.1, false)];
        assert_eq!(ranking(&rows).auc(&[1.0; 5]), Some(5.0 / 6.0));
        // The unwanted 0.1 twice: of 9 pairs 7 above, 2 equal.
        assert_eq!(ranking(&rows).auc(&[1.0, 1.0, 1.0, 1.0, 2.0]), Some(8.0 / 9.0));
        assert_eq!(ranking(&[(1.0, true), (1.0, false)]).auc(&[1.0; 2]), Some(0.5));
    }

    #[test]
    fn one_kind_alone_has_no_area() {
        assert_eq!(ranking(&[(1.0, true), (0.0, true)]).auc(&[1.0; 2]), None);
        assert_eq!(ranking(&[(1.0, true), (0.0, false)]).auc(&[1.0, 0.0]), None);
    }

    #[test]
    fn rows_that_are_left_out_keep_their_numbers() {
        let rows = [(0.2, None), (0.7, Some(true)), (0.1, Some(false))];
        let ranking = Ranking::of(rows.into_iter());
        assert_eq!(ranking.auc(&[9.0, 1.0, 1.0]), Some(1.0));
        assert_eq!(ranking.curve(), [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)]);
    }
}
