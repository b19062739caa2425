//! The reference: each inbox, in the order that was recorded, through a fresh stage over an empty store.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use cns_processors::{
    Stage,
    models::ModelSet,
    runtime::{Progress, Worker, WorkerOptions},
    topology::tables,
};
use cns_schemas::*;
use cns_state::*;

use super::{ALL, worker_options};

/// A log that is far away needs a moment for the next records.
const READ_WAIT: Duration = Duration::from_millis(500);

/// A stage that has not read its inbox by then never will.
const PATIENCE: Duration = Duration::from_secs(300);

/// Records that random kills may meet three times each; more is no chance.
const BURIED_MAX: usize = 2;

/// All records of a topic.
pub fn read(log: &Arc<dyn Log>, topic: Topic) -> Vec<Delivered> {
    let mut all = Vec::new();
    for index in 0..log.partitions(topic) {
        let (partition, mut next) = (Partition { topic, index }, 0);
        while log.behind(partition, next).unwrap() > 0 {
            let some = log.read(partition, next, ALL, READ_WAIT).unwrap();
            next = some.last().map_or(next, |last| last.offset + 1);
            all.extend(some);
        }
    }
    all
}

/// Replays one stage on a log in memory and holds what it gives against what the run gave.
pub fn check(log: &Arc<dyn Log>, stage: &Arc<dyn Stage>, models: &ModelSet) {
    let again = Arc::new(Memory::new(log.partitions(stage.spec().inbox)));
    check_on(again, log, stage, models, Duration::ZERO);
}

/// The same on any empty log, which needs `wait` for its next records.
pub fn check_on(
    again: Arc<dyn Log>,
    log: &Arc<dyn Log>,
    stage: &Arc<dyn Stage>,
    models: &ModelSet,
    wait: Duration,
) {
    let spec = stage.spec();
    let inbox = read(log, spec.inbox);
    let appends = inbox.iter().map(|d| Append { to: d.partition, record: d.record.clone() });
    let offsets = again.append(appends.collect()).unwrap();
    let ends: BTreeMap<Partition, i64> =
        inbox.iter().zip(offsets).map(|(d, offset)| (d.partition, offset + 1)).collect();
    // One record at a time, so that each answer finds its record waiting as it did in the run.
    let batch = Limit { records: 1, bytes: 1 };
    let options = WorkerOptions { batch, ready_first: true, ..worker_options(models.clone()) };
    let mut worker = Worker::new(again.clone(), stage.clone(), options);
    let (mut idle, begun) = (0, Instant::now());
    let read_all = || ends.iter().all(|(of, end)| again.committed(spec.name, *of).unwrap() >= *end);
    while idle < 2 || !read_all() {
        let progress = worker.step(wait).unwrap();
        idle = if progress == Progress::Idle { idle + 1 } else { 0 };
        assert!(begun.elapsed() < PATIENCE, "{} does not read its inbox to the end", spec.name);
    }
    drop(worker);
    let (ours, theirs) = (facts(&again, spec.name), facts(log, spec.name));
    assert!(
        ours.keys().eq(theirs.keys()),
        "{}: {} records have facts, not {}; inbox {}",
        spec.name,
        ours.len(),
        theirs.len(),
        inbox.len()
    );
    // A record that was in work at three deaths is buried, told as such: a kill at the same moment thrice is no defect.
    let killed = |fact: &Fact| {
        fact.fault.as_ref().is_some_and(|fault| fault.code == FaultCode::WorkerKiller)
    };
    let buried = theirs.values().filter(|fact| killed(fact)).count();
    assert!(buried <= BURIED_MAX, "{}: {buried} records are called killers", spec.name);
    for (id, fact) in ours.iter().filter(|(id, _)| !killed(&theirs[*id])) {
        let short = |fact: &Fact| {
            let sent: Vec<_> =
                fact.outputs.iter().map(|sent| (&sent.event_type, &sent.event_id)).collect();
            format!(
                "{} {:?} {:?} {sent:?} under {}",
                fact.event_type, fact.outcome, fact.fault, fact.config_hash
            )
        };
        assert!(
            *fact == theirs[id],
            "{} decides {id} as {}, not {}",
            spec.name,
            short(fact),
            short(&theirs[id])
        );
    }
    assert!(rows(&again, spec) == rows(log, spec), "other rows of {}", spec.name);
    assert!(audit(&again, spec.inbox) == audit(log, spec.inbox), "another chain");
}

/// The final facts of a stage by their input, without times.
fn facts(log: &Arc<dyn Log>, stage: &str) -> BTreeMap<String, Fact> {
    read(log, Topic::Facts)
        .iter()
        .map(|d| Codec::decode::<Fact>(&d.record.value).unwrap())
        .filter(|fact| fact.stage == stage && fact.outcome != Outcome::Parked)
        .map(|mut fact| {
            fact.decided_at_ms = 0;
            // Offsets differ from log to log.
            fact.origin.offset = 0;
            for sent in fact.outputs.iter_mut().filter(|sent| sent.event_type == DeadLetter::NAME) {
                let mut letter: DeadLetter = Codec::decode(sent.content.open()).unwrap();
                letter.origin.offset = 0;
                sent.content = Sealed::plain(Vec::new(), Codec::encode(&letter));
            }
            fact.answers.sort_by(|a, b| a.effect.cmp(&b.effect));
            (fact.event_id.clone(), fact)
        })
        .collect()
}

fn rows(log: &Arc<dyn Log>, spec: &cns_processors::topology::StageSpec) -> Vec<(u16, u32, Row)> {
    use tables::*;
    let own: &[Table] = match spec.name {
        "chunk" => &[VERSIONS],
        "synthesize" => &[SNOS, DOCUMENTS, TEXTS, BANDS, EVIDENCE, BUCKETS, PAIRS, CHILDREN, CARDS],
        "audit" => &[HEADS],
        _ => &[],
    };
    let mut member = log.join(spec.name, spec.inbox).unwrap();
    let mut assigned = 0;
    let nothing = Limit { records: 0, bytes: 0 };
    while assigned < log.partitions(spec.inbox) as usize {
        if let Polled::Assigned(partitions) = member.poll(nothing, READ_WAIT).unwrap() {
            assigned += partitions.len();
        }
    }
    let mut all = Vec::new();
    for table in own {
        for partition in 0..log.partitions(spec.inbox) {
            let rows = member.rows().scan(*table, partition, &[], None, usize::MAX).unwrap();
            all.extend(rows.into_iter().map(|row| (table.number, partition, row)));
        }
    }
    all
}

fn audit(log: &Arc<dyn Log>, inbox: Topic) -> Vec<Vec<u8>> {
    if inbox != Topic::Facts {
        return Vec::new();
    }
    read(log, Topic::Audit).into_iter().map(|d| d.record.value).collect()
}
