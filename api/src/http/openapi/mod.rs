//! The description of the interface (OpenAPI 3.1), and a page that lists it.
//!
//! Invariant: the forms of answers come from the types that are sent, so no field can be missing; a test holds the
//! operations against the router, both ways.

mod operations;
mod page;
mod params;
mod shapes;

use std::sync::LazyLock;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use operations::{OPERATIONS, Operation};

use super::routes::{Need, ROUTES};

const GUARANTEE: &str = "Effects on the log, the state and the views happen exactly once; model calls happen at \
least once (again only after a crash or a loss of ownership), and their recorded result exactly once.";

const KEYS: &str = "Needed where the server has keys (`access.keys`); made by `cns keys create`.";

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);
static PAGE: LazyLock<page::Page> = LazyLock::new(|| page::Page::of(&DOCUMENT));

/// `GET /openapi.json`
pub async fn show() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.to_string()).into_response()
}

/// `GET /docs`
pub async fn docs() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, PAGE.policy.as_str()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, PAGE.html.as_str()).into_response()
}

fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in OPERATIONS {
        let methods = paths.entry(operation.path).or_insert_with(|| json!({}));
        methods[operation.method] = described(operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "cns",
            "version": env!("CARGO_PKG_VERSION"),
            "description": GUARANTEE,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": shapes::schemas(),
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "description": KEYS },
                "key": { "type": "apiKey", "in": "header", "name": "X-API-Key", "description": KEYS },
            },
        },
    })
}

/// Which keys an operation takes: one with a scope, or none where the server has no keys.
fn security(operation: &Operation) -> Value {
    let row = ROUTES.iter().find(|route| {
        route.path == operation.path && route.method.eq_ignore_ascii_case(operation.method)
    });
    match row.map(|row| row.need) {
        Some(Need::Scope(scope)) => {
            let scope = [scope.name()];
            json!([{}, { "bearer": scope }, { "key": scope }])
        }
        _ => json!([]),
    }
}

fn described(operation: &Operation) -> Value {
    let in_path = operation.path.split('{').skip(1).filter_map(|part| part.split('}').next());
    let parameters: Vec<Value> = in_path
        .map(params::in_path)
        .chain(operation.params.iter().map(|name| params::named(name)))
        .collect();
    let (status, shape) = operation.answer;
    let mut responses = Map::from_iter([(status.to_string(), shapes::answer(shape))]);
    for status in operation.also {
        let answer = match status {
            204 => json!({ "description": "There is no more." }),
            304 => json!({ "description": "The object has not changed." }),
            _ => shapes::answer(shape),
        };
        responses.insert(status.to_string(), answer);
    }
    let problem = json!({ "application/problem+json": { "schema": shapes::reference("Problem") } });
    let wrong = json!({ "description": "What is wrong, and how to mend it.", "content": problem });
    responses.insert("default".into(), wrong);
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "security": security(operation),
        "parameters": parameters,
        "responses": responses,
    });
    if let Some((media_type, form)) = operation.body {
        let content = json!({ media_type: { "schema": shapes::reference(form) } });
        described["requestBody"] = json!({ "required": true, "content": content });
    }
    described
}
