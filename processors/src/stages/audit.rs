//! `audit`: chains every fact, byte for byte as it came.

use cns_narrative::chain;
use cns_schemas::{Body, ChainHead, Codec, Event, Topic};
use cns_state::Partition;

use super::{corpus_key, row, unexpected};
use crate::{
    Destination, Done, Input, Output, RowChange, Stage, StageError, Step,
    topology::{AUDIT, StageSpec, tables::HEADS},
};

/// The keeper of the chain. It has one for each partition, so that partitions can be verified alone.
pub struct Audit;

impl Stage for Audit {
    fn spec(&self) -> &'static StageSpec {
        &AUDIT
    }

    fn order_key(&self, event: &Event) -> String {
        corpus_key(event)
    }

    fn step(&self, input: &Input<'_>) -> Result<Step, StageError> {
        if !matches!(input.event.body, Body::Fact) {
            return Err(unexpected(input.event));
        }
        let head = match input.rows.get(HEADS, b"head")? {
            Some(bytes) => row(HEADS.name, &bytes)?,
            None => ChainHead { next_sequence: 0, hash: "0".repeat(64) },
        };
        let (entry, head) = chain::link(&head, input.value);
        let change =
            RowChange { table: HEADS, key: b"head".to_vec(), value: Some(Codec::encode(&head)) };
        let to = Partition { topic: Topic::Audit, index: input.rows.partition };
        let output = Output {
            to: Destination::At(to, input.event.tenant.clone()),
            body: Body::AuditEntry(entry),
            subjects: Vec::new(),
        };
        Ok(Step::Done(Done { changes: vec![change], outputs: vec![output] }))
    }
}
