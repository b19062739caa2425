//! `cns doctor`: looks at the models and the keys, and on Kafka at time-outs, registry, brokers, topics, transactions and settings in
//! force, and says how to mend what is wrong. Rights to read topics and to join groups it does not try.

use cns_schemas::Configured;
use cns_state::{Kafka, KafkaOptions};

use super::{installation, schemas, topics, visit};
use crate::{
    args::ServerArgs,
    failure::{Code, Failure},
    keys::told,
    models::{self, Chosen},
    settings::{self, Settings},
    show::table::table,
    terminal,
};

/// One thing that was looked at.
struct Finding {
    about: &'static str,
    told: String,
    /// How to mend it, when it is wrong.
    mend: Option<String>,
}

impl Finding {
    fn good(about: &'static str, told: impl Into<String>) -> Finding {
        Finding { about, told: told.into(), mend: None }
    }

    fn bad(about: &'static str, told: impl Into<String>, mend: impl Into<String>) -> Finding {
        Finding { about, told: told.into(), mend: Some(mend.into()) }
    }
}

/// Runs the command.
pub fn run(args: ServerArgs) -> Result<(), Failure> {
    let settings = settings::load(args.sources())?.settings;
    let models = models::choose(&settings);
    let mut found = vec![models_found(&models), keys_found(&settings)];
    if settings.on_kafka() {
        let options = settings.kafka_options()?;
        found.extend([timeouts(&settings), registry(&options, &settings)]);
        let cluster = cluster(&options, &settings);
        let reached = cluster.mend.is_none();
        found.push(cluster);
        if let (true, Ok(models)) = (reached, &models) {
            found.push(in_force(&options, &settings.configured(&models.named)));
        }
    }
    let rows = found.iter().map(|finding| {
        let verdict =
            finding.mend.as_ref().map_or("ok".to_owned(), |mend| format!("FAIL → {mend}"));
        vec![finding.about.to_owned(), finding.told.clone(), verdict]
    });
    terminal::print(&table(&["what", "found", "verdict"], rows, terminal::width()));
    let bad = found.iter().filter(|finding| finding.mend.is_some()).count();
    if bad == 0 {
        return Ok(());
    }
    Err(Failure::new(Code::Verification, format!("{bad} of {} need mending", found.len())))
}

/// Built-in models are good enough to work with; that better ones are not here is told.
fn models_found(models: &Result<Chosen, Failure>) -> Finding {
    match models {
        Ok(chosen) => Finding::good("models", chosen.told()),
        Err(failure) => Finding::bad(
            "models",
            failure.message.clone(),
            failure.hint.clone().unwrap_or_else(|| "see models.* in the settings".into()),
        ),
    }
}

/// Without keys nobody is let in from elsewhere, so none are needed; a file that cannot be read is a fault.
fn keys_found(settings: &Settings) -> Finding {
    if let Err(failure) = settings.refuse_open_address() {
        return Finding::bad(
            "keys",
            "none, and other machines reach the port",
            failure.hint.unwrap_or_default(),
        );
    }
    match told::told(settings) {
        Ok(told) => Finding::good("keys", told),
        Err(failure) => Finding::bad("keys", failure.message, failure.hint.unwrap_or_default()),
    }
}

/// What the owner before left open ends after the transaction time-out at the latest. It must be longer than a session,
/// so that a member that is heard of can end its own.
fn timeouts(settings: &Settings) -> Finding {
    let kafka = &settings.kafka;
    let (session, transaction) = (kafka.session_timeout_ms, kafka.transaction_timeout_ms);
    let told = format!("session {session} ms, transaction {transaction} ms");
    if transaction <= session {
        return Finding::bad(
            "time-outs",
            told,
            "kafka.transaction_timeout_ms above kafka.session_timeout_ms",
        );
    }
    Finding::good("time-outs", told)
}

fn registry(options: &KafkaOptions, settings: &Settings) -> Finding {
    let Some(registry) = &options.registry else {
        return Finding::bad("registry", "none", "kafka.registry");
    };
    match schemas::checked(registry, &settings.kafka.namespace) {
        Err(failure) => {
            Finding::bad("registry", failure.message, "see that it runs at kafka.registry")
        }
        Ok(found) => {
            let missing = found.iter().filter(|schema| schema.id.is_none()).count();
            let told =
                format!("{}: {} schemas, {missing} not registered", registry.url, found.len());
            if missing == 0 {
                Finding::good("registry", told)
            } else {
                Finding::bad("registry", told, "cns schemas register")
            }
        }
    }
}

fn cluster(options: &KafkaOptions, settings: &Settings) -> Finding {
    match topics::plan(options, settings) {
        Err(failure) => {
            Finding::bad("brokers", failure.message, "see that they run at kafka.brokers")
        }
        Ok(plan) => {
            let told = format!(
                "{}: {} topics, {} differences",
                options.brokers,
                plan.wanted.len(),
                plan.drift.len()
            );
            if plan.drift.is_empty() {
                Finding::good("brokers", told)
            } else {
                Finding::bad("brokers", told, "see `cns topics plan`, then `cns topics apply`")
            }
        }
    }
}

/// Opens the log for a moment, which takes over a transactional id: so transactions work.
fn in_force(options: &KafkaOptions, config: &Configured) -> Finding {
    let opened = visit(options).and_then(|(folder, options)| {
        let kafka = Kafka::open(&options).map_err(anyhow::Error::from)?;
        kafka.append_nothing().map_err(anyhow::Error::from)?;
        let read = installation::read(&kafka)?;
        drop(folder);
        Ok(read)
    });
    match opened {
        Err(failure) => Finding::bad("settings", failure.message, "see above"),
        Ok(None) => Finding::bad("settings", "none in force", "cns config apply"),
        Ok(Some(installed)) => compared(&installed.config, config),
    }
}

fn compared(in_force: &Configured, wanted: &Configured) -> Finding {
    let differences = installation::differences(in_force, wanted);
    if differences.is_empty() {
        return Finding::good("settings", format!("{} in force, transactions ok", in_force.hash()));
    }
    Finding::bad("settings", differences.join("; "), "cns config apply, or other settings here")
}
