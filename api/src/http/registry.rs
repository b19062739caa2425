//! The schemas of this version, as a schema registry answers: clients that decode our records elsewhere ask here
//! when the log is embedded. It only reads; on Kafka the registry of the cluster answers instead.
//!
//! Paths, bodies and error codes are those of the Confluent Schema Registry API.

use axum::{
    Extension, Json, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use cns_schemas::{SCHEMAS, SchemaEntry};
use serde::Deserialize;
use serde_json::{Value, json};

use super::exchange::Foreign;
use crate::state::ApiState;

/// The routes.
pub fn routes() -> Router<ApiState> {
    Router::new()
        .route("/schemas/types", get(types))
        .route("/schemas/ids/{id}", get(by_id))
        .route("/schemas/ids/{id}/versions", get(uses))
        .route("/subjects", get(subjects))
        .route("/subjects/{subject}", post(lookup))
        .route("/subjects/{subject}/versions", get(versions))
        .route("/subjects/{subject}/versions/{version}", get(version))
        .route("/subjects/{subject}/versions/{version}/schema", get(schema))
}

/// What a registry says when it has not what was asked for.
#[derive(Debug, Clone, Copy)]
enum Missing {
    Subject,
    Version,
    Schema,
    /// The version is no number and not `latest`.
    BadVersion,
    /// The body is not a schema in JSON.
    BadSchema,
}

impl IntoResponse for Missing {
    fn into_response(self) -> Response {
        let (code, message) = match self {
            Missing::Subject => (40401, "Subject not found."),
            Missing::Version => (40402, "Version not found."),
            Missing::Schema => (40403, "Schema not found."),
            Missing::BadVersion => {
                (42202, "The version must be a number from 1 on, or \"latest\".")
            }
            Missing::BadSchema => {
                (42201, "The body must be {\"schema\": \"an Avro schema in JSON\"}.")
            }
        };
        let status = StatusCode::from_u16(code / 100).unwrap_or(StatusCode::NOT_FOUND);
        (
            status,
            Extension(Foreign),
            [KIND],
            Json(json!({ "error_code": code, "message": message })),
        )
            .into_response()
    }
}

const KIND: (header::HeaderName, &str) =
    (header::CONTENT_TYPE, "application/vnd.schemaregistry.v1+json");

type Answer = Result<Response, Missing>;

fn answer(body: Value) -> Answer {
    Ok(([KIND], body.to_string()).into_response())
}

fn full(entry: &SchemaEntry, subject: &str) -> Value {
    json!({ "subject": subject, "version": entry.version, "id": entry.id, "schema": entry.json })
}

/// The versions of a subject, oldest first.
fn of<'a>(
    state: &'a ApiState,
    subject: &'a str,
) -> Result<impl Iterator<Item = &'static SchemaEntry> + use<'a>, Missing> {
    let namespace = &state.inner.namespace;
    let mut entries =
        SCHEMAS.iter().filter(move |entry| entry.subject(namespace) == subject).peekable();
    if entries.peek().is_none() { Err(Missing::Subject) } else { Ok(entries) }
}

fn found(state: &ApiState, subject: &str, version: &str) -> Result<&'static SchemaEntry, Missing> {
    let mut entries = of(state, subject)?;
    if version == "latest" || version == "-1" {
        return entries.last().ok_or(Missing::Version);
    }
    let version: u32 = version.parse().map_err(|_| Missing::BadVersion)?;
    entries.find(|entry| entry.version == version).ok_or(Missing::Version)
}

fn known(id: &str) -> Result<&'static SchemaEntry, Missing> {
    let id = id.parse().ok();
    SCHEMAS.iter().find(|entry| Some(entry.id) == id).ok_or(Missing::Schema)
}

async fn types() -> Answer {
    answer(json!(["AVRO"]))
}

async fn by_id(Path(id): Path<String>) -> Answer {
    answer(json!({ "schema": known(&id)?.json }))
}

async fn uses(State(state): State<ApiState>, Path(id): Path<String>) -> Answer {
    let entry = known(&id)?;
    let subject = entry.subject(&state.inner.namespace);
    answer(json!([{ "subject": subject, "version": entry.version }]))
}

async fn subjects(State(state): State<ApiState>) -> Answer {
    let mut subjects: Vec<String> =
        SCHEMAS.iter().map(|entry| entry.subject(&state.inner.namespace)).collect();
    subjects.sort_unstable();
    subjects.dedup();
    answer(json!(subjects))
}

async fn versions(State(state): State<ApiState>, Path(subject): Path<String>) -> Answer {
    let versions: Vec<u32> = of(&state, &subject)?.map(|entry| entry.version).collect();
    answer(json!(versions))
}

async fn version(
    State(state): State<ApiState>,
    Path((subject, version)): Path<(String, String)>,
) -> Answer {
    answer(full(found(&state, &subject, &version)?, &subject))
}

async fn schema(
    State(state): State<ApiState>,
    Path((subject, version)): Path<(String, String)>,
) -> Answer {
    let entry = found(&state, &subject, &version)?;
    Ok(([KIND], entry.json).into_response())
}

#[derive(Deserialize)]
struct Asked {
    schema: String,
}

/// Under which id and version exactly this schema stands.
async fn lookup(
    State(state): State<ApiState>,
    Path(subject): Path<String>,
    body: String,
) -> Answer {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).map_err(|_| Missing::BadSchema);
    let asked: Asked = serde_json::from_str(&body).map_err(|_| Missing::BadSchema)?;
    let wanted = parsed(&asked.schema)?;
    let mut entries = of(&state, &subject)?;
    let same = entries.find(|entry| parsed(entry.json).is_ok_and(|ours| ours == wanted));
    answer(full(same.ok_or(Missing::Schema)?, &subject))
}
