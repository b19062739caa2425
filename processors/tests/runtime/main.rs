//! The runtime with a stage that does what its records say: panic, never end, refuse, ask.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod flaky;
mod losing;
mod oversized;
mod suspects;

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use cns_processors::{
    Destination, Done, Input, Output, RowChange, Stage, StageError, Step, limits,
    runtime::{Compute, Metrics, Performer, PerformerOptions, Progress, Worker, WorkerOptions},
    topology::{EMBED, StageSpec},
};
use cns_schemas::*;
use cns_state::{Append, Limit, Log, Memory, Partition, Record, Table, partition_of};
use flaky::models;

const ALL: Limit = Limit { records: 10_000, bytes: 1 << 30 };
const SEEN: Table = Table { number: 950, name: "seen" };

/// Reads its orders from the document's source.
struct Obedient {
    spec: &'static StageSpec,
}

impl Stage for Obedient {
    fn spec(&self) -> &'static StageSpec {
        self.spec
    }

    fn order_key(&self, event: &Event) -> String {
        let Body::DocumentChunked(document) = &event.body else { return event.id.clone() };
        format!("{}/{}/{}", event.tenant, document.corpus, document.document_id)
    }

    fn step(&self, input: &Input<'_>) -> Result<Step, StageError> {
        let Body::DocumentChunked(document) = &input.event.body else { panic!("not a document") };
        let call = |port| Call {
            port,
            model: "fake".into(),
            texts: vec![document.plain.clone()],
            pairs: vec![PairIndex::default()],
        };
        let mut said = String::new();
        match document.source.as_str() {
            "panic" => panic!("told to"),
            "loop" => loop {
                std::thread::park_timeout(Duration::from_secs(3600));
            },
            // Late, and done well before it is given up.
            "slow" => std::thread::park_timeout(Duration::from_millis(150)),
            "reject" => return Err(StageError::Reject(refusal())),
            "swell" => said = "x".repeat(Topic::Candidates.record_bytes_max()),
            "ask" | "shout" => {
                let calls: Vec<Call> =
                    [Port::Embedder, Port::Entailment, Port::Completer].map(call).into();
                let missing: Vec<Call> =
                    calls.iter().filter(|c| input.answer(c).is_none()).cloned().collect();
                if !missing.is_empty() {
                    return Ok(Step::Need(missing));
                }
                said = calls
                    .iter()
                    .filter_map(|c| input.answer(c))
                    .map(|a| format!("{}{}{}", a.vectors.len(), a.scores.len(), a.text))
                    .collect();
            }
            _ => {}
        }
        let seen = input.rows.get(SEEN, b"count")?.map_or(0, |bytes| bytes[0]);
        if said.is_empty() {
            said = format!("after {seen}");
        }
        let sno = Sno {
            sno_id: document.document_id.clone(),
            corpus: document.corpus.clone(),
            hypothesis: said,
            ..Sno::default()
        };
        let change = RowChange { table: SEEN, key: b"count".to_vec(), value: Some(vec![seen + 1]) };
        let output = Output {
            to: Destination::Keyed(Topic::Candidates, self.order_key(input.event)),
            body: Body::SnoProposed(SnoProposed {
                sno,
                pair_id: Some(document.version.to_string()),
            }),
            subjects: Vec::new(),
        };
        Ok(Step::Done(Done { changes: vec![change], outputs: vec![output] }))
    }
}

fn refusal() -> Fault {
    Fault {
        code: FaultCode::NoExtractableText,
        detail: "nothing".into(),
        mend: "write".into(),
        retry: Retry::AfterMending,
    }
}

struct Bench {
    log: Arc<dyn Log>,
    worker: Worker,
    performer: Performer,
}

fn bench(compute: Compute, spec: &'static StageSpec, answers_after: usize) -> Bench {
    bench_on(Arc::new(Memory::new(2)), compute, spec, answers_after)
}

fn bench_on(
    log: Arc<dyn Log>,
    compute: Compute,
    spec: &'static StageSpec,
    answers_after: usize,
) -> Bench {
    bench_after(None, log, compute, spec, answers_after)
}

