//! The verifier: reads a log from outside and knows nothing of how it came about.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use cns_processors::{models::ModelSet, stages};
use cns_schemas::*;
use cns_state::*;

use super::replay;

/// All facts of a log.
pub fn facts(log: &Arc<dyn Log>) -> Vec<Fact> {
    replay::read(log, Topic::Facts)
        .iter()
        .map(|d| Codec::decode(&d.record.value).unwrap())
        .collect()
}

/// Holds a log whose work is settled against the contract of the whole system.
pub fn check(log: &Arc<dyn Log>, jobs: &[String], models: &ModelSet) {
    outcomes(log, jobs);
    for stage in stages::all() {
        replay::check(log, &stage, models);
    }
}

/// The same without a replay, which would pass misplaced records on a second time.
pub fn outcomes(log: &Arc<dyn Log>, jobs: &[String]) {
    let facts = facts(log);
    every_record_has_one_final_fact(log, &facts);
    every_document_has_one_fate(jobs, &facts);
    no_output_is_there_twice(log);
    pairs_keep_to_their_corpus(&facts);
    the_chain_holds_every_fact(log, &facts);
}

fn every_record_has_one_final_fact(log: &Arc<dyn Log>, facts: &[Fact]) {
    let mut finals: BTreeMap<String, usize> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| fact.outcome != Outcome::Parked) {
        *finals.entry(fact.origin.to_string()).or_default() += 1;
    }
    for topic in
        [Topic::Documents, Topic::Passages, Topic::Candidates, Topic::Verdicts, Topic::Requests]
    {
        for delivered in replay::read(log, topic) {
            let at = format!("{}@{}", delivered.partition, delivered.offset);
            assert_eq!(finals.remove(&at), Some(1), "final facts of {at}");
        }
    }
    assert!(finals.is_empty(), "facts of records that are not there: {finals:?}");
}

fn every_document_has_one_fate(jobs: &[String], facts: &[Fact]) {
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
    for job in jobs {
        let story = || {
            let own = facts.iter().filter(|fact| fact.job == *job);
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

fn no_output_is_there_twice(log: &Arc<dyn Log>) {
    for (topic, ..) in TOPICS {
        let mut ids = BTreeSet::new();
        for delivered in replay::read(log, topic) {
            let headers = Headers::from_pairs(&delivered.record.headers);
            // Records of foreign producers have no id, and may have any headers.
            let Ok(Headers { event_id: Some(id), .. }) = headers else {
                assert_eq!(topic, Topic::Documents);
                continue;
            };
            assert!(ids.insert(id.clone()), "{id} is twice in {}", topic.name());
        }
    }
}

/// Corpora and tenants never mix, and no pair is proposed twice.
fn pairs_keep_to_their_corpus(facts: &[Fact]) {
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
                assert!(pairs.insert(pair.pair_id.clone()), "{} is proposed twice", pair.pair_id);
            }
        }
    }
}

fn the_chain_holds_every_fact(log: &Arc<dyn Log>, facts: &[Fact]) {
    let mut chained = 0;
    for index in 0..log.partitions(Topic::Audit) {
        let entries: Vec<AuditEntry> = replay::read(log, Topic::Audit)
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
pub fn open_work(facts: &[Fact]) -> BTreeSet<&str> {
    let sent = facts.iter().flat_map(|fact| &fact.outputs);
    let sent = sent.filter(|sent| !sent.topic.is_empty() && sent.topic != "dead-letters");
    let mut open: BTreeSet<&str> = sent.map(|sent| sent.event_id.as_str()).collect();
    for fact in facts.iter().filter(|fact| fact.outcome != Outcome::Parked) {
        open.remove(fact.event_id.as_str());
    }
    open
}
