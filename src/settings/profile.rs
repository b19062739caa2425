//! The section of rules: what a process in production must not do without saying so.

use cns_processors::models::ModelSet;
use cns_schemas::Models;

use super::{Kafka, Settings};

/// What the process is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// To try things: whatever is missing is done without, and said.
    Dev,
    /// To be relied on: what would silently weaken results or protection is refused.
    Prod,
}

impl Profile {
    /// All, by name.
    pub const NAMES: [(&str, Profile); 2] = [("dev", Profile::Dev), ("prod", Profile::Prod)];

    /// How it is written.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Dev => "dev",
            Profile::Prod => "prod",
        }
    }
}

/// What the profile forbids of settings with the models that were found for them; each says how to mend it.
pub fn forbidden(settings: &Settings, models: &Models) -> Vec<String> {
    if settings.profile == Profile::Dev {
        return Vec::new();
    }
    let mut faults = builtin_models(models);
    faults.extend(kafka(&settings.kafka));
    faults
}

fn builtin_models(models: &Models) -> Vec<String> {
    let builtin = ModelSet::builtin().names();
    let each = [
        ("models.embedder", &models.embedder, &builtin.embedder),
        ("models.entailment", &models.entailment, &builtin.entailment),
    ];
    let found = each.into_iter().filter(|(_, model, builtin)| model == builtin);
    found
        .map(|(key, model, _)| {
            format!("{key}: {model} is a built-in model, which matches words; name the directory of a model (`make runtime` fetches the library that runs it)")
        })
        .collect()
}

/// Settings of the clients that switch a protection off.
const UNVERIFIED: [(&str, &str); 2] = [
    ("enable.ssl.certificate.verification", "false"),
    ("ssl.endpoint.identification.algorithm", "none"),
];

fn kafka(kafka: &Kafka) -> Vec<String> {
    let mut faults = Vec::new();
    if let Ok(properties) = kafka.client_properties() {
        for (name, off) in UNVERIFIED {
            if properties.get(name).is_some_and(|value| value.eq_ignore_ascii_case(off)) {
                faults.push(format!(
                    "kafka.properties: {name} = {off} lets anybody pose as the brokers; remove it, and name the authority in ssl.ca.location"
                ));
            }
        }
    }
    if !kafka.brokers.is_empty() && kafka.replication < 2 {
        faults.push("kafka.replication: one copy is lost with its broker; 3 is usual".into());
    }
    faults
}
