//! The section `kafka`: where the log is when it is not embedded, and which stages this process runs.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use cns_processors::topology::{PERFORM, STAGES, StageSpec};
use cns_state::{KafkaOptions, RegistryOptions, TopicSettings, take_user_info};

use super::Settings;
use crate::failure::{Code, Failure};

/// A log on a Kafka cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kafka {
    /// `host:port,…`; empty means the embedded log.
    pub brokers: String,
    /// URL of the schema registry.
    pub registry: String,
    /// What topics, groups and transactional ids begin with.
    pub namespace: String,
    /// File of further client settings, `name = value` on each line; empty means none.
    pub properties: String,
    /// Group protocol: `classic` or `consumer`.
    pub protocol: String,
    /// Silence after which a process loses its partitions.
    pub session_timeout_ms: u32,
    /// How long a transaction may be open.
    pub transaction_timeout_ms: u32,
    /// Partitions of each topic.
    pub partitions: u32,
    /// Copies of each partition.
    pub replication: u32,
    /// How long inboxes keep what was read.
    pub retention_hours: u32,
}

impl Default for Kafka {
    fn default() -> Kafka {
        Kafka {
            brokers: String::new(),
            registry: String::new(),
            namespace: "cns".into(),
            properties: String::new(),
            protocol: "classic".into(),
            session_timeout_ms: 10_000,
            transaction_timeout_ms: 20_000,
            partitions: TopicSettings::STANDARD.partitions,
            replication: TopicSettings::STANDARD.replication as u32,
            retention_hours: TopicSettings::STANDARD.retention_hours as u32,
        }
    }
}

fn specs() -> impl Iterator<Item = &'static StageSpec> {
    STAGES.into_iter().chain([&PERFORM])
}

/// What `stages` may say beside names.
const ALL: &str = "all";
const NONE: &str = "none";

impl Settings {
    /// Whether the log is on Kafka.
    pub fn on_kafka(&self) -> bool {
        !self.kafka.brokers.is_empty()
    }

    /// The names of the stages that this process runs, the performer among them.
    pub fn stage_names(&self) -> Vec<&'static str> {
        let all = specs().map(|spec| spec.name);
        match self.stages.as_str() {
            ALL => all.collect(),
            NONE => Vec::new(),
            listed => {
                all.filter(|name| listed.split(',').any(|part| part.trim() == *name)).collect()
            }
        }
    }

    /// What is wrong with settings that depend on each other: the key and the fault.
    pub fn kafka_faults(&self) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        let kafka = &self.kafka;
        let known = |part: &str| specs().any(|spec| spec.name == part);
        let whole = [ALL, NONE].contains(&self.stages.as_str());
        for part in self.stages.split(',').map(str::trim).filter(|_| !whole) {
            if !known(part) {
                let names: Vec<_> = specs().map(|s| s.name).collect();
                let names = names.join(", ");
                faults.push((
                    "stages",
                    format!("names `{part}`; all, none or some of {names} are expected"),
                ));
            }
        }
        if !self.on_kafka() && self.stages != ALL {
            faults.push((
                "stages",
                "asks for some stages; only on Kafka can another process run the others".into(),
            ));
        }
        if !self.on_kafka() && !kafka.registry.is_empty() {
            faults.push((
                "kafka.brokers",
                "is empty, but a schema registry is given; without brokers the log is in the state folder".into(),
            ));
        }
        if self.on_kafka() && kafka.registry.is_empty() {
            faults.push((
                "kafka.registry",
                "is empty; a log on Kafka needs a schema registry".into(),
            ));
        }
        if !["classic", "consumer"].contains(&kafka.protocol.as_str()) {
            faults.push((
                "kafka.protocol",
                format!("is `{}`; classic or consumer is expected", kafka.protocol),
            ));
        }
        let named = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if !kafka.namespace.chars().all(named) || kafka.namespace.len() > NAMESPACE_CHARS_MAX {
            faults.push(("kafka.namespace", format!(
                "is `{}`; up to {NAMESPACE_CHARS_MAX} letters, digits, `.`, `_` and `-` are expected",
                kafka.namespace
            )));
        }
        faults
    }

    /// How the log on Kafka is opened.
    ///
    /// # Errors
    /// The file of client settings cannot be read, or says what must not be changed.
    pub fn kafka_options(&self) -> Result<KafkaOptions, Failure> {
        if !self.on_kafka() {
            return Err(Failure::new(
                Code::Config,
                "kafka.brokers is empty: the log is the embedded one",
            )
            .hint("set kafka.brokers, or CNS_KAFKA_BROKERS"));
        }
        let kafka = &self.kafka;
        let mut properties = kafka.client_properties()?;
        let user_info = take_user_info(&mut properties);
        let millis = |ms: u32| Duration::from_millis(ms.into());
        Ok(KafkaOptions {
            namespace: kafka.namespace.clone(),
            registry: Some(RegistryOptions { url: kafka.registry.clone(), user_info }),
            properties,
            session_timeout: millis(kafka.session_timeout_ms),
            transaction_timeout: millis(kafka.transaction_timeout_ms),
            consumer_protocol: kafka.protocol == "consumer",
            block_cache_bytes: self.limits.block_cache_bytes as usize,
            write_buffer_bytes: self.limits.write_buffer_bytes as usize,
            ..KafkaOptions::standard(&kafka.brokers, self.state.clone())
        })
    }

    /// What the topics have to be.
    pub fn topic_settings(&self) -> TopicSettings {
        TopicSettings {
            partitions: self.kafka.partitions,
            replication: self.kafka.replication as i32,
            retention_hours: self.kafka.retention_hours.into(),
        }
    }
}

