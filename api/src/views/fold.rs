//! The fold: one audit entry, the rows as they are → the rows to change.
//!
//! Invariant: pure. It reads no clock and no configuration, and only rows of the entry's own partition.

mod counts;
mod dead_letters;
mod documents;
mod jobs;
mod makings;
mod pairs;
mod snos;
mod syntheses;
mod told;
mod words;

use cns_schemas::{
    AuditEntry, Codec, Configured, DeadLetter, DeadLetterDecided, DocumentChunked,
    DocumentRepeated, Fact, Outcome, PairDecided, PairProposed, Recorded as Record, Sent,
    SnoDecided, SnoJudged, SnoProposed,
};
use cns_state::{Change, Rows};

use super::{FoldError, chain, draft::Draft};
use crate::dto::Recorded;

/// Folds one entry of an audit partition.
///
/// # Errors
/// The entry does not continue the chain, it cannot be read, or the rows cannot.
pub fn fold(entry: &AuditEntry, partition: u32, rows: &dyn Rows) -> Result<Vec<Change>, FoldError> {
    let mut draft = Draft::new(rows, partition);
    chain::follow(&mut draft, entry)?;
    let fact: Fact = Codec::decode(&entry.fact).map_err(FoldError::Fact)?;
    let recorded = Recorded { partition, sequence: entry.sequence, at_ms: fact.decided_at_ms };
    Folding { fact: &fact, at: recorded, draft: &mut draft, told: 0 }.fold()?;
    Ok(draft.finish())
}

/// One fact on its way into the rows.
struct Folding<'a, 'b> {
    fact: &'a Fact,
    at: Recorded,
    draft: &'a mut Draft<'b>,
    /// How much of the fact followers are told so far.
    told: u16,
}

impl<'a> Folding<'a, '_> {
    fn fold(&mut self) -> Result<(), FoldError> {
        let fact = self.fact;
        self.job()?;
        if fact.outcome == Outcome::Redirected {
            // The record itself was passed on, its content stands in the fact that handles it.
            return Ok(());
        }
        for sent in &fact.outputs {
            self.output(sent)?;
        }
        match fact.outcome {
            Outcome::Rejected | Outcome::DeadLettered => self.refused(),
            Outcome::Done => self.answered(),
            Outcome::Parked | Outcome::Redirected => Ok(()),
        }
    }

    /// The job that the fact belongs to. Settings and decisions of people belong to nobody's, whatever the
    /// headers of their record say; and a producer can leave the name of the job empty.
    fn job_id(&self) -> Option<&'a str> {
        let nobodys = [Configured::NAME, DeadLetterDecided::NAME];
        let nobodys = nobodys.contains(&self.fact.event_type.as_str());
        Some(self.fact.job.as_str()).filter(|job| !job.is_empty() && !nobodys)
    }

    /// Kinds that no view shows are passed over; they count as open work all the same.
    fn output(&mut self, sent: &Sent) -> Result<(), FoldError> {
        match sent.event_type.as_str() {
            DocumentChunked::NAME => self.document_chunked(&read(sent)?),
            DocumentRepeated::NAME => self.document_repeated(&read(sent)?),
            SnoProposed::NAME => self.sno_proposed(sent, &read(sent)?),
            SnoJudged::NAME => self.sno_judged(sent, &read(sent)?),
            SnoDecided::NAME => self.sno_decided(&read(sent)?),
            PairProposed::NAME => self.pair_proposed(&read(sent)?),
            PairDecided::NAME => self.pair_decided(&read(sent)?),
            DeadLetter::NAME => self.dead_letter(&read(sent)?),
            DeadLetterDecided::NAME => self.dead_letter_decided(&read(sent)?),
            _ => Ok(()),
        }
    }
}

fn read<T: Record>(sent: &Sent) -> Result<T, FoldError> {
    Codec::decode(sent.content.open()).map_err(|error| FoldError::Content {
        event_type: sent.event_type.clone(),
        event_id: sent.event_id.clone(),
        error,
    })
}
