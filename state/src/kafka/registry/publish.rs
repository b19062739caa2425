//! What an operator does with a registry: register our schemas, and check beforehand whether that will be allowed.

use cns_schemas::SCHEMAS;
use schema_registry_converter::{
    blocking::schema_registry::post_schema,
    schema_registry_common::{SchemaType, SuppliedSchema},
};
use serde_json::{Value, json};

use super::{ANSWER_WITHIN, RegistryOptions, settings};
use crate::Error;

/// How one of our schemas stands in a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compatibility {
    /// Its subject.
    pub subject: String,
    /// Its version with us.
    pub version: u32,
    /// Its id in the registry, when it is registered.
    pub id: Option<u32>,
    /// Why it may not be registered, when it is not.
    pub refused: Option<String>,
}

/// Registers all our schemas, oldest versions first. What is registered already stays as it is.
///
/// # Errors
/// [`Error::Away`]; [`Error::Io`] when the registry refuses one.
pub fn register_schemas(
    options: &RegistryOptions,
    namespace: &str,
) -> Result<Vec<Compatibility>, Error> {
    let settings = settings(options)?;
    let mut registered = Vec::new();
    for entry in SCHEMAS {
        let subject = entry.subject(namespace);
        let name = Some(format!("cns.{}", entry.name));
        let schema = SuppliedSchema::new(name, SchemaType::Avro, entry.json.to_owned());
        let id = match lookup(options, &subject, entry.json)? {
            Some(id) => id,
            None => match post_schema(&settings, subject.clone(), schema) {
                Ok(posted) => posted.id,
                // Somebody else may have registered it meanwhile.
                Err(error) => lookup(options, &subject, entry.json)?.ok_or_else(|| Error::Io {
                    what: format!("registering {subject} version {}", entry.version),
                    detail: error.to_string(),
                })?,
            },
        };
        let version = entry.version;
        registered.push(Compatibility { subject, version, id: Some(id), refused: None });
    }
    Ok(registered)
}

/// Says of each of our schemas whether it is registered, and if not, whether it may be.
///
/// # Errors
/// [`Error::Away`].
pub fn check_schemas(
    options: &RegistryOptions,
    namespace: &str,
) -> Result<Vec<Compatibility>, Error> {
    let mut found = Vec::new();
    for entry in SCHEMAS {
        let subject = entry.subject(namespace);
        let id = lookup(options, &subject, entry.json)?;
        let refused = if id.is_some() { None } else { refusal(options, &subject, entry.json)? };
        found.push(Compatibility { subject, version: entry.version, id, refused });
    }
    Ok(found)
}

/// The id under which exactly this schema is registered for the subject.
pub fn lookup(
    options: &RegistryOptions,
    subject: &str,
    schema: &str,
) -> Result<Option<u32>, Error> {
    let answer = post(options, &format!("subjects/{subject}"), schema)?;
    Ok(answer.and_then(|answer| answer["id"].as_u64()).and_then(|id| u32::try_from(id).ok()))
}

fn refusal(
    options: &RegistryOptions,
    subject: &str,
    schema: &str,
) -> Result<Option<String>, Error> {
    let path = format!("compatibility/subjects/{subject}/versions/latest?verbose=true");
    // A subject that is not there takes anything.
    let Some(answer) = post(options, &path, schema)? else { return Ok(None) };
    let compatible = answer["is_compatible"] == true;
    Ok((!compatible).then(|| answer["messages"].to_string()))
}

/// Posts a schema; `None` when the registry does not know what it was posted to.
fn post(options: &RegistryOptions, path: &str, schema: &str) -> Result<Option<Value>, Error> {
    let agent = ureq::Agent::config_builder()
        .timeout_global(Some(ANSWER_WITHIN))
        .http_status_as_error(false)
        .build()
        .new_agent();
    let url = format!("{}/{path}", options.url.trim_end_matches('/'));
    let mut request =
        agent.post(&url).header("content-type", "application/vnd.schemaregistry.v1+json");
    if let Some(info) = &options.user_info {
        request = request.header("authorization", format!("Basic {}", encoded(info)));
    }
    let away = |detail: String| Error::Away { what: format!("asking {}", options.url), detail };
    let mut answer = request
        .send(json!({ "schema": schema }).to_string())
        .map_err(|error| away(error.to_string()))?;
    let status = answer.status().as_u16();
    let text = answer.body_mut().read_to_string().map_err(|error| away(error.to_string()))?;
    match status {
        200 => serde_json::from_str(&text).map(Some).map_err(|error| away(error.to_string())),
        404 if is_registry(&text) => Ok(None),
        404 => Err(Error::Io {
            what: format!("asking {} for {path}", options.url),
            detail: "no schema registry answers there; does the URL lack its path?".into(),
        }),
        500.. => Err(away(format!("it answers {status}"))),
        _ => Err(Error::Io {
            what: format!("asking {} for {path}", options.url),
            detail: format!("it answers {status}: {text}"),
        }),
    }
}

/// Whether an answer is a registry's: its errors have a number.
fn is_registry(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|answer| answer["error_code"].is_u64())
}

fn encoded(info: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(info)
}
