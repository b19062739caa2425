//! Who passes the door: keys, scopes, and what one is told who does not pass.

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt, path::PathBuf, time::Duration};

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use cns_api::{
    Need, ROUTES,
    access::{Access, ApiKey, KeyEntry, KeyFile, Keys, Rate, Scope},
};
use cns_schemas::Headers;
use cns_state::Delivered;
use tempfile::TempDir;

use crate::{
    submission::submitted,
    world::{Answer, World},
};

/// No test asks so often.
pub const FAST: Rate = Rate { requests_per_second: 1_000_000, burst: 1_000_000 };

/// A keys file in a folder of its own.
pub struct KeyRing {
    dir: TempDir,
    pub file: KeyFile,
}

impl KeyRing {
    pub fn new() -> KeyRing {
        KeyRing { dir: TempDir::new().unwrap(), file: KeyFile::default() }
    }

    pub fn path(&self) -> PathBuf {
        self.dir.path().join("keys.json")
    }

    /// A new key, in the file from the next [`KeyRing::write`] on.
    pub fn add(&mut self, tenant: &str, scopes: &[Scope]) -> ApiKey {
        let key = ApiKey::generate().unwrap();
        self.file.keys.push(KeyEntry {
            id: key.id().into(),
            name: String::new(),
            tenant: tenant.into(),
            scopes: scopes.iter().copied().collect(),
            sha256: key.hash(),
            created_at_ms: 1,
            expires_at_ms: None,
            revoked_at_ms: None,
            requests_per_second: None,
            burst: None,
        });
        key
    }

    pub fn write(&self) {
        self.write_text(&self.file.written());
    }

    pub fn write_text(&self, text: &str) {
        let new = self.dir.path().join("new");
        fs::write(&new, text).unwrap();
        fs::set_permissions(&new, fs::Permissions::from_mode(0o600)).unwrap();
        fs::rename(new, self.path()).unwrap();
    }

    /// A world that looks at the file at every request.
    pub fn world(&self, rate: Rate) -> World {
        self.write();
        let keys = Keys::looking_every(&self.path(), rate, Duration::ZERO).unwrap();
        World::keyed(Access::keyed(keys))
    }
}

pub fn with(key: &ApiKey, method: &str, path: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {}", key.reveal()))
        .body(Body::empty())
        .unwrap()
}

/// A path of a route, with something in the places of its parameters.
pub fn filled(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with('{') { "1" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

fn refused(answer: &Answer, status: StatusCode, code: &str) {
    assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)));
    let asked = answer.headers.contains_key(header::WWW_AUTHENTICATE);
    assert_eq!(asked, status == StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn each_route_lets_in_the_scope_that_it_needs_and_no_other() {
    let mut ring = KeyRing::new();
    let keys = Scope::ALL.map(|scope| (scope, ring.add("acme", &[scope])));
    let world = ring.world(FAST);
    // So that streams end.
    world.drain.send_replace(true);
    for route in ROUTES {
        let path = filled(route.path);
        let nobody = Request::builder().method(route.method).uri(&path);
        let nobody = world.send(nobody.body(Body::empty()).unwrap()).await;
        for (scope, key) in &keys {
            let answer = world.send(with(key, route.method, &path)).await;
            let about = format!("{} {path} with {scope}: {}", route.method, answer.text);
            match route.need {
                Need::Scope(needed) if needed != *scope => {
                    refused(&answer, StatusCode::FORBIDDEN, "scope_required");
                    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
                    assert!(detail.contains(&format!("`{needed}`")), "{detail}");
                }
                _ => assert!(![401, 403, 405, 500].contains(&answer.status.as_u16()), "{about}"),
            }
        }
        match route.need {
            Need::Nothing | Need::Watching => {
                assert!(![401, 403, 405, 500].contains(&nobody.status.as_u16()), "{path}");
            }
            Need::Scope(_) => refused(&nobody, StatusCode::UNAUTHORIZED, "missing_api_key"),
        }
    }
}

/// The routes as the sources of the router name them.
fn routes_in_sources() -> BTreeSet<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/http");
    let mut found = BTreeSet::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        for part in text.split(".route(").skip(1) {
            let Some(("", rest)) = part.trim_start().split_once('"') else { continue };
            let (path, rest) = rest.split_once('"').unwrap();
            let rest = rest.split([';', '}']).next().unwrap().split(".fallback").next().unwrap();
            for method in ["get", "post", "put", "patch", "delete"] {
                let called = rest.match_indices(&format!("{method}(")).any(|(at, _)| {
                    rest[..at].chars().last().is_some_and(|c| !c.is_alphanumeric() && c != '_')
                });
                if called {
                    found.insert((method.to_uppercase(), path.to_owned()));
                }
            }
        }
    }
    found
}

