//! What becomes of each record of a batch: its outputs, its fact, its row in the parking place.

use std::sync::Arc;

use cns_schemas::{
    Answer, Body, Call, Codec, Fault, ModelReplied, ModelRequested, Outcome as Fate, ParkedAnswer,
    Topic,
};
use cns_state::{Change, Error, Rows};

use super::{Work, Worker, findings, key_corpus};
use crate::{
    Destination, Output, limits,
    runtime::{
        compute::{self, Outcome},
        draft::{Draft, Findings},
        item::{self, Item},
        parking,
    },
};

impl Worker {
    pub(super) fn settle_work(&mut self, draft: &mut Draft<'_>, work: Work) -> Result<(), Error> {
        match work {
            Work::Item(item, Some(outcome)) => {
                let row = item.row.clone();
                self.settle(draft, &item, outcome, row)
            }
            // Still running: it waits in the parking place until it ends.
            Work::Item(item, None) => self.park(draft, &item, Vec::new(), Vec::new()),
            Work::Behind(item) => self.park_behind(draft, &item),
            Work::Undecodable(broken) => {
                let corpus = key_corpus(&broken.record.key);
                let findings =
                    Findings { fault: Some(broken.fault), corpus, ..Findings::default() };
                draft.bury(&broken.event, &broken.origin, &broken.record, findings);
                Ok(())
            }
            Work::Elsewhere(item, to) => {
                let findings = findings(&item);
                draft.redirect(&item.event, &item.origin, item.record, to, findings);
                Ok(())
            }
            Work::Own(item) => {
                if let Body::ModelReplied(reply) = &item.event.body {
                    self.take_answer(item.origin.partition, reply)?;
                }
                self.record(draft, &item, Fate::Done, Vec::new(), findings(&item));
                Ok(())
            }
        }
    }

    /// A decision that still holds changes comes from a thread that was no longer to touch the overlay.
    pub(super) fn settle(
        &mut self,
        draft: &mut Draft<'_>,
        item: &Arc<Item>,
        outcome: Outcome,
        row: Option<Vec<u8>>,
    ) -> Result<(), Error> {
        let partition = item.origin.partition;
        let blocked = row.is_none() && self.parking.is_waiting(partition, &item.order_key);
        let mut findings = findings(item);
        match outcome {
            Outcome::Stop(error) => return Err(error),
            // A record of the same key before it in this very batch has to wait, so this one does too, and
            // asks nothing before its turn: only the head of an order key takes answers.
            Outcome::Behind => return self.park_behind(draft, item),
            _ if blocked => return self.park_behind(draft, item),
            Outcome::Ask(calls, known) => {
                return self.park(draft, item, calls, known);
            }
            Outcome::Done(done, answers) => {
                findings.answers = answers;
                if self.record(draft, item, Fate::Done, done.outputs, findings) {
                    self.overlay().apply(compute::changes(item, done.changes));
                }
            }
            Outcome::Reject(fault, answers) => {
                findings.fault = Some(fault);
                findings.answers = answers;
                self.record(draft, item, Fate::Rejected, Vec::new(), findings);
            }
            Outcome::Poison(fault, answers) => self.bury(draft, item, fault, answers),
        }
        if let Some(row) = row {
            self.unpark(partition, &item.order_key, row);
        }
        Ok(())
    }

    /// Sends what a record led to. What does not fit into a record goes to the dead letters instead, without the
    /// answers; then the return value is false.
    fn record(
        &self,
        draft: &mut Draft<'_>,
        item: &Item,
        fate: Fate,
        outputs: Vec<Output>,
        findings: Findings,
    ) -> bool {
        match draft.record(&item.event, &item.origin, fate, outputs, findings) {
            Ok(()) => true,
            Err(oversized) => {
                self.bury(draft, item, oversized.fault(), Vec::new());
                false
            }
        }
    }

