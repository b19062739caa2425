//! A worker: one stage's member. `step` polls a batch, has it computed, commits what was decided.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use cns_schemas::{Configured, Fault, Topic};
use cns_state::{CommitError, Error, Limit, Log, Member, Overlay, Partition, Polled};

use super::{
    Compute, Metrics,
    compute::{Outcome, Slow},
    draft::{Draft, Findings},
    hops::Step,
    item::{Item, Undecodable},
    parking::{self, Parking},
    suspects::Suspects,
};
use crate::{Stage, limits, models::ModelSet};
use pace::Pace;

mod gather;
mod pace;
mod run;
mod settle;

/// What a worker needs beside its log and its stage.
#[derive(Clone)]
pub struct WorkerOptions {
    /// The models of the process.
    pub models: ModelSet,
    /// Where steps run.
    pub compute: Compute,
    /// Milliseconds since 1970; read for facts, never for a decision.
    pub clock: fn() -> i64,
    /// Where the positions in work are noted; `None` for simulations.
    pub suspects: Option<PathBuf>,
    /// What is counted.
    pub metrics: Metrics,
    /// One poll takes at most this.
    pub batch: Limit,
    /// A record that takes longer is parked, so that the others go on.
    pub slow_after: Duration,
    /// A record that takes longer goes to the dead letters.
    pub deadline: Duration,
    /// What can go on is decided before anything new is read. A replay needs it: in a recorded inbox the next
    /// answer follows at once, and has to find its record asking.
    pub ready_first: bool,
    /// Parked records of all workers of the process: the entrance waits for them.
    pub parked: Arc<AtomicUsize>,
}

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Nothing to do.
    Idle,
    /// That many records were handled.
    Worked(usize),
    /// The membership changed, or a commit has to be done again.
    Again,
}

/// A stage at work. It is a value: whoever calls `step` drives it, a thread or a simulation.
pub struct Worker {
    log: Arc<dyn Log>,
    stage: Arc<dyn Stage>,
    options: WorkerOptions,
    member: Option<Box<dyn Member>>,
    overlay: Option<Arc<Overlay>>,
    owned: BTreeSet<u32>,
    configs: BTreeMap<u32, Arc<Configured>>,
    parking: Parking,
    slow: Vec<Slow>,
    suspects: Suspects,
    pace: Pace,
    unknown_in_a_row: u32,
    /// What this worker has added to `options.parked`.
    parked: usize,
}

/// What one step gathers before it is computed.
#[derive(Default)]
struct Batch {
    /// Inbox records, in their order, for the consumed offsets.
    delivered: Vec<(Partition, i64)>,
    work: Vec<Work>,
    /// Position of each item that is computed in `work`.
    computed: Vec<usize>,
}

/// One record with what was found out about it so far.
enum Work {
    /// To be computed, or computed: by then it has an outcome.
    Item(Arc<Item>, Option<Outcome>),
    /// Cannot be read.
    Undecodable(Box<Undecodable>),
    /// For the runtime itself: settings, and answers.
    Own(Box<Item>),
    /// Belongs to another partition.
    Elsewhere(Box<Item>, Partition),
    /// Waits behind another record of its order key.
    Behind(Box<Item>),
}

impl Worker {
    /// A worker that joins its group with its first step.
    pub fn new(log: Arc<dyn Log>, stage: Arc<dyn Stage>, options: WorkerOptions) -> Worker {
        let suspects = Suspects::load(options.suspects.clone());
        Worker {
            log,
            stage,
            options,
            member: None,
            overlay: None,
            owned: BTreeSet::new(),
            configs: BTreeMap::new(),
            parking: Parking::default(),
            slow: Vec::new(),
            suspects,
            pace: Pace::default(),
            unknown_in_a_row: 0,
            parked: 0,
        }
    }

