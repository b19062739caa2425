//! A record on its way through a worker.

use std::sync::{Arc, Mutex};

use cns_schemas::{
    Answer, Body, Codec, Configured, DecodeError, Event, EventId, Fault, FaultCode, HeaderError,
    Headers, Origin, Parked, Retry, UNREADABLE_HEADER,
};
use cns_state::{Delivered, Record};

use super::handled::Called;

/// A decoded record with all that a step needs beside the rows.
pub struct Item {
    pub origin: Origin,
    pub record: Record,
    pub event: Event,
    pub order_key: String,
    pub config: Arc<Configured>,
    pub answers: Vec<Answer>,
    /// The calls of local models that were made for it.
    pub calls: Mutex<Vec<Called>>,
    /// The key of its row, when it comes out of the parking place.
    pub row: Option<Vec<u8>>,
}

impl Item {
    /// Notes a call that was made.
    pub fn note(&self, called: Called) {
        self.calls.lock().expect("no holder of the lock panics").push(called);
    }

    /// The calls that were made so far; they are told once.
    pub fn take_calls(&self) -> Vec<Called> {
        std::mem::take(&mut self.calls.lock().expect("no holder of the lock panics"))
    }
}

/// A record that cannot be decoded, with what can be said of it.
pub struct Undecodable {
    pub origin: Origin,
    pub record: Record,
    /// A shell of an event: id, tenant and job as far as they can be read.
    pub event: Event,
    pub fault: Fault,
}

/// Reads headers and body.
pub fn decode(delivered: Delivered) -> Result<(Origin, Record, Event), Box<Undecodable>> {
    let Delivered { partition, offset, record } = delivered;
    let origin =
        Origin { topic: partition.topic.name().to_owned(), partition: partition.index, offset };
    let headers = Headers::from_pairs(&record.headers);
    let mut event = shell(&record, headers.as_ref().ok());
    let unreadable = record.headers.iter().find(|(name, _)| name == UNREADABLE_HEADER);
    if let Some((_, why)) = unreadable {
        let fault = schema_fault(&String::from_utf8_lossy(why));
        return Err(Box::new(Undecodable { origin, record, event, fault }));
    }
    let fault = match (headers, Codec::decode_body(&record.value)) {
        (Ok(_), Ok(body)) => {
            event.body = body;
            return Ok((origin, record, event));
        }
        (Err(error), _) => header_fault(&error),
        (_, Err(error)) => body_fault(&error),
    };
    Err(Box::new(Undecodable { origin, record, event, fault }))
}

/// A parked record, as it was when it was consumed.
pub fn unpark(parked: &Parked) -> Delivered {
    let pairs = parked.headers.chunks_exact(2);
    let headers = pairs.map(|pair| (pair[0].clone(), pair[1].clone().into_bytes())).collect();
    let (key, value) = (parked.key.clone(), parked.value.clone());
    let record = Record { key, value, headers, at_ms: parked.at_ms };
    let topic = cns_schemas::Topic::by_name(&parked.origin.topic)
        .expect("a record is parked under the topic that it was read from");
    let partition = cns_state::Partition { topic, index: parked.origin.partition };
    Delivered { partition, offset: parked.origin.offset, record }
}

/// The row of a record that has to wait. Only records whose headers were readable text are parked.
pub fn park(item: &Item) -> Parked {
    let headers = item.record.headers.iter();
    Parked {
        origin: item.origin.clone(),
        key: item.record.key.clone(),
        value: item.record.value.clone(),
        headers: headers
            .flat_map(|(name, value)| [name.clone(), String::from_utf8_lossy(value).into_owned()])
            .collect(),
        at_ms: item.record.at_ms,
        times: 0,
        asked: Vec::new(),
    }
}

fn shell(record: &Record, headers: Option<&Headers>) -> Event {
    let foreign = || EventId::foreign(&record.key, &record.value).0;
    let id = headers.and_then(|h| h.event_id.clone()).unwrap_or_else(foreign);
    let job = headers
        .and_then(|h| h.job.clone())
        .filter(|job| !job.is_empty())
        .unwrap_or_else(|| format!("job-{}", id.trim_start_matches("ev_")));
    Event {
        tenant: headers.map(|h| h.tenant.clone()).unwrap_or_default(),
        job,
        cause: headers.and_then(|h| h.cause.clone()).unwrap_or_default(),
        at_ms: headers.and_then(|h| h.at_ms).unwrap_or(record.at_ms),
        traceparent: headers.and_then(|h| h.traceparent.clone()),
        body: Body::Fact,
        id,
    }
}

fn header_fault(error: &HeaderError) -> Fault {
    let code = match error {
        HeaderError::TenantMissing => FaultCode::TenantMissing,
        HeaderError::Invalid(..) => FaultCode::FieldInvalid,
    };
    Fault {
        code,
        detail: error.to_string(),
        mend: "set the header and produce the record again".into(),
        retry: Retry::Never,
    }
}

fn schema_fault(why: &str) -> Fault {
    Fault {
        code: FaultCode::UnknownSchemaId,
        detail: why.to_owned(),
        mend: "produce with the schema that is registered for the topic".into(),
        retry: Retry::AfterMending,
    }
}

fn body_fault(error: &DecodeError) -> Fault {
    let mend = match error {
        DecodeError::NotFramed { .. } => {
            "use an Avro serializer with the published schema and produce the record again"
        }
        DecodeError::UnknownId(_) => "register the schema, or produce with a published one",
        DecodeError::OtherRecord { .. } => "produce the record to the topic that it belongs to",
        DecodeError::Mismatch { .. } => "produce with the published schema",
    };
    Fault { code: error.code(), detail: error.to_string(), mend: mend.into(), retry: Retry::Never }
}
