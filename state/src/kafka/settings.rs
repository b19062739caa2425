//! Settings of the clients. Those that exactly-once rests on cannot be changed.

use std::{collections::BTreeMap, fmt, path::PathBuf, time::Duration};

use super::RegistryOptions;
use rdkafka::{ClientConfig, config::RDKafkaLogLevel};

/// How a Kafka log is opened.
#[derive(Clone)]
pub struct KafkaOptions {
    /// `host:port,…`
    pub brokers: String,
    /// What the names of topics, groups and transactional ids begin with.
    pub namespace: String,
    /// Further settings of librdkafka: security, sizes.
    pub properties: BTreeMap<String, String>,
    /// The registry of schemas; without one, records carry the ids of this process.
    pub registry: Option<RegistryOptions>,
    /// Where this process keeps its rows and its identity.
    pub directory: PathBuf,
    /// A member that was not heard of for so long loses its partitions.
    pub session_timeout: Duration,
    /// A transaction that is open for so long is aborted by the broker.
    pub transaction_timeout: Duration,
    /// Whether groups use the consumer protocol of KIP-848.
    pub consumer_protocol: bool,
    /// Memory for cached rows and blocks of them.
    pub block_cache_bytes: usize,
    /// Memory for rows that are not yet in files.
    pub write_buffer_bytes: usize,
}

impl fmt::Debug for KafkaOptions {
    /// Without what may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let KafkaOptions { brokers, namespace, directory, .. } = self;
        write!(f, "KafkaOptions({namespace} on {brokers}, {})", directory.display())
    }
}

impl KafkaOptions {
    /// Settings for a cluster at `brokers`, with rows under `directory`.
    pub fn standard(brokers: &str, directory: PathBuf) -> KafkaOptions {
        KafkaOptions {
            brokers: brokers.to_owned(),
            namespace: "cns".to_owned(),
            properties: BTreeMap::new(),
            registry: None,
            directory,
            session_timeout: Duration::from_secs(10),
            transaction_timeout: Duration::from_secs(20),
            consumer_protocol: false,
            block_cache_bytes: 64 << 20,
            write_buffer_bytes: 64 << 20,
        }
    }
}

/// What exactly-once rests on, or what names a client.
const PROTECTED: [&str; 20] = [
    "acks",
    "auto.offset.reset",
    "bootstrap.servers",
    "check.crcs",
    // A follower's end may lie before the leader's, and ends are believed.
    "client.rack",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.idempotence",
    "enable.partition.eof",
    "group.id",
    "group.instance.id",
    "group.protocol",
    "isolation.level",
    "max.in.flight",
    "max.in.flight.requests.per.connection",
    "message.send.max.retries",
    "partition.assignment.strategy",
    "request.required.acks",
    "retries",
    "transactional.id",
];

/// Properties that may not be given, of those that are.
pub fn protected(properties: &BTreeMap<String, String>) -> Vec<&str> {
    let names = properties.keys().map(String::as_str);
    names.filter(|name| PROTECTED.contains(name)).collect()
}

/// What every client has.
pub fn client(options: &KafkaOptions) -> ClientConfig {
    let mut config = ClientConfig::new();
    for (name, value) in &options.properties {
        config.set(name, value);
    }
    config
        .set("bootstrap.servers", &options.brokers)
        .set("client.id", &options.namespace)
        .set("topic.metadata.propagation.max.ms", "5000")
        .set_log_level(RDKafkaLogLevel::Warning);
    config
}

/// A member of a group.
pub fn member(options: &KafkaOptions, group: &str, instance: &str) -> ClientConfig {
    let mut config = reader(options);
    config.set("group.id", group).set("group.instance.id", instance);
    if options.consumer_protocol {
        config.set("group.protocol", "consumer");
    } else {
        config
            .set("partition.assignment.strategy", "cooperative-sticky")
            .set("session.timeout.ms", millis(options.session_timeout))
            .set("heartbeat.interval.ms", millis(options.session_timeout / 4));
    }
    config
}

/// A reader of committed records outside any group.
pub fn reader(options: &KafkaOptions) -> ClientConfig {
    let mut config = client(options);
    // librdkafka assigns partitions only to consumers that name a group. This one never joins nor commits.
    config.set("group.id", format!("{}.reader", options.namespace));
    config
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("isolation.level", "read_committed")
        .set("auto.offset.reset", "error")
        .set("enable.partition.eof", "true")
        .set("check.crcs", "true")
        .set("fetch.error.backoff.ms", "50")
        .set("queued.max.messages.kbytes", "16384");
    config
}

/// A client that only asks for the true ends of partitions, open transactions included.
pub fn ends(options: &KafkaOptions) -> ClientConfig {
    let mut config = reader(options);
    config.set("isolation.level", "read_uncommitted");
    config
}

/// A producer of single records.
pub fn producer(options: &KafkaOptions) -> ClientConfig {
    let mut config = client(options);
    config
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("linger.ms", "2")
        .set("batch.num.messages", "100000")
        .set("batch.size", "1000000")
        .set("queue.buffering.max.messages", "1000000")
        .set("message.timeout.ms", "10000");
    for (name, value) in &options.properties {
        if name == "compression.type" || name == "message.max.bytes" {
            config.set(name, value);
        }
    }
    config
}

/// A transactional producer.
pub fn transactional(options: &KafkaOptions, id: &str) -> ClientConfig {
    let mut config = producer(options);
    config
        .set("transactional.id", id)
        .set("transaction.timeout.ms", millis(options.transaction_timeout))
        .set("message.timeout.ms", millis(options.transaction_timeout * 3 / 4));
    config
}

fn millis(duration: Duration) -> String {
    duration.as_millis().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_exactly_once_rests_on_is_protected() {
        let given = ["security.protocol", "acks", "isolation.level", "client.software.name"];
        let given = given.map(|name| (name.to_owned(), "x".to_owned())).into();
        assert_eq!(protected(&given), ["acks", "isolation.level"]);
    }
}
