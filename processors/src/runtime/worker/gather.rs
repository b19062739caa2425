//! What a step works on: new records, waiting ones that can go on, slow ones that have ended.

use std::sync::{Arc, Mutex};

use cns_schemas::{Body, Codec, Configured, Event, Origin};
use cns_state::{Change, Delivered, Error, Partition, Record, Rows, partition_of};

use super::{Batch, Work, Worker, endless};
use crate::{
    limits,
    runtime::{
        compute::Outcome,
        item::{self, Item},
        parking,
    },
};

impl Worker {
    pub(super) fn route(
        &mut self,
        records: Vec<Delivered>,
        batch: &mut Batch,
    ) -> Result<(), Error> {
        for delivered in records {
            batch.delivered.push((delivered.partition, delivered.offset));
            let work = match item::decode(delivered) {
                Err(undecodable) => Work::Undecodable(undecodable),
                Ok((origin, record, event)) => self.sort(origin, record, event)?,
            };
            if let Work::Item(..) = &work {
                batch.computed.push(batch.work.len());
            }
            batch.work.push(work);
        }
        Ok(())
    }

    fn sort(&mut self, origin: Origin, record: Record, event: Event) -> Result<Work, Error> {
        let config = self.config(origin.partition)?;
        let item = Item {
            order_key: self.order_key(&event),
            origin,
            record,
            event,
            config,
            answers: Vec::new(),
            calls: Mutex::default(),
            row: None,
        };
        if let Body::Configured(config) = &item.event.body {
            let config = self.effective(config.clone());
            self.set_config(item.origin.partition, &config);
            self.configs.insert(item.origin.partition, Arc::new(config));
            return Ok(Work::Own(Box::new(item)));
        }
        if let Body::ModelReplied(_) = &item.event.body {
            return Ok(Work::Own(Box::new(item)));
        }
        if let Some(to) = self.elsewhere(&item) {
            return Ok(Work::Elsewhere(Box::new(item), to));
        }
        if self.parking.is_waiting(item.origin.partition, &item.order_key) {
            return Ok(Work::Behind(Box::new(item)));
        }
        Ok(Work::Item(Arc::new(item), None))
    }

    fn order_key(&self, event: &Event) -> String {
        match &event.body {
            Body::ModelReplied(reply) => reply.order_key.clone(),
            Body::Configured(_) => String::new(),
            _ => self.stage.order_key(event),
        }
    }

    /// A document that a foreign producer put on another partition belongs to the one of its key.
    fn elsewhere(&self, item: &Item) -> Option<Partition> {
        let spec = self.stage.spec();
        let Body::DocumentSubmitted(document) = &item.event.body else { return None };
        let key = format!("{}/{}/{}", item.event.tenant, document.corpus, document.document_id);
        let index = partition_of(key.as_bytes(), self.log.partitions(spec.inbox));
        let misplaced = spec.entrance && index != item.origin.partition;
        misplaced.then_some(Partition { topic: spec.inbox, index })
    }

    fn config(&mut self, partition: u32) -> Result<Arc<Configured>, Error> {
        if let Some(config) = self.configs.get(&partition) {
            return Ok(config.clone());
        }
        let config = match self.overlay().get(self.stage.spec().configs, partition, b"current")? {
            None => Configured { models: self.options.models.names(), ..Configured::default() },
            Some(bytes) => Codec::decode(&bytes).map_err(|error| Error::Corrupt {
                what: "table configs".into(),
                detail: error.to_string(),
            })?,
        };
        let config = self.effective(config);
        let config = Arc::new(config);
        self.configs.insert(partition, config.clone());
        Ok(config)
    }

    /// Settings name the models of the process that recorded them. What this process decides, it decides with its
    /// own, and its facts have to say so.
    fn effective(&self, config: Configured) -> Configured {
        match self.options.models.check(&config) {
            Ok(()) => config,
            Err(difference) => {
                tracing::warn!(
                    stage = self.name(),
                    difference,
                    "Recorded settings name other models; those that are here decide."
                );
                Configured { models: self.options.models.names(), ..config }
            }
        }
    }

    fn set_config(&self, partition: u32, config: &Configured) {
        let value = Some(Codec::encode(config));
        self.overlay().apply(vec![Change {
            table: self.stage.spec().configs,
            partition,
            key: b"current".to_vec(),
            value,
        }]);
    }

    /// Heads of the parking place that have all that they need.
    pub(super) fn take_ready(&mut self, batch: &mut Batch) -> Result<(), Error> {
        for (partition, row) in self.parking.take_ready() {
            let Some(value) = self.overlay().get(self.stage.spec().parked, partition, &row)? else {
                continue;
            };
            let parked = parking::read(&value)?;
            let answers = parked.asked.iter().filter_map(|asked| asked.answer.clone()).collect();
            let Ok((origin, record, event)) = item::decode(item::unpark(&parked)) else {
                return Err(Error::Corrupt {
                    what: "table parked".into(),
                    detail: format!("{} cannot be read", parked.origin),
                });
            };
            let config = self.config(partition)?;
            let order_key = self.order_key(&event);
            let (row, calls) = (Some(row), Mutex::default());
            let item = Item { origin, record, event, order_key, config, answers, calls, row };
            batch.computed.push(batch.work.len());
            batch.work.push(Work::Item(Arc::new(item), None));
        }
        Ok(())
    }

    /// Slow records that have ended, or have to.
    pub(super) fn take_finished(&mut self) -> Result<Vec<(Arc<Item>, Outcome)>, Error> {
        let mut finished = Vec::new();
        let mut running = Vec::new();
        for slow in std::mem::take(&mut self.slow) {
            if let Some(outcome) = slow.outcome() {
                finished.push((slow.item.clone(), outcome));
            } else if slow.since.elapsed() > self.options.deadline {
                let lost = self.options.metrics.stages.lost_thread();
                if lost > limits::LOST_THREADS_MAX as i64 {
                    let detail = format!(
                        "{lost} threads are lost to records that do not end; start the process again"
                    );
                    return Err(Error::Io { what: format!("stage {}", self.name()), detail });
                }
                finished.push((
                    slow.item.clone(),
                    Outcome::Poison(endless(self.options.deadline), Vec::new()),
                ));
            } else {
                running.push(slow);
            }
        }
        self.slow = running;
        Ok(finished)
    }
}