    fn bury(&self, draft: &mut Draft<'_>, item: &Item, fault: Fault, answers: Vec<Answer>) {
        let findings = Findings { fault: Some(fault), answers, ..findings(item) };
        draft.bury(&item.event, &item.origin, &item.record, findings);
    }

    /// Puts a record into the parking place, or updates its row there, and sends what it asks.
    fn park(
        &mut self,
        draft: &mut Draft<'_>,
        item: &Item,
        calls: Vec<Call>,
        known: Vec<Answer>,
    ) -> Result<(), Error> {
        let partition = item.origin.partition;
        let row = parking::row_key(&item.order_key, &item.origin);
        let before = self.overlay().get(self.stage.spec().parked, partition, &row)?;
        let times = before.map(|value| parking::read(&value)).transpose()?.map_or(0, |p| p.times);
        let mut parked = item::park(item);
        parked.times = times + 1;
        parked.asked = known
            .into_iter()
            .map(|answer| ParkedAnswer { effect: answer.effect.clone(), answer: Some(answer) })
            .collect();
        let mut outputs = Vec::with_capacity(calls.len());
        for call in calls {
            let effect = call.key();
            parked.asked.push(ParkedAnswer { effect: effect.clone(), answer: None });
            let request = ModelRequested {
                effect: effect.clone(),
                call,
                reply_topic: self.stage.spec().inbox.name().to_owned(),
                reply_partition: partition,
                order_key: item.order_key.clone(),
                patience_ms: limits::REQUEST_PATIENCE.as_millis() as i64,
            };
            outputs.push(Output {
                to: Destination::Keyed(Topic::Requests, effect),
                body: Body::ModelRequested(request),
                subjects: vec![String::from_utf8_lossy(&item.record.key).into_owned()],
            });
        }
        // Each time leaves a fact of its own.
        let findings = Findings { attempt: times as usize, ..findings(item) };
        if !self.record(draft, item, Fate::Parked, outputs, findings) {
            if times > 0 {
                self.unpark(partition, &item.order_key, row);
            }
            return Ok(());
        }
        let value = Some(Codec::encode(&parked));
        self.overlay().apply(vec![Change {
            table: self.stage.spec().parked,
            partition,
            key: row.clone(),
            value,
        }]);
        self.parking.add(partition, &item.order_key, row);
        Ok(())
    }

    /// Parks a record that has nothing to wait for but the ones before it; they may be gone by now.
    fn park_behind(&mut self, draft: &mut Draft<'_>, item: &Item) -> Result<(), Error> {
        self.park(draft, item, Vec::new(), Vec::new())?;
        let row = parking::row_key(&item.order_key, &item.origin);
        if self.parking.head(item.origin.partition, &item.order_key) == Some(&row) {
            self.parking.wake(item.origin.partition, &item.order_key);
        }
        Ok(())
    }

    fn unpark(&mut self, partition: u32, order_key: &str, row: Vec<u8>) {
        self.parking.remove(partition, order_key, &row);
        self.overlay().apply(vec![Change {
            table: self.stage.spec().parked,
            partition,
            key: row,
            value: None,
        }]);
    }

    /// An answer for the head of an order key. One that nobody waits for any more is let go.
    fn take_answer(&mut self, partition: u32, reply: &ModelReplied) -> Result<(), Error> {
        let Some(row) = self.parking.head(partition, &reply.order_key).cloned() else {
            return Ok(());
        };
        let Some(value) = self.overlay().get(self.stage.spec().parked, partition, &row)? else {
            return Ok(());
        };
        let mut parked = parking::read(&value)?;
        for asked in &mut parked.asked {
            if asked.effect == reply.answer.effect && asked.answer.is_none() {
                asked.answer = Some(reply.answer.clone());
            }
        }
        if parked.asked.iter().all(|asked| asked.answer.is_some()) {
            self.parking.wake(partition, &reply.order_key);
        }
        let value = Some(Codec::encode(&parked));
        self.overlay().apply(vec![Change {
            table: self.stage.spec().parked,
            partition,
            key: row,
            value,
        }]);
        Ok(())
    }
}
