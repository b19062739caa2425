//! What each route needs: the one table. A route that has no row here is not served.

use axum::http::Method;

use crate::access::Scope;

/// What a caller needs for a route, where there are keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing: it shows nothing of a tenant.
    Nothing,
    /// Nothing, and at any pace: who watches the process gets an answer however busy strangers are.
    Watching,
    /// A key with this scope.
    Scope(Scope),
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// GET answers HEAD too.
    pub method: &'static str,
    /// As the router has it.
    pub path: &'static str,
    /// What a caller needs.
    pub need: Need,
}

const fn route(method: &'static str, path: &'static str, need: Need) -> Route {
    Route { method, path, need }
}

const INGEST: Need = Need::Scope(Scope::Ingest);
const READ: Need = Need::Scope(Scope::Read);
const METRICS: Need = Need::Scope(Scope::Metrics);
const NOTHING: Need = Need::Nothing;
const WATCHING: Need = Need::Watching;

/// All routes.
#[rustfmt::skip]
pub const ROUTES: &[Route] = &[
    route("GET",  "/", NOTHING),
    route("POST", "/ingest", INGEST),
    route("POST", "/v1/documents", INGEST),
    route("GET",  "/v1/documents", READ),
    route("GET",  "/v1/documents/{id}", READ),
    route("POST", "/v1/documents:batch", INGEST),
    route("POST", "/v1/search", READ),
    route("GET",  "/v1/corpora", READ),
    route("GET",  "/v1/corpora/{corpus}", READ),
    route("GET",  "/v1/corpora/{corpus}/events", READ),
    route("GET",  "/v1/jobs", READ),
    route("GET",  "/v1/jobs/{id}", READ),
    route("GET",  "/v1/jobs/{id}/events", READ),
    route("GET",  "/v1/snos", READ),
    route("GET",  "/v1/snos/{id}", READ),
    route("GET",  "/v1/snos/{id}/lineage", READ),
    route("GET",  "/v1/conflicts", READ),
    route("GET",  "/v1/conflicts/{id}", READ),
    route("GET",  "/v1/syntheses", READ),
    route("GET",  "/v1/syntheses/{id}", READ),
    route("GET",  "/v1/dead-letters", READ),
    route("GET",  "/v1/dead-letters/{id}", READ),
    route("POST", "/v1/dead-letters/{id}/retry", INGEST),
    route("POST", "/v1/dead-letters/{id}/drop", INGEST),
    route("GET",  "/v1/status", READ),
    route("GET",  "/health/live", WATCHING),
    route("GET",  "/health/startup", WATCHING),
    route("GET",  "/health/ready", WATCHING),
    route("GET",  "/openapi.json", NOTHING),
    route("GET",  "/docs", NOTHING),
    route("GET",  "/metrics", METRICS),
    // The published schemas: the same in every installation.
    route("GET",  "/schemas/types", NOTHING),
    route("GET",  "/schemas/ids/{id}", NOTHING),
    route("GET",  "/schemas/ids/{id}/versions", NOTHING),
    route("GET",  "/subjects", NOTHING),
    route("POST", "/subjects/{subject}", NOTHING),
    route("GET",  "/subjects/{subject}/versions", NOTHING),
    route("GET",  "/subjects/{subject}/versions/{version}", NOTHING),
    route("GET",  "/subjects/{subject}/versions/{version}/schema", NOTHING),
];

/// What the table says of a request.
pub enum Row {
    /// What it needs.
    Needs(Need),
    /// The methods that the path takes.
    Methods(String),
    /// Nothing, which is a defect.
    Absent,
}

/// Looks a request up.
pub fn row(method: &Method, path: &str) -> Row {
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    let of_path = || ROUTES.iter().filter(|route| route.path == path);
    if let Some(route) = of_path().find(|route| route.method == method) {
        return Row::Needs(route.need);
    }
    let mut methods: Vec<&str> = of_path().map(|route| route.method).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    match methods.as_slice() {
        [] => Row::Absent,
        _ => Row::Methods(methods.join(",")),
    }
}
