//! ETags of single objects: a reader who has it already gets 304 instead.
//!
//! Invariant: the tag depends on what the answer says and not on how new it is, so it changes with the object alone.

use axum::{
    body::{Body, to_bytes},
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use cns_schemas::hash_hex;
use serde_json::Value;

use super::Problem;
use crate::limits::TAGGED_AT_ONCE_BYTES_MAX;

/// Tags the answers that can be asked for again.
pub async fn tags(request: Request, next: Next) -> Result<Response, Problem> {
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let single = |route: &str| {
        route.starts_with("/v1/") && route.contains('{') && !route.ends_with("/events")
    };
    let asked = request.method() == Method::GET && route.is_some_and(|route| single(&route));
    let known =
        request.headers().get_all(header::IF_NONE_MATCH).iter().cloned().collect::<Vec<_>>();
    let response = next.run(request).await;
    if !asked || response.status() != StatusCode::OK {
        return Ok(response);
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.map_err(|error| {
        tracing::error!(%error, "An answer could not be read.");
        Problem::internal()
    })?;
    let (headers, text) = (parts.headers.clone(), bytes.clone());
    let tag = move || format!("W/\"{}\"", hash_hex(&[&said(&headers, &text)], 20));
    let tag = match bytes.len() > TAGGED_AT_ONCE_BYTES_MAX {
        true => tokio::task::spawn_blocking(tag).await.map_err(|_| Problem::internal())?,
        false => tag(),
    };
    parts.headers.insert(header::ETAG, HeaderValue::from_str(&tag).expect("digits and quotes"));
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if known.iter().any(|known| names(known, &tag)) {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        parts.headers.remove(header::CONTENT_LENGTH);
        return Ok((parts, Body::empty()).into_response());
    }
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

/// The answer without the part that says how new it is.
fn said(headers: &HeaderMap, bytes: &[u8]) -> Vec<u8> {
    let json = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    let value = json.then(|| serde_json::from_slice::<Value>(bytes).ok()).flatten();
    match value {
        Some(Value::Object(mut object)) => {
            object.remove("as_of");
            Value::Object(object).to_string().into_bytes()
        }
        _ => bytes.to_vec(),
    }
}

/// Whether `If-None-Match` names a tag; weak and strong ones of the same text are the same here.
fn names(known: &HeaderValue, tag: &str) -> bool {
    let strong = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    known.to_str().is_ok_and(|known| {
        known.split(',').any(|known| known.trim() == "*" || strong(known) == strong(tag))
    })
}
