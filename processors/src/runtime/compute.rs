//! Runs steps on compute threads, so that a record that panics or never ends costs only itself.

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use cns_schemas::{Answer, Call, Fault, FaultCode, Retry};
use cns_state::{Change, Overlay};
use crossbeam_channel::{Receiver, Sender, unbounded};

use super::item::Item;
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

/// A record that took longer than it should, still running.
pub struct Slow {
    pub item: Arc<Item>,
    pub since: Instant,
    result: Receiver<(usize, Outcome)>,
    index: usize,
}

impl Slow {
    /// Its outcome, once it is there.
    pub fn outcome(&self) -> Option<Outcome> {
        self.result.try_iter().find(|(index, _)| *index == self.index).map(|(_, outcome)| outcome)
    }
}

/// What a batch gave: an outcome for each item, `None` for those that still run.
pub struct Computed {
    pub outcomes: Vec<Option<Outcome>>,
    pub slow: Vec<Slow>,
}

struct Job {
    stage: Arc<dyn Stage>,
    models: ModelSet,
    overlay: Arc<Overlay>,
    items: Vec<Arc<Item>>,
    next: AtomicUsize,
    blocked: Mutex<BTreeSet<String>>,
    /// When each item was begun; emptied when its result is delivered.
    begun: Mutex<Vec<Option<Instant>>>,
}

/// Runs a batch. For a stage that is not parallel the items run in their order, and each sees the changes
/// of the ones before.
pub fn run(
    compute: Compute,
    slow_after: Duration,
    stage: &Arc<dyn Stage>,
    models: &ModelSet,
    overlay: &Arc<Overlay>,
    items: Vec<Arc<Item>>,
) -> Computed {
    let count = items.len();
    let job = Arc::new(Job {
        stage: stage.clone(),
        models: models.clone(),
        overlay: overlay.clone(),
        items,
        next: AtomicUsize::new(0),
        blocked: Mutex::default(),
        begun: Mutex::new(vec![None; count]),
    });
    let (sender, results) = unbounded();
    let threads = match compute {
        Compute::Inline => {
            job.work(&sender, &Mutex::new(false));
            0
        }
        Compute::Threads(threads) if stage.spec().parallel => threads.clamp(1, count.max(1)),
        Compute::Threads(_) => 1,
    };
    let crew = (0..threads).map(|_| start(&job, &sender)).collect();
    collect(&job, slow_after, &sender, results, crew)
}

/// A thread at work: set to true, it stops after its item and no longer touches the overlay.
type Retired = Arc<Mutex<bool>>;

fn start(job: &Arc<Job>, sender: &Sender<(usize, Outcome)>) -> Retired {
    let retired = Retired::default();
    let (job, sender, flag) = (job.clone(), sender.clone(), retired.clone());
    std::thread::Builder::new()
        .name(format!("{}-compute", job.stage.spec().name))
        .spawn(move || job.work(&sender, &flag))
        .expect("the system gives another thread");
    retired
}

fn collect(
    job: &Arc<Job>,
    slow_after: Duration,
    sender: &Sender<(usize, Outcome)>,
    results: Receiver<(usize, Outcome)>,
    mut crew: Vec<Retired>,
) -> Computed {
    let mut computed =
        Computed { outcomes: job.items.iter().map(|_| None).collect(), slow: Vec::new() };
    let mut open = job.items.len();
    while open > 0 {
        if let Ok((index, outcome)) = results.recv_timeout(slow_after / 8) {
            if computed.outcomes[index].is_none()
                && !computed.slow.iter().any(|slow| slow.index == index)
            {
                computed.outcomes[index] = Some(outcome);
                open -= 1;
            }
            continue;
        }
        let late = job.late(slow_after);
        if late.is_empty() {
            continue;
        }
        // Nobody knows which thread holds which item, so the whole crew is replaced; a thread that is
        // not stuck ends after its item and delivers it.
        for retired in crew.drain(..) {
            *retired.lock().expect("no holder of the lock panics") = true;
        }
        for (index, since) in late {
            let item = job.items[index].clone();
            job.block(&item.order_key);
            computed.slow.push(Slow { item, since, result: results.clone(), index });
            open -= 1;
        }
        crew.push(start(job, sender));
    }
    computed
}

impl Job {
    fn work(&self, results: &Sender<(usize, Outcome)>, retired: &Mutex<bool>) {
        loop {
            if *retired.lock().expect("no holder of the lock panics") {
                return;
            }
            let index = self.next.fetch_add(1, Ordering::SeqCst);
            let Some(item) = self.items.get(index) else { return };
            self.begin(index);
            let mut outcome =
                if self.is_blocked(&item.order_key) { Outcome::Behind } else { self.decide(item) };
            if matches!(outcome, Outcome::Ask(..)) {
                self.block(&item.order_key);
            }
            let retired = retired.lock().expect("no holder of the lock panics");
            if let (Outcome::Done(done, _), false) = (&mut outcome, *retired) {
                // The next item of this job must see the rows of this one.
                self.overlay.apply(changes(item, std::mem::take(&mut done.changes)));
            }
            self.begun.lock().expect("no holder of the lock panics")[index] = None;
            // The receiver is gone when the worker has given the batch up: then nobody wants the result.
            drop(results.send((index, outcome)));
        }
    }

    fn decide(&self, item: &Item) -> Outcome {
        decide(&self.stage, &self.models, item, &self.overlay)
    }

    fn begin(&self, index: usize) {
        self.begun.lock().expect("no holder of the lock panics")[index] = Some(Instant::now());
    }

    fn late(&self, slow_after: Duration) -> Vec<(usize, Instant)> {
        let mut begun = self.begun.lock().expect("no holder of the lock panics");
        let mut late = Vec::new();
        for (index, since) in begun.iter_mut().enumerate() {
            if since.is_some_and(|since| since.elapsed() > slow_after) {
                late.extend(since.take().map(|since| (index, since)));
            }
        }
        late
    }

    fn is_blocked(&self, order_key: &str) -> bool {
        self.blocked.lock().expect("no holder of the lock panics").contains(order_key)
    }

    fn block(&self, order_key: &str) {
        self.blocked.lock().expect("no holder of the lock panics").insert(order_key.to_owned());
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

fn decide(
    stage: &Arc<dyn Stage>,
    models: &ModelSet,
    item: &Item,
    overlay: &Arc<Overlay>,
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
            Ok(Step::Need(calls)) => match answer(models, calls, &mut answers) {
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
    models: &ModelSet,
    calls: Vec<Call>,
    answers: &mut Vec<Answer>,
) -> Result<Vec<Call>, Fault> {
    let mut remote = Vec::new();
    for call in calls {
        if models.remote(call.port) {
            remote.push(call);
            continue;
        }
        match catch_unwind(AssertUnwindSafe(|| models.answer(&call))) {
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
