//! What a corpus holds, in numbers.

use serde::{Deserialize, Serialize};

/// What a corpus holds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Corpus {
    /// Its name.
    pub corpus: String,
    /// Distinct documents.
    pub documents: u64,
    /// SNOs by status.
    pub snos: SnoCounts,
    /// Pairs that were proposed for comparison.
    pub pairs_proposed: u64,
    /// Pairs that were compared.
    pub pairs_compared: u64,
    /// Pairs in conflict.
    pub conflicts: u64,
    /// Syntheses that were proposed.
    pub syntheses: u64,
    /// Records that could not be handled.
    pub dead_letters: u64,
    /// The compared pair with the highest opposition.
    pub closest: Option<Closest>,
}

/// SNOs by status.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SnoCounts {
    /// Syntheses that the critics have not answered.
    pub proposed: u64,
    /// In the population.
    pub admitted: u64,
    /// Kept, and not compared.
    pub archived: u64,
    /// Repeating another document.
    pub duplicate: u64,
    /// Replaced by a newer version.
    pub superseded: u64,
    /// Ended without a decision.
    pub failed: u64,
}

/// The pair that came closest to a conflict, or the strongest conflict.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Closest {
    /// The pair.
    pub pair_id: String,
    /// Its opposition.
    #[serde(deserialize_with = "super::number")]
    pub opposition: f64,
    /// The gate that it was held against.
    #[serde(deserialize_with = "super::number")]
    pub opposition_gate: f64,
}

impl Corpus {
    /// Adds another part of the same corpus, or another corpus.
    pub fn add(&mut self, other: &Corpus) {
        self.documents += other.documents;
        self.snos.proposed += other.snos.proposed;
        self.snos.admitted += other.snos.admitted;
        self.snos.archived += other.snos.archived;
        self.snos.duplicate += other.snos.duplicate;
        self.snos.superseded += other.snos.superseded;
        self.snos.failed += other.snos.failed;
        self.pairs_proposed += other.pairs_proposed;
        self.pairs_compared += other.pairs_compared;
        self.conflicts += other.conflicts;
        self.syntheses += other.syntheses;
        self.dead_letters += other.dead_letters;
        if let Some(closest) = &other.closest {
            self.offer(closest);
        }
    }

    /// Keeps the higher opposition; of equal ones the lower pair id.
    pub fn offer(&mut self, closest: &Closest) {
        if !closest.opposition.is_finite() {
            return;
        }
        let higher = self.closest.as_ref().is_none_or(|known| {
            let order = closest.opposition.total_cmp(&known.opposition);
            order.then_with(|| known.pair_id.cmp(&closest.pair_id)).is_gt()
        });
        if higher {
            self.closest = Some(closest.clone());
        }
    }
}
