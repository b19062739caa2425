//! Forms of bodies and answers. Those that are sent come from their types; those that are read are written here.

use serde_json::{Value, json};
use utoipa::OpenApi;

use super::operations::Shape;
use crate::{
    dto,
    http::{conflicts, corpora, search, status, submit},
    limits::{
        DATE_CHARS_MAX, DOCUMENT_BYTES_MAX, ID_CHARS_MAX, METADATA_ENTRIES_MAX,
        METADATA_VALUE_CHARS_MAX, QUERY_CHARS_MAX, REASON_CHARS_MAX, TOP_K_DEFAULT, TOP_K_MAX,
        URI_CHARS_MAX,
    },
};

#[derive(OpenApi)]
#[openapi(components(schemas(
    dto::AsOf,
    dto::Conflict,
    dto::Corpus,
    dto::DeadLetterView,
    dto::DocumentRef,
    dto::DocumentShown,
    dto::Job,
    dto::Lineage,
    dto::SnoItem,
    dto::SnoView,
    dto::Synthesis,
    dto::SynthesisItem,
    conflicts::Conflicts,
    corpora::Corpora,
    corpora::CorpusShown,
    search::Found,
    status::Status,
    submit::Accepted,
)))]
struct Sent;

/// A form by its name.
pub fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// All forms.
pub fn schemas() -> Value {
    let sent = serde_json::to_value(Sent::openapi()).unwrap_or_default();
    let mut schemas = sent["components"]["schemas"].clone();
    if let (Value::Object(all), Value::Object(read)) = (&mut schemas, read()) {
        all.extend(read);
        all.sort_keys();
    }
    schemas
}

/// An answer that went well.
pub fn answer(shape: Shape) -> Value {
    let as_of = json!({ "type": "object", "required": ["as_of"], "properties": { "as_of": reference("AsOf") } });
    let links = json!({ "type": "object", "required": ["links"], "properties": {
        "links": { "type": "object", "additionalProperties": { "type": "string" } } } });
    let schema = match shape {
        Shape::Plain(name) => reference(name),
        Shape::Dated(name) => json!({ "allOf": [reference(name), as_of] }),
        Shape::Linked(name) => json!({ "allOf": [reference(name), as_of, links] }),
        Shape::WithLinks(name) => json!({ "allOf": [reference(name), links] }),
        Shape::Page(name) => json!({
            "type": "object",
            "required": ["items", "next_cursor", "as_of"],
            "properties": {
                "items": { "type": "array", "items": reference(name) },
                "next_cursor": { "type": ["string", "null"] },
                "as_of": reference("AsOf"),
            },
        }),
        Shape::Other("application/json") => json!({ "type": "object" }),
        Shape::Other(media_type) => {
            return json!({ "description": "As asked.", "content": { media_type: { "schema": { "type": "string" } } } });
        }
    };
    json!({ "description": "As asked.", "content": { "application/json": { "schema": schema } } })
}

/// A line without control characters.
fn line(max: usize) -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": max, "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*[A-Za-z0-9][^\\u0000-\\u001f\\u007f-\\u009f]*$" })
}

/// The same without white space at its ends; `but` names what else it cannot hold.
fn id(max: usize, but: &str) -> Value {
    let inside = format!(
        "[^\\u0000-\\u0020\\u007f-\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000{but}]"
    );
    json!({ "type": "string", "minLength": 1, "maxLength": max, "pattern": format!("^{inside}+$") })
}

fn nullable(mut schema: Value) -> Value {
    schema["type"] = json!([schema["type"], "null"]);
    schema
}

fn object(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false })
}

/// Forms that callers send, and that of every error.
fn read() -> Value {
    let text = json!({ "type": "string", "minLength": 1, "pattern": "\\S",
        "description": format!("Plain text, Markdown or HTML; at most {DOCUMENT_BYTES_MAX} bytes.") });
    let metadata = json!({ "type": ["object", "null"], "maxProperties": METADATA_ENTRIES_MAX,
        "propertyNames": line(100), "additionalProperties": { "type": "string", "maxLength": METADATA_VALUE_CHARS_MAX } });
    let filter = json!({
        "min_trust": { "type": ["number", "null"], "minimum": 0, "maximum": 1 },
        "status": { "enum": ["proposed", "admitted", "archived", "duplicate", "superseded", "failed", null] },
        "provenance": { "enum": ["document", "synthesis", null] },
    });
    json!({
        "NewDocument": object(&["corpus", "source", "text"], json!({
            "document_id": nullable(id(ID_CHARS_MAX, "")),
            "corpus": id(ID_CHARS_MAX, "/"),
            "source": line(ID_CHARS_MAX),
            "text": text,
            "source_uri": nullable(id(URI_CHARS_MAX, "")),
            "published_at": nullable(line(DATE_CHARS_MAX)),
            "metadata": metadata,
        })),
        "NewText": object(&["source", "text"], json!({ "source": line(ID_CHARS_MAX), "text": text })),
        "TaskAccepted": object(&["message", "task_id"],
            json!({ "message": { "type": "string" }, "task_id": { "type": "string" } })),
        "NewQuestion": object(&["corpus", "query"], json!({
            "corpus": line(ID_CHARS_MAX),
            "query": line(QUERY_CHARS_MAX),
            "top_k": { "type": ["integer", "null"], "minimum": 1, "maximum": TOP_K_MAX, "default": TOP_K_DEFAULT },
            "filter": { "type": ["object", "null"], "properties": filter, "additionalProperties": false },
        })),
        "NewDecision": object(&["reason"], json!({ "reason": line(REASON_CHARS_MAX) })),
        "Problem": object(
            &["type", "title", "status", "code", "detail", "errors", "job_id", "trace_id", "request_id", "retryable"],
            json!({
                "type": { "type": "string" },
                "title": { "type": "string" },
                "status": { "type": "integer" },
                "code": { "type": "string", "description": "Never changes its meaning." },
                "detail": { "type": "string", "description": "A sentence that a person can act on." },
                "errors": { "type": "array", "items": object(&["pointer", "message"],
                    json!({ "pointer": { "type": "string" }, "message": { "type": "string" } })) },
                "job_id": { "type": ["string", "null"] },
                "trace_id": { "type": ["string", "null"] },
                "request_id": { "type": "string" },
                "retryable": { "type": "boolean" },
            }),
        ),
    })
}
