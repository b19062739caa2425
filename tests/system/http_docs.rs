//! What docs/http.md shows is what happens: its commands run, in their order, against a server of their own.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, process::Command};

use crate::node::Node;

/// What a reader of curl sees when the time that it was given is over, as with a stream.
const TIME_IS_OVER: i32 = 28;

#[test]
fn every_command_of_the_document_does_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(&folder.path().join("state"));
    let text = fs::read_to_string(format!("{}/docs/http.md", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let commands: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    assert!(commands.len() >= 10, "{commands:#?}");
    let mut said = Vec::new();
    for command in commands {
        let here = command.replace("localhost:8000", node.url().trim_start_matches("http://"));
        let ran = Command::new("bash").args(["-c", &here]).output().unwrap();
        let out = String::from_utf8(ran.stdout).unwrap();
        let code = ran.status.code();
        assert!(code == Some(0) || code == Some(TIME_IS_OVER), "{command}: {code:?}");
        // Two of them show what is refused.
        let shows_a_fault = command.contains("txet") || command.contains("batch");
        assert_eq!(out.contains(r#""errors":["#), shows_a_fault, "{command}: {out}");
        said.push((command, out));
    }
    let of = |part: &str| &said.iter().find(|(command, _)| command.contains(part)).unwrap().1;
    assert!(of("wait=settled").contains(r#""status":"admitted""#), "{}", of("wait=settled"));
    assert!(of("/events").contains("event: chunked"), "{}", of("/events"));
    assert!(of("/v1/search").contains(r#""matched":["#), "{}", of("/v1/search"));
    assert_eq!(of("batch").lines().count(), 2);
    assert!(of("min_trust").contains(r#""sno_id":"#), "{}", of("min_trust"));
}
