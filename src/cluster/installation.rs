//! `cns config apply`: the settings in force for all processes of a namespace, and the key of its job ids.

use anyhow::Context;
use cns_processors::pipeline::configure;
use cns_schemas::{Codec, Configured};
use cns_state::{Kafka, Record};
use serde_json::Value;

use super::{load, visit};
use crate::{args::ServerArgs, failure::Failure, models, serve::now_ms, terminal};

/// What a namespace was set up with.
pub struct Installation {
    pub config: Configured,
    pub job_key: [u8; 32],
}

const JOB_KEY: &str = "job-key";

/// Reads it; `None` before the first `cns config apply`.
pub fn read(kafka: &Kafka) -> anyhow::Result<Option<Installation>> {
    let Some(record) = kafka.installation()? else { return Ok(None) };
    let config = Codec::decode(&record.value).context("reading the settings in force")?;
    let key = record.headers.iter().find(|(name, _)| name == JOB_KEY);
    let job_key = key
        .and_then(|(_, bytes)| bytes.as_slice().try_into().ok())
        .context("the settings in force have no key for job ids: `cns config apply` was cut off")?;
    Ok(Some(Installation { config, job_key }))
}

/// Runs the command.
pub fn apply(args: ServerArgs) -> Result<(), Failure> {
    let (settings, options) = load(args)?;
    let (_folder, options) = visit(&options)?;
    let kafka = Kafka::open(&options).map_err(anyhow::Error::from)?;
    let config = settings.configured(&models::choose(&settings)?.named);
    let known = read(&kafka)?;
    let namespace = &settings.kafka.namespace;
    if let Some(known) = &known {
        let differences = differences(&known.config, &config);
        if differences.is_empty() {
            let hash = config.hash();
            terminal::print(&format!("{hash} is in force in {namespace}; nothing to do."));
            return Ok(());
        }
        terminal::print(&format!("Changing in {namespace}:\n  {}", differences.join("\n  ")));
        if known.config.models.embedder != config.models.embedder {
            terminal::tell(
                "cns: vectors of two embedders cannot be compared: what is there is no near neighbour of what comes now",
            );
        }
    }
    let job_key = match known {
        Some(known) => known.job_key,
        None => fresh_key()?,
    };
    let record = Record {
        key: Vec::new(),
        value: Codec::encode(&config),
        headers: vec![(JOB_KEY.to_owned(), job_key.to_vec())],
        at_ms: now_ms(),
    };
    let appends = configure(&kafka, &config, now_ms());
    kafka.install(appends, &record).map_err(anyhow::Error::from)?;
    terminal::print(&format!(
        "{} is in force in {namespace}. Processes that run go on with it; those that start must have it too.",
        config.hash()
    ));
    Ok(())
}

fn fresh_key() -> Result<[u8; 32], Failure> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
    Ok(key)
}

/// In which settings two differ: the key, what is in force, what is wanted.
pub fn differences(in_force: &Configured, wanted: &Configured) -> Vec<String> {
    let value = |config: &Configured| serde_json::to_value(config).unwrap_or_default();
    let (in_force, wanted) = (value(in_force), value(wanted));
    let mut differences = Vec::new();
    for (section, fields) in wanted.as_object().into_iter().flatten() {
        // Manifests differ only where the names of models do.
        let fields =
            fields.as_object().into_iter().flatten().filter(|(name, _)| *name != "manifests");
        for (field, new) in fields {
            let old = in_force.get(section).and_then(|s| s.get(field)).unwrap_or(&Value::Null);
            if old != new {
                differences.push(format!("{section}.{field}: {old} is in force, here it is {new}"));
            }
        }
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_name_the_setting_and_both_values() {
        let in_force = Configured::default();
        let mut wanted = in_force.clone();
        assert!(differences(&in_force, &wanted).is_empty());
        wanted.gates.opposition = 0.75;
        let told = differences(&in_force, &wanted);
        assert_eq!(told.len(), 1);
        assert!(told[0].starts_with("gates.opposition: ") && told[0].ends_with("0.75"), "{told:?}");
    }
}
