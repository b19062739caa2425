//! A whole pipeline in one thread, driven by one seed, and the verifier of what it leaves behind.

#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod forgetful;
pub mod replay;
mod texts;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

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
        cns_processors::pipeline::configure(&self.log, &config, 1).unwrap();
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
        let open = open_work(&facts);
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
        !inboxes && !behind(Topic::Requests, "performer") && open_work(&self.facts()).is_empty()
    }

    fn facts(&self) -> Vec<Fact> {
        replay::read(&self.log, Topic::Facts)
            .iter()
            .map(|d| Codec::decode(&d.record.value).unwrap())
            .collect()
    }

    fn verify(self) {
        let facts = self.facts();
        self.every_record_has_one_final_fact(&facts);
        self.every_document_has_one_fate(&facts);
        self.no_output_is_there_twice();
        self.pairs_keep_to_their_corpus(&facts);
        self.the_chain_holds_every_fact(&facts);
        for stage in &self.stages {
            replay::check(&self.log, stage, &self.models);
        }
    }

    fn every_record_has_one_final_fact(&self, facts: &[Fact]) {
        let mut finals: BTreeMap<String, usize> = BTreeMap::new();
        for fact in facts.iter().filter(|fact| fact.outcome != Outcome::Parked) {
            *finals.entry(fact.origin.to_string()).or_default() += 1;
        }
        for topic in
            [Topic::Documents, Topic::Passages, Topic::Candidates, Topic::Verdicts, Topic::Requests]
        {
            for delivered in replay::read(&self.log, topic) {
                let at = format!("{}@{}", delivered.partition, delivered.offset);
                assert_eq!(finals.remove(&at), Some(1), "final facts of {at}");
            }
        }
        assert!(finals.is_empty(), "facts of records that are not there: {finals:?}");
    }

    fn every_document_has_one_fate(&self, facts: &[Fact]) {
        let mut fates: BTreeMap<&str, usize> = BTreeMap::new();
        for fact in facts {
            let document = |sent: &&Sent| match sent.event_type.as_str() {
                "DocumentRepeated" => true,
                "SnoDecided" => {
                    Codec::decode::<SnoDecided>(sent.content.open()).unwrap().pair_id.is_none()
                }
                _ => false,
            };
            let decided = fact.outputs.iter().filter(document).count();
            let refused = matches!(fact.outcome, Outcome::Rejected)
                || (fact.outcome == Outcome::DeadLettered && is_document(fact));
            let count = decided + usize::from(refused);
            if count > 0 {
                *fates.entry(&fact.job).or_default() += count;
            }
        }
        for job in 1..=self.submitted {
            let job = format!("job_{job}");
            let story = || {
                let own = facts.iter().filter(|fact| fact.job == job);
                let line = |fact: &Fact| {
                    let sent: Vec<_> = fact.outputs.iter().map(|sent| &sent.event_type).collect();
                    format!(
                        "{} {} {} {:?} {sent:?}",
                        fact.stage, fact.origin, fact.event_type, fact.outcome
                    )
                };
                own.map(line).collect::<Vec<_>>().join("\n")
            };
            assert!(fates.get(job.as_str()) == Some(&1), "fates of {job}:\n{}", story());
        }
    }

    fn no_output_is_there_twice(&self) {
        for (topic, ..) in TOPICS {
            let mut ids = BTreeSet::new();
            for delivered in replay::read(&self.log, topic) {
                let headers = Headers::from_pairs(&delivered.record.headers).unwrap();
                let id = headers.event_id.unwrap();
                assert!(ids.insert(id.clone()), "{id} is twice in {}", topic.name());
            }
        }
    }

    /// Corpora and tenants never mix, and no pair is proposed twice.
    fn pairs_keep_to_their_corpus(&self, facts: &[Fact]) {
        let mut homes: BTreeMap<String, (String, String)> = BTreeMap::new();
        let mut pairs = BTreeSet::new();
        for fact in facts {
            for sent in &fact.outputs {
                if sent.event_type == "SnoDecided" {
                    let decided: SnoDecided = Codec::decode(sent.content.open()).unwrap();
                    homes.insert(decided.sno.sno_id, (fact.tenant.clone(), fact.corpus.clone()));
                }
                if sent.event_type == "PairProposed" {
                    let pair: PairProposed = Codec::decode(sent.content.open()).unwrap();
                    for side in [&pair.a, &pair.b] {
                        let home = (fact.tenant.clone(), fact.corpus.clone());
                        assert_eq!(
                            homes.get(&side.sno_id),
                            Some(&home),
                            "{} is paired away from home",
                            side.sno_id
                        );
                    }
                    assert!(
                        pairs.insert(pair.pair_id.clone()),
                        "{} is proposed twice",
                        pair.pair_id
                    );
                }
            }
        }
    }

    fn the_chain_holds_every_fact(&self, facts: &[Fact]) {
        let mut chained = 0;
        for index in 0..PARTITIONS {
            let entries: Vec<AuditEntry> = replay::read(&self.log, Topic::Audit)
                .iter()
                .filter(|d| d.partition.index == index)
                .map(|d| Codec::decode(&d.record.value).unwrap())
                .collect();
            let start = ChainHead { next_sequence: 0, hash: "0".repeat(64) };
            cns_narrative::chain::verify(entries.iter(), &start).unwrap();
            chained += entries.len();
        }
        assert_eq!(chained, facts.len());
    }
}

fn is_document(fact: &Fact) -> bool {
    matches!(fact.stage.as_str(), "chunk" | "embed")
        || (fact.stage == "critique"
            && fact.event_type == "SnoProposed"
            && fact.cause_is_document())
}

/// Whether the SNO that was to be judged came from a document.
trait Cause {
    fn cause_is_document(&self) -> bool;
}

impl Cause for Fact {
    fn cause_is_document(&self) -> bool {
        let letter = self
            .outputs
            .first()
            .map(|sent| Codec::decode::<DeadLetter>(sent.content.open()).unwrap());
        let proposed = letter.map(|letter| Codec::decode::<SnoProposed>(&letter.value).unwrap());
        proposed.is_some_and(|proposed| proposed.pair_id.is_none())
    }
}

/// Outputs to inboxes that have no final fact yet.
fn open_work(facts: &[Fact]) -> BTreeSet<&str> {
    let sent = facts.iter().flat_map(|fact| &fact.outputs);
    let sent = sent.filter(|sent| !sent.topic.is_empty() && sent.topic != "dead-letters");
    let mut open: BTreeSet<&str> = sent.map(|sent| sent.event_id.as_str()).collect();
    for fact in facts.iter().filter(|fact| fact.outcome != Outcome::Parked) {
        open.remove(fact.event_id.as_str());
    }
    open
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
