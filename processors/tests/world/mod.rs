//! A whole pipeline in one thread, driven by one seed, and the verifier of what it leaves behind.

#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod forgetful;
pub mod replay;
pub mod texts;
pub mod verify;

use std::{sync::Arc, time::Duration};

use cns_processors::{
    Stage, limits,
    models::{Completer, Embedder, Entailment, Model, ModelError, ModelSet},
    runtime::{Compute, Metrics, Performer, PerformerOptions, Progress, Worker, WorkerOptions},
    stages,
    topology::STAGES,
};
use cns_schemas::*;
use cns_state::*;
use forgetful::Forgetful;

pub const ALL: Limit = Limit { records: 1_000_000, bytes: 1 << 40 };
const PARTITIONS: u32 = 2;

/// The built-in models as if they were far away: now and then they fail.
struct Remote {
    local: ModelSet,
    random: std::sync::Mutex<fastrand::Rng>,
    failures_per_thousand: u32,
}

impl Remote {
    fn ask(&self) -> Result<(), ModelError> {
        let dice = self.random.lock().unwrap().u32(0..1000);
        if dice < self.failures_per_thousand {
            Err(ModelError::Later("overloaded".into()))
        } else {
            Ok(())
        }
    }
}

macro_rules! remote {
    ($name:ident, $port:ident) => {
        struct $name(Arc<Remote>);
        impl Model for $name {
            fn name(&self) -> &str {
                self.0.local.$port.name()
            }
            fn remote(&self) -> bool {
                true
            }
        }
    };
}
remote!(RemoteEmbedder, embedder);
remote!(RemoteEntailment, entailment);
remote!(RemoteCompleter, completer);

impl Embedder for RemoteEmbedder {
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vector>, ModelError> {
        self.0.ask()?;
        self.0.local.embedder.embed(texts)
    }
}
impl Entailment for RemoteEntailment {
    fn entail(&self, pairs: &[(&str, &str)]) -> Result<Vec<Scores>, ModelError> {
        self.0.ask()?;
        self.0.local.entailment.entail(pairs)
    }
}
impl Completer for RemoteCompleter {
    fn complete(&self, brief: &str) -> Result<String, ModelError> {
        self.0.ask()?;
        self.0.local.completer.complete(brief)
    }
}

/// The models of a seed: local, or some of them far away.
fn models(random: &mut fastrand::Rng) -> ModelSet {
    let local = ModelSet::builtin();
    let failures_per_thousand = 150;
    let inner = std::sync::Mutex::new(fastrand::Rng::with_seed(random.u64(..)));
    let remote = Arc::new(Remote { local: local.clone(), random: inner, failures_per_thousand });
    let mut models = local;
    if random.bool() {
        models.embedder = Arc::new(RemoteEmbedder(remote.clone()));
    }
    if random.bool() {
        models.entailment = Arc::new(RemoteEntailment(remote.clone()));
    }
    if random.bool() {
        models.completer = Arc::new(RemoteCompleter(remote));
    }
    models
}

pub fn worker_options(models: ModelSet) -> WorkerOptions {
    WorkerOptions {
        models,
        compute: Compute::Inline,
        clock: || 1000,
        suspects: None,
        metrics: Metrics::unread(),
        batch: limits::BATCH,
        slow_after: limits::SLOW_AFTER,
        deadline: limits::COMPUTE_DEADLINE,
        ready_first: false,
        parked: Arc::default(),
    }
}

pub struct World {
    /// The log without its faults.
    log: Arc<dyn Log>,
    /// The log that the actors see.
    faulty: Arc<dyn Log>,
    stages: Vec<Arc<dyn Stage>>,
    workers: Vec<Worker>,
    performer: Performer,
    models: ModelSet,
    random: fastrand::Rng,
    submitted: usize,
}

const STEPS_MAX: usize = 60_000;

impl World {
    pub fn run(seed: u64) {
        let faults = Faults {
            not_done: 30,
            unknown_written: 30,
            unknown_lost: 30,
            fenced: 20,
            revoked: 20,
            short_poll: 200,
        };
        World::on(Arc::new(Memory::new(PARTITIONS)), seed, faults).play();
    }

    /// The same over a log that now and then forgets the rows of a commit.
    pub fn run_sabotaged(seed: u64) {
        World::on(Arc::new(Forgetful(Memory::new(PARTITIONS))), seed, Faults::default()).play();
    }

