//! What a corpus holds, in numbers.

use serde::{Deserialize, Serialize};

use super::JobStatus;

/// What a corpus holds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Corpus {
    /// Its name.
    pub corpus: String,
    /// Distinct documents.
    pub documents: u64,
    /// The same by what became of the newest version. Documents that the entrance refused are not among them:
    /// only their jobs are known.
    pub documents_by_status: DocumentCounts,
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
    /// When one of these numbers last changed, milliseconds since 1970.
    pub changed_at_ms: i64,
}

/// Documents by what became of their newest version.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DocumentCounts {
    /// On their way.
    pub processing: u64,
    /// Their SNO is in the population.
    pub admitted: u64,
    /// Their SNO is kept, and not compared.
    pub archived: u64,
    /// Repeating another document.
    pub duplicate: u64,
    /// They could not be used.
    pub rejected: u64,
}

impl DocumentCounts {
    /// The number that a status is counted in; `None` for one that no newest version has.
    pub fn of(&mut self, status: JobStatus) -> Option<&mut u64> {
        match status {
            JobStatus::Processing => Some(&mut self.processing),
            JobStatus::Admitted => Some(&mut self.admitted),
            JobStatus::Archived => Some(&mut self.archived),
            JobStatus::Duplicate => Some(&mut self.duplicate),
            JobStatus::Rejected => Some(&mut self.rejected),
            JobStatus::Queued | JobStatus::Superseded => None,
        }
    }
}

/// SNOs by status.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
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
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
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
        let (own, others) = (&mut self.documents_by_status, &other.documents_by_status);
        own.processing += others.processing;
        own.admitted += others.admitted;
        own.archived += others.archived;
        own.duplicate += others.duplicate;
        own.rejected += others.rejected;
        self.changed_at_ms = self.changed_at_ms.max(other.changed_at_ms);
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

    /// Why nothing is in conflict.
    pub fn why_no_conflict(&self) -> String {
        let waiting = match self.pairs_proposed.saturating_sub(self.pairs_compared) {
            0 => String::new(),
            1 => "; 1 more pair is being compared".into(),
            many => format!("; {many} more pairs are being compared"),
        };
        match &self.closest {
            None if waiting.is_empty() => "needs at least two narratives on the same topic".into(),
            None => format!("no pair is compared yet{waiting}"),
            Some(closest) => {
                let pairs = match self.pairs_compared {
                    1 => "1 pair was".into(),
                    many => format!("{many} pairs were"),
                };
                format!(
                    "{pairs} compared; the closest is {} with opposition {:.2}, the gate is {:.2}{waiting}",
                    closest.pair_id, closest.opposition, closest.opposition_gate
                )
            }
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