impl Kafka {
    /// Further settings of the clients, from their file.
    ///
    /// # Errors
    /// The file cannot be read, or holds what is no setting.
    pub fn client_properties(&self) -> Result<BTreeMap<String, String>, Failure> {
        match self.properties.as_str() {
            "" => Ok(BTreeMap::new()),
            path => read(Path::new(path)),
        }
    }
}

const NAMESPACE_CHARS_MAX: usize = 100;

/// Reads a file of client settings. Their values may be secret: a fault names the line, never what it says.
fn read(path: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::new(
            Code::Config,
            format!("cannot read kafka.properties {}: {error}", path.display()),
        )
    })?;
    let mut properties = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((name, value)) = line.split_once('=') else {
            let at = format!("{}:{}", path.display(), number + 1);
            return Err(Failure::new(Code::Config, format!("{at}: `name = value` is expected")));
        };
        properties.insert(name.trim().to_owned(), value.trim().to_owned());
    }
    Ok(properties)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(change: impl Fn(&mut Settings)) -> Vec<&'static str> {
        let mut settings = Settings::default();
        change(&mut settings);
        settings.kafka_faults().into_iter().map(|(key, _)| key).collect()
    }

    #[test]
    fn settings_that_do_not_go_together_are_named() {
        assert!(faults(|_| {}).is_empty());
        assert_eq!(faults(|s| s.kafka.brokers = "b:9092".into()), ["kafka.registry"]);
        assert_eq!(faults(|s| s.stages = "chunk".into()), ["stages"]);
        assert_eq!(faults(|s| s.stages = "chunk, embd".into()), ["stages", "stages"]);
        assert_eq!(faults(|s| s.kafka.protocol = "new".into()), ["kafka.protocol"]);
        assert_eq!(faults(|s| s.kafka.namespace = "a/b".into()), ["kafka.namespace"]);
    }

    #[test]
    fn stages_are_all_none_or_listed() {
        let names =
            |stages: &str| Settings { stages: stages.into(), ..Settings::default() }.stage_names();
        assert_eq!(names("all").len(), 6);
        assert!(names("none").is_empty());
        assert_eq!(names("embed, critique"), ["embed", "critique"]);
    }

    #[test]
    fn a_file_of_client_settings_is_read_and_its_faults_do_not_quote_it() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "# security\nsasl.password = a=b\n\nsecurity.protocol=SASL_SSL\n")
            .unwrap();
        let read_in = read(file.path()).unwrap();
        assert_eq!(read_in["sasl.password"], "a=b");
        assert_eq!(read_in["security.protocol"], "SASL_SSL");
        fs::write(file.path(), "\nmy-secret\n").unwrap();
        let fault = read(file.path()).unwrap_err().to_string();
        assert!(fault.contains(":2: ") && !fault.contains("my-secret"), "{fault}");
    }
}
