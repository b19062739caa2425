//! A namespace of its own in the cluster, set up with the commands that an operator uses.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use cns_processors::{models::ModelSet, runtime, topology::STAGES};
use cns_state::{Kafka, KafkaOptions, Log, RegistryOptions};
use serde_json::json;

use crate::{node::Node, run, snapshot::Snapshot, world::verify};

/// Where the cluster is, and what the namespace is called.
pub struct Cluster {
    pub brokers: String,
    pub registry: String,
    pub namespace: String,
    session_ms: u32,
}

/// How long work may take to come to rest.
pub const REST_WITHIN: Duration = Duration::from_secs(180);

impl Cluster {
    /// A fresh namespace; `None` when there is no cluster to try.
    pub fn fresh() -> Option<Cluster> {
        Cluster::with_session(3000)
    }

    /// The same with another session time-out: a restart that takes no longer keeps its partitions.
    pub fn with_session(session_ms: u32) -> Option<Cluster> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let (Ok(brokers), Ok(registry)) =
            (std::env::var("TEST_KAFKA"), std::env::var("TEST_REGISTRY"))
        else {
            eprintln!("Not tried: TEST_KAFKA and TEST_REGISTRY name no cluster.");
            return None;
        };
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let namespace = format!("t{}-{number}", std::process::id());
        let cluster = Cluster { brokers, registry, namespace, session_ms };
        for command in [["topics", "apply"], ["schemas", "register"], ["config", "apply"]] {
            cluster.command(&command).went_well(&[]);
        }
        cluster.command(&["doctor"]).went_well(&["transactions"]);
        Some(cluster)
    }

    /// Runs a command of the binary on the namespace.
    pub fn command(&self, arguments: &[&str]) -> run::Ran {
        let variables = self.variables();
        let variables: Vec<(&str, &str)> =
            variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        run::cns_with(&variables, arguments)
    }

    /// `TEST_KAFKA_PROTOCOL` chooses the group protocol.
    fn variables(&self) -> [(&'static str, String); 8] {
        let protocol = std::env::var("TEST_KAFKA_PROTOCOL").unwrap_or_else(|_| "classic".into());
        [
            ("CNS_KAFKA_PROTOCOL", protocol),
            ("CNS_KAFKA_BROKERS", self.brokers.clone()),
            ("CNS_KAFKA_REGISTRY", self.registry.clone()),
            ("CNS_KAFKA_NAMESPACE", self.namespace.clone()),
            ("CNS_KAFKA_PARTITIONS", "4".into()),
            ("CNS_KAFKA_REPLICATION", "1".into()),
            ("CNS_KAFKA_SESSION_TIMEOUT_MS", self.session_ms.to_string()),
            ("CNS_KAFKA_TRANSACTION_TIMEOUT_MS", (self.session_ms + 5000).to_string()),
        ]
    }

    /// Starts a process; it may not be ready yet.
    pub fn spawn(&self, state: &Path) -> Node {
        match self.try_spawn(state, &[]) {
            Ok(node) => node,
            Err(said) => panic!("the process did not start: {said}"),
        }
    }

    /// The same with further variables, or what it said when it did not start.
    pub fn try_spawn(&self, state: &Path, more: &[(&str, &str)]) -> Result<Node, String> {
        let variables = self.variables();
        let mut all: Vec<(&str, &str)> =
            variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        all.extend(more);
        Node::try_spawn(state, &all)
    }

    /// The log, for readers from outside.
    pub fn log(&self) -> Arc<dyn Log> {
        let directory = tempfile::tempdir().unwrap().keep();
        let options = KafkaOptions {
            namespace: self.namespace.clone(),
            registry: Some(RegistryOptions { url: self.registry.clone(), user_info: None }),
            session_timeout: Duration::from_millis(self.session_ms.into()),
            ..KafkaOptions::standard(&self.brokers, directory)
        };
        Arc::new(Kafka::open(&options).unwrap())
    }

    /// Waits until all that was sent is decided and no group has a lag, which the processes see to by themselves.
    pub fn rests(&self) {
        let log = self.log();
        let end = Instant::now() + REST_WITHIN;
        let inboxes = STAGES.map(|spec| spec.inbox);
        loop {
            let lag = runtime::lag(&log, &inboxes).unwrap();
            if lag == 0 && verify::open_work(&verify::facts(&log)).is_empty() {
                return;
            }
            assert!(Instant::now() < end, "the lag is {lag}");
            pause();
        }
    }

    /// Holds what the topics say against the contract: each document has one fate, nothing is there twice, and each
    /// inbox replayed gives the same.
    pub fn verify(&self, jobs: &[String]) {
        verify::check(&snapshot(self.log()), jobs, &ModelSet::builtin());
    }
}

/// The records of a log, read once.
pub fn snapshot(log: Arc<dyn Log>) -> Arc<dyn Log> {
    Arc::new(Snapshot::of(log))
}

/// Lets the processes work before they are asked again.
pub fn pause() {
    std::thread::park_timeout(Duration::from_millis(50));
}

/// Sends a document; the job when it was accepted.
pub fn submit(node: &Node, corpus: &str, document_id: &str, text: &str) -> Option<String> {
    let body = json!({
        "document_id": document_id, "corpus": corpus, "source": format!("{document_id}.txt"), "text": text,
    });
    match node.post("/v1/documents", &body) {
        Some((202, job)) => Some(job["job_id"].as_str().unwrap().to_owned()),
        _ => None,
    }
}

/// Waits until the view of a process knows the job as settled.
pub fn settled(node: &Node, job: &str) -> serde_json::Value {
    let end = Instant::now() + REST_WITHIN;
    loop {
        let path = format!("/v1/jobs/{job}?wait=settled&timeout_ms=20000");
        if let Some((200, job)) = node.get(&path)
            && job["settled"] == true
        {
            return job;
        }
        if Instant::now() >= end {
            let (job, status) = (node.get(&format!("/v1/jobs/{job}")), node.get("/v1/status"));
            panic!("{job:?} is not settled; {status:?}; the process says: {}", node.said());
        }
        pause();
    }
}
