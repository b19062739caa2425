//! Runs steps on compute threads, so that a record that panics or never ends costs only itself.

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    time::{Duration, Instant, SystemTime},
};

use cns_schemas::{Answer, Call, Fault, FaultCode, Retry};
use cns_state::{Change, Overlay};

use super::{handled::Called, item::Item, metrics::CallMetrics};
use crate::{
    Done, Input, PartitionRows, RowChange, Stage, StageError, Step, limits,
    models::{ModelError, ModelSet},
};

/// How a record's computation ended.
pub enum Outcome {
    /// Decided, with the answers that it read.
    Done(Done, Vec<Answer>),
    /// Needs remote answers; the ones that it has already are kept.
    Ask(Vec<Call>, Vec<Answer>),
    /// Must wait behind a record of its order key.
    Behind,
    /// Refused.
    Reject(Fault, Vec<Answer>),
    /// Cannot be handled.
    Poison(Fault, Vec<Answer>),
    /// Nothing can be decided any more.
    Stop(cns_state::Error),
}

/// What is computed where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compute {
    /// In the caller's thread, without deadlines: for simulations.
    Inline,
    /// On this many threads, with deadlines.
    Threads(usize),
}

/// A record that took longer than it should. What it decides is applied by whoever takes its outcome.
pub struct Slow {
    pub item: Arc<Item>,
    pub since: Instant,
    job: Arc<Job>,
    index: usize,
}

impl Slow {
    /// Its outcome, once it is there.
    pub fn outcome(&self) -> Option<Outcome> {
        self.job.state().take(self.index)
    }
}

/// What a batch gave: an outcome for each item, `None` for those that still run.
pub struct Computed {
    pub outcomes: Vec<Option<Outcome>>,
    pub slow: Vec<Slow>,
}

/// A batch in work.
struct Job {
    stage: Arc<dyn Stage>,
    models: ModelSet,
    calls: CallMetrics,
    overlay: Arc<Overlay>,
    items: Vec<Arc<Item>>,
    state: Mutex<State>,
    progress: Condvar,
}

/// Where each item stands. One lock guards it together with the moment at which rows reach the overlay: an item
/// is late or its rows are applied, never both.
struct State {
    phases: Vec<Phase>,
    /// The next item to begin.
    next: usize,
    /// Order keys with an item that has to wait.
    blocked: BTreeSet<String>,
    /// Threads of an earlier crew begin nothing more.
    crew: usize,
}

enum Phase {
    Waiting,
    Running(Instant),
    /// Waits for a local model.
    Asking(Instant),
    /// It took too long; whoever holds it as [`Slow`] waits for its outcome.
    Late,
    Ended(Outcome),
    Taken,
}

impl State {
    fn take(&mut self, index: usize) -> Option<Outcome> {
        if !matches!(self.phases[index], Phase::Ended(_)) {
            return None;
        }
        match std::mem::replace(&mut self.phases[index], Phase::Taken) {
            Phase::Ended(outcome) => Some(outcome),
            _ => None,
        }
    }

    fn open(&self) -> bool {
        self.phases
            .iter()
            .any(|phase| matches!(phase, Phase::Waiting | Phase::Running(_) | Phase::Asking(_)))
    }
}

/// Runs a batch. For a stage that is not parallel the items run in their order, and each sees the changes
/// of the ones before.
///
/// # Errors
/// The system gives no thread.
pub fn run(
    compute: Compute,
    slow_after: Duration,
    stage: &Arc<dyn Stage>,
    models: &ModelSet,
    calls: &CallMetrics,
    overlay: &Arc<Overlay>,
    items: Vec<Arc<Item>>,
) -> Result<Computed, cns_state::Error> {
    let count = items.len();
    let state = State {
        phases: items.iter().map(|_| Phase::Waiting).collect(),
        next: 0,
        blocked: BTreeSet::new(),
        crew: 0,
    };
    let job = Arc::new(Job {
        stage: stage.clone(),
        models: models.clone(),
        calls: calls.clone(),
        overlay: overlay.clone(),
        items,
        state: Mutex::new(state),
        progress: Condvar::new(),
    });
    let threads = match compute {
        Compute::Inline => {
            job.work(0);
            0
        }
        Compute::Threads(threads) if stage.spec().parallel => threads.clamp(1, count.max(1)),
        Compute::Threads(_) => 1,
    };
    for _ in 0..threads {
        start(&job, 0)?;
    }
    collect(&job, slow_after)
}

