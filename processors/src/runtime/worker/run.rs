//! Has a batch computed: killers not at all, suspects alone, those between them together.

use std::{collections::BTreeSet, sync::Arc, time::Instant};

use cns_state::Error;

use super::{Batch, Work, Worker, killer};
use crate::runtime::{
    compute::{self, Outcome},
    item::Item,
};

impl Worker {
    pub(super) fn compute(&mut self, batch: &mut Batch) -> Result<(), Error> {
        // In the order of the batch: a record must see the rows of those before it.
        let mut waiting = BTreeSet::new();
        let mut together = Vec::new();
        for position in batch.computed.clone() {
            let Work::Item(item, outcome) = &mut batch.work[position] else { continue };
            let origin = item.origin.clone();
            if self.suspects.is_killer(&origin) {
                *outcome = Some(Outcome::Poison(killer(self.suspects.deaths(&origin)), Vec::new()));
                self.suspects.end([&origin].into_iter());
            } else if self.suspects.alone(&origin) {
                self.compute_some(batch, &std::mem::take(&mut together), &mut waiting)?;
                self.compute_some(batch, &[position], &mut waiting)?;
            } else if !self.slow.iter().any(|slow| slow.item.origin == origin) {
                together.push(position);
            }
        }
        self.compute_some(batch, &together, &mut waiting)
    }

    /// Computes some records side by side, less those of an order key that has to wait; adds the keys that have
    /// to wait from now on.
    fn compute_some(
        &mut self,
        batch: &mut Batch,
        positions: &[usize],
        waiting: &mut BTreeSet<String>,
    ) -> Result<(), Error> {
        let (mut items, mut slots) = (Vec::new(), Vec::new());
        for position in positions {
            let Work::Item(item, outcome) = &mut batch.work[*position] else { continue };
            if waiting.contains(&item.order_key) {
                *outcome = Some(Outcome::Behind);
            } else {
                items.push(item.clone());
                slots.push(*position);
            }
        }
        if items.is_empty() {
            return Ok(());
        }
        let running = self.slow.iter().map(|slow| &slow.item);
        self.suspects.begin(items.iter().chain(running).map(|item| &item.origin));
        let begun = Instant::now();
        let computed = compute::run(
            self.options.compute,
            self.options.slow_after,
            &self.stage,
            &self.options.models,
            &self.options.metrics.calls,
            &self.overlay(),
            items.clone(),
        )?;
        self.options.metrics.stages.compute(self.name(), begun.elapsed().as_secs_f64());
        for (position, outcome) in slots.into_iter().zip(computed.outcomes) {
            let Work::Item(item, slot) = &mut batch.work[position] else { continue };
            if matches!(outcome, None | Some(Outcome::Ask(..))) {
                waiting.insert(item.order_key.clone());
            }
            *slot = outcome;
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
