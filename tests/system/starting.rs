//! A server whose log is away answers all the same, and says that it is starting.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    net::TcpListener,
    process::{Command, Stdio},
    time::Instant,
};

use crate::{node::PATIENCE, run};

/// Nobody listens there: ports below 1024 are not given to whoever asks for a free one.
const NOBODY: &str = "127.0.0.1:1";

#[test]
fn a_server_that_waits_for_its_cluster_is_alive_and_says_that_it_is_starting() {
    let state = tempfile::tempdir().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let child = run::command()
        .args(["serve", "--listen", &free.to_string(), "--kafka-brokers", NOBODY])
        .args(["--kafka-registry", "http://127.0.0.1:1", "--state"])
        .arg(state.path())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let ask = |path: &str| agent.get(format!("http://{free}{path}")).call();
    let end = Instant::now() + PATIENCE;
    let live = loop {
        match ask("/health/live") {
            Ok(live) => break live,
            Err(error) => assert!(Instant::now() < end, "nobody answers: {error}"),
        }
        std::thread::yield_now();
    };
    assert_eq!(live.status(), 200);
    for path in ["/health/ready", "/v1/jobs", "/nowhere"] {
        let mut answer = ask(path).unwrap();
        assert_eq!(answer.status(), 503, "{path}");
        assert!(answer.headers().contains_key("x-request-id"));
        assert!(answer.headers().contains_key("retry-after"));
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let problem: serde_json::Value = answer.body_mut().read_json().unwrap();
        assert_eq!((&problem["code"], &problem["retryable"]), (&"starting".into(), &true.into()));
    }

    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(4), "{said}");
    assert!(said.contains("told to stop while the cluster was away"), "{said}");
}
