//! `cns schemas`: registering what is written, and checking beforehand whether a registry allows it.

use cns_state::{Compatibility, RegistryOptions, check_schemas, register_schemas};
use serde_json::{Value, json};

use super::load;
use crate::{
    args::{SchemasAction, SchemasArgs},
    failure::{Code, Failure},
    show::table::table,
    terminal,
};

/// Runs the command. A check that finds a schema that may not be registered exits with the code of a failed
/// verification.
pub fn run(args: SchemasArgs) -> Result<(), Failure> {
    let (settings, options) = load(args.server)?;
    let registry = options.registry.ok_or_else(|| {
        Failure::new(Code::Config, "kafka.registry is empty").hint("--kafka-registry URL")
    })?;
    let namespace = settings.kafka.namespace.as_str();
    let found = match args.action {
        SchemasAction::Check => checked(&registry, namespace)?,
        SchemasAction::Register => {
            register_schemas(&registry, namespace).map_err(anyhow::Error::from)?
        }
    };
    terminal::print(&if args.json {
        as_json(&found).to_string()
    } else {
        as_table(&found, terminal::width())
    });
    let refused = found.iter().filter(|schema| schema.refused.is_some()).count();
    if refused == 0 {
        return Ok(());
    }
    let message = format!("{refused} schemas may not be registered");
    Err(Failure::new(Code::Verification, message)
        .hint("the subject has a schema of somebody else, or of a newer version of cns"))
}

/// How our schemas stand in the registry.
pub fn checked(registry: &RegistryOptions, namespace: &str) -> Result<Vec<Compatibility>, Failure> {
    check_schemas(registry, namespace).map_err(|error| anyhow::Error::from(error).into())
}

fn state(schema: &Compatibility) -> String {
    match (&schema.id, &schema.refused) {
        (Some(_), _) => "registered".into(),
        (None, Some(why)) => format!("refused: {why}"),
        (None, None) => "may be registered".into(),
    }
}

fn as_table(found: &[Compatibility], width: usize) -> String {
    let rows = found.iter().map(|schema| {
        let id = schema.id.map_or_else(|| "–".to_owned(), |id| id.to_string());
        vec![schema.subject.clone(), schema.version.to_string(), id, state(schema)]
    });
    table(&["subject", "version", "id", "state"], rows, width)
}

fn as_json(found: &[Compatibility]) -> Value {
    let schemas = found.iter().map(|schema| {
        json!({
            "subject": schema.subject, "version": schema.version, "id": schema.id,
            "refused": schema.refused,
        })
    });
    json!({ "schemas": schemas.collect::<Vec<_>>() })
}
