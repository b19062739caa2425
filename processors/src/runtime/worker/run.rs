//! Has a batch computed: killers not at all, suspects alone, the rest together.

use std::{sync::Arc, time::Instant};

use cns_schemas::Origin;
use cns_state::Error;

use super::{Batch, Work, Worker, killer};
use crate::runtime::{
    compute::{self, Outcome},
    item::Item,
    suspects::Suspects,
};

impl Worker {
    pub(super) fn compute(&mut self, batch: &mut Batch) -> Result<(), Error> {
        let killers: Vec<usize> = self.pick(batch, |suspects, origin| suspects.is_killer(origin));
        for position in killers {
            if let Work::Item(item, outcome) = &mut batch.work[position] {
                *outcome =
                    Some(Outcome::Poison(killer(self.suspects.deaths(&item.origin)), Vec::new()));
            }
        }
        let alone = self.pick(batch, |suspects, origin| suspects.alone(origin));
        for position in alone {
            self.compute_some(batch, &[position])?;
        }
        let rest = self.pick(batch, |_, _| true);
        self.compute_some(batch, &rest)
    }

    /// Positions of items that have no outcome yet and fit.
    fn pick(&self, batch: &Batch, fits: impl Fn(&Suspects, &Origin) -> bool) -> Vec<usize> {
        let open = batch.computed.iter().copied();
        open.filter(|position| match &batch.work[*position] {
            Work::Item(item, None) => fits(&self.suspects, &item.origin),
            _ => false,
        })
        .collect()
    }

    fn compute_some(&mut self, batch: &mut Batch, positions: &[usize]) -> Result<(), Error> {
        if positions.is_empty() {
            return Ok(());
        }
        let items: Vec<Arc<Item>> = positions
            .iter()
            .filter_map(|position| match &batch.work[*position] {
                Work::Item(item, _) => Some(item.clone()),
                _ => None,
            })
            .collect();
        let running = self.slow.iter().map(|slow| &slow.item.origin);
        self.suspects.begin(items.iter().map(|item| &item.origin).chain(running));
        let begun = Instant::now();
        let computed = compute::run(
            self.options.compute,
            self.options.slow_after,
            &self.stage,
            &self.options.models,
            &self.overlay(),
            items,
        );
        self.options.metrics.compute(self.name(), begun.elapsed().as_secs_f64());
        for (position, outcome) in positions.iter().zip(computed.outcomes) {
            if let Work::Item(_, slot) = &mut batch.work[*position] {
                *slot = outcome;
            }
        }
        self.slow.extend(computed.slow);
        Ok(())
    }
}
