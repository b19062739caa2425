//! What an operator does with a Kafka cluster before the first process serves: topics, schemas, settings; and what
//! can be asked when something is wrong.

pub mod doctor;
pub mod installation;
pub mod schemas;
pub mod topics;

use cns_processors::topology::{PERFORM, STAGES};
use cns_state::KafkaOptions;

use crate::{
    args::ServerArgs,
    failure::Failure,
    settings::{self, Settings},
};

/// The groups that have changelogs: every stage, and the performer.
pub fn groups() -> Vec<&'static str> {
    STAGES.iter().map(|spec| spec.name).chain([PERFORM.name]).collect()
}

/// Settings that name a cluster, and how to reach it.
pub fn load(args: ServerArgs) -> Result<(Settings, KafkaOptions), Failure> {
    let settings = settings::load(args.sources())?.settings;
    let options = settings.kafka_options()?;
    Ok((settings, options))
}

/// A folder for a short visit to the log: the state folder may belong to a running process.
pub fn visit(options: &KafkaOptions) -> Result<(tempfile::TempDir, KafkaOptions), Failure> {
    let folder = tempfile::tempdir().map_err(anyhow::Error::from)?;
    let options = KafkaOptions { directory: folder.path().to_owned(), ..options.clone() };
    Ok((folder, options))
}