/// With what an earlier process left in its file of records in work.
fn bench_after(
    suspects: Option<PathBuf>,
    log: Arc<dyn Log>,
    compute: Compute,
    spec: &'static StageSpec,
    answers_after: usize,
) -> Bench {
    let models = models(answers_after);
    let options = WorkerOptions {
        models: models.clone(),
        compute,
        clock: || 1000,
        suspects,
        metrics: Metrics::unread(),
        batch: limits::BATCH,
        slow_after: Duration::from_millis(80),
        deadline: Duration::from_millis(400),
        ready_first: false,
        parked: Arc::default(),
    };
    let worker = Worker::new(log.clone(), Arc::new(Obedient { spec }), options);
    let performer =
        PerformerOptions { models, compute, clock: || 1000, metrics: Metrics::unread() };
    let performer = Performer::new(log.clone(), performer);
    Bench { log, worker, performer }
}

const KEYED: StageSpec = StageSpec { parallel: false, ..EMBED };

fn submit(log: &Arc<dyn Log>, documents: &[(&str, &str)]) {
    for (index, (id, order)) in documents.iter().enumerate() {
        let document = DocumentChunked {
            document_id: (*id).into(),
            corpus: "c".into(),
            source: (*order).into(),
            plain: format!("{id} {order}"),
            version: index as u32,
            ..DocumentChunked::default()
        };
        let key = format!("t/c/{id}");
        let headers = Headers {
            event_id: Some(format!("ev_{id}_{index}")),
            tenant: "t".into(),
            ..Headers::default()
        };
        let record = Record {
            key: key.clone().into_bytes(),
            value: Codec::encode(&document),
            headers: headers.to_pairs(),
            at_ms: 1,
        };
        append(log, key.as_bytes(), record);
    }
}

fn append(log: &Arc<dyn Log>, key: &[u8], record: Record) {
    let topic = Topic::Passages;
    let to = Partition { topic, index: partition_of(key, log.partitions(topic)) };
    log.append(vec![Append { to, record }]).unwrap();
}

impl Bench {
    /// Steps until nothing moves and nothing is parked any more.
    fn run(&mut self) {
        let end = Instant::now() + Duration::from_secs(20);
        let mut quiet = 0;
        while quiet < 3 {
            assert!(Instant::now() < end, "the runtime does not come to rest");
            let worked = self.worker.step(Duration::from_millis(5)).unwrap();
            let performed = self.performer.step(Duration::from_millis(5)).unwrap();
            let resting =
                worked == Progress::Idle && performed == Progress::Idle && self.open() == 0;
            quiet = if resting { quiet + 1 } else { 0 };
        }
    }

    fn records(&self, topic: Topic) -> Vec<Vec<u8>> {
        let all = (0..self.log.partitions(topic)).flat_map(|index| {
            self.log.read(Partition { topic, index }, 0, ALL, Duration::ZERO).unwrap()
        });
        all.map(|delivered| delivered.record.value).collect()
    }

    fn facts(&self) -> Vec<Fact> {
        self.records(Topic::Facts).iter().map(|value| Codec::decode(value).unwrap()).collect()
    }

    /// Inbox records without a final fact.
    fn open(&self) -> usize {
        let last = self.facts().iter().filter(|fact| fact.outcome != Outcome::Parked).count();
        let inboxes = self.records(Topic::Passages).len() + self.records(Topic::Requests).len();
        inboxes - last
    }

    fn proposed(&self) -> Vec<(String, u32)> {
        let all = self.records(Topic::Candidates);
        let all = all.iter().map(|value| Codec::decode::<SnoProposed>(value).unwrap());
        all.map(|p| (p.sno.sno_id, p.pair_id.unwrap().parse().unwrap())).collect()
    }

    fn letters(&self) -> Vec<DeadLetter> {
        self.records(Topic::DeadLetters).iter().map(|value| Codec::decode(value).unwrap()).collect()
    }
}

