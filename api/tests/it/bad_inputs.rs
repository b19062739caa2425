//! Bad requests: each is answered with its code and names every fault.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use cns_api::limits::{BODY_BYTES_MAX, DOCUMENT_BYTES_MAX, FAULTS_SHOWN_MAX};

use crate::world::World;

async fn check(world: &World, body: &str, status: u16, code: &str, pointers: &[&str]) {
    let answer = world.post("/v1/documents", body.to_owned()).await;
    let shown: String = body.chars().take(80).collect();
    assert_eq!(answer.status.as_u16(), status, "{shown}: {}", answer.text);
    let problem = answer.json();
    assert_eq!(problem["code"], code, "{shown}: {problem}");
    assert_eq!(problem["status"], status);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json");
    let found: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(found, pointers, "{shown}");
    assert_eq!(problem["request_id"], answer.headers["x-request-id"].to_str().unwrap());
    assert!(!problem["detail"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn every_fault_of_a_body_is_told_at_once() {
    let world = World::new();
    let long = "x".repeat(201);
    let cases: &[(&str, u16, &str, &[&str])] = &[
        ("", 400, "invalid_json", &[]),
        ("{\"corpus\": ", 400, "invalid_json", &[]),
        ("{'corpus': 1}", 400, "invalid_json", &[]),
        ("[]", 400, "invalid_field", &[""]),
        ("null", 400, "invalid_field", &[""]),
        ("{}", 400, "empty_field", &["/corpus", "/source", "/text"]),
        (r#"{"corpus":"c","source":" ","text":"\n\t"}"#, 400, "empty_field", &["/source", "/text"]),
        (r#"{"corpus":"c","source":"s","text":null}"#, 400, "empty_field", &["/text"]),
        (
            r#"{"corpus":1,"source":[],"text":{}}"#,
            400,
            "invalid_field",
            &["/corpus", "/source", "/text"],
        ),
        (r#"{"corpus":"c","source":"s","text":"t","txt":1}"#, 400, "invalid_field", &["/txt"]),
        (r#"{"corpus":"a/b","source":"s","text":"t"}"#, 400, "invalid_field", &["/corpus"]),
        (r#"{"corpus":" a","source":"s","text":"t"}"#, 400, "invalid_field", &["/corpus"]),
        (
            "{\"corpus\":\"c\",\"source\":\"s\",\"text\":\"t\",\"document_id\":\"a\\u0000b\"}",
            400,
            "invalid_field",
            &["/document_id"],
        ),
        (
            r#"{"corpus":"c","source":"s","text":"t","document_id":""}"#,
            400,
            "empty_field",
            &["/document_id"],
        ),
        (
            r#"{"corpus":"c","source":"s","text":"t","metadata":{"a/b":1}}"#,
            400,
            "invalid_field",
            &["/metadata/a~1b"],
        ),
        (
            r#"{"corpus":"c","source":"s","text":"t","metadata":[]}"#,
            400,
            "invalid_field",
            &["/metadata"],
        ),
        (
            r#"{"soruce":"s","text":7,"metadata":3}"#,
            400,
            "invalid_field",
            &["/soruce", "/corpus", "/source", "/text", "/metadata"],
        ),
    ];
    for (body, status, code, pointers) in cases {
        check(&world, body, *status, code, pointers).await;
    }
    let body = format!(r#"{{"corpus":"{long}","source":"s","text":"t"}}"#);
    check(&world, &body, 400, "invalid_field", &["/corpus"]).await;
    let many: Vec<String> = (0..51).map(|n| format!(r#""k{n}":"v""#)).collect();
    let body =
        format!(r#"{{"corpus":"c","source":"s","text":"t","metadata":{{{}}}}}"#, many.join(","));
    check(&world, &body, 400, "invalid_field", &["/metadata"]).await;
}

#[tokio::test]
async fn a_wrong_name_is_answered_with_the_nearest() {
    let world = World::new();
    let answer =
        world.post("/v1/documents", r#"{"corpus":"c","soruce":"s","text":"t"}"#).await.json();
    let message = answer["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("did you mean `source`?"), "{message}");
    let answer = world.get("/v1/snos?korpus=a").await.json();
    assert_eq!(answer["errors"][0]["pointer"], "/korpus");
    assert!(answer["errors"][0]["message"].as_str().unwrap().contains("`corpus`"));
}

#[tokio::test]
async fn any_number_of_wrong_names_is_answered_at_once() {
    let world = World::new();
    let names: Vec<String> = (0..150_000).map(|n| format!(r#""k{n}":0"#)).collect();
    let answer = world.post("/v1/documents", format!("{{{}}}", names.join(","))).await;
    let problem = answer.json();
    assert_eq!(problem["errors"].as_array().unwrap().len(), FAULTS_SHOWN_MAX);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.starts_with("150003 fields cannot be used as they are: /k0, "), "{detail}");
    let long = format!(r#"{{"corpus":"c","source":"s","text":"t","{}":0}}"#, "n".repeat(1 << 20));
    let answer = world.post("/v1/documents", long).await;
    assert_eq!(answer.json()["errors"][0]["pointer"], format!("/{}", "n".repeat(60)));
}

#[tokio::test]
async fn sizes_are_told_with_their_limits() {
    let world = World::new();
    let fits = "x".repeat(DOCUMENT_BYTES_MAX);
    let body = format!(r#"{{"corpus":"c","source":"s","text":"{fits}"}}"#);
    assert_eq!(world.post("/v1/documents", body).await.status, StatusCode::ACCEPTED);
    let body = format!(r#"{{"corpus":"c","source":"","text":"{fits}y"}}"#);
    check(&world, &body, 413, "document_too_large", &["/source", "/text"]).await;
    let body = format!(r#"{{"corpus":"c","source":"s","text":"{}"}}"#, "x".repeat(BODY_BYTES_MAX));
    check(&world, &body, 413, "document_too_large", &[]).await;
    let stream = Request::post("/v1/documents").header(header::CONTENT_TYPE, "application/json");
    let answer = world.send(stream.body(Body::from_stream(Endless(0))).unwrap()).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["code"].as_str()),
        (413, Some("document_too_large"))
    );
}

/// A body that never says how long it is, and is longer than allowed.
struct Endless(usize);

impl futures_core::Stream for Endless {
    type Item = Result<Vec<u8>, std::io::Error>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0 += 1;
        std::task::Poll::Ready((self.0 < 4096).then(|| Ok(vec![b' '; 4096])))
    }
}

#[tokio::test]
async fn what_is_not_utf8_is_told_so() {
    let world = World::new();
    let answer = world.post("/v1/documents", b"{\"text\":\"\xff\"}".to_vec()).await;
    assert_eq!(answer.json()["code"], "invalid_json");
    assert!(answer.json()["detail"].as_str().unwrap().contains("UTF-8: byte 9"));
    let answer = world.post("/v1/documents", "{\n  nope}").await.json();
    assert!(answer["detail"].as_str().unwrap().contains("line 2, column 3"), "{answer}");
}

#[tokio::test]
async fn other_content_types_routes_and_methods_are_refused() {
    let world = World::new();
    for kind in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("application/jsonp"),
    ] {
        let mut request = Request::post("/v1/documents");
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let answer = world.send(request.body(Body::from("{}")).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert!(answer.json()["detail"].as_str().unwrap().contains("application/json"));
    }
    let request = Request::post("/v1/documents")
        .header(header::CONTENT_TYPE, "Application/JSON; charset=utf-8");
    let answer = world.send(request.body(Body::from("{}")).unwrap()).await;
    assert_eq!(answer.json()["code"], "empty_field");
    let answer = world.get("/v2/nothing").await;
    assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (404, Some("not_found")));
    let answer = world.send(Request::delete("/v1/documents").body(Body::empty()).unwrap()).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["code"].as_str()),
        (405, Some("method_not_allowed"))
    );
    let allow = answer.headers[header::ALLOW].to_str().unwrap();
    assert!(allow.contains("POST") && allow.contains("GET"), "{allow}");
}

#[tokio::test]
async fn bad_questions_are_refused() {
    let world = World::new();
    let cases = [
        ("/v1/snos?limit=0", "/limit"),
        ("/v1/snos?limit=201", "/limit"),
        ("/v1/snos?limit=-1", "/limit"),
        ("/v1/snos?limit=x", "/limit"),
        ("/v1/snos?cursor=%21%21", "/cursor"),
        ("/v1/snos?cursor=", "/cursor"),
        ("/v1/snos?cursor=AAAA", "/cursor"),
        ("/v1/snos?min_trust=1.01", "/min_trust"),
        ("/v1/snos?min_trust=NaN", "/min_trust"),
        ("/v1/snos?status=nice", "/status"),
        ("/v1/snos?provenance=rumour", "/provenance"),
        ("/v1/snos?corpus=", "/corpus"),
        ("/v1/snos?corpus=a&corpus=b", "/corpus"),
        ("/v1/conflicts?all=maybe", "/all"),
        ("/v1/jobs?status=failed", "/status"),
        ("/v1/jobs/job_x?wait=forever", "/wait"),
        ("/v1/jobs/job_x?wait=settled&timeout_ms=120001", "/timeout_ms"),
        ("/v1/snos/x?expand=all", "/expand"),
        ("/v1/status?verbose=1", "/verbose"),
    ];
    for (path, pointer) in cases {
        let answer = world.get(path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}: {}", answer.text);
        let problem = answer.json();
        assert_eq!(problem["code"], "invalid_field", "{path}");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{path}");
    }
    let both = world.get("/v1/snos?limit=0&min_trust=2").await.json();
    assert_eq!(both["errors"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_does_not_exist_has_its_own_code() {
    let world = World::new();
    let cases = [
        ("/v1/jobs/job_0", "job_not_found"),
        ("/v1/jobs/job_00000000000000000000ffffffff", "job_not_found"),
        ("/v1/snos/sno_0", "sno_not_found"),
        ("/v1/snos/sno_0/lineage", "sno_not_found"),
        ("/v1/conflicts/pair_0", "pair_not_found"),
        ("/v1/syntheses/sno_0", "synthesis_not_found"),
        ("/v1/documents/nothing", "document_not_found"),
        ("/v1/dead-letters/dl_0", "dead_letter_not_found"),
    ];
    for (path, code) in cases {
        let answer = world.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["code"].as_str()),
            (404, Some(code)),
            "{path}"
        );
        assert_eq!(answer.json()["retryable"], false);
    }
}

#[tokio::test]
async fn a_request_id_and_a_trace_are_kept_when_they_are_usable() {
    let world = World::new();
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let request =
        Request::get("/v1/nothing").header("x-request-id", "mine-1").header("traceparent", trace);
    let answer = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.headers["x-request-id"], "mine-1");
    assert_eq!(answer.json()["trace_id"], "0af7651916cd43dd8448eb211c80319c");
    let request = Request::get("/health/live").header("x-request-id", "a b");
    let answer = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.headers["x-request-id"].len(), 32);
}
