//! Requests that cannot be served: one shape for every fault, all faults of a request at once.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    node::{Node, PATIENCE},
    papers::{body, pro, submit},
};

/// An answer with what stands in its head.
struct Answer {
    status: u16,
    headers: ureq::http::HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn pointers(&self) -> BTreeSet<&str> {
        self.body["errors"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|e| e["pointer"].as_str())
            .collect()
    }
}

struct Server {
    node: Node,
    agent: ureq::Agent,
    _state: tempfile::TempDir,
}

impl Server {
    fn start() -> Server {
        let state = tempfile::tempdir().unwrap();
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .allow_non_standard_methods(true)
            .build();
        Server { node: Node::start(state.path()), agent: agent.into(), _state: state }
    }

    fn send(&self, method: &str, path: &str, kind: Option<&str>, body: &[u8]) -> Answer {
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.node.url()));
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        read(self.agent.run(request.body(body).unwrap()).unwrap())
    }

    fn get(&self, path: &str) -> Answer {
        read(self.agent.get(format!("{}{path}", self.node.url())).call().unwrap())
    }

    fn post(&self, path: &str, body: &[u8]) -> Answer {
        self.send("POST", path, Some("application/json"), body)
    }
}

fn read(mut answer: ureq::http::Response<ureq::Body>) -> Answer {
    let text = answer.body_mut().read_to_string().unwrap();
    Answer {
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
    }
}

/// The one shape of an error, with this status and code.
#[track_caller]
fn problem(answer: &Answer, status: u16, code: &str) {
    let body = &answer.body;
    assert_eq!((answer.status, body["code"].as_str()), (status, Some(code)), "{body}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(body["status"], status);
    assert_eq!(body["type"], format!("urn:cns:error:{code}"));
    assert_eq!(body["request_id"], answer.header("x-request-id"));
    assert!(!answer.header("x-request-id").is_empty());
    for field in ["title", "detail"] {
        assert!(body[field].as_str().is_some_and(|said| !said.is_empty()), "{field}: {body}");
    }
    let fields = ["errors", "job_id", "trace_id", "retryable"];
    assert!(fields.iter().all(|field| body.get(*field).is_some()), "{body}");
}

#[test]
fn bad_bodies_are_refused_with_the_places_of_their_faults() {
    let server = Server::start();
    let long = "x".repeat(201);
    let cases: Vec<(Value, &str, &[&str])> = vec![
        (json!({}), "empty_field", &["/corpus", "/source", "/text"]),
        (json!({"corpus": "c", "source": "s", "text": ""}), "empty_field", &["/text"]),
        (json!({"corpus": "c", "source": "s", "text": " \n\t "}), "empty_field", &["/text"]),
        (json!({"corpus": null, "source": "s", "text": "t"}), "empty_field", &["/corpus"]),
        (json!({"corpus": "c", "source": "s", "text": 7}), "invalid_field", &["/text"]),
        (json!({"corpus": "a/b", "source": "s", "text": "t"}), "invalid_field", &["/corpus"]),
        (json!({"corpus": " c", "source": "s", "text": "t"}), "invalid_field", &["/corpus"]),
        (json!({"corpus": long, "source": "s", "text": "t"}), "invalid_field", &["/corpus"]),
        (json!({"corpus": "c", "source": "a\u{7}b", "text": "t"}), "invalid_field", &["/source"]),
        (json!({"corpus": "c", "source": "s", "txt": "t"}), "invalid_field", &["/text", "/txt"]),
        (
            json!({"corpus": "c", "source": "s", "text": "t", "metadata": {"a": 1, "b": "x"}}),
            "invalid_field",
            &["/metadata/a"],
        ),
        (
            json!({"corpus": "c", "source": "s", "text": "t", "metadata": ["a"], "document_id": [] }),
            "invalid_field",
            &["/metadata", "/document_id"],
        ),
        (json!(["a"]), "invalid_field", &[""]),
        (json!("text"), "invalid_field", &[""]),
    ];
    for (body, code, pointers) in cases {
        let answer = server.post("/v1/documents", body.to_string().as_bytes());
        problem(&answer, 400, code);
        assert_eq!(
            answer.pointers(),
            pointers.iter().copied().collect(),
            "{body}: {}",
            answer.body
        );
        assert_eq!(answer.body["retryable"], false);
    }
    assert_eq!(server.get("/v1/jobs").body["items"], json!([]), "nothing of it was taken");
}

#[test]
fn all_faults_are_told_at_once_without_the_text() {
    let server = Server::start();
    let body = json!({"corpus": "a/b", "source": "", "text": 7, "metadata": 1, "document_id": "confidential\u{0}",
                      "publishedat": "now"});
    let answer = server.post("/v1/documents", body.to_string().as_bytes());
    problem(&answer, 400, "invalid_field");
    let all = ["/corpus", "/source", "/text", "/metadata", "/document_id", "/publishedat"];
    assert_eq!(answer.pointers(), all.into());
    let said = answer.body.to_string();
    assert!(said.contains("did you mean `published_at`?"), "{said}");
    assert!(!said.contains("confidential"), "{said}");
}

#[test]
fn what_is_not_json_is_told_with_its_place() {
    let server = Server::start();
    let cases: [(&[u8], &str); 5] = [
        (b"", "ends too early"),
        (b"{\"corpus\": ", "ends too early"),
        (b"{corpus: 1}", "line 1, column 2"),
        (b"{} {}", "line 1, column 4"),
        (b"{\"text\": \"\xff\xfe\"}", "byte 10"),
    ];
    for (body, part) in cases {
        let answer = server.post("/v1/documents", body);
        problem(&answer, 400, "invalid_json");
        assert!(answer.body["detail"].as_str().unwrap().contains(part), "{}", answer.body);
    }
    for depth in [200, 100_000] {
        problem(&server.post("/v1/documents", "[".repeat(depth).as_bytes()), 400, "invalid_json");
    }
}

#[test]
fn the_content_type_has_to_be_json() {
    let server = Server::start();
    let body = body("c", "d", &pro()).to_string();
    for kind in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("")] {
        let answer = server.send("POST", "/v1/documents", kind, body.as_bytes());
        problem(&answer, 415, "unsupported_media_type");
        assert!(answer.body["detail"].as_str().unwrap().contains("application/json"));
    }
    let kind = Some("Application/JSON; charset=utf-8");
    assert_eq!(server.send("POST", "/v1/documents", kind, body.as_bytes()).status, 202);
}

