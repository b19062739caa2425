//! What becomes of a document that is sent again: after a failure, with another text, out of order.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use cns_processors::{
    models::{Embedder, Model, ModelError, ModelSet},
    runtime::{Progress, Worker},
    stages,
};
use cns_schemas::*;
use cns_state::*;
use world::{ALL, worker_options};

struct Pipeline {
    log: Arc<dyn Log>,
    workers: Vec<Worker>,
    sent: usize,
}

impl Pipeline {
    fn new(models: &ModelSet) -> Pipeline {
        let log: Arc<dyn Log> = Arc::new(Memory::new(2));
        let worker = |stage| Worker::new(log.clone(), stage, worker_options(models.clone()));
        let workers = stages::all().into_iter().map(worker).collect();
        Pipeline { log, workers, sent: 0 }
    }

    /// Submits a text and works until nothing is left to do.
    fn submit(&mut self, document_id: &str, text: &str) {
        let document = DocumentSubmitted {
            document_id: document_id.into(),
            corpus: "c".into(),
            source: document_id.into(),
            text: text.into(),
            ..DocumentSubmitted::default()
        };
        self.append(Topic::Documents, &format!("t/c/{document_id}"), Codec::encode(&document));
        self.work();
    }

    fn append(&mut self, topic: Topic, key: &str, value: Vec<u8>) {
        self.sent += 1;
        let event_id = Some(format!("ev_{}", self.sent));
        let headers = Headers { event_id, tenant: "t".into(), ..Headers::default() };
        let key = key.as_bytes().to_vec();
        let to = Partition { topic, index: partition_of(&key, 2) };
        let record = Record { key, value, headers: headers.to_pairs(), at_ms: 1 };
        self.log.append(vec![Append { to, record }]).unwrap();
    }

    fn work(&mut self) {
        let mut quiet = 0;
        while quiet < 3 {
            let steps = self.workers.iter_mut().map(|worker| worker.step(Duration::ZERO).unwrap());
            let idle = steps.filter(|progress| *progress != Progress::Idle).count() == 0;
            quiet = if idle { quiet + 1 } else { 0 };
        }
    }

    fn facts(&self) -> Vec<Fact> {
        let read = |index| {
            let from = Partition { topic: Topic::Facts, index };
            self.log.read(from, 0, ALL, Duration::ZERO).unwrap()
        };
        let all = (0..2).flat_map(read);
        all.map(|delivered| Codec::decode(&delivered.record.value).unwrap()).collect()
    }

    /// Decisions on SNOs, in their order.
    fn decided(&self) -> Vec<SnoDecided> {
        let facts = self.facts();
        let sent = facts.iter().flat_map(|fact| &fact.outputs);
        let of_snos = sent.filter(|sent| sent.event_type == SnoDecided::NAME);
        of_snos.map(|sent| Codec::decode(&sent.content.bytes).unwrap()).collect()
    }

    fn last(&self) -> SnoDecided {
        self.decided().pop().unwrap()
    }
}

/// Refuses its first text for good.
struct Moody {
    refused: AtomicBool,
    local: ModelSet,
}

impl Model for Moody {
    fn name(&self) -> &str {
        self.local.embedder.name()
    }
}

impl Embedder for Moody {
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vector>, ModelError> {
        if self.refused.swap(true, Ordering::SeqCst) {
            return self.local.embedder.embed(texts);
        }
        Err(ModelError::Never("out of order".into()))
    }
}

const FIRST: &str =
    "We find that warm soil raises the yield of beans by 4 percent (doi:10.5555/warm).";
const SECOND: &str =
    "We conclude that lanterns attract more moths on moonless nights (doi:10.5555/moth).";

#[test]
fn a_document_that_a_later_stage_could_not_handle_may_be_sent_again() {
    let local = ModelSet::builtin();
    let moody = Arc::new(Moody { refused: AtomicBool::new(false), local: local.clone() });
    let mut pipeline = Pipeline::new(&ModelSet { embedder: moody, ..local });
    pipeline.submit("a", FIRST);
    let buried = pipeline.facts().iter().any(|fact| fact.outcome == Outcome::DeadLettered);
    assert!(buried && pipeline.decided().is_empty());
    pipeline.submit("a", FIRST);
    assert_eq!(pipeline.last().fate, SnoFate::Admitted);
    pipeline.submit("a", FIRST);
    assert_eq!(pipeline.decided().len(), 1, "now it is a repetition");
}

