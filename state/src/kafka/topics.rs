//! The topics of a namespace as code: what they have to be, what they are, how to get there.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use cns_schemas::{TOPICS, Topic};
use rdkafka::{
    admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication},
    client::DefaultClientContext,
    config::FromClientConfig,
};

use super::{KafkaOptions, Names, failed, settings};
use crate::Error;

/// What an operator chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopicSettings {
    /// Partitions of each topic; fixed once a namespace is created.
    pub partitions: u32,
    /// Copies of each partition.
    pub replication: i32,
    /// How long inboxes keep what their stage has read, hours.
    pub retention_hours: u64,
}

impl TopicSettings {
    /// For a cluster of three brokers or more.
    pub const STANDARD: TopicSettings =
        TopicSettings { partitions: 8, replication: 3, retention_hours: 7 * 24 };
}

/// A topic as it has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// Its partitions.
    pub partitions: u32,
    /// Its settings.
    pub config: BTreeMap<String, String>,
}

/// A difference between what is and what has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Drift {
    /// It is not there.
    Missing(Wanted),
    /// It has another number of partitions, which cannot be mended in place.
    Partitions {
        /// Which topic.
        name: String,
        /// As it is.
        found: u32,
        /// As it has to be.
        wanted: u32,
    },
    /// One of its settings differs.
    Setting {
        /// Which topic.
        name: String,
        /// Which setting.
        key: String,
        /// As it is.
        found: String,
        /// As it has to be.
        wanted: String,
    },
}

/// What there is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// All topics of the namespace.
    pub wanted: Vec<Wanted>,
    /// What differs.
    pub drift: Vec<Drift>,
}

const ASK: Duration = Duration::from_secs(15);
/// A row holds no more than the largest record.
const ROW_BYTES_MAX: usize = Topic::Facts.record_bytes_max();
/// Room for what the broker's format adds to a record.
const FORMAT_BYTES: usize = 64 << 10;

/// All topics of a namespace as they have to be. `groups` have changelogs.
pub fn wanted(names: &Names, groups: &[&str], settings: &TopicSettings) -> Vec<Wanted> {
    let topic = |name: String, bytes: usize, config: Vec<(&str, String)>| {
        let common = [("max.message.bytes", (bytes + FORMAT_BYTES).to_string())];
        // Acknowledged by all in-sync replicas is worth no more than how many these are at least.
        let copies = (settings.replication - 1).max(1);
        let common = common.into_iter().chain([("min.insync.replicas", copies.to_string())]);
        let config = config.into_iter().chain(common);
        let config = config.map(|(key, value)| (key.to_owned(), value)).collect();
        Wanted { name, partitions: settings.partitions, config }
    };
    let times = |brokers: bool| {
        let whose = if brokers { "LogAppendTime" } else { "CreateTime" };
        ("message.timestamp.type", whose.to_owned())
    };
    let installation = topic(
        names.installation(),
        Topic::Documents.record_bytes_max(),
        vec![("cleanup.policy", "compact".to_owned()), times(false)],
    );
    let installation = Wanted { partitions: 1, ..installation };
    let kept = |topic: Topic| match topic {
        // History lives there.
        Topic::Audit | Topic::DeadLetters => "-1".to_owned(),
        _ => (settings.retention_hours * 3_600_000).to_string(),
    };
    let topics = TOPICS.iter().map(|row| {
        let config = vec![
            ("cleanup.policy", "delete".to_owned()),
            ("retention.ms", kept(row.0)),
            // Retention goes by time: a foreign producer's own (an article's date, say) would have the record
            // deleted before it is read.
            times(row.0 == Topic::Documents),
        ];
        topic(names.topic(row.0), row.0.record_bytes_max(), config)
    });
    let changelogs = groups.iter().map(|group| {
        let config = vec![
            ("cleanup.policy", "compact".to_owned()),
            ("min.cleanable.dirty.ratio", "0.2".to_owned()),
            // Rows that are older than half of it are read anew (see `restore`): a removal could be gone by then.
            ("delete.retention.ms", "86400000".to_owned()),
            times(false),
        ];
        topic(names.changelog(group), ROW_BYTES_MAX, config)
    });
    topics.chain(changelogs).chain([installation]).collect()
}

