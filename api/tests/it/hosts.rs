//! Pages of other sites cannot ask, whatever name they have pointed at this machine.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};

use crate::world::World;

const DOCUMENT: &str = r#"{"corpus":"c","source":"s","text":"t"}"#;

#[tokio::test]
async fn only_this_machine_is_answered() {
    let world = World::new();
    let cases = [
        ("localhost:8000", true),
        ("LOCALHOST", true),
        ("127.0.0.1:8000", true),
        ("[::1]:8000", true),
        ("rebound.example.org:8000", false),
        ("localhost.example.org", false),
        ("192.168.0.7:8000", false),
        ("", false),
    ];
    for (host, passes) in cases {
        for path in ["/v1/status", "/health/live", "/metrics"] {
            let request = Request::get(path).header(header::HOST, host);
            let answer = world.send(request.body(Body::empty()).unwrap()).await;
            let expected = if passes { StatusCode::OK } else { StatusCode::MISDIRECTED_REQUEST };
            assert_eq!(answer.status, expected, "{host} {path}");
            if !passes {
                let problem = answer.json();
                assert_eq!(problem["code"], "unknown_host");
                assert!(problem["detail"].as_str().unwrap().contains("localhost, 127.0.0.1"));
                assert!(answer.headers.contains_key("x-request-id"));
            }
        }
    }
}

#[tokio::test]
async fn every_place_that_names_a_host_is_looked_at() {
    let world = World::new();
    let absolute = Request::get("http://rebound.example.org/v1/status");
    let two = Request::get("/v1/status")
        .header(header::HOST, "localhost")
        .header(header::HOST, "rebound.example.org");
    let odd = Request::get("/v1/nothing").header(header::HOST, [0xE9].as_slice());
    for request in [absolute, two, odd] {
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST);
    }
    let absolute = Request::get("http://localhost:8000/v1/status").body(Body::empty()).unwrap();
    assert_eq!(world.send(absolute).await.status, StatusCode::OK);
    // HTTP/1.0 names none.
    assert_eq!(world.get("/v1/status").await.status, StatusCode::OK);
}

#[tokio::test]
async fn pages_of_other_sites_cannot_send_documents() {
    let world = World::new();
    let cases = [
        (None, 202),
        (Some("http://localhost:3000"), 202),
        (Some("http://127.0.0.1:8000"), 202),
        (Some("https://example.org"), 403),
        (Some("http://localhost.example.org"), 403),
        (Some("null"), 403),
    ];
    for (origin, status) in cases {
        for path in ["/v1/documents", "/ingest"] {
            let body = if path == "/ingest" { r#"{"source":"s","text":"t"}"# } else { DOCUMENT };
            let mut request = Request::post(path)
                .header(header::HOST, "localhost:8000")
                .header(header::CONTENT_TYPE, "application/json");
            if let Some(origin) = origin {
                request = request.header(header::ORIGIN, origin);
            }
            let answer = world.send(request.body(Body::from(body)).unwrap()).await;
            assert_eq!(answer.status.as_u16(), status, "{origin:?} {path}: {}", answer.text);
            if status == 403 {
                assert_eq!(answer.json()["code"], "cross_origin");
            }
        }
    }
    // What is only read is kept from other pages by the browser itself.
    let read = Request::get("/v1/status").header(header::ORIGIN, "https://example.org");
    assert_eq!(world.send(read.body(Body::empty()).unwrap()).await.status, StatusCode::OK);
}