#[test]
fn methods_and_routes_that_are_not_there_are_told() {
    let server = Server::start();
    for (method, path, allowed) in [
        ("DELETE", "/v1/documents", "POST"),
        ("PUT", "/v1/snos", "GET"),
        ("POST", "/metrics", "GET"),
    ] {
        let answer = server.send(method, path, Some("application/json"), b"{}");
        problem(&answer, 405, "method_not_allowed");
        assert!(answer.header("allow").contains(allowed), "{:?}", answer.headers);
    }
    for path in ["/v1", "/v2/documents", "/v1/documents/a/b", "/v1/snos/"] {
        problem(&server.get(path), 404, "not_found");
    }
    for (path, code) in [
        ("/v1/jobs/job_1", "job_not_found"),
        ("/v1/snos/sno_1", "sno_not_found"),
        ("/v1/snos/sno_1/lineage", "sno_not_found"),
        ("/v1/conflicts/pair_1", "pair_not_found"),
        ("/v1/syntheses/sno_1", "synthesis_not_found"),
        ("/v1/documents/d", "document_not_found"),
        ("/v1/dead-letters/x", "dead_letter_not_found"),
    ] {
        problem(&server.get(path), 404, code);
    }
}

#[test]
fn bad_parameters_are_refused_all_at_once() {
    let server = Server::start();
    let cases: [(&str, &[&str]); 9] = [
        ("/v1/snos?limit=0", &["/limit"]),
        ("/v1/snos?limit=201", &["/limit"]),
        ("/v1/snos?limit=-1&cursor=zzz&status=lost", &["/limit", "/cursor", "/status"]),
        ("/v1/jobs?cursor=%00", &["/cursor"]),
        ("/v1/snos?limit=1&limit=2", &["/limit"]),
        ("/v1/snos?corpse=coffee", &["/corpse"]),
        ("/v1/syntheses?min_trust=2", &["/min_trust"]),
        ("/v1/conflicts?all=yes", &["/all"]),
        ("/v1/jobs/job_1?wait=forever&timeout_ms=120001", &["/wait", "/timeout_ms"]),
    ];
    for (path, pointers) in cases {
        let answer = server.get(path);
        problem(&answer, 400, "invalid_field");
        assert_eq!(answer.pointers(), pointers.iter().copied().collect(), "{path}");
    }
    let said = server.get("/v1/snos?corpse=coffee").body.to_string();
    assert!(said.contains("did you mean `corpus`?"), "{said}");
}

