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
                self.suspects.end([&item.origin].into_iter());
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
        let runs = |origin: &Origin| self.slow.iter().any(|slow| slow.item.origin == *origin);
        let open = batch.computed.iter().copied();
        open.filter(|position| match &batch.work[*position] {
            Work::Item(item, None) => !runs(&item.origin) && fits(&self.suspects, &item.origin),
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
        let running = self.slow.iter().map(|slow| &slow.item);
        self.suspects.begin(items.iter().chain(running).map(|item| &item.origin));
        let begun = Instant::now();
        let computed = compute::run(
            self.options.compute,
            self.options.slow_after,
            &self.stage,
            &self.options.models,
            &self.overlay(),
            items.clone(),
        )?;
        self.options.metrics.compute(self.name(), begun.elapsed().as_secs_f64());
        for (position, outcome) in positions.iter().zip(computed.outcomes) {
            if let Work::Item(_, slot) = &mut batch.work[*position] {
                *slot = outcome;
            }
        }
        self.slow.extend(computed.slow);
        self.note_in_work(items.iter());
        Ok(())
    }

    /// What came through its computation is no suspect, whatever becomes of its commit: a process that is
    /// killed from outside must not make killers of the records that it happened to hold.
    fn note_in_work<'a>(&mut self, computed: impl Iterator<Item = &'a Arc<Item>>) {
        let runs = |item: &Item| self.slow.iter().any(|slow| slow.item.origin == item.origin);
        let passed = computed.filter(|item| !runs(item)).map(|item| &item.origin);
        self.suspects.end(passed);
        if !self.slow.is_empty() {
            self.suspects.begin(self.slow.iter().map(|slow| &slow.item.origin));
        }
    }
}
