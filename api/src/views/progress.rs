//! How far the views are, for those who wait and for `as_of`.

use std::collections::BTreeMap;

use crate::dto::AsOf;

/// How far the views are folded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// For each audit partition: the next offset to fold.
    pub positions: BTreeMap<u32, i64>,
    /// For each audit partition: one past its last record that is not folded, when it was last looked at.
    pub ends: BTreeMap<u32, i64>,
    /// What was in the log when the process started is folded.
    pub caught_up: bool,
    /// Folding has ended, and why: nothing later is served.
    pub stopped: Option<String>,
}

impl Progress {
    /// Entries that are not folded yet.
    pub fn lag_records(&self) -> i64 {
        let behind = |(partition, end): (&u32, &i64)| {
            (end - self.positions.get(partition).copied().unwrap_or(0)).max(0)
        };
        self.ends.iter().map(behind).sum()
    }

    /// How much of what stands in the log is folded; 100 when all is.
    pub fn percent(&self) -> i64 {
        let all: i64 = self.ends.values().sum();
        let left = self.lag_records();
        if left == 0 { 100 } else { (100 * (all - left) / all.max(1)).clamp(0, 99) }
    }

    /// As HTTP shows it.
    pub fn as_of(&self) -> AsOf {
        AsOf { positions: self.positions.clone(), lag_records: self.lag_records() }
    }
}
