//! News of ownership, as the consumer's callbacks bring them. They are only written down here: the member
//! acts on them, outside the callback.

use std::{
    collections::VecDeque,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use rdkafka::{
    ClientContext, TopicPartitionList,
    config::RDKafkaLogLevel,
    consumer::{BaseConsumer, Consumer, ConsumerContext},
    error::KafkaError,
    types::RDKafkaRespErr,
};

/// A change of ownership that the member has to answer.
pub enum Change {
    /// These are to be owned.
    Assign(TopicPartitionList),
    /// These are to be given up; `lost`: somebody else may own them already.
    Revoke {
        /// Which.
        partitions: TopicPartitionList,
        /// Whether there is no time left.
        lost: bool,
    },
}

/// The callbacks of a member's consumer.
#[derive(Default)]
pub struct Changes {
    waiting: Mutex<VecDeque<Change>>,
    closing: AtomicBool,
}

impl Changes {
    /// The next change.
    pub fn next(&self) -> Option<Change> {
        self.waiting.lock().expect("no holder of the lock panics").pop_front()
    }

    /// From now on everything is given up at once: nobody is left to answer.
    pub fn close(&self) {
        self.closing.store(true, Ordering::SeqCst);
    }
}

impl ClientContext for Changes {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        super::log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        super::report(&error, reason);
    }
}

impl ConsumerContext for Changes {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        code: RDKafkaRespErr,
        partitions: &mut TopicPartitionList,
    ) {
        let assign = code == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
        if self.closing.load(Ordering::SeqCst) {
            // Closing goes on only when it is answered.
            drop(match assign {
                true => consumer.incremental_assign(partitions),
                false => consumer.incremental_unassign(partitions),
            });
            return;
        }
        let change = if assign {
            Change::Assign(partitions.clone())
        } else {
            Change::Revoke { partitions: partitions.clone(), lost: consumer.assignment_lost() }
        };
        self.waiting.lock().expect("no holder of the lock panics").push_back(change);
    }
}
