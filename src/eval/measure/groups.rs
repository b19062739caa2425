//! Rows that belong together: resampled together, and never on both sides of a fit and its test.

use std::collections::BTreeMap;

/// Which group each row is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    /// The group of each row.
    pub of: Vec<usize>,
    /// How many there are.
    pub count: usize,
}

impl Groups {
    /// Rows with the same key are a group. Groups are numbered in the order of their keys.
    pub fn of<'k>(keys: impl Iterator<Item = &'k str>) -> Groups {
        let keys: Vec<&str> = keys.collect();
        let mut numbers: BTreeMap<&str, usize> = keys.iter().map(|key| (*key, 0)).collect();
        numbers.values_mut().enumerate().for_each(|(number, value)| *value = number);
        Groups { of: keys.iter().map(|key| numbers[key]).collect(), count: numbers.len() }
    }

    /// Divides the groups into `parts` of about the same number, drawn with `seed`; gives the part of each row.
    pub fn folds(&self, parts: usize, seed: u64) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.count).collect();
        fastrand::Rng::with_seed(seed).shuffle(&mut order);
        let mut part_of = vec![0; self.count];
        order.iter().enumerate().for_each(|(place, group)| part_of[*group] = place % parts);
        self.of.iter().map(|group| part_of[*group]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_keep_groups_together_and_are_even() {
        let keys: Vec<String> = (0..100).map(|row| format!("claim {}", row % 20)).collect();
        let groups = Groups::of(keys.iter().map(String::as_str));
        assert_eq!(groups.count, 20);
        let folds = groups.folds(5, 7);
        for row in 20..100 {
            assert_eq!(folds[row], folds[row - 20]);
        }
        for part in 0..5 {
            assert_eq!(folds.iter().filter(|fold| **fold == part).count(), 20);
        }
        assert_eq!(folds, groups.folds(5, 7));
        assert_ne!(folds, groups.folds(5, 8));
    }
}
