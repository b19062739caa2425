//! The performer: makes the calls of slow or paid models. It is no fold; what it owes is rows.
//!
//! Intake commits an open row for each request; the call runs with no transaction open; recording commits
//! the replies, the removed rows and the facts. After an assignment open rows are performed again, so a
//! call happens at least once and its recorded answer exactly once.

mod call;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use cns_schemas::{
    Answer, Body, Codec, Event, Fault, FaultCode, ModelReplied, ModelRequested, OpenRequest,
    Origin, Outcome, Retry, Topic,
};
use cns_state::{
    Change, CommitError, Delivered, Error, Log, Member, Overlay, Partition, Polled, Rows,
};
use crossbeam_channel::{Receiver, Sender, unbounded};

use super::{
    Compute, Metrics, Progress,
    draft::{Draft, Findings, Oversized},
    hops::Step,
    item,
    worker::away,
};
use crate::{
    Destination, Output, limits,
    models::ModelSet,
    topology::{PERFORM, tables::REQUESTS},
};
use call::{Breakers, perform};

/// What the performer needs beside its log.
#[derive(Clone)]
pub struct PerformerOptions {
    /// The models of the process.
    pub models: ModelSet,
    /// Where calls run; `Inline` makes them inside `step`, without pauses between tries.
    pub compute: Compute,
    /// Milliseconds since 1970; read for deadlines and facts.
    pub clock: fn() -> i64,
    /// What is counted.
    pub metrics: Metrics,
}

/// The performer at work.
pub struct Performer {
    log: Arc<dyn Log>,
    options: PerformerOptions,
    member: Option<Box<dyn Member>>,
    owned: BTreeSet<u32>,
    overlay: Option<Arc<Overlay>>,
    /// Effect → the requests that wait for it.
    open: BTreeMap<String, Vec<Open>>,
    waiting: VecDeque<ModelRequested>,
    calling: BTreeSet<String>,
    breakers: Arc<Breakers>,
    answered: (Sender<Answer>, Receiver<Answer>),
    unknown_in_a_row: u32,
}

/// A request with the row that stands for it.
struct Open {
    request: ModelRequested,
    event: Event,
    origin: Origin,
    row: Vec<u8>,
}

impl Performer {
    /// A performer that joins its group with its first step.
    pub fn new(log: Arc<dyn Log>, options: PerformerOptions) -> Performer {
        Performer {
            log,
            options,
            member: None,
            owned: BTreeSet::new(),
            overlay: None,
            open: BTreeMap::new(),
            waiting: VecDeque::new(),
            calling: BTreeSet::new(),
            breakers: Arc::default(),
            answered: unbounded(),
            unknown_in_a_row: 0,
        }
    }

    /// Takes requests in, starts calls, records answers; waits up to `wait` for something to do.
    ///
    /// # Errors
    /// Only what nobody here can mend: the process has to stop.
    pub fn step(&mut self, wait: Duration) -> Result<Progress, Error> {
        match self.try_step(wait) {
            Err(error @ Error::Away { .. }) => {
                self.member = None;
                away(PERFORM.name, &error, self.options.compute);
                Ok(Progress::Again)
            }
            stepped => stepped,
        }
    }

    fn try_step(&mut self, wait: Duration) -> Result<Progress, Error> {
        if self.member.is_none() {
            self.join()?;
        }
        let wait = if self.calling.is_empty() { wait } else { wait.min(Duration::from_millis(10)) };
        let member = self.member.as_mut().expect("the performer has joined");
        let records = match member.poll(limits::BATCH, wait) {
            Ok(Polled::Records(records)) => records,
            Ok(Polled::Assigned(partitions)) => {
                self.owned.extend(&partitions);
                self.options.metrics.stages.rebalanced(PERFORM.name, self.owned.len());
                self.resume(&partitions)?;
                Vec::new()
            }
            Ok(Polled::Revoking(partitions, _)) => {
                self.owned.retain(|owned| !partitions.contains(owned));
                self.options.metrics.stages.rebalanced(PERFORM.name, self.owned.len());
                self.forget();
                let kept: Vec<u32> = self.owned.iter().copied().collect();
                self.resume(&kept)?;
                Vec::new()
            }
            Err(Error::Fenced(_)) => {
                self.member = None;
                return Ok(Progress::Again);
            }
            Err(error) => return Err(error),
        };
        let appended = records.iter().map(|delivered| delivered.record.at_ms);
        self.options.metrics.stages.taken(PERFORM.name, appended, (self.options.clock)());
        let log = self.log.clone();
        let traces = self.options.metrics.traces.clone();
        let mut draft = Draft::new(&log, &PERFORM, (self.options.clock)(), &traces);
        let handled = records.len();
        for delivered in records {
            self.take_in(&mut draft, delivered);
        }
        let answers: Vec<Answer> = self.answered.1.try_iter().collect();
        let progress = if handled + answers.len() == 0 {
            Progress::Idle
        } else {
            Progress::Worked(handled + answers.len())
        };
        for answer in answers {
            self.record(&mut draft, &answer);
        }
        let progress = if draft.is_empty() { progress } else { self.commit(draft, progress)? };
        self.start_calls();
        self.options.metrics.calls.performer(self.open.len(), self.calling.len());
        Ok(progress)
    }