#[test]
fn a_panic_costs_only_its_record() {
    for spec in [&EMBED, &KEYED] {
        let mut bench = bench(Compute::Threads(2), spec, 1);
        submit(&bench.log, &[("a", ""), ("b", "panic"), ("c", ""), ("d", "reject")]);
        bench.run();
        let mut ids: Vec<_> = bench.proposed().into_iter().map(|(id, _)| id).collect();
        ids.sort();
        assert_eq!(ids, ["a", "c"]);
        let letters = bench.letters();
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].fault.code, FaultCode::StagePanicked);
        assert!(letters[0].fault.detail.contains("told to"), "{}", letters[0].fault.detail);
        assert_eq!(letters[0].origin.topic, "passages");
        assert!(!letters[0].value.is_empty() && letters[0].key == b"t/c/b");
        let fates = |outcome| bench.facts().iter().filter(|fact| fact.outcome == outcome).count();
        assert_eq!(
            (fates(Outcome::Done), fates(Outcome::Rejected), fates(Outcome::DeadLettered)),
            (2, 1, 1)
        );
    }
}

#[test]
fn a_record_that_never_ends_delays_no_other_and_is_buried() {
    for spec in [&EMBED, &KEYED] {
        let mut bench = bench(Compute::Threads(1), spec, 1);
        // All in one partition, the endless one first.
        let ids: Vec<String> = (0..40)
            .map(|n| format!("d{n}"))
            .filter(|id| partition_of(format!("t/c/{id}").as_bytes(), 2) == 0)
            .collect();
        let documents: Vec<(&str, &str)> = ids
            .iter()
            .enumerate()
            .map(|(n, id)| (id.as_str(), if n == 0 { "loop" } else { "" }))
            .collect();
        submit(&bench.log, &documents);
        submit(&bench.log, &[(&ids[0], "after")]);
        while bench.proposed().len() < documents.len() - 1 {
            bench.worker.step(Duration::from_millis(5)).unwrap();
        }
        assert!(
            bench.letters().is_empty(),
            "the others are done before the endless one is given up"
        );
        bench.run();
        assert_eq!(bench.letters()[0].fault.code, FaultCode::DeadlineExceeded);
        let last = bench.proposed().last().cloned().unwrap();
        assert_eq!(last.0, ids[0], "what waited behind it goes on");
    }
}

#[test]
fn several_slow_records_of_one_batch_all_come_to_their_end() {
    for spec in [&EMBED, &KEYED] {
        let mut bench = bench(Compute::Threads(1), spec, 1);
        let all = [("a", "slow"), ("b", "slow"), ("c", "slow"), ("d", ""), ("a", "after")];
        submit(&bench.log, &all);
        bench.run();
        assert_eq!(bench.letters().len(), 0, "none is given up");
        assert_eq!(bench.proposed().len(), all.len());
        let mut ids: Vec<String> = bench.facts().into_iter().map(|fact| fact.fact_id).collect();
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count, "each fact has an id of its own");
    }
}

#[test]
fn remote_answers_come_through_the_performer_for_all_three_ports() {
    for compute in [Compute::Inline, Compute::Threads(2)] {
        let mut bench = bench(compute, &EMBED, 2);
        submit(&bench.log, &[("a", "ask"), ("b", ""), ("a", "second"), ("c", "ask")]);
        bench.run();
        let proposed = bench.proposed();
        assert_eq!(proposed.len(), 4);
        let place = |id: &str, version| {
            proposed.iter().position(|p| *p == (id.to_owned(), version)).unwrap()
        };
        assert!(place("a", 0) < place("a", 2), "the order of a document is kept while it waits");
        let done = bench
            .facts()
            .into_iter()
            .find(|f| f.event_id == "ev_a_0" && f.outcome == Outcome::Done)
            .unwrap();
        assert_eq!(done.answers.len(), 3, "the fact holds what the decision read");
        let hypothesis = bench
            .records(Topic::Candidates)
            .iter()
            .map(|v| Codec::decode::<SnoProposed>(v).unwrap().sno)
            .find(|s| s.sno_id == "a" && !s.hypothesis.is_empty())
            .unwrap()
            .hypothesis;
        assert_eq!(hypothesis, "10".to_owned() + "01" + "00said a ask");
        assert_eq!(bench.records(Topic::Requests).len(), 6);
    }
}