fn start(job: &Arc<Job>, crew: usize) -> Result<(), cns_state::Error> {
    let name = format!("{}-compute", job.stage.spec().name);
    let job = job.clone();
    let thread = std::thread::Builder::new().name(name.clone()).spawn(move || job.work(crew));
    let failed = |error: std::io::Error| cns_state::Error::Io {
        what: format!("starting a thread for {name}"),
        detail: error.to_string(),
    };
    thread.map(drop).map_err(failed)
}

/// Waits until every item has ended or is late. When one is late, its thread is given up and another goes on
/// with what has not begun.
fn collect(job: &Arc<Job>, slow_after: Duration) -> Result<Computed, cns_state::Error> {
    let mut slow = Vec::new();
    let mut state = job.state();
    while state.open() {
        let late = job.late(&mut state, slow_after);
        if !late.is_empty() {
            state.crew += 1;
            slow.extend(late);
            start(job, state.crew)?;
            continue;
        }
        let waited = job.progress.wait_timeout(state, slow_after / 8);
        state = waited.expect("no holder of the lock panics").0;
    }
    let outcomes = (0..job.items.len()).map(|index| state.take(index)).collect();
    Ok(Computed { outcomes, slow })
}

impl Job {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of the lock panics")
    }

    fn work(&self, crew: usize) {
        while let Some((index, blocked)) = self.begin(crew) {
            let item = &self.items[index];
            let outcome = if blocked {
                Outcome::Behind
            } else {
                let local = Local { models: &self.models, calls: &self.calls };
                decide(&self.stage, &local, item, &self.overlay, &|asks| self.asks(index, asks))
            };
            self.end(index, item, outcome);
        }
    }

    fn begin(&self, crew: usize) -> Option<(usize, bool)> {
        let mut state = self.state();
        if state.crew != crew || state.next == self.items.len() {
            return None;
        }
        let index = state.next;
        state.next += 1;
        state.phases[index] = Phase::Running(Instant::now());
        Some((index, state.blocked.contains(&self.items[index].order_key)))
    }

    fn end(&self, index: usize, item: &Item, mut outcome: Outcome) {
        let mut state = self.state();
        if matches!(outcome, Outcome::Ask(..)) {
            state.blocked.insert(item.order_key.clone());
        }
        let late = matches!(state.phases[index], Phase::Late);
        if let (Outcome::Done(done, _), false) = (&mut outcome, late) {
            // The next item of this job must see the rows of this one.
            self.overlay.apply(changes(item, std::mem::take(&mut done.changes)));
        }
        state.phases[index] = Phase::Ended(outcome);
        drop(state);
        self.progress.notify_all();
    }

    /// Notes that a record begins to ask a local model, or has its answer.
    fn asks(&self, index: usize, asks: bool) {
        let phase = &mut self.state().phases[index];
        if let Phase::Running(_) | Phase::Asking(_) = phase {
            let now = Instant::now();
            *phase = if asks { Phase::Asking(now) } else { Phase::Running(now) };
        }
    }

    fn late(self: &Arc<Self>, state: &mut State, slow_after: Duration) -> Vec<Slow> {
        let mut late = Vec::new();
        for index in 0..state.next {
            let (since, patience) = match state.phases[index] {
                Phase::Running(since) => (since, slow_after),
                Phase::Asking(since) => (since, limits::MODEL_SLOW_AFTER.max(slow_after)),
                _ => continue,
            };
            if since.elapsed() > patience {
                // The deadline of a record that asked begins when its patience ends.
                let since = if patience == slow_after { since } else { Instant::now() };
                let item = self.items[index].clone();
                state.phases[index] = Phase::Late;
                state.blocked.insert(item.order_key.clone());
                late.push(Slow { item, since, job: self.clone(), index });
            }
        }
        late
    }
}