    fn join(&mut self) -> Result<(), Error> {
        let member = self.log.join(PERFORM.name, PERFORM.inbox)?;
        self.overlay = Some(Arc::new(Overlay::new(member.rows())));
        self.member = Some(member);
        self.owned.clear();
        self.forget();
        Ok(())
    }

    /// Answers of calls that are still running are void: their rows are performed again.
    fn forget(&mut self) {
        self.open.clear();
        self.waiting.clear();
        self.calling.clear();
        self.answered = unbounded();
        if let Some(member) = &self.member {
            self.overlay = Some(Arc::new(Overlay::new(member.rows())));
        }
    }

    fn resume(&mut self, partitions: &[u32]) -> Result<(), Error> {
        let overlay = self.overlay();
        for partition in partitions {
            let mut after: Option<Vec<u8>> = None;
            loop {
                let rows = overlay.scan(
                    REQUESTS,
                    *partition,
                    &[],
                    after.as_deref(),
                    limits::BATCH.records,
                )?;
                let Some((last, _)) = rows.last() else { break };
                after = Some(last.clone());
                for (row, value) in rows {
                    let open = read(row, &value)?;
                    self.add(open);
                }
            }
        }
        Ok(())
    }

    fn overlay(&self) -> Arc<Overlay> {
        self.overlay.clone().expect("a performer that has joined has an overlay")
    }

    fn take_in(&mut self, draft: &mut Draft<'_>, delivered: Delivered) {
        draft.consume(delivered.partition.index, delivered.offset);
        let (origin, record, event) = match item::decode(delivered) {
            Ok(decoded) => decoded,
            Err(broken) => {
                let findings = Findings { fault: Some(broken.fault), ..Findings::default() };
                draft.bury(&broken.event, &broken.origin, &broken.record, findings);
                return;
            }
        };
        let Body::ModelRequested(request) = event.body.clone() else {
            let findings = Findings { fault: unexpected(&event), ..Findings::default() };
            match findings.fault {
                Some(_) => draft.bury(&event, &origin, &record, findings),
                None => draft
                    .record(&event, &origin, Outcome::Done, Vec::new(), findings)
                    .expect("a fact without outputs is small"),
            }
            return;
        };
        let headers = record.headers.iter();
        let headers = headers
            .flat_map(|(name, value)| [name.clone(), String::from_utf8_lossy(value).into_owned()]);
        let open =
            OpenRequest { value: record.value, headers: headers.collect(), origin: origin.clone() };
        let row = [request.effect.as_bytes(), &[0], event.id.as_bytes()].concat();
        let value = Some(Codec::encode(&open));
        self.overlay().apply(vec![Change {
            table: REQUESTS,
            partition: origin.partition,
            key: row.clone(),
            value,
        }]);
        self.add(Open { request, event, origin, row });
    }

    fn add(&mut self, open: Open) {
        let known = self.open.entry(open.request.effect.clone()).or_default();
        if known.is_empty() {
            self.waiting.push_back(open.request.clone());
        }
        known.push(open);
    }

    /// Sends an answer to all who wait for it.
    fn record(&mut self, draft: &mut Draft<'_>, answer: &Answer) {
        self.calling.remove(&answer.effect);
        for open in self.open.remove(&answer.effect).unwrap_or_default() {
            if let Err(oversized) = reply(draft, &open, answer.clone()) {
                let failure = Some(oversized.fault().detail);
                let (effect, model) = (answer.effect.clone(), answer.model.clone());
                let failed = Answer { effect, model, failure, ..Answer::default() };
                reply(draft, &open, failed).expect("a failure is short");
            }
            let change = Change {
                table: REQUESTS,
                partition: open.origin.partition,
                key: open.row,
                value: None,
            };
            self.overlay().apply(vec![change]);
        }
    }