#[test]
fn pages_follow_each_other_and_a_cursor_belongs_to_them() {
    let server = Server::start();
    let ids: BTreeSet<String> = (0..5).map(|n| format!("d{n}")).collect();
    for id in &ids {
        submit(&server.node, "c", id, &format!("{} Report {id}.", pro()));
    }
    let (mut seen, mut path) = (Vec::new(), "/v1/documents?limit=2".to_owned());
    for _ in 0..10 {
        let page = server.get(&path);
        assert_eq!(page.status, 200, "{}", page.body);
        let items = page.body["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        seen.extend(items.iter().map(|item| item["document_id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page.body["next_cursor"].as_str() else { break };
        path = format!("/v1/documents?limit=2&cursor={cursor}");
    }
    assert_eq!(seen.len(), ids.len(), "nothing twice: {seen:?}");
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), ids);
}

#[test]
fn too_large_documents_are_refused_with_size_and_limit() {
    let server = Server::start();
    let mut text = "word ".repeat((1 << 20) / 5);
    text.push_str(&"x".repeat((1 << 20) - text.len()));
    let answer = server.post("/v1/documents", body("c", "at", &text).to_string().as_bytes());
    assert_eq!(answer.status, 202, "the limit itself is allowed: {}", answer.body);
    text.push('x');
    let answer = server.post("/v1/documents", body("c", "over", &text).to_string().as_bytes());
    problem(&answer, 413, "document_too_large");
    assert_eq!(answer.pointers(), ["/text"].into());
    let detail = answer.body["detail"].as_str().unwrap();
    assert!(detail.contains("1048577") && detail.contains("1048576"), "{detail}");
    // Announced, not sent: the server answers before it reads, so a client that sends may be cut off.
    let host = server.node.url().trim_start_matches("http://").to_owned();
    let mut stream = std::net::TcpStream::connect(&host).unwrap();
    let head = format!(
        "POST /v1/documents HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        (2 << 20) + 1
    );
    std::io::Write::write_all(&mut stream, head.as_bytes()).unwrap();
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("2097152"), "{answer}");
}

#[test]
fn a_wait_that_is_over_names_the_job() {
    let server = Server::start();
    let text = pro();
    let answer =
        server.post("/v1/documents?wait=settled", body("c", "d", &text).to_string().as_bytes());
    assert_eq!((answer.status, &answer.body["settled"]), (200, &json!(true)), "{}", answer.body);
    // A wait of no time at all: done already, or told where to ask.
    let again = format!("{text}\nAnother one.");
    let path = "/v1/documents?wait=settled&timeout_ms=0";
    let answer = server.post(path, body("c", "e", &again).to_string().as_bytes());
    if answer.status != 200 {
        problem(&answer, 504, "wait_timeout");
        let job = answer.body["job_id"].as_str().unwrap();
        assert!(answer.body["detail"].as_str().unwrap().contains(&format!("/v1/jobs/{job}")));
        assert_eq!((answer.header("retry-after"), &answer.body["retryable"]), ("1", &json!(true)));
        assert_eq!(server.get(&format!("/v1/jobs/{job}?wait=settled")).status, 200);
    }
}

#[test]
fn a_request_keeps_its_id_and_its_trace() {
    let server = Server::start();
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let request = server
        .agent
        .get(format!("{}/v1/jobs/none", server.node.url()))
        .header("x-request-id", "mine-1")
        .header("traceparent", format!("00-{trace}-b7ad6b7169203331-01"));
    let answer = read(request.call().unwrap());
    problem(&answer, 404, "job_not_found");
    assert_eq!(answer.body["request_id"], "mine-1");
    assert_eq!(answer.body["trace_id"], trace);
}
