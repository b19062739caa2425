//! What things are called in the cluster.

use cns_schemas::Topic;

/// Names of one namespace: two namespaces share a cluster without meeting.
#[derive(Debug, Clone)]
pub struct Names {
    namespace: String,
}

impl Names {
    /// The names under a namespace, such as `cns`.
    pub fn new(namespace: &str) -> Names {
        Names { namespace: namespace.to_owned() }
    }

    /// The Kafka topic of a topic: `cns.documents`.
    pub fn topic(&self, topic: Topic) -> String {
        format!("{}.{}", self.namespace, topic.name())
    }

    /// The compacted topic with the rows of a group: `cns.chunk.changelog`.
    pub fn changelog(&self, group: &str) -> String {
        format!("{}.{group}.changelog", self.namespace)
    }

    /// The compacted topic with what the namespace was set up with: `cns.installation`.
    pub fn installation(&self) -> String {
        format!("{}.installation", self.namespace)
    }

    /// The consumer group: `cns.chunk`.
    pub fn group(&self, group: &str) -> String {
        format!("{}.{group}", self.namespace)
    }

    /// The transactional id, and the id of the static member, of a group's member in one state directory.
    pub fn member(&self, group: &str, process: &str) -> String {
        format!("{}.{group}.{process}", self.namespace)
    }
}
