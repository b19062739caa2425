//! Refused records: dead letters, and what they take with them.

use cns_schemas::{DeadLetter, DeadLetterDecided};

use super::Folding;
use crate::{
    dto::{DeadLetterView, Decision, Facets, JobError, word},
    limits::{DEAD_LETTER_BYTES_SHOWN_MAX, DEAD_LETTER_KEY_CHARS_SHOWN_MAX},
    views::{
        FoldError,
        tables::{DEAD_LETTER_LIST, DEAD_LETTERS, DECISIONS},
    },
};

impl Folding<'_, '_> {
    pub(super) fn dead_letter(&mut self, letter: &DeadLetter) -> Result<(), FoldError> {
        let (fact, at) = (self.fact, self.at);
        let key = String::from_utf8_lossy(&letter.key);
        let first = letter.value.iter().take(DEAD_LETTER_BYTES_SHOWN_MAX);
        let view = DeadLetterView {
            dead_letter_id: letter.dead_letter_id.clone(),
            stage: letter.stage.clone(),
            origin: letter.origin.to_string(),
            event_type: fact.event_type.clone(),
            error: JobError::of(&letter.fault),
            job_id: fact.job.clone(),
            corpus: fact.corpus.clone(),
            key: key.chars().take(DEAD_LETTER_KEY_CHARS_SHOWN_MAX).collect(),
            value_bytes: letter.value.len() as u64,
            first_bytes: first.map(|byte| format!("{byte:02x}")).collect(),
            recorded: at,
            unowned: fact.tenant.is_empty(),
            decision: None,
        };
        let facets = Facets {
            id: view.dead_letter_id.clone(),
            corpus: view.corpus.clone(),
            status: view.error.code.clone(),
            ..Facets::default()
        };
        self.draft.list(DEAD_LETTER_LIST, &fact.tenant, &at, &facets);
        self.draft.put(DEAD_LETTERS, &[&fact.tenant, &view.dead_letter_id], &view);
        self.count(&fact.corpus, |counts| counts.dead_letters += 1)
    }

    /// What was decided first stays decided.
    pub(super) fn dead_letter_decided(
        &mut self,
        decided: &DeadLetterDecided,
    ) -> Result<(), FoldError> {
        let owner = if decided.unowned { "" } else { self.fact.tenant.as_str() };
        let key = [owner, decided.dead_letter_id.as_str()];
        if self.draft.get::<Decision>(DECISIONS, &key)?.is_some() {
            return Ok(());
        }
        let decision = Decision {
            decision: word(&decided.decision),
            reason: decided.reason.clone(),
            by: decided.by.clone(),
            job_id: decided.job.clone(),
            recorded: self.at,
        };
        self.draft.put(DECISIONS, &key, &decision);
        self.tell_letter(&decided.dead_letter_id, &decision);
        Ok(())
    }

    /// The input was refused: its document or its synthesis ends here.
    pub(super) fn refused(&mut self) -> Result<(), FoldError> {
        self.tell_refused();
        self.document_refused()?;
        self.synthesis_answered()
    }

    /// The input was handled.
    pub(super) fn answered(&mut self) -> Result<(), FoldError> {
        self.synthesis_answered()
    }
}