/// The changes of an item's rows, in the partition of the item.
pub fn changes(item: &Item, changes: Vec<RowChange>) -> Vec<Change> {
    let partition = item.origin.partition;
    changes
        .into_iter()
        .map(|RowChange { table, key, value }| Change { table, partition, key, value })
        .collect()
}

/// The models that answer here, and what is counted of them.
struct Local<'a> {
    models: &'a ModelSet,
    calls: &'a CallMetrics,
}

fn decide(
    stage: &Arc<dyn Stage>,
    models: &Local<'_>,
    item: &Item,
    overlay: &Arc<Overlay>,
    asks: &dyn Fn(bool),
) -> Outcome {
    let mut answers = item.answers.clone();
    if let Some(failed) = answers.iter().find_map(|answer| answer.failure.clone()) {
        return Outcome::Poison(model_fault(failed, Retry::Later), answers);
    }
    for _ in 0..limits::ASK_ROUNDS_MAX {
        let rows = PartitionRows { all: overlay.clone(), partition: item.origin.partition };
        let input = Input {
            event: &item.event,
            value: &item.record.value,
            rows,
            config: &item.config,
            answers: &answers,
        };
        let step = match catch_unwind(AssertUnwindSafe(|| stage.step(&input))) {
            Ok(step) => step,
            Err(panic) => return Outcome::Poison(panicked(panic.as_ref()), answers),
        };
        match step {
            Ok(Step::Done(done)) => return Outcome::Done(done, answers),
            Ok(Step::Need(calls)) => match answer(models, item, calls, &mut answers, asks) {
                Ok(remote) if remote.is_empty() => {}
                Ok(remote) => return Outcome::Ask(remote, answers),
                Err(fault) => return Outcome::Poison(fault, answers),
            },
            Err(StageError::Reject(fault)) => return Outcome::Reject(fault, answers),
            Err(StageError::Poison(fault)) => return Outcome::Poison(fault, answers),
            Err(StageError::Stop(error)) => return Outcome::Stop(error),
        }
    }
    let detail =
        format!("asked for more answers {} times without deciding", limits::ASK_ROUNDS_MAX);
    Outcome::Poison(model_fault(detail, Retry::Never), answers)
}

/// Answers the local calls; gives back the remote ones.
fn answer(
    Local { models, calls: counted }: &Local<'_>,
    item: &Item,
    calls: Vec<Call>,
    answers: &mut Vec<Answer>,
    asks: &dyn Fn(bool),
) -> Result<Vec<Call>, Fault> {
    let mut remote = Vec::new();
    for call in calls {
        if models.remote(call.port) {
            remote.push(call);
            continue;
        }
        asks(true);
        let (started, begun) = (SystemTime::now(), Instant::now());
        let answer = catch_unwind(AssertUnwindSafe(|| models.answer(&call)));
        asks(false);
        let took = begun.elapsed();
        counted.called(&call, matches!(answer, Ok(Ok(_))), took);
        item.note(Called::of(&call, started, took));
        match answer {
            Ok(Ok(answer)) => answers.push(answer),
            Ok(Err(ModelError::Later(why))) => {
                return Err(model_fault(format!("{}: {why}", call.model), Retry::Later));
            }
            Ok(Err(ModelError::Never(why))) => {
                return Err(model_fault(format!("{}: {why}", call.model), Retry::Never));
            }
            Err(panic) => return Err(panicked(panic.as_ref())),
        }
    }
    Ok(remote)
}

fn model_fault(detail: String, retry: Retry) -> Fault {
    let mend = "see that the model is in order, then submit the document again".into();
    Fault { code: FaultCode::ModelFailed, detail, mend, retry }
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Fault {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    Fault {
        code: FaultCode::StagePanicked,
        detail: format!("the stage panicked: {}", text.as_deref().unwrap_or("without a message")),
        mend: "this is a defect of cns: report it with the record; other records are not affected"
            .into(),
        retry: Retry::Never,
    }
}
