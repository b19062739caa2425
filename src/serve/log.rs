//! Which log a process works on, and whether its settings are those in force there.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use cns_processors::pipeline::configure;
use cns_schemas::Configured;
use cns_state::{Embedded, EmbeddedOptions, Kafka, Log};
use crossbeam_channel::Receiver;

use super::{now_ms, secret};
use crate::{
    cluster::installation,
    failure::{Code, Failure},
    settings::Settings,
};

/// An open log, with what belongs to it.
pub struct Opened {
    pub log: Arc<dyn Log>,
    /// The key of job ids, the same in all processes on the log.
    pub job_key: [u8; 32],
}

const TRY_EACH: Duration = Duration::from_millis(500);
const TELL_EACH: Duration = Duration::from_secs(30);

/// Opens the log that the settings name. A cluster that is away is waited for.
///
/// # Errors
/// A log that is in use or damaged; settings that are not those in force.
///
/// `embedder` is the identity of the model that makes the vectors.
pub fn open(
    settings: &Settings,
    config: &Configured,
    embedder: &str,
    signals: &Receiver<()>,
) -> anyhow::Result<Opened> {
    if settings.on_kafka() {
        return patiently(signals, || open_kafka(settings, config));
    }
    let own = &settings.limits;
    let options = EmbeddedOptions {
        disk_headroom_bytes: own.disk_headroom_bytes,
        block_cache_bytes: own.block_cache_bytes as usize,
        write_buffer_bytes: own.write_buffer_bytes as usize,
        ..EmbeddedOptions::standard()
    };
    let log: Arc<dyn Log> = Arc::new(Embedded::open(&settings.state, &options)?);
    settle_configuration(&log, config, embedder, &settings.state)?;
    Ok(Opened { log, job_key: secret::job_key(&settings.state)? })
}

/// Tries until what is away is there again: a process that starts before its brokers or its registry goes on with them.
///
/// # Errors
/// Any other than that something is away; a signal to stop.
pub fn patiently<T>(
    signals: &Receiver<()>,
    mut attempt: impl FnMut() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let mut told: Option<Instant> = None;
    loop {
        match attempt() {
            Err(error) if is_away(&error) => {
                if told.is_none_or(|at| at.elapsed() > TELL_EACH) {
                    tracing::warn!("Waiting for the cluster: {error:#}. `cns doctor` tells more.");
                    told = Some(Instant::now());
                }
                if signals.recv_timeout(TRY_EACH).is_ok() {
                    return Err(error.context("told to stop while the cluster was away"));
                }
            }
            done => return done,
        }
    }
}

fn is_away(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        matches!(cause.downcast_ref::<cns_state::Error>(), Some(cns_state::Error::Away { .. }))
    })
}

/// On Kafka the settings are those of all processes: only `cns config apply` changes them.
fn open_kafka(settings: &Settings, config: &Configured) -> anyhow::Result<Opened> {
    let kafka = Kafka::open(&settings.kafka_options()?)?;
    let Some(installed) = installation::read(&kafka)? else {
        let namespace = &settings.kafka.namespace;
        let message = format!("nothing is set up in namespace `{namespace}`");
        return Err(Failure::new(Code::Config, message).hint("cns config apply").into());
    };
    let differences = installation::differences(&installed.config, config);
    if !differences.is_empty() {
        let message = format!(
            "the settings of this process are not those in force in namespace `{}`:\n  {}",
            settings.kafka.namespace,
            differences.join("\n  ")
        );
        let hint = "change them here, or for all processes with `cns config apply`";
        return Err(Failure::new(Code::Config, message).hint(hint).into());
    }
    Ok(Opened { log: Arc::new(kafka), job_key: installed.job_key })
}

/// Appends the settings when they are not those of the last start. A crash between the append and the
/// note appends them once more, which changes nothing.
fn settle_configuration(
    log: &Arc<dyn Log>,
    config: &Configured,
    embedder: &str,
    state: &Path,
) -> anyhow::Result<()> {
    let note = state.join("CONFIGURED");
    let here = format!("{}\n{embedder}\n", config.hash());
    let known = match std::fs::read_to_string(&note) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read.with_context(|| format!("reading {}", note.display()))?,
    };
    if known == here {
        return Ok(());
    }
    let mut lines = known.lines();
    if lines.next().is_some() {
        same_vectors(lines.next().unwrap_or(FIRST_EMBEDDER), embedder, state)?;
    }
    log.append(configure(log.as_ref(), config, now_ms())).context("recording the settings")?;
    std::fs::write(&note, here).with_context(|| format!("writing {}", note.display()))
}

/// What made the vectors of a state folder whose note does not say it.
const FIRST_EMBEDDER: &str = "hashing-encoder-1";

/// Vectors of two models cannot be compared: nothing would be near anything that was there before.
fn same_vectors(known: &str, embedder: &str, state: &Path) -> Result<(), Failure> {
    if known == embedder {
        return Ok(());
    }
    let state = state.display();
    let message = format!(
        "the vectors in {state} are those of {known}, this process has {embedder}; they cannot be compared"
    );
    let hint = match (known, embedder) {
        (FIRST_EMBEDDER, _) => "models.embedder = \"builtin\", or another state folder (--state)",
        (_, FIRST_EMBEDDER) => {
            "`make runtime` if the ONNX Runtime library has gone, or another state folder (--state)"
        }
        _ => "models.embedder = the folder of that model, or another state folder (--state)",
    };
    Err(Failure::new(Code::Config, message).hint(hint))
}
