//! Producers that know nothing of us: other schemas, other partitioners, records that are wrong.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{process::Command, time::Instant};

use apache_avro::{Schema, types::Record, writer::datum::GenericDatumWriter};
use cns_schemas::{Codec, DeadLetter, FaultCode, Topic};
use cns_state::partition_of;
use rdkafka::{
    ClientConfig,
    message::{Header, OwnedHeaders},
    producer::{BaseProducer, BaseRecord, Producer as _},
};
use serde_json::{Value, json};

use crate::{
    cluster::{Cluster, pause, settled, snapshot, submit},
    node::{Node, PATIENCE},
    world::{replay, verify},
};

const TEXT: &str =
    "We find that warm soil raises the yield of beans by 4 percent (doi:10.5555/warm).";
const PARTITIONS: u32 = 4;
/// What a producer may register that needs no more than what is needed.
const FOUR_FIELDS: &str = r#"{"type":"record","name":"DocumentSubmitted","namespace":"cns","fields":[
    {"name":"document_id","type":"string"},{"name":"corpus","type":"string"},
    {"name":"source","type":"string"},{"name":"text","type":"string"}]}"#;

/// A stock producer's own time for its records, which is the article's: 2001.
const DATED_MS: i64 = 1_000_000_000_000;

/// A stock producer.
pub struct Producer {
    producer: BaseProducer,
    topic: String,
    registry: String,
}

