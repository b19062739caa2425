//! The description of the interface: the router's routes and no others, the answers' fields and no others.

use std::{collections::BTreeSet, fs, path::Path};

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use serde_json::Value;

use crate::world::{World, cut};

async fn document() -> Value {
    World::new().seen("/openapi.json").await
}

fn operations(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys();
            methods.map(|method| (method.clone(), path.clone())).collect::<Vec<_>>()
        })
        .collect()
}

/// `.route("path", get(…).post(…))` as it stands in the source.
fn routes() -> BTreeSet<(String, String)> {
    let source = include_str!("../../src/http/mod.rs");
    let mut routes = BTreeSet::new();
    for route in source.split(".route(").skip(1) {
        let path = route.split('"').nth(1).unwrap().to_owned();
        let handlers = route.split("\n        .").next().unwrap();
        for method in ["get", "post", "put", "delete", "patch"] {
            if handlers.contains(&format!(" {method}("))
                || handlers.contains(&format!(".{method}("))
            {
                routes.insert((method.to_owned(), path.clone()));
            }
        }
    }
    routes
}

#[tokio::test]
async fn every_route_is_described_and_every_description_is_routed() {
    let document = document().await;
    let described = operations(&document);
    assert_eq!(described, routes());
    let world = World::new();
    for (method, path) in &described {
        let path = path.replace(['{', '}'], "");
        let method: Method = method.to_uppercase().parse().unwrap();
        let request = Request::builder().method(method.clone()).uri(&path);
        let answer = world.send(request.body(Body::empty()).unwrap());
        // A stream that has begun is answered at once; its body is not waited for.
        if path.ends_with("/events") {
            continue;
        }
        let answer = answer.await;
        assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert!(!answer.text.contains("There is no such route"), "{method} {path}");
    }
}

#[tokio::test]
async fn the_description_is_the_published_one() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let text = serde_json::to_string_pretty(&document().await).unwrap() + "\n";
    if std::env::var_os("CNS_UPDATE_GOLDEN").is_some() {
        fs::write(&file, &text).unwrap();
    }
    let published = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(published, text, "CNS_UPDATE_GOLDEN=1 writes docs/openapi.json anew");
}

/// Every field of an answer stands in its schema.
fn known(document: &Value, schemas: &[&Value], value: &Value, at: &str) {
    let mut flat: Vec<&Value> = Vec::new();
    let mut open = schemas.to_vec();
    while let Some(schema) = open.pop() {
        if let Some(reference) = schema["$ref"].as_str() {
            open.push(document.pointer(&reference[1..]).unwrap_or_else(|| panic!("{reference}")));
            continue;
        }
        for several in ["allOf", "oneOf", "anyOf"] {
            open.extend(schema[several].as_array().into_iter().flatten());
        }
        flat.push(schema);
    }
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let inner: Vec<&Value> = flat
                    .iter()
                    .flat_map(|schema| {
                        [&schema["properties"][name], &schema["additionalProperties"]]
                    })
                    .filter(|schema| schema.is_object())
                    .collect();
                let free = flat
                    .iter()
                    .any(|schema| schema["type"] == "object" && schema.get("properties").is_none());
                assert!(
                    !inner.is_empty() || free || flat.iter().all(|s| s.get("type").is_none()),
                    "{at}/{name} is not described"
                );
                known(document, &inner, value, &format!("{at}/{name}"));
            }
        }
        Value::Array(items) => {
            let inner: Vec<&Value> = flat
                .iter()
                .map(|schema| &schema["items"])
                .filter(|items| items.is_object())
                .collect();
            items.iter().for_each(|item| known(document, &inner, item, &format!("{at}/*")));
        }
        _ => {}
    }
}

#[tokio::test]
async fn every_field_of_an_answer_is_described() {
    let document = document().await;
    let mut world = World::new();
    world.happens(cut("job-1", "d1", "coffee"));
    let asked = [
        ("/v1/jobs", "/v1/jobs"),
        ("/v1/jobs/{id}", "/v1/jobs/job-1"),
        ("/v1/documents", "/v1/documents"),
        ("/v1/documents/{id}", "/v1/documents/d1"),
        ("/v1/corpora", "/v1/corpora"),
        ("/v1/corpora/{corpus}", "/v1/corpora/coffee"),
        ("/v1/conflicts", "/v1/conflicts"),
        ("/v1/status", "/v1/status"),
    ];
    for (path, asked) in asked {
        let at =
            ["paths", path, "get", "responses", "200", "content", "application/json", "schema"];
        let schema = at.iter().fold(&document, |value, name| &value[name]);
        assert!(schema.is_object(), "{path}");
        known(&document, &[schema], &world.seen(asked).await, path);
    }
    let schema = &document["components"]["schemas"]["Problem"];
    let problem = world.get("/v1/jobs/none").await.json();
    known(&document, &[schema], &problem, "Problem");
    let fields = problem.as_object().unwrap().keys().collect::<Vec<_>>();
    assert_eq!(schema["properties"].as_object().unwrap().keys().collect::<Vec<_>>(), fields);
}

#[tokio::test]
async fn the_page_lists_every_operation_and_lets_nothing_run() {
    let world = World::new();
    let page = world.get("/docs").await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(!page.text.contains("<script") && !page.text.contains("http://"), "nothing is fetched");
    for (method, path) in operations(&document().await) {
        let heading = format!("<b>{}</b>{path}</h2>", method.to_uppercase());
        assert!(page.text.contains(&heading), "{heading}");
    }
}
