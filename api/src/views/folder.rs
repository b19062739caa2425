//! Reads the audit topic and folds it into the view store.
//!
//! Invariant: rows and positions are written together, so a crash at any moment loses nothing and doubles
//! nothing. An entry that cannot be folded ends it: what stands before the entry is served, nothing after it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use cns_schemas::{AuditEntry, Codec, Headers, Hop, HopKind, Topic, TraceContext, Traces};
use cns_state::{Delivered, Error, Log, Overlay, Partition, Views};
use tokio::sync::watch;

use super::{FoldError, FolderError, Progress, fold};
use crate::limits::{FOLD_BATCH, FOLD_RETRY, FOLD_TURN};

/// Folds the audit topic of a log into a view store.
pub struct ViewFolder {
    log: Arc<dyn Log>,
    views: Views,
    /// What stood in the log when the folder was made: caught up means all of it is folded.
    goal: Vec<i64>,
    progress: watch::Sender<Progress>,
    traces: Traces,
}

impl ViewFolder {
    /// A folder that goes on where the store stands, and the place where it tells how far it is.
    ///
    /// # Errors
    /// The store or the log cannot be read.
    pub fn new(
        log: Arc<dyn Log>,
        views: Views,
    ) -> Result<(ViewFolder, watch::Receiver<Progress>), Error> {
        let goal = (0..log.partitions(Topic::Audit))
            .map(|index| log.end(Partition { topic: Topic::Audit, index }))
            .collect::<Result<Vec<_>, _>>()?;
        let (progress, receiver) = watch::channel(Progress::default());
        let folder = ViewFolder { log, views, goal, progress, traces: Traces::off() };
        folder.publish(None)?;
        Ok((folder, receiver))
    }

    /// The same, with what is told of traces.
    pub fn traced(self, traces: Traces) -> ViewFolder {
        ViewFolder { traces, ..self }
    }

