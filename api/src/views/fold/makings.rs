//! Which facts made an SNO: stage, code, configuration, models.

use super::Folding;
use crate::{
    dto::Making,
    limits::MAKINGS_SHOWN_MAX,
    views::{FoldError, tables::MAKINGS},
};

impl Folding<'_, '_> {
    pub(super) fn made(&mut self, sno_id: &str, event_type: &str) -> Result<(), FoldError> {
        let fact = self.fact;
        let mut models: Vec<String> =
            fact.answers.iter().map(|answer| answer.model.clone()).collect();
        models.sort();
        models.dedup();
        let making = Making {
            fact_id: fact.fact_id.clone(),
            stage: fact.stage.clone(),
            event_type: event_type.to_owned(),
            logic_version: fact.logic_version.clone(),
            config_hash: fact.config_hash.clone(),
            models,
            job_id: fact.job.clone(),
            recorded: self.at,
        };
        self.draft.change::<Vec<Making>>(MAKINGS, &[&fact.tenant, sno_id], |makings| {
            makings.push(making);
            // The newest count: an SNO that came again was made again.
            let surplus = makings.len().saturating_sub(MAKINGS_SHOWN_MAX);
            makings.drain(..surplus);
        })
    }
}
