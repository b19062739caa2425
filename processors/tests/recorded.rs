//! What a model said once is recorded, and decisions are made again from the record: whatever model is there now, it is
//! not asked, and nothing comes out otherwise.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

use std::{collections::BTreeMap, sync::Arc};

use cns_processors::{
    Input, PartitionRows, Stage, Step,
    stages::{Critique, Embed},
};
use cns_schemas::*;
use cns_state::{Error, Row, Rows, Table};
use world::{World, replay};

/// Neither stage keeps rows.
struct NoRows;

impl Rows for NoRows {
    fn get(&self, _: Table, _: u32, _: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        Ok(None)
    }

    fn scan(
        &self,
        _: Table,
        _: u32,
        _: &[u8],
        _: Option<&[u8]>,
        _: usize,
    ) -> Result<Vec<Row>, Error> {
        Ok(Vec::new())
    }
}

/// What a step sends again from the answers of its fact alone.
fn again(stage: &dyn Stage, record: &cns_state::Record, fact: &Fact) -> Vec<Vec<u8>> {
    let event = Event {
        id: fact.event_id.clone(),
        tenant: fact.tenant.clone(),
        job: fact.job.clone(),
        cause: fact.cause.clone(),
        at_ms: fact.at_ms,
        traceparent: None,
        body: Codec::decode_body(&record.value).unwrap(),
    };
    let rows = PartitionRows { all: Arc::new(NoRows), partition: fact.origin.partition };
    // The world's settings are the default ones under its models' names, which are those of the answers.
    let config = Configured::default();
    let input = Input {
        event: &event,
        value: &record.value,
        rows,
        config: &config,
        answers: &fact.answers,
    };
    match stage.step(&input) {
        Ok(Step::Done(done)) => {
            done.outputs.iter().map(|output| Codec::encode_body(&output.body)).collect()
        }
        Ok(Step::Need(calls)) => panic!("{} asks again: {calls:?}", fact.event_id),
        Err(_) => panic!("{} is decided otherwise", fact.event_id),
    }
}

#[test]
fn recorded_answers_give_the_same_decisions_without_a_model() {
    let (log, _) = World::recorded(3);
    let stages: [(&dyn Stage, Topic); 2] =
        [(&Embed, Topic::Passages), (&Critique, Topic::Candidates)];
    let facts: Vec<Fact> = replay::read(&log, Topic::Facts)
        .iter()
        .map(|read| Codec::decode(&read.record.value).unwrap())
        .collect();
    let mut decided: BTreeMap<&str, usize> = BTreeMap::new();
    for (stage, inbox) in stages {
        let name = stage.spec().name;
        let records: BTreeMap<(u32, i64), _> = replay::read(&log, inbox)
            .into_iter()
            .map(|read| ((read.partition.index, read.offset), read.record))
            .collect();
        let done = |fact: &&Fact| {
            fact.stage == name && fact.outcome == Outcome::Done && !fact.answers.is_empty()
        };
        for fact in facts.iter().filter(done) {
            let record = &records[&(fact.origin.partition, fact.origin.offset)];
            if Codec::name(&record.value).unwrap() == ModelReplied::NAME {
                continue;
            }
            let sent: Vec<Vec<u8>> =
                fact.outputs.iter().map(|sent| sent.content.open().to_vec()).collect();
            assert_eq!(again(stage, record, fact), sent, "{name} decides {}", fact.event_id);
            *decided.entry(name).or_default() += 1;
        }
    }
    assert!(decided["embed"] > 3 && decided["critique"] > 3, "{decided:?}");
}
