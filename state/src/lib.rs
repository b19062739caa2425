//! What survives a restart: the log, the keyed rows of the stages, and the one commit that ties them.
//!
//! Invariant: a [`Transaction`] is a value that is committed whole or not at all; a reader sees committed
//! records only. Deliberately absent: what records and rows mean. Here they are bytes.

mod blocks;
pub mod conformance;
mod directory;
mod embedded;
mod error;
mod faulty;
mod kafka;
mod log;
mod memory;
mod overlay;
mod partition;
mod transaction;
mod views;

pub use directory::FORMAT_VERSION;
pub use embedded::{Embedded, EmbeddedOptions};
pub use error::{CommitError, Error};
pub use faulty::{Faults, Faulty};
pub use kafka::{
    Compatibility, Drift, Kafka, KafkaOptions, Plan, RegistryOptions, TopicSettings, check_schemas,
    register_schemas, take_user_info,
};
pub use log::{Limit, Log, Member, Polled, Restoring, Row, Rows};
pub use memory::Memory;
pub use overlay::Overlay;
pub use partition::{Partition, partition_of};
pub use transaction::{Append, Change, Delivered, Record, Table, Transaction};
pub use views::{ViewOptions, Views};