impl Producer {
    pub fn new(cluster: &Cluster) -> Producer {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &cluster.brokers).set("acks", "all");
        Producer {
            producer: config.create().unwrap(),
            topic: format!("{}.documents", cluster.namespace),
            registry: cluster.registry.clone(),
        }
    }

    /// Registers a schema for the topic and returns its id.
    pub fn register(&self, subject: &str, schema: &str) -> u32 {
        let url = format!("{}/subjects/{subject}/versions", self.registry);
        let body = json!({ "schema": schema }).to_string();
        let mut answer =
            ureq::post(url).header("content-type", "application/json").send(body).unwrap();
        let answer: Value =
            serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        answer["id"].as_u64().unwrap().try_into().unwrap()
    }

    /// A schema of four fields, of which no process knows the id yet.
    pub fn register_four_fields(&self, note: &str) -> (u32, Schema) {
        // A note makes it another schema for the registry on each run.
        let note = format!(r#""namespace":"cns","doc":"{note} {}""#, self.topic);
        let json = FOUR_FIELDS.replace(r#""namespace":"cns""#, &note);
        let id = self.register(&format!("{}-value", self.topic), &json);
        (id, Schema::parse_str(&json).unwrap())
    }

    pub fn partition(&self, corpus: &str, document_id: &str) -> u32 {
        partition_of(format!("default/{corpus}/{document_id}").as_bytes(), PARTITIONS)
    }

    /// Sends a value to the partition of its key, under the default tenant; returns the partition.
    pub fn send(&self, corpus: &str, document_id: &str, value: Vec<u8>) -> u32 {
        let partition = self.partition(corpus, document_id);
        self.send_to(partition, Some("default"), corpus, document_id, value);
        partition
    }

    fn send_to(
        &self,
        partition: u32,
        tenant: Option<&str>,
        corpus: &str,
        document_id: &str,
        value: Vec<u8>,
    ) {
        let key = format!("default/{corpus}/{document_id}");
        let headers = tenant.map_or_else(OwnedHeaders::new, |tenant| {
            OwnedHeaders::new().insert(Header { key: "tenant", value: Some(tenant) })
        });
        let record = BaseRecord::to(&self.topic)
            .partition(partition as i32)
            .key(&key)
            .payload(&value)
            .timestamp(DATED_MS)
            .headers(headers);
        self.producer.send(record).map_err(|(error, _)| error).unwrap();
        self.producer.flush(PATIENCE).unwrap();
    }
}

/// A document of four fields, in the frame of a registry's id.
pub fn framed(id: u32, schema: &Schema, corpus: &str, document_id: &str, text: &str) -> Vec<u8> {
    let mut record = Record::new(schema).unwrap();
    record.put("document_id", document_id);
    record.put("corpus", corpus);
    record.put("source", "a producer");
    record.put("text", text);
    let datum =
        GenericDatumWriter::builder(schema).build().unwrap().write_value_to_vec(record).unwrap();
    [&[0], id.to_be_bytes().as_slice(), &datum].concat()
}

/// Waits until a document is known with that status.
fn becomes(node: &Node, document_id: &str, status: &str) {
    let end = Instant::now() + 2 * PATIENCE;
    loop {
        let found = node.get(&format!("/v1/documents/{document_id}"));
        if found.as_ref().is_some_and(|(code, body)| *code == 200 && body["status"] == status) {
            return;
        }
        assert!(Instant::now() < end, "{document_id}: {found:?}");
        pause();
    }
}

#[test]
fn bad_records_go_to_the_dead_letters_and_delay_nobody() {
    let Some(cluster) = Cluster::fresh() else { return };
    let state = tempfile::tempdir().unwrap();
    let node = cluster.spawn(state.path());
    let producer = Producer::new(&cluster);
    let (id, schema) = producer.register_four_fields("");
    let order = r#"{"type":"record","name":"Order","fields":[{"name":"n","type":"string"}]}"#;
    let order = producer.register(&format!("{}-orders", cluster.namespace), order);
    let good = |document_id: &str, text: &str| framed(id, &schema, "c", document_id, text);

    let home = producer.partition("c", "good");
    let bad = |tenant, value| producer.send_to(home, tenant, "c", "bad", value);
    bad(Some("default"), br#"{"text":"plain"}"#.to_vec());
    bad(Some("default"), [&[0], order.to_be_bytes().as_slice(), &[2, b'x']].concat());
    bad(Some("default"), [&[0], id.to_be_bytes().as_slice(), &[2]].concat());
    bad(None, good("bad", TEXT));
    producer.send("c", "good", good("good", TEXT));
    let away = (producer.partition("c", "astray") + 1) % PARTITIONS;
    let other = format!("{TEXT} A document that another partitioner has put elsewhere.");
    producer.send_to(away, Some("default"), "c", "astray", good("astray", &other));

    becomes(&node, "good", "admitted");
    becomes(&node, "astray", "admitted");
    cluster.rests();
    assert_eq!(node.terminate(), Some(0));
    let log = snapshot(cluster.log());
    // A record is as old as its arrival: retention would delete one that is as old as its article.
    let documents = replay::read(&log, Topic::Documents);
    assert!(documents.iter().all(|read| read.record.at_ms > DATED_MS + 20 * 365 * 86_400_000));
    let letters = replay::read(&log, Topic::DeadLetters);
    let mut codes: Vec<FaultCode> = letters
        .iter()
        .map(|letter| Codec::decode::<DeadLetter>(&letter.record.value).unwrap())
        .inspect(|letter| assert_eq!(letter.origin.partition, home))
        .map(|letter| letter.fault.code)
        .collect();
    codes.sort_by_key(|code| format!("{code:?}"));
    let expected = [
        FaultCode::NotConfluentFramed,
        FaultCode::TenantMissing,
        FaultCode::UnknownSchemaId,
        FaultCode::UnknownSchemaId,
    ];
    assert_eq!(codes, expected);
    verify::outcomes(&log, &[]);
}

#[test]
fn an_id_that_no_registry_knows_holds_its_partition_for_a_minute_and_no_other() {
    let Some(cluster) = Cluster::fresh() else { return };
    let state = tempfile::tempdir().unwrap();
    let node = cluster.spawn(state.path());
    let producer = Producer::new(&cluster);
    let (id, schema) = producer.register_four_fields("");
    let home =
        producer.send("c", "bad", [&[0], 999_999_u32.to_be_bytes().as_slice(), &[2]].concat());
    let behind = (0..).map(|n| format!("behind{n}")).find(|d| producer.partition("c", d) == home);
    let behind = behind.unwrap();
    producer.send("c", &behind, framed(id, &schema, "c", &behind, TEXT));
    let elsewhere = (0..).map(|n| format!("other{n}")).find(|d| producer.partition("c", d) != home);
    let text = format!("{TEXT} It is another document, and its partition does not wait.");
    settled(&node, &submit(&node, "c", &elsewhere.unwrap(), &text).unwrap());
    assert_eq!(node.get(&format!("/v1/documents/{behind}")).unwrap().0, 404);
    becomes(&node, &behind, "admitted");
    let (_, letters) = node.get("/v1/dead-letters").unwrap();
    assert_eq!(letters["items"][0]["error"]["code"], "unknown_schema_id", "{letters}");
    cluster.rests();
    assert_eq!(node.terminate(), Some(0));
}

/// The examples as their users run them. `TEST_PYTHON` names an interpreter that has their requirements,
/// `TEST_PRODUCER_JAR` what was built of the Java one.
#[test]
fn the_example_producers_write_documents() {
    let Some(cluster) = Cluster::fresh() else { return };
    let state = tempfile::tempdir().unwrap();
    let node = cluster.spawn(state.path());
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/coffee");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/producers/python/produce.py");
    let python = std::env::var("TEST_PYTHON").map(|python| (python, vec![script.to_owned()]));
    let java = std::env::var("TEST_PRODUCER_JAR")
        .map(|jar| ("java".to_owned(), vec!["-jar".to_owned(), jar]));
    for (corpus, program) in [("python", python), ("java", java)] {
        let Ok((program, arguments)) = program else {
            eprintln!("Not tried: the {corpus} producer.");
            continue;
        };
        let sent = Command::new(program)
            .args(arguments)
            .args(["--brokers", &cluster.brokers, "--registry", &cluster.registry])
            .args(["--topic", &format!("{}.documents", cluster.namespace)])
            .args(["--tenant", "default", "--corpus", corpus, folder])
            .output()
            .unwrap();
        assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
        let end = Instant::now() + 2 * PATIENCE;
        loop {
            let (_, list) = node.get(&format!("/v1/syntheses?corpus={corpus}")).unwrap();
            if list["items"].as_array().is_some_and(|items| !items.is_empty()) {
                break;
            }
            assert!(Instant::now() < end, "{corpus}: no synthesis comes of the documents");
            pause();
        }
    }
    cluster.rests();
    assert_eq!(node.terminate(), Some(0));
    cluster.verify(&[]);
}