    /// What a run without faults leaves behind, in two partitions, and the models that it used.
    pub fn recorded(seed: u64) -> (Arc<dyn Log>, ModelSet) {
        let log: Arc<dyn Log> = Arc::new(Memory::new(PARTITIONS));
        let world = World::on(log.clone(), seed, Faults::default());
        let models = world.models.clone();
        world.play();
        (log, models)
    }

    fn on(log: Arc<dyn Log>, seed: u64, faults: Faults) -> World {
        let mut random = fastrand::Rng::with_seed(seed);
        let faulty: Arc<dyn Log> = Arc::new(Faulty::new(log.clone(), random.u64(..), faults));
        let models = models(&mut random);
        let stages = stages::all();
        let workers = stages
            .iter()
            .map(|stage| Worker::new(faulty.clone(), stage.clone(), worker_options(models.clone())))
            .collect();
        let performer = new_performer(&faulty, &models);
        World { log, faulty, stages, workers, performer, models, random, submitted: 0 }
    }

    fn play(mut self) {
        let config = Configured { models: self.models.names(), ..Configured::default() };
        let settings = cns_processors::pipeline::configure(self.log.as_ref(), &config, 1);
        self.log.append(settings).unwrap();
        let mut waiting = texts::workload(&mut self.random);
        waiting.reverse();
        for _ in 0..STEPS_MAX {
            if self.random.u32(0..100) < 5
                && let Some(document) = waiting.pop()
            {
                self.submit(&document);
            }
            if self.random.u32(0..1000) < 8 {
                self.crash();
            }
            let actor = self.random.usize(0..=self.workers.len());
            let progress = match self.workers.get_mut(actor) {
                Some(worker) => worker.step(Duration::ZERO),
                None => self.performer.step(Duration::ZERO),
            };
            // A worker that meets too many unknown outcomes ends its process; a supervisor starts it again.
            match progress {
                Ok(Progress::Idle) if waiting.is_empty() && self.settled() => return self.verify(),
                Ok(_) => {}
                Err(_) => self.crash(),
            }
        }
        let facts = self.facts();
        let open = verify::open_work(&facts);
        let stuck: Vec<_> = facts
            .iter()
            .flat_map(|fact| &fact.outputs)
            .filter(|sent| open.contains(sent.event_id.as_str()))
            .map(|sent| (&sent.event_type, &sent.topic))
            .collect();
        panic!("the work does not come to an end: {} facts, {stuck:?} are open", facts.len());
    }

    fn crash(&mut self) {
        for (worker, stage) in self.workers.iter_mut().zip(&self.stages) {
            *worker = Worker::new(
                self.faulty.clone(),
                stage.clone(),
                worker_options(self.models.clone()),
            );
        }
        self.performer = new_performer(&self.faulty, &self.models);
    }

    fn submit(&mut self, document: &texts::Submission) {
        self.submitted += 1;
        let job = format!("job_{}", self.submitted);
        let body = &document.body;
        let key = format!("{}/{}/{}", document.tenant, body.corpus, body.document_id);
        let headers = Headers {
            event_id: Some(EventId::child(&job, "submit", 0).0),
            tenant: document.tenant.clone(),
            job: Some(job),
            at_ms: Some(7),
            ..Headers::default()
        };
        let index = partition_of(key.as_bytes(), PARTITIONS);
        let record = Record {
            key: key.into_bytes(),
            value: Codec::encode(body),
            headers: headers.to_pairs(),
            at_ms: 7,
        };
        self.log
            .append(vec![Append { to: Partition { topic: Topic::Documents, index }, record }])
            .unwrap();
    }

    /// Every inbox is read to its end and every record that was parked is decided.
    fn settled(&self) -> bool {
        let behind = |topic, group: &str| {
            (0..PARTITIONS).any(|index| {
                let of = Partition { topic, index };
                self.log.end(of).unwrap() > self.log.committed(group, of).unwrap()
            })
        };
        let inboxes = STAGES.iter().any(|spec| behind(spec.inbox, spec.name));
        !inboxes
            && !behind(Topic::Requests, "performer")
            && verify::open_work(&self.facts()).is_empty()
    }

    fn facts(&self) -> Vec<Fact> {
        verify::facts(&self.log)
    }

    fn verify(self) {
        let jobs: Vec<String> = (1..=self.submitted).map(|job| format!("job_{job}")).collect();
        verify::check(&self.log, &jobs, &self.models);
    }
}

fn new_performer(log: &Arc<dyn Log>, models: &ModelSet) -> Performer {
    let options = PerformerOptions {
        models: models.clone(),
        compute: Compute::Inline,
        clock: || 1000,
        metrics: Metrics::unread(),
    };
    Performer::new(log.clone(), options)
}