#[test]
fn a_text_that_was_replaced_makes_no_duplicates_any_more() {
    let mut pipeline = Pipeline::new(&ModelSet::builtin());
    pipeline.submit("a", FIRST);
    pipeline.submit("b", FIRST);
    assert_eq!(pipeline.last().duplicate_of.as_deref(), Some("a"));
    pipeline.submit("a", SECOND);
    assert_eq!(pipeline.last().fate, SnoFate::Admitted);
    pipeline.submit("c", FIRST);
    assert_eq!((pipeline.last().fate, pipeline.last().duplicate_of), (SnoFate::Admitted, None));
}

#[test]
fn an_older_version_that_comes_later_does_not_win_over_one_that_was_not_admitted() {
    let mut pipeline = Pipeline::new(&ModelSet::builtin());
    let judged = |version: u32, sno_id: &str| {
        let sno = Sno {
            sno_id: sno_id.into(),
            corpus: "c".into(),
            document_ids: vec!["a".into()],
            document_version: version,
            content_hash: format!("hash{version}"),
            ..Sno::default()
        };
        Codec::encode(&SnoJudged { sno, ..SnoJudged::default() })
    };
    pipeline.append(Topic::Verdicts, "t/c", judged(2, "sno_two"));
    pipeline.work();
    // Whatever became of it: nothing speaks for it, so nothing but its number keeps version 1 out.
    pipeline.append(Topic::Verdicts, "t/c", judged(1, "sno_one"));
    pipeline.work();
    let last = pipeline.last();
    assert_eq!((last.sno.sno_id.as_str(), last.fate), ("sno_one", SnoFate::Archived));
    assert!(last.reason.contains("version 2"), "{}", last.reason);
}

#[test]
fn a_text_that_comes_back_is_compared_again() {
    let mut pipeline = Pipeline::new(&ModelSet::builtin());
    let report = include_str!("../../examples/coffee/workday-report.md");
    pipeline.submit("review", include_str!("../../examples/coffee/sleep-review.md"));
    pipeline.submit("report", report);
    let synthesis = pipeline.last();
    assert_eq!(synthesis.sno.provenance, Provenance::Synthesis);
    pipeline.submit("report", SECOND);
    assert!(pipeline.last().supersedes.contains(&synthesis.sno.sno_id));
    pipeline.submit("report", report);
    let again = pipeline.last();
    assert_eq!((again.sno.sno_id, again.fate), (synthesis.sno.sno_id, SnoFate::Admitted));
}

#[test]
fn syntheses_go_with_the_document_that_they_rest_on() {
    let mut pipeline = Pipeline::new(&ModelSet::builtin());
    pipeline.submit("report", include_str!("../../examples/coffee/workday-report.md"));
    pipeline.submit("review", include_str!("../../examples/coffee/sleep-review.md"));
    let synthesis = pipeline.last();
    assert_eq!(synthesis.sno.provenance, Provenance::Synthesis);
    assert_eq!(synthesis.fate, SnoFate::Admitted);
    pipeline.submit("report", SECOND);
    assert!(pipeline.last().supersedes.contains(&synthesis.sno.sno_id), "{:?}", pipeline.last());
}

#[test]
fn what_was_decided_about_a_dead_letter_is_recorded_and_changes_nothing() {
    let mut pipeline = Pipeline::new(&ModelSet::builtin());
    let decided = DeadLetterDecided {
        dead_letter_id: "dl_1".into(),
        corpus: "c".into(),
        reason: "sent anew".into(),
        by: "t".into(),
        ..DeadLetterDecided::default()
    };
    pipeline.append(Topic::Documents, "t/c/dl_1", Codec::encode(&decided));
    pipeline.work();
    let facts = pipeline.facts();
    assert_eq!(facts.len(), 1);
    assert_eq!((facts[0].outcome, facts[0].corpus.as_str()), (Outcome::Done, "c"));
    let sent = &facts[0].outputs[0];
    assert_eq!((facts[0].outputs.len(), sent.topic.as_str()), (1, ""));
    assert_eq!(Codec::decode::<DeadLetterDecided>(sent.content.open()).unwrap(), decided);
}