impl Plan {
    /// Compares the cluster with what has to be.
    ///
    /// # Errors
    /// The cluster cannot be reached.
    pub fn make(
        options: &KafkaOptions,
        groups: &[&str],
        settings: &TopicSettings,
    ) -> Result<Plan, Error> {
        let wanted = wanted(&Names::new(&options.namespace), groups, settings);
        let admin = admin(options)?;
        let metadata = admin
            .inner()
            .fetch_metadata(None, ASK)
            .map_err(|error| failed(&format!("reaching {}", options.brokers), &error))?;
        let found: BTreeMap<&str, u32> =
            metadata.topics().iter().map(|t| (t.name(), t.partitions().len() as u32)).collect();
        let mut drift = Vec::new();
        for topic in &wanted {
            match found.get(topic.name.as_str()) {
                None => drift.push(Drift::Missing(topic.clone())),
                Some(count) => {
                    if *count != topic.partitions {
                        drift.push(Drift::Partitions {
                            name: topic.name.clone(),
                            found: *count,
                            wanted: topic.partitions,
                        });
                    }
                    drift.extend(settings_drift(&admin, topic)?);
                }
            }
        }
        Ok(Plan { wanted, drift })
    }

    /// Creates what is missing. What differs is not touched: an operator decides about that.
    ///
    /// # Errors
    /// A topic that the cluster refuses to create.
    pub fn create_missing(&self, options: &KafkaOptions, replication: i32) -> Result<usize, Error> {
        let missing: Vec<&Wanted> = self
            .drift
            .iter()
            .filter_map(|drift| match drift {
                Drift::Missing(topic) => Some(topic),
                _ => None,
            })
            .collect();
        let new: Vec<NewTopic<'_>> = missing
            .iter()
            .map(|topic| {
                let copies = TopicReplication::Fixed(replication);
                let new = NewTopic::new(&topic.name, topic.partitions as i32, copies);
                topic.config.iter().fold(new, |new, (key, value)| new.set(key, value))
            })
            .collect();
        if new.is_empty() {
            return Ok(0);
        }
        let limits = AdminOptions::new().operation_timeout(Some(ASK));
        let created = futures_executor::block_on(admin(options)?.create_topics(&new, &limits))
            .map_err(|error| failed("creating topics", &error))?;
        for outcome in created {
            if let Err((name, code)) = outcome {
                let detail = format!("{name}: {code}");
                return Err(Error::Io { what: "creating topics".into(), detail });
            }
        }
        wait_for(options, &missing)?;
        Ok(missing.len())
    }
}

/// A created topic is known to the brokers a moment later.
fn wait_for(options: &KafkaOptions, created: &[&Wanted]) -> Result<(), Error> {
    let admin = admin(options)?;
    let deadline = Instant::now() + ASK;
    loop {
        let metadata = admin
            .inner()
            .fetch_metadata(None, ASK)
            .map_err(|error| failed(&format!("reaching {}", options.brokers), &error))?;
        let led = |topic: &&Wanted| {
            let found = metadata.topics().iter().find(|known| known.name() == topic.name);
            found.is_some_and(|known| {
                let count = known.partitions().len() as u32;
                count == topic.partitions && known.partitions().iter().all(|p| p.leader() >= 0)
            })
        };
        if created.iter().all(led) {
            return Ok(());
        }
        if Instant::now() >= deadline {
            let detail = "the brokers do not know them yet; try again".into();
            return Err(Error::Io { what: "creating topics".into(), detail });
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn admin(options: &KafkaOptions) -> Result<AdminClient<DefaultClientContext>, Error> {
    AdminClient::from_config(&settings::client(options))
        .map_err(|error| failed("making a Kafka client", &error))
}

fn settings_drift(
    admin: &AdminClient<DefaultClientContext>,
    topic: &Wanted,
) -> Result<Vec<Drift>, Error> {
    let which = [ResourceSpecifier::Topic(&topic.name)];
    let limits = AdminOptions::new().operation_timeout(Some(ASK));
    let described = futures_executor::block_on(admin.describe_configs(&which, &limits))
        .map_err(|error| failed("reading the settings of topics", &error))?;
    let mut drift = Vec::new();
    for resource in described {
        let resource = resource.map_err(|code| Error::Io {
            what: format!("reading the settings of {}", topic.name),
            detail: code.to_string(),
        })?;
        let found = resource.entry_map();
        for (key, wanted) in &topic.config {
            let is = found.get(key.as_str()).and_then(|entry| entry.value.clone());
            if is.as_ref() != Some(wanted) {
                drift.push(Drift::Setting {
                    name: topic.name.clone(),
                    key: key.clone(),
                    found: is.unwrap_or_default(),
                    wanted: wanted.clone(),
                });
            }
        }
    }
    Ok(drift)
}
