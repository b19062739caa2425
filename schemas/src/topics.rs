//! Every topic in one table.

/// A topic of the log. The name is what Kafka and the facts show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Inbox of `chunk`: what producers and the API submit.
    Documents,
    /// Inbox of `embed`: documents cut into passages.
    Passages,
    /// Inbox of `critique`: SNOs and pairs to judge.
    Candidates,
    /// Inbox of `synthesize`: judged SNOs and pairs.
    Verdicts,
    /// Inbox of `audit`: one fact for each consumed record.
    Facts,
    /// The hash-chained history; views are folded from it. Kept for ever.
    Audit,
    /// Inbox of the performer: model calls to make.
    Requests,
    /// Records that no retry can cure, with their raw bytes.
    DeadLetters,
}

/// All topics: name, what the partition key begins with, and whether it is one stage's inbox.
pub const TOPICS: [(Topic, &str, &str); 8] = [
    (Topic::Documents, "documents", "tenant/corpus/document"),
    (Topic::Passages, "passages", "tenant/corpus/document"),
    (Topic::Candidates, "candidates", "tenant/corpus/(sno or pair)"),
    (Topic::Verdicts, "verdicts", "tenant/corpus"),
    (Topic::Facts, "facts", "tenant/corpus"),
    (Topic::Audit, "audit", "tenant/corpus"),
    (Topic::Requests, "requests", "effect key"),
    (Topic::DeadLetters, "dead-letters", "tenant/corpus"),
];

impl Topic {
    /// The topic's name in the log and in facts.
    pub const fn name(self) -> &'static str {
        TOPICS[self as usize].1
    }

    /// Bytes that one record of the topic has at most, key, value and headers together. What a record led to stands
    /// whole in its fact, a dead letter holds the record that was refused, and the audit holds the fact.
    pub const fn record_bytes_max(self) -> usize {
        match self {
            Topic::Audit => 17 << 20,
            Topic::Facts => 16 << 20,
            Topic::DeadLetters => 9 << 20,
            _ => 8 << 20,
        }
    }

    /// The stable number under which the embedded log stores the topic.
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// Finds a topic by its name.
    pub fn by_name(name: &str) -> Option<Topic> {
        TOPICS.iter().find(|row| row.1 == name).map(|row| row.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_in_the_order_of_the_enum() {
        for (index, (topic, name, _)) in TOPICS.iter().enumerate() {
            assert_eq!(topic.number() as usize, index);
            assert_eq!(Topic::by_name(name), Some(*topic));
        }
    }
}