    fn commit(&mut self, draft: Draft<'_>, progress: Progress) -> Result<Progress, Error> {
        let (transaction, told) = draft.finish(self.overlay().take());
        let (started, begun) = (SystemTime::now(), Instant::now());
        let member = self.member.as_mut().expect("the performer has joined");
        let outcome = member.commit(transaction);
        let took = begun.elapsed().as_secs_f64();
        let metrics = &self.options.metrics;
        let (label, error) = match outcome {
            Ok(_) => {
                metrics.stages.commit(PERFORM.name, "done", took);
                let step = Step { spec: &PERFORM, started, commit: begun.elapsed() };
                metrics.committed(&step, &told, (self.options.clock)());
                self.unknown_in_a_row = 0;
                return Ok(progress);
            }
            Err(CommitError::NotDone(error)) => ("not_done", error),
            Err(CommitError::Fenced(group)) => ("fenced", Error::Fenced(group)),
            Err(CommitError::Unknown(error)) => ("unknown", error),
        };
        metrics.stages.commit(PERFORM.name, label, took);
        tracing::warn!(event = "commit.failed", stage = PERFORM.name, outcome = label, %error, "A commit did not succeed; its calls are made again.");
        let unknown = label == "unknown" && !matches!(error, Error::Away { .. });
        self.unknown_in_a_row = if unknown { self.unknown_in_a_row + 1 } else { 0 };
        if self.unknown_in_a_row >= limits::UNKNOWN_IN_A_ROW_MAX {
            return Err(error);
        }
        // What was taken in and recorded is not committed: the next member starts from the rows.
        self.member = None;
        Ok(Progress::Again)
    }

    /// Only what is committed is called: a request that was not taken in comes again.
    fn start_calls(&mut self) {
        if self.member.is_none() {
            return;
        }
        while self.calling.len() < limits::REMOTE_CALLS_MAX {
            let Some(request) = self.waiting.pop_front() else { return };
            self.calling.insert(request.effect.clone());
            let (models, breakers) = (self.options.models.clone(), self.breakers.clone());
            let answered = self.answered.0.clone();
            let pause = self.options.compute != Compute::Inline;
            let (wanted, counted) = (request.clone(), self.options.metrics.calls.clone());
            let job = move || {
                let answer = perform(&models, &wanted, &breakers, &counted, pause);
                // The receiver is gone when the membership is over: then the row is performed again.
                drop(answered.send(answer));
            };
            if pause {
                let thread = std::thread::Builder::new().name("performer-call".into());
                if let Err(error) = thread.spawn(job) {
                    tracing::warn!(%error, "The system gives no thread; the call is made later.");
                    self.calling.remove(&request.effect);
                    self.waiting.push_front(request);
                    return;
                }
            } else {
                job();
            }
        }
    }
}

/// What is wrong with a record that asks nothing; settings are for everyone.
fn unexpected(event: &Event) -> Option<Fault> {
    let foreign = !matches!(event.body, Body::Configured(_));
    foreign.then(|| Fault {
        code: FaultCode::UnexpectedRecord,
        detail: format!("a {} does not belong in this inbox", event.body.name()),
        mend: "produce the record to the topic that it belongs to".into(),
        retry: Retry::Never,
    })
}

/// Sends an answer to where it is waited for.
fn reply(draft: &mut Draft<'_>, open: &Open, answer: Answer) -> Result<(), Oversized> {
    let order_key = open.request.order_key.clone();
    let corpus = order_key.split('/').nth(1).map(str::to_owned);
    let findings = Findings { answers: vec![answer.clone()], corpus, ..Findings::default() };
    let topic = Topic::by_name(&open.request.reply_topic);
    let output = topic.map(|topic| Output {
        to: Destination::At(
            Partition { topic, index: open.request.reply_partition },
            order_key.clone(),
        ),
        body: Body::ModelReplied(ModelReplied { order_key, answer }),
        subjects: Vec::new(),
    });
    let outputs = output.into_iter().collect();
    draft.record(&open.event, &open.origin, Outcome::Done, outputs, findings)
}

fn read(row: Vec<u8>, value: &[u8]) -> Result<Open, Error> {
    let corrupt = |detail: String| Error::Corrupt { what: "table requests".into(), detail };
    let open: OpenRequest = Codec::decode(value).map_err(|error| corrupt(error.to_string()))?;
    let parked = cns_schemas::Parked {
        origin: open.origin.clone(),
        value: open.value,
        headers: open.headers,
        ..cns_schemas::Parked::default()
    };
    let Ok((origin, _, event)) = item::decode(item::unpark(&parked)) else {
        return Err(corrupt(format!("{} cannot be read", open.origin)));
    };
    match event.body.clone() {
        Body::ModelRequested(request) => Ok(Open { request, event, origin, row }),
        other => Err(corrupt(format!("a {} where a request belongs", other.name()))),
    }
}
