//! The door: who may pass, as whom, and how fast.
//!
//! Invariants: a request reaches a handler of a tenant only with a tenant that the door has set; a key that is
//! unknown, revoked, expired or malformed gets one and the same answer; the text of a key goes no further.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    Problem, body, bounds, hosts,
    routes::{Need, Row, row},
    tenant::Tenant,
};
use crate::{
    access::{ApiKey, Holder, Keys, Scope},
    state::{ApiState, Inner},
};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// The id of the key of a request, for the log of the server.
#[derive(Debug, Clone)]
pub struct KeyId(pub String);

/// What a caller shows.
enum Shown {
    Nothing,
    /// Not of the form of a key, or two different ones.
    Malformed,
    Key(ApiKey),
}

/// Lets pass what may ask.
pub async fn admit(State(state): State<ApiState>, mut request: Request, next: Next) -> Response {
    let need = match needed(&request) {
        Ok(need) => need,
        Err(answer) => return *answer,
    };
    // What needs no key waits neither for the keys file nor for the threads that may block.
    if matches!(need, Need::Scope(_)) && state.inner.access.keys().is_some_and(Keys::is_due) {
        let look = |inner: &Inner| {
            inner.access.keys().into_iter().for_each(Keys::look);
            Ok(())
        };
        if let Err(problem) = state.blocking(look).await {
            return problem.into_response();
        }
    }
    let passed = pass(&state.inner, &request, need);
    for name in [header::AUTHORIZATION, API_KEY] {
        request.headers_mut().remove(name);
    }
    match passed {
        Ok(passed) => {
            let key = passed.key;
            if let Some(tenant) = passed.tenant {
                request.extensions_mut().insert(tenant);
            }
            let mut response = match need {
                // Also when all places are taken, whoever watches the process gets his answer.
                Need::Nothing | Need::Watching => bounds::in_time(next.run(request)).await,
                Need::Scope(_) => bounds::placed(&state, request, next).await,
            };
            response.extensions_mut().insert(KeyId(key));
            response
        }
        Err(problem) => {
            // What strangers send too fast is not read either.
            if !problem.closing {
                body::drain(request.into_body()).await;
            }
            problem.into_response()
        }
    }
}

/// What the table of routes says. A request that no route matches needs nothing: it is answered with 404.
fn needed(request: &Request) -> Result<Need, Box<Response>> {
    let Some(path) = request.extensions().get::<MatchedPath>() else { return Ok(Need::Nothing) };
    match row(request.method(), path.as_str()) {
        Row::Needs(need) => Ok(need),
        Row::Methods(methods) => {
            let mut response = Problem::of_status(StatusCode::METHOD_NOT_ALLOWED).into_response();
            if let Ok(methods) = HeaderValue::from_str(&methods) {
                response.headers_mut().insert(header::ALLOW, methods);
            }
            Err(Box::new(response))
        }
        Row::Absent => {
            tracing::error!(route = path.as_str(), "A route has no row in the table of routes.");
            Err(Box::new(Problem::internal().into_response()))
        }
    }
}

/// Who has passed.
struct Passed {
    tenant: Option<Tenant>,
    /// The key's id, or nothing.
    key: String,
}

fn pass(inner: &Inner, request: &Request, need: Need) -> Result<Passed, Problem> {
    let Some(keys) = inner.access.keys() else {
        return match hosts::refused(request) {
            None => Ok(Passed { tenant: Some(Tenant::sole()), key: String::new() }),
            Some(problem) => Err(problem),
        };
    };
    if need == Need::Watching {
        return Ok(Passed { tenant: None, key: String::new() });
    }
    let shown = shown(request.headers());
    let holder = match &shown {
        Shown::Key(key) => keys.holder(key, (inner.clock)()),
        Shown::Nothing | Shown::Malformed => None,
    };
    let Some(holder) = holder else { return stranger(inner, request, need, &shown) };
    holder.take().map_err(|seconds| {
        inner.metrics.rate_limited("key");
        let rate = holder.entry.rate(keys.rate());
        too_fast("this key", rate.requests_per_second, rate.burst, seconds)
    })?;
    if let Need::Scope(scope) = need
        && !holder.may(scope)
    {
        return Err(scope_required(scope, &holder));
    }
    let key = holder.entry.id.clone();
    let tenant = Tenant {
        name: holder.entry.tenant.clone(),
        operator: holder.may(Scope::Admin),
        caller: format!("key {key}"),
        key: Some(key.clone()),
    };
    Ok(Passed { tenant: Some(tenant), key })
}