#[test]
fn a_model_that_never_answers_ends_in_a_dead_letter() {
    let mut bench = bench(Compute::Inline, &EMBED, usize::MAX);
    submit(&bench.log, &[("a", "ask"), ("a", "after"), ("b", "")]);
    bench.run();
    assert_eq!(bench.letters().len(), 1);
    let fault = &bench.letters()[0].fault;
    assert_eq!((fault.code, fault.retry), (FaultCode::ModelFailed, Retry::Later));
    assert!(fault.detail.contains("overloaded"), "{}", fault.detail);
    assert_eq!(bench.proposed().len(), 2);
}

#[test]
fn records_that_cannot_be_read_are_buried_with_cause_and_mend() {
    let mut bench = bench(Compute::Inline, &EMBED, 1);
    let tenant = Headers { tenant: "t".into(), ..Headers::default() }.to_pairs();
    let document = Codec::encode(&DocumentChunked::default());
    let cut = document[..document.len() - 1].to_vec();
    type Case = (Vec<u8>, Vec<(String, Vec<u8>)>, FaultCode);
    let cases: [Case; 6] = [
        (b"{\"document_id\":1}".to_vec(), tenant.clone(), FaultCode::NotConfluentFramed),
        (vec![0, 0, 0, 9, 9, 1], tenant.clone(), FaultCode::UnknownSchemaId),
        (cut, tenant.clone(), FaultCode::SchemaIncompatible),
        (document.clone(), Vec::new(), FaultCode::TenantMissing),
        (Codec::encode(&ChainHead::default()), tenant.clone(), FaultCode::UnexpectedRecord),
        (Vec::new(), tenant, FaultCode::NotConfluentFramed),
    ];
    for (value, headers, _) in &cases {
        append(
            &bench.log,
            b"t/c/x",
            Record {
                key: b"t/c/x".to_vec(),
                value: value.clone(),
                headers: headers.clone(),
                at_ms: 1,
            },
        );
    }
    submit(&bench.log, &[("good", "")]);
    bench.run();
    let letters = bench.letters();
    for ((value, _, code), letter) in cases.iter().zip(&letters) {
        assert_eq!((&letter.value, letter.fault.code), (value, *code));
        assert!(!letter.fault.mend.is_empty() && !letter.fault.detail.is_empty());
    }
    assert_eq!(letters.len(), cases.len());
    assert_eq!(bench.proposed().len(), 1);
}

#[test]
fn what_is_parked_survives_a_new_worker() {
    let first = bench(Compute::Inline, &EMBED, 1);
    let log = first.log.clone();
    let mut first = first;
    submit(&log, &[("a", "ask"), ("a", "second")]);
    while first.records(Topic::Requests).is_empty() {
        first.worker.step(Duration::ZERO).unwrap();
    }
    first.performer.step(Duration::ZERO).unwrap();
    first.performer.step(Duration::ZERO).unwrap();
    drop(first);
    let mut next = bench_on(log, Compute::Inline, &EMBED, 1);
    next.run();
    assert_eq!(next.proposed(), [("a".to_owned(), 0), ("a".to_owned(), 1)]);
    let finals: Vec<_> = next
        .facts()
        .into_iter()
        .filter(|f| {
            f.stage == "embed" && f.outcome == Outcome::Done && f.event_type == "DocumentChunked"
        })
        .collect();
    assert_eq!(finals.len(), 2, "each record has one final fact");
}

#[test]
fn rows_are_seen_by_the_next_record_of_the_same_batch() {
    let mut bench = bench(Compute::Threads(2), &KEYED, 1);
    let ids: Vec<String> = (0..50).map(|n| format!("d{n}")).collect();
    let documents: Vec<(&str, &str)> = ids.iter().map(|id| (id.as_str(), "")).collect();
    submit(&bench.log, &documents);
    bench.run();
    let rows = bench.log.join("probe", Topic::Passages).unwrap().rows();
    let count = |partition| {
        rows.get(SEEN, partition, b"count").unwrap().map_or(0, |bytes| usize::from(bytes[0]))
    };
    assert_eq!(count(0) + count(1), 50);
}
