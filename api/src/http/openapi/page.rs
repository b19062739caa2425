//! The description as one page: nothing is fetched for it, and nothing runs in it.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use sha2::{Digest, Sha256};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
h2{font:600 1rem/1.5 ui-monospace,monospace;margin:2rem 0 0}b{display:inline-block;min-width:3.5rem}\
code{font-family:ui-monospace,monospace}td{padding:0 1rem 0 0;vertical-align:top}";

/// The page, and what a browser lets it do.
pub struct Page {
    pub html: String,
    pub policy: String,
}

impl Page {
    /// The page of a description.
    pub fn of(document: &Value) -> Page {
        let mut html = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>cns</title><style>{STYLE}</style>\
             <h1>cns {}</h1><p>{}</p><p>For machines: <a href=\"/openapi.json\">/openapi.json</a></p>",
            escaped(&document["info"]["version"]),
            escaped(&document["info"]["description"]),
        );
        for (path, methods) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in methods.as_object().into_iter().flatten() {
                html.push_str(&one(&method.to_uppercase(), path, operation));
            }
        }
        let hash = STANDARD.encode(Sha256::digest(STYLE));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; frame-ancestors 'none'"
        );
        Page { html, policy }
    }
}

fn one(method: &str, path: &str, operation: &Value) -> String {
    let mut html =
        format!("<h2><b>{method}</b>{path}</h2><p>{}</p><table>", escaped(&operation["summary"]));
    for param in operation["parameters"].as_array().into_iter().flatten() {
        let words = param["schema"]["enum"].as_array().map(|words| {
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            format!(" One of: {}.", words.join(", "))
        });
        html.push_str(&format!(
            "<tr><td><code>{}</code><td>{}<td>{}{}",
            escaped(&param["name"]),
            escaped(&param["in"]),
            escaped(&param["description"]),
            words.unwrap_or_default(),
        ));
    }
    html + "</table>"
}

fn escaped(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