#[test]
fn every_route_of_the_router_has_a_row() {
    let rows = ROUTES.iter().map(|route| (route.method.to_owned(), route.path.to_owned()));
    assert_eq!(rows.collect::<BTreeSet<_>>(), routes_in_sources());
    for route in ROUTES {
        let open = matches!(route.need, Need::Nothing | Need::Watching);
        assert!(!open || !route.path.starts_with("/v1"), "{} needs no key", route.path);
        // A question may be too long for an address.
        let reads = route.method == "GET" || route.path == "/v1/search";
        assert!(reads || route.need != Need::Scope(Scope::Read), "{} writes", route.path);
    }
}

#[tokio::test]
async fn what_is_no_valid_key_gets_one_and_the_same_answer() {
    let mut ring = KeyRing::new();
    let good = ring.add("acme", &[Scope::Read]);
    let revoked = ring.add("acme", &[Scope::Read]);
    ring.file.keys[1].revoked_at_ms = Some(2);
    let expired = ring.add("acme", &[Scope::Read]);
    ring.file.keys[2].expires_at_ms = Some(2);
    let unknown = ApiKey::generate().unwrap();
    let other_secret = format!("cns_{}_{}", good.id(), "0".repeat(64));
    let world = ring.world(FAST);
    let wrong = [revoked.reveal(), expired.reveal(), unknown.reveal(), &other_secret, "x", ""];
    let mut answers = BTreeSet::new();
    for text in wrong {
        let bearer = ("authorization", format!("Bearer {text}"));
        for (name, value) in [bearer, ("x-api-key", text.to_owned())] {
            let request =
                Request::get("/v1/status").header(name, value).header("x-request-id", "r");
            let answer = world.send(request.body(Body::empty()).unwrap()).await;
            refused(&answer, StatusCode::UNAUTHORIZED, "invalid_api_key");
            answers.insert((answer.text.clone(), format!("{:?}", answer.headers)));
        }
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    // What stands in the wrong place is not repeated.
    let request = Request::get("/v1/status").header("x-request-id", good.reveal());
    let answer = world.send(request.body(Body::empty()).unwrap()).await;
    assert!(!format!("{:?}{}", answer.headers, answer.text).contains(good.reveal()));
    for (name, value) in [("authorization", "Basic YTpi"), ("accept", "x")] {
        let request = Request::get("/v1/status").header(name, value);
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        refused(&answer, StatusCode::UNAUTHORIZED, "missing_api_key");
    }
    let two = with(&good, "GET", "/v1/status");
    let (mut parts, body) = two.into_parts();
    parts.headers.insert("x-api-key", unknown.reveal().parse().unwrap());
    refused(
        &world.send(Request::from_parts(parts, body)).await,
        StatusCode::UNAUTHORIZED,
        "invalid_api_key",
    );
}

#[tokio::test]
async fn a_key_is_taken_from_either_header_and_only_its_own_tenant_is_seen() {
    let mut ring = KeyRing::new();
    let key = ring.add("acme", &[Scope::Ingest]);
    let world = ring.world(FAST);
    for (name, value) in [
        ("authorization", format!("bearer {}", key.reveal())),
        ("x-api-key", key.reveal().to_owned()),
    ] {
        let request = Request::post("/v1/documents")
            .header(header::CONTENT_TYPE, "application/json")
            // Keys are sent on purpose, so pages of other hosts and other names are no danger.
            .header(header::HOST, "cns.example.org")
            .header("x-tenant", "other")
            .header(name, value);
        let body = Body::from(r#"{"corpus":"c","source":"s","text":"t"}"#);
        let answer = world.send(request.body(body).unwrap()).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
    }
    let records = submitted(&*world.log);
    assert_eq!(records.len(), 2);
    for Delivered { record, .. } in records {
        assert_eq!(Headers::from_pairs(&record.headers).unwrap().tenant, "acme");
        assert!(String::from_utf8(record.key).unwrap().starts_with("acme/"));
    }
}

#[tokio::test]
async fn keys_come_and_go_while_the_server_runs() {
    let mut ring = KeyRing::new();
    let first = ring.add("acme", &[Scope::Read]);
    let world = ring.world(FAST);
    let status = async |key: &ApiKey| world.send(with(key, "GET", "/v1/status")).await.status;
    assert_eq!(status(&first).await, StatusCode::OK);

    let second = ring.add("acme", &[Scope::Read]);
    assert_eq!(status(&second).await, StatusCode::UNAUTHORIZED);
    ring.write();
    assert_eq!(status(&second).await, StatusCode::OK);

    ring.file.keys[0].revoked_at_ms = Some(5);
    ring.write();
    assert_eq!(status(&first).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&second).await, StatusCode::OK);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_takes_no_key_away_and_is_told() {
    let mut ring = KeyRing::new();
    let key = ring.add("acme", &[Scope::Read, Scope::Metrics]);
    let mut world = ring.world(FAST);
    world.fold().unwrap();
    let ready = async || world.seen("/health/ready").await;
    let metrics = async || world.send(with(&key, "GET", "/metrics")).await.text;
    assert!(ready().await.get("keys").is_none());
    assert!(metrics().await.contains("cns_access_keys_unreadable 0\n"));
    for break_it in [
        (|ring: &KeyRing| ring.write_text("{\"keys\":[my secret]}")) as fn(&KeyRing),
        |ring| fs::set_permissions(ring.path(), fs::Permissions::from_mode(0o666)).unwrap(),
        |ring| fs::remove_file(ring.path()).unwrap(),
    ] {
        break_it(&ring);
        let answer = world.send(with(&key, "GET", "/v1/status")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert_eq!(ready().await["keys"], "unreadable");
        assert!(metrics().await.contains("cns_access_keys_unreadable 1\n"));
        ring.write();
        assert!(ready().await.get("keys").is_none());
    }
}

#[tokio::test]
async fn who_asks_too_fast_is_told_when_to_come_back() {
    let mut ring = KeyRing::new();
    let key = ring.add("acme", &[Scope::Read]);
    let fast = ring.add("acme", &[Scope::Read, Scope::Metrics]);
    ring.file.keys[1].requests_per_second = Some(1_000_000);
    ring.file.keys[1].burst = Some(1_000_000);
    let world = ring.world(Rate { requests_per_second: 1, burst: 50 });
    let refused_of = async |requests: usize, key: Option<&ApiKey>| {
        for _ in 0..requests {
            let request = match key {
                Some(key) => with(key, "GET", "/v1/status"),
                None => Request::get("/v1/status").body(Body::empty()).unwrap(),
            };
            let answer = world.send(request).await;
            if answer.status == StatusCode::TOO_MANY_REQUESTS {
                return Some(answer);
            }
        }
        None
    };
    for key in [Some(&key), None] {
        let answer = refused_of(100, key).await.unwrap();
        assert_eq!(answer.headers[header::RETRY_AFTER], "1");
        let problem = answer.json();
        assert_eq!(
            (&problem["code"], &problem["retryable"]),
            (&"rate_limited".into(), &true.into())
        );
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("1 a second") && detail.contains("token bucket"), "{detail}");
    }
    assert!(refused_of(100, Some(&fast)).await.is_none());
    // What is read again does not begin with a full bucket.
    ring.file.keys[0].name = "renamed".into();
    ring.write();
    assert!(refused_of(20, Some(&key)).await.is_some());
    let metrics = world.send(with(&fast, "GET", "/metrics")).await.text;
    for strategy in ["key", "address"] {
        let counted = format!("cns_http_rate_limited_total{{strategy=\"{strategy}\"}} ");
        assert!(metrics.contains(&counted), "{metrics}");
    }
}

#[tokio::test]
async fn who_watches_the_process_is_answered_however_busy_strangers_are() {
    let ring = KeyRing::new();
    let mut world = ring.world(Rate { requests_per_second: 1, burst: 1 });
    world.fold().unwrap();
    let refused = loop {
        let answer = world.get("/").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            break answer;
        }
    };
    assert_eq!(refused.headers[header::CONNECTION], "close");
    for _ in 0..20 {
        for path in ["/health/live", "/health/startup", "/health/ready"] {
            assert_eq!(world.get(path).await.status, StatusCode::OK, "{path}");
        }
    }
}

#[test]
fn whether_the_process_lives_is_answered_while_no_thread_may_block() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    runtime.block_on(async {
        // The file is looked at by every request that needs a key.
        let world = KeyRing::new().world(FAST);
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let taken = tokio::task::spawn_blocking(move || ended.recv());
        let live = tokio::time::timeout(Duration::from_secs(20), world.get("/health/live")).await;
        drop(end);
        assert_eq!(live.map(|answer| answer.status), Ok(StatusCode::OK));
        assert!(taken.await.unwrap().is_err());
    });
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_refused_with_those_that_it_takes() {
    let mut ring = KeyRing::new();
    let key = ring.add("acme", &Scope::ALL);
    let world = ring.world(FAST);
    for (method, path, allow) in [
        (Method::DELETE, "/v1/documents", "POST,GET,HEAD"),
        (Method::POST, "/v1/status", "GET,HEAD"),
        (Method::GET, "/ingest", "POST"),
    ] {
        let answer = world.send(with(&key, method.as_str(), path)).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer.headers[header::ALLOW], allow);
    }
    assert_eq!(world.send(with(&key, "HEAD", "/v1/status")).await.status, StatusCode::OK);
    assert_eq!(world.get("/v1/nothing").await.status, StatusCode::NOT_FOUND);
}
