//! The same stage at least once, as one would write it by hand with librdkafka and RocksDB: an idempotent producer,
//! outputs and rows acknowledged before the offsets are committed. What exactly-once costs is told beside it.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use cns_state::KafkaOptions;
use rdkafka::{
    ClientConfig, ClientContext, Message, Offset, TopicPartitionList,
    config::FromClientConfigAndContext,
    consumer::{BaseConsumer, CommitMode, Consumer},
    error::RDKafkaErrorCode,
    message::BorrowedMessage,
    producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext},
};
use rocksdb::{BlockBasedOptions, Cache, DB, Options, WriteBatch};

use crate::{
    GROUP,
    workload::{COMMIT_EACH, Watch, output, row, started_ms},
};

#[derive(Default)]
struct Failures(AtomicUsize);

impl ClientContext for Failures {}

impl ProducerContext for Failures {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        self.0.fetch_add(usize::from(result.is_err()), Ordering::Relaxed);
    }
}

struct Stage {
    consumer: BaseConsumer,
    producer: BaseProducer<Failures>,
    rows: DB,
    output: String,
    changelog: String,
    started: i64,
}

/// Works until all records are done or none came for a while.
pub fn run(options: &KafkaOptions) {
    let stage = Stage::new(options);
    let mut watch = Watch::new();
    loop {
        let mut batch = WriteBatch::default();
        let mut fresh: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        let mut consumed: BTreeMap<i32, i64> = BTreeMap::new();
        let (until, mut records) = (Instant::now() + COMMIT_EACH, 0);
        while Instant::now() < until {
            if let Some(message) = stage.consumer.poll(Duration::from_millis(20)) {
                let message = message.expect("a record");
                stage.work(&message, &mut fresh);
                consumed.insert(message.partition(), message.offset() + 1);
                records += 1;
            }
        }
        for (key, row) in &fresh {
            batch.put(key, row);
        }
        stage.commit(batch, &consumed);
        if !watch.goes_on(records) {
            break;
        }
    }
}

impl Stage {
    fn new(options: &KafkaOptions) -> Stage {
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", &options.brokers);
        let mut consumer = client.clone();
        consumer
            .set("group.id", format!("{}.{GROUP}", options.namespace))
            .set("group.instance.id", "plain-1")
            .set("session.timeout.ms", "6000")
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", "earliest")
            .set("partition.assignment.strategy", "cooperative-sticky")
            .set("queued.max.messages.kbytes", "16384");
        let consumer: BaseConsumer = consumer.create().expect("a consumer");
        consumer.subscribe(&[&format!("{}.passages", options.namespace)]).expect("subscribed");
        client
            .set("enable.idempotence", "true")
            .set("linger.ms", "2")
            .set("batch.num.messages", "100000")
            .set("batch.size", "1000000")
            .set("queue.buffering.max.messages", "1000000");
        let producer = BaseProducer::from_config_and_context(&client, Failures::default());
        Stage {
            consumer,
            producer: producer.expect("a producer"),
            rows: rows(options),
            output: format!("{}.candidates", options.namespace),
            changelog: format!("{}.{GROUP}.changelog", options.namespace),
            started: started_ms(),
        }
    }

    fn work(&self, message: &BorrowedMessage<'_>, fresh: &mut BTreeMap<Vec<u8>, Vec<u8>>) {
        let (key, value) = (message.key().expect("a key"), message.payload().expect("a value"));
        let place = [&message.partition().to_be_bytes(), key].concat();
        let old = fresh.get(&place).cloned();
        let old = old.or_else(|| self.rows.get(&place).expect("a row"));
        let new = row(value, old.as_deref());
        let output = output(value, &new, self.started);
        self.send(&self.output, message.partition(), key, &output);
        self.send(&self.changelog, message.partition(), key, &new);
        fresh.insert(place, new);
    }

    fn send(&self, topic: &str, partition: i32, key: &[u8], value: &[u8]) {
        let mut record = BaseRecord::to(topic).partition(partition).key(key).payload(value);
        while let Err((error, back)) = self.producer.send(record) {
            assert_eq!(error.rdkafka_error_code(), Some(RDKafkaErrorCode::QueueFull));
            record = back;
            self.producer.poll(Duration::from_millis(1));
        }
    }

    fn commit(&self, batch: WriteBatch, consumed: &BTreeMap<i32, i64>) {
        if consumed.is_empty() {
            return;
        }
        while self.producer.in_flight_count() > 0 {
            self.producer.poll(Duration::from_millis(1));
        }
        assert_eq!(self.producer.context().0.load(Ordering::Relaxed), 0, "all are acknowledged");
        self.rows.write(batch).expect("rows are written");
        let topic = self.output.replace(".candidates", ".passages");
        let mut list = TopicPartitionList::new();
        for (partition, next) in consumed {
            list.add_partition_offset(&topic, *partition, Offset::Offset(*next))
                .expect("an offset");
        }
        self.consumer.commit(&list, CommitMode::Sync).expect("offsets are committed");
    }
}

/// With the settings of our own rows.
fn rows(options: &KafkaOptions) -> DB {
    let mut blocks = BlockBasedOptions::default();
    blocks.set_block_cache(&Cache::new_lru_cache(options.block_cache_bytes));
    blocks.set_bloom_filter(10.0, false);
    let mut database = Options::default();
    database.create_if_missing(true);
    database.set_block_based_table_factory(&blocks);
    database.set_db_write_buffer_size(options.write_buffer_bytes);
    database.set_compression_type(rocksdb::DBCompressionType::Lz4);
    DB::open(&database, &options.directory).expect("the rows open")
}
