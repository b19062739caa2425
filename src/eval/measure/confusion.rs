//! Accuracy and F1 of classes.

/// How many rows of each class were given which class: `[is][said]`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Confusion(pub [[f64; 3]; 3]);

impl Confusion {
    /// Counts rows: what each is, what was said of it, how much it weighs.
    pub fn of(rows: impl Iterator<Item = (usize, usize, f64)>) -> Confusion {
        let mut counts = [[0.0; 3]; 3];
        rows.for_each(|(is, said, weight)| counts[is][said] += weight);
        Confusion(counts)
    }

    /// The share of rows that were given their class; `None` without rows.
    pub fn accuracy(&self) -> Option<f64> {
        let total: f64 = self.0.iter().flatten().sum();
        let right: f64 = (0..3).map(|class| self.0[class][class]).sum();
        (total > 0.0).then(|| right / total)
    }

    /// 2·right / (2·right + wrong); `None` for a class that no row is and none was given.
    pub fn f1(&self, class: usize) -> Option<f64> {
        let is: f64 = self.0[class].iter().sum();
        let said: f64 = self.0.iter().map(|row| row[class]).sum();
        (is + said > 0.0).then(|| 2.0 * self.0[class][class] / (is + said))
    }

    /// The mean F1 of the classes that are there.
    pub fn macro_f1(&self) -> Option<f64> {
        let all: Vec<f64> = (0..3).filter_map(|class| self.f1(class)).collect();
        (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_computed_by_hand() {
        // Class 0: 2 right, 1 as class 1. Class 1: 1 right, 1 as class 0. Class 2: 1, as class 0.
        let rows = [(0, 0), (0, 0), (0, 1), (1, 1), (1, 0), (2, 0)];
        let confusion = Confusion::of(rows.into_iter().map(|(is, said)| (is, said, 1.0)));
        assert_eq!(confusion.accuracy(), Some(0.5));
        // F1: 4/(3+4), 2/(2+2), 0/(1+0)
        assert_eq!(confusion.f1(0), Some(4.0 / 7.0));
        assert_eq!(confusion.f1(1), Some(0.5));
        assert_eq!(confusion.f1(2), Some(0.0));
        let macro_f1 = confusion.macro_f1().unwrap();
        assert!((macro_f1 - (4.0 / 7.0 + 0.5) / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_class_that_is_not_there_does_not_count() {
        let confusion = Confusion::of([(0, 0, 2.0), (1, 1, 0.5)].into_iter());
        assert_eq!(confusion.macro_f1(), Some(1.0));
        assert_eq!(Confusion::default().macro_f1(), None);
        assert_eq!(Confusion::default().accuracy(), None);
    }
}