    /// Folds what there is, a batch from each partition, and waits up to `wait` when there is nothing.
    /// Returns how many entries were folded. After an error that is not
    /// [`retryable`](FolderError::retryable) every further step gives an error.
    ///
    /// # Errors
    /// An entry that is corrupt, does not continue the chain or cannot be read; a store or log that fails.
    pub fn step(&mut self, wait: Duration) -> Result<usize, FolderError> {
        let deadline = Instant::now() + wait;
        let partitions: Vec<u32> = (0..self.log.partitions(Topic::Audit)).collect();
        let mut turn = Duration::ZERO;
        loop {
            let mut folded = 0;
            for index in &partitions {
                folded +=
                    self.fold_partition(*index, turn).inspect_err(|error| self.stop(error))?;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if folded > 0 || left.is_zero() {
                let at = Partition { topic: Topic::Audit, index: 0 };
                self.publish(None).map_err(|error| FolderError {
                    partition: at,
                    offset: 0,
                    error: error.into(),
                })?;
                return Ok(folded);
            }
            turn = left.min(FOLD_TURN);
        }
    }

    /// Steps until it is told to stop. Failures that can pass are waited out.
    ///
    /// # Errors
    /// What ended the fold for good.
    pub fn follow(&mut self, stop: &AtomicBool, wait: Duration) -> Result<(), FolderError> {
        while !stop.load(Ordering::Relaxed) {
            match self.step(wait) {
                Ok(_) => {}
                Err(error) if error.retryable() => {
                    tracing::warn!(event = "views.waiting", %error, "The views could not go on and will try again.");
                    std::thread::sleep(FOLD_RETRY);
                }
                Err(error) => {
                    tracing::error!(event = "views.stopped", %error, "The views have stopped; nothing later is served.");
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    fn fold_partition(&mut self, index: u32, wait: Duration) -> Result<usize, FolderError> {
        let partition = Partition { topic: Topic::Audit, index };
        let fail = |offset: i64| {
            move |error: Error| FolderError { partition, offset, error: error.into() }
        };
        let positions = self.views.positions().map_err(fail(0))?;
        let from = positions.get(&index).copied().unwrap_or(0);
        let records = self.log.read(partition, from, FOLD_BATCH, wait).map_err(fail(from))?;
        let begun = SystemTime::now();
        let overlay = Overlay::new(Arc::new(self.views.clone()));
        let mut next = from;
        let mut refused = None;
        let mut folded = 0;
        for delivered in &records {
            match fold_record(delivered, &overlay) {
                Ok(()) => {
                    next = delivered.offset + 1;
                    folded += 1;
                }
                Err(error) => {
                    refused = Some(FolderError { partition, offset: delivered.offset, error });
                    break;
                }
            }
        }
        if next > from {
            self.views.apply(&overlay.take(), &[(index, next)]).map_err(fail(next))?;
        }
        for delivered in &records[..folded] {
            self.tell(delivered, begun);
        }
        match refused {
            Some(error) => Err(error),
            None => Ok(folded),
        }
    }

    /// Tells the hop that brought an entry into the views: the last of its trace.
    fn tell(&self, delivered: &Delivered, begun: SystemTime) {
        if !self.traces.are_on() {
            return;
        }
        let headers = Headers::from_pairs(&delivered.record.headers).unwrap_or_default();
        let parent = headers.traceparent.as_deref().and_then(TraceContext::parse);
        let (job, event) = (headers.job.unwrap_or_default(), headers.event_id.unwrap_or_default());
        let at = self.traces.hop(parent.as_ref(), &job, &format!("views/{event}"));
        let Some(at) = at else { return };
        let topic = self.traces.name(delivered.partition.topic.name());
        let partition = delivered.partition.index;
        self.traces.ended(Hop {
            name: format!("process {topic}"),
            kind: HopKind::Consumer,
            at,
            parent,
            links: Vec::new(),
            begun,
            took: begun.elapsed().unwrap_or_default(),
            attributes: vec![
                ("messaging.system", self.traces.system().into()),
                ("messaging.operation.name", "process".into()),
                ("messaging.operation.type", "process".into()),
                ("messaging.destination.name", topic.as_str().into()),
                ("messaging.destination.partition.id", partition.to_string().into()),
                ("messaging.message.id", event.into()),
                ("messaging.kafka.offset", delivered.offset.into()),
                ("queue.name", topic.as_str().into()),
                ("job.id", job.into()),
                ("job.stage", "views".into()),
            ],
            failure: None,
        });
    }

    fn publish(&self, stopped: Option<String>) -> Result<(), Error> {
        let positions = self.views.positions()?;
        let at = |index: u32| positions.get(&index).copied().unwrap_or(0);
        let mut ends = std::collections::BTreeMap::new();
        let mut reached = true;
        for (index, goal) in (0u32..).zip(&self.goal) {
            // Not every offset before the end needs to have an entry.
            let behind = self.log.behind(Partition { topic: Topic::Audit, index }, at(index))?;
            ends.insert(index, at(index) + behind);
            reached &= behind == 0 || at(index) >= *goal;
        }
        self.progress.send_if_modified(|progress| {
            let caught_up = progress.caught_up || reached;
            let now = Progress {
                positions: positions.clone(),
                ends: ends.clone(),
                caught_up,
                stopped: stopped.clone(),
            };
            let changed = *progress != now;
            *progress = now;
            changed
        });
        Ok(())
    }

    fn stop(&self, error: &FolderError) {
        let stopped = (!error.retryable()).then(|| error.to_string());
        // What was folded before the error is served; how far that is should be told too.
        if let Err(failure) = self.publish(stopped.clone()) {
            tracing::warn!(error = %failure, "The positions of the views cannot be read.");
            self.progress.send_modify(|progress| progress.stopped = stopped);
        }
    }
}

fn fold_record(delivered: &Delivered, overlay: &Overlay) -> Result<(), FoldError> {
    let entry: AuditEntry = Codec::decode(&delivered.record.value).map_err(FoldError::Entry)?;
    overlay.apply(fold(&entry, delivered.partition.index, overlay)?);
    Ok(())
}
