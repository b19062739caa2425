//! How many records a step takes: as many as it handles in about a second.

use std::time::Duration;

use cns_state::Limit;

use crate::limits::{FIRST_STEP_RECORDS, STEP_TARGET};

/// Follows how long steps take. A stage whose records cost a model's time takes few of them, so that its commits do not
/// wait for hundreds; one whose records cost nothing takes a full batch.
#[derive(Debug)]
pub struct Pace {
    records: f64,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace { records: FIRST_STEP_RECORDS as f64 }
    }
}

impl Pace {
    /// The batch with no more records than the pace allows.
    pub fn limit(&self, batch: Limit) -> Limit {
        Limit { records: batch.records.min(self.records as usize), ..batch }
    }

    /// A step over so many records took so long.
    pub fn note(&mut self, records: usize, took: Duration) {
        if took > STEP_TARGET {
            let fitting = records as f64 * STEP_TARGET.as_secs_f64() / took.as_secs_f64();
            self.records = fitting.max(1.0);
        } else if records as f64 >= self.records.floor() {
            // Only a full step says that more would do.
            self.records = (self.records * 2.0).min(f64::from(u32::MAX));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BATCH: Limit = Limit { records: 256, bytes: 1 };

    #[test]
    fn steps_come_to_last_about_the_target() {
        for (cost, wanted) in [(0.5, 2), (0.01, 100), (0.000_01, 256), (20.0, 1)] {
            let mut pace = Pace::default();
            for _ in 0..20 {
                let records = pace.limit(BATCH).records;
                pace.note(records, STEP_TARGET.mul_f64(cost * records as f64));
            }
            let records = pace.limit(BATCH).records;
            let about = wanted / 2..=wanted * 2;
            assert!(records > 0 && about.contains(&records), "{records} of cost {cost}");
        }
    }

    #[test]
    fn a_step_that_had_little_to_do_says_nothing() {
        let mut pace = Pace::default();
        for _ in 0..100 {
            pace.note(1, Duration::ZERO);
        }
        assert_eq!(pace.limit(BATCH).records, FIRST_STEP_RECORDS);
    }
}