    /// The stage's name.
    pub fn name(&self) -> &'static str {
        self.stage.spec().name
    }

    /// Handles the next records, waiting up to `wait` for them.
    ///
    /// # Errors
    /// Only what nobody here can mend: the process has to stop. A log that is away is waited for.
    pub fn step(&mut self, wait: Duration) -> Result<Progress, Error> {
        match self.try_step(wait) {
            Err(error @ Error::Away { .. }) => {
                self.member = None;
                away(self.name(), &error, self.options.compute);
                Ok(Progress::Again)
            }
            stepped => stepped,
        }
    }

    fn try_step(&mut self, wait: Duration) -> Result<Progress, Error> {
        if self.member.is_none() {
            self.join()?;
        }
        let records = match self.poll(self.patience(wait))? {
            Some(Polled::Records(records)) => records,
            Some(Polled::Assigned(partitions)) => {
                self.assigned(&partitions)?;
                self.options.metrics.stages.rebalanced(self.name(), self.owned.len());
                return Ok(Progress::Again);
            }
            Some(Polled::Revoking(partitions, _)) => {
                self.revoking(&partitions)?;
                self.options.metrics.stages.rebalanced(self.name(), self.owned.len());
                return Ok(Progress::Again);
            }
            None => return Ok(Progress::Again),
        };
        let appended = records.iter().map(|delivered| delivered.record.at_ms);
        self.options.metrics.stages.taken(self.name(), appended, (self.options.clock)());
        let started = SystemTime::now();
        let mut batch = Batch::default();
        self.take_ready(&mut batch)?;
        let finished = self.take_finished()?;
        self.route(records, &mut batch)?;
        if batch.work.is_empty() && finished.is_empty() {
            return Ok(Progress::Idle);
        }
        let handled = batch.work.len() + finished.len();
        let (begun, records) = (Instant::now(), batch.computed.len());
        self.options.metrics.stages.in_work(self.name(), records + self.slow.len());
        self.compute(&mut batch)?;
        self.options.metrics.stages.in_work(self.name(), self.slow.len());
        self.pace.note(records, begun.elapsed());
        self.commit(batch, finished, handled, started)
    }

    /// How long to wait for new records while others are on their way.
    fn patience(&self, wait: Duration) -> Duration {
        if self.parking.has_ready() {
            Duration::ZERO
        } else if self.slow.is_empty() {
            wait
        } else {
            wait.min(Duration::from_millis(20))
        }
    }

    fn join(&mut self) -> Result<(), Error> {
        let member = self.log.join(self.name(), self.stage.spec().inbox)?;
        self.forget();
        self.overlay = Some(Arc::new(Overlay::new(member.rows())));
        self.owned.clear();
        self.options.metrics.stages.owns(self.name(), 0);
        self.member = Some(member);
        Ok(())
    }

    /// Drops all that is not committed, and what was learned from it.
    fn forget(&mut self) {
        self.configs.clear();
        self.parking = Parking::default();
        self.slow.clear();
        if let Some(member) = &self.member {
            self.overlay = Some(Arc::new(Overlay::new(member.rows())));
        }
    }

    fn overlay(&self) -> Arc<Overlay> {
        self.overlay.clone().expect("a worker that has joined has an overlay")
    }

    fn poll(&mut self, wait: Duration) -> Result<Option<Polled>, Error> {
        let hold = self.options.ready_first && self.parking.has_ready();
        let limit = if hold || self.must_wait()? {
            Limit { records: 0, ..self.options.batch }
        } else if self.options.compute == Compute::Inline {
            // A simulation must not depend on how fast the machine is.
            self.options.batch
        } else {
            self.pace.limit(self.options.batch)
        };
        let member = self.member.as_mut().expect("the worker has joined");
        match member.poll(limit, wait) {
            Ok(polled) => {
                if limit.records == 0 && self.options.compute != Compute::Inline {
                    std::thread::sleep(wait);
                }
                Ok(Some(polled))
            }
            Err(error @ Error::Fenced(_)) => {
                tracing::warn!(event = "group.rejoined", stage = self.name(), %error, "Joining again.");
                self.member = None;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The entrance waits while what lies behind it is full. No other stage may: the answers that its parked
    /// records wait for come through its own inbox.
    fn must_wait(&self) -> Result<bool, Error> {
        if !self.stage.spec().entrance {
            return Ok(false);
        }
        let parked = self.options.parked.load(Ordering::Relaxed) as i64;
        match lag(&self.log, &[Topic::Passages, Topic::Candidates, Topic::Verdicts]) {
            Ok(behind) => Ok(behind + parked > limits::LAG_MAX_RECORDS),
            // Nobody can say: it stays a member and waits.
            Err(Error::Away { .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }

    fn assigned(&mut self, partitions: &[u32]) -> Result<(), Error> {
        let overlay = self.overlay();
        for partition in partitions {
            self.owned.insert(*partition);
            self.parking.load(&*overlay, self.stage.spec().parked, *partition)?;
        }
        self.count_parked();
        tracing::debug!(
            stage = self.name(),
            ?partitions,
            parked = self.parking.len(),
            "Partitions assigned."
        );
        Ok(())
    }

    /// Everything finished was committed by the step that finished it; the rest is void.
    fn revoking(&mut self, partitions: &[u32]) -> Result<(), Error> {
        for partition in partitions {
            self.owned.remove(partition);
        }
        self.reload()
    }

    /// Starts again from what is committed, for the partitions that are still owned.
    fn reload(&mut self) -> Result<(), Error> {
        self.forget();
        let owned: Vec<u32> = self.owned.iter().copied().collect();
        self.assigned(&owned)
    }

    fn commit(
        &mut self,
        batch: Batch,
        finished: Vec<(Arc<Item>, Outcome)>,
        handled: usize,
        started: SystemTime,
    ) -> Result<Progress, Error> {
        let log = self.log.clone();
        let traces = self.options.metrics.traces.clone();
        let mut draft = Draft::new(&log, self.stage.spec(), (self.options.clock)(), &traces);
        for (partition, offset) in &batch.delivered {
            draft.consume(partition.index, *offset);
        }
        for (item, outcome) in finished {
            let row = parking::row_key(&item.order_key, &item.origin);
            self.settle(&mut draft, &item, outcome, Some(row))?;
        }
        for work in batch.work {
            self.settle_work(&mut draft, work)?;
        }
        if draft.is_empty() {
            return Ok(Progress::Idle);
        }
        let (transaction, told) = draft.finish(self.overlay().take());
        let begun = Instant::now();
        let member = self.member.as_mut().expect("the worker has joined");
        let outcome = member.commit(transaction);
        let took = begun.elapsed().as_secs_f64();
        self.count_parked();
        if outcome.is_ok() {
            let step = Step { spec: self.stage.spec(), started, commit: begun.elapsed() };
            self.options.metrics.committed(&step, &told, (self.options.clock)());
        }
        self.after_commit(outcome, took, handled)
    }

    fn count_parked(&mut self) {
        let now = self.parking.len();
        self.options.metrics.stages.parked(self.name(), now);
        if now > self.parked {
            self.options.parked.fetch_add(now - self.parked, Ordering::Relaxed);
        } else {
            self.options.parked.fetch_sub(self.parked - now, Ordering::Relaxed);
        }
        self.parked = now;
    }

    fn after_commit(
        &mut self,
        outcome: Result<Vec<i64>, CommitError>,
        took: f64,
        handled: usize,
    ) -> Result<Progress, Error> {
        let name = self.name();
        let (label, error) = match outcome {
            Ok(_) => {
                self.options.metrics.stages.commit(name, "done", took);
                self.unknown_in_a_row = 0;
                return Ok(Progress::Worked(handled));
            }
            Err(CommitError::NotDone(error)) => ("not_done", error),
            Err(CommitError::Fenced(group)) => ("fenced", Error::Fenced(group)),
            Err(CommitError::Unknown(error)) => ("unknown", error),
        };
        self.options.metrics.stages.commit(name, label, took);
        tracing::warn!(event = "commit.failed", stage = name, outcome = label, %error, "A commit did not succeed; its records are handled again.");
        let unknown = label == "unknown" && !matches!(error, Error::Away { .. });
        self.unknown_in_a_row = if unknown { self.unknown_in_a_row + 1 } else { 0 };
        if self.unknown_in_a_row >= limits::UNKNOWN_IN_A_ROW_MAX {
            return Err(error);
        }
        if label == "not_done" {
            self.reload()?;
            if self.options.compute != Compute::Inline {
                // A full disk does not get better by trying at once.
                std::thread::sleep(limits::NOT_DONE_PAUSE);
            }
        } else {
            self.member = None;
        }
        Ok(Progress::Again)
    }
}

/// Nothing can be done until the log is there again.
pub(super) fn away(stage: &str, error: &Error, compute: Compute) {
    tracing::warn!(event = "log.away", stage, %error, "The log is away; the stage waits for it.");
    if compute != Compute::Inline {
        std::thread::sleep(limits::AWAY_PAUSE);
    }
}

/// Records between the committed offsets of the groups and the ends of their inboxes.
pub fn lag(log: &Arc<dyn Log>, inboxes: &[Topic]) -> Result<i64, Error> {
    let mut lag = 0;
    for spec in crate::topology::STAGES.iter().filter(|spec| inboxes.contains(&spec.inbox)) {
        for index in 0..log.partitions(spec.inbox) {
            let partition = Partition { topic: spec.inbox, index };
            lag += log.end(partition)? - log.committed(spec.name, partition)?;
        }
    }
    Ok(lag)
}

fn endless(deadline: Duration) -> Fault {
    Fault {
        code: cns_schemas::FaultCode::DeadlineExceeded,
        detail: format!("the stage did not end within {deadline:?}"),
        mend: "this is a defect of cns: report it with the record; other records are not affected"
            .into(),
        retry: cns_schemas::Retry::Never,
    }
}

fn killer(deaths: u32) -> Fault {
    Fault {
        code: cns_schemas::FaultCode::WorkerKiller,
        detail: format!("the process died {deaths} times while it handled this record"),
        mend: "this is a defect of cns: report it with the record; other records are not affected"
            .into(),
        retry: cns_schemas::Retry::Never,
    }
}

fn findings(item: &Item) -> Findings {
    Findings {
        config_hash: item.config.hash(),
        corpus: key_corpus(&item.record.key),
        calls: item.take_calls(),
        ..Findings::default()
    }
}

/// The corpus in a key of the form `tenant/corpus/…`.
fn key_corpus(key: &[u8]) -> Option<String> {
    let key = std::str::from_utf8(key).ok()?;
    key.split('/').nth(1).map(str::to_owned)
}