/// Without a valid key: the address is counted, and only what needs no key is answered.
fn stranger(
    inner: &Inner,
    request: &Request,
    need: Need,
    shown: &Shown,
) -> Result<Passed, Problem> {
    inner.access.stranger(address(request)).map_err(|seconds| {
        inner.metrics.rate_limited("address");
        let rate = inner.access.keys().map(Keys::rate);
        let (per_second, burst) = rate.map_or((0, 0), |r| (r.requests_per_second, r.burst));
        let who = "callers without a valid key at this address";
        Problem { closing: true, ..too_fast(who, per_second, burst, seconds) }
    })?;
    match (need, shown) {
        (Need::Nothing | Need::Watching, _) => Ok(Passed { tenant: None, key: String::new() }),
        (Need::Scope(_), Shown::Nothing) => {
            let detail = "This route needs a key: send it as `Authorization: Bearer KEY` or `X-API-Key: KEY`. Who runs the server makes one with `cns keys create`.";
            Err(Problem::new(StatusCode::UNAUTHORIZED, "missing_api_key", detail))
        }
        (_, Shown::Malformed | Shown::Key(_)) => {
            let detail = "The key is not valid. Ask who runs the server for another one.";
            Err(Problem::new(StatusCode::UNAUTHORIZED, "invalid_api_key", detail))
        }
    }
}

fn scope_required(scope: Scope, holder: &Holder) -> Problem {
    let has: Vec<&str> = holder.entry.scopes.iter().map(|scope| scope.name()).collect();
    let detail = format!(
        "This route needs a key with the scope `{scope}`; this one has {}.",
        has.join(", ")
    );
    Problem::new(StatusCode::FORBIDDEN, "scope_required", detail)
}

fn too_fast(who: &str, per_second: u32, burst: u32, seconds: u32) -> Problem {
    let detail = format!(
        "Too many requests of {who}: {per_second} a second are let in, and {burst} at once after a pause (token bucket). Try again in {seconds} s."
    );
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail).later(seconds)
}

/// Where it comes from. What a proxy says of that is not believed: anyone can say it.
fn address(request: &Request) -> IpAddr {
    let info = request.extensions().get::<ConnectInfo<SocketAddr>>();
    info.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip())
}

fn shown(headers: &HeaderMap) -> Shown {
    let bearer = headers.get_all(header::AUTHORIZATION).iter().filter_map(bearer);
    let own = headers.get_all(API_KEY).iter().map(|value| value.to_str().ok());
    let mut shown = Shown::Nothing;
    for text in bearer.chain(own) {
        let key = text.and_then(|text| ApiKey::read(text.trim()));
        shown = match (key, shown) {
            (Some(key), Shown::Nothing) => Shown::Key(key),
            (Some(key), Shown::Key(before)) if key.reveal() == before.reveal() => Shown::Key(key),
            _ => return Shown::Malformed,
        };
    }
    shown
}

/// The credentials of `Bearer`, if they are text; another scheme is not ours.
fn bearer(value: &HeaderValue) -> Option<Option<&str>> {
    let bytes = value.as_bytes();
    let (scheme, credentials) = bytes.split_at_checked("bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| std::str::from_utf8(credentials).ok())
}
