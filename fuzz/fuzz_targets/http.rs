//! Any bytes as the path, the query or the body of a request: an answer comes, and it is never the server's fault.
#![no_main]

use std::sync::{Arc, LazyLock};

use axum::{Router, body::Body, http::Request};
use cns_api::{
    ApiParts, ApiState, Metrics, router,
    views::{VIEW_VERSION, ViewFolder},
};
use cns_schemas::Configured;
use cns_state::{Memory, ViewOptions, Views};
use libfuzzer_sys::fuzz_target;
use tower::ServiceExt;

static SERVER: LazyLock<(tokio::runtime::Runtime, Router)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder").keep();
    let options = ViewOptions {
        write_buffer_bytes: 1 << 20,
        block_cache_bytes: 1 << 20,
        version: VIEW_VERSION,
    };
    let views = Views::open(&folder, &options).expect("views");
    let log = Arc::new(Memory::new(2));
    let (_folder, progress) = ViewFolder::new(log.clone(), views.clone()).expect("a folder");
    let mut registry = prometheus_client::registry::Registry::default();
    let metrics = Metrics::register(&mut registry);
    let state = ApiState::new(ApiParts {
        log,
        views,
        progress,
        job_key: [7; 32],
        config: Configured::default(),
        namespace: "cns".into(),
        answers_for_schemas: true,
        traces: Default::default(),
        metrics,
        refresh: std::sync::Arc::new(|| {}),
        registry: Arc::new(registry),
        clock: || 0,
        brake: Arc::new(|| None),
    });
    (tokio::runtime::Runtime::new().expect("a runtime"), router(state))
});

fuzz_target!(|request: (bool, String, Vec<u8>)| {
    let (post, path, body) = request;
    let (runtime, router) = &*SERVER;
    let method = if post { "POST" } else { "GET" };
    let path = format!("/{}", path.trim_start_matches('/'));
    let built = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json")
        .body(Body::from(body));
    let Ok(built) = built else { return };
    let answer = runtime.block_on(router.clone().oneshot(built)).expect("an answer");
    assert!(!answer.status().is_server_error(), "{}", answer.status());
});
