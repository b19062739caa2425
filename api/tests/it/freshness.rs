//! How new an answer is: tags of single objects, answers that wait for the views, and how a start goes.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::json;

use crate::world::{Answer, World, cut};

async fn with(world: &World, path: &str, name: &str, value: &str) -> Answer {
    world.send(Request::get(path).header(name, value).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn an_object_that_has_not_changed_is_not_sent_again() {
    let mut world = World::new();
    world.happens(cut("job-1", "d1", "coffee"));
    for path in ["/v1/documents/d1", "/v1/jobs/job-1", "/v1/corpora/coffee"] {
        let first = world.get(path).await;
        let tag = first.headers["etag"].to_str().unwrap().to_owned();
        for known in [tag.as_str(), &format!("\"x\", {tag}"), "*", tag.trim_start_matches("W/")] {
            let again = with(&world, path, "if-none-match", known).await;
            assert_eq!(
                (again.status, again.text.as_str()),
                (StatusCode::NOT_MODIFIED, ""),
                "{path} {known}"
            );
            assert_eq!(again.headers["etag"], tag.as_str());
        }
        assert_eq!(with(&world, path, "if-none-match", "\"x\"").await.status, StatusCode::OK);
        // Something else changes: the answer is newer, the object is the same.
        world.happens(cut("job-x", "d1", "tea"));
        let path = if path.contains("documents") { "/v1/documents/d1?corpus=coffee" } else { path };
        let again = with(&world, path, "if-none-match", &tag).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{path}");
    }
    let tag = world.get("/v1/corpora/coffee").await.headers["etag"].to_str().unwrap().to_owned();
    world.happens(cut("job-2", "d2", "coffee"));
    assert_eq!(
        with(&world, "/v1/corpora/coffee", "if-none-match", &tag).await.status,
        StatusCode::OK
    );
    assert!(!world.get("/v1/corpora").await.headers.contains_key("etag"), "a list has none");
}

#[tokio::test]
async fn the_latest_is_waited_for() {
    let mut world = World::new();
    world.write(cut("job-1", "d1", "coffee"));
    assert_eq!(world.get("/v1/corpora/coffee").await.status, StatusCode::NOT_FOUND);
    let router = world.router.clone();
    let asked = tokio::spawn(async move {
        use tower::ServiceExt;
        let request = Request::get("/v1/corpora/coffee").header("x-consistency", "latest");
        router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status()
    });
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    assert!(!asked.is_finished());
    world.fold().unwrap();
    assert_eq!(asked.await.unwrap(), StatusCode::OK);
    let bad = with(&world, "/v1/jobs", "x-consistency", "now").await.json();
    assert_eq!(
        (&bad["code"], &bad["errors"][0]["pointer"]),
        (&json!("invalid_field"), &json!("/X-Consistency"))
    );
}

#[tokio::test]
async fn a_start_says_how_far_it_is_and_stays_started() {
    let mut world = World::new();
    for n in 0..4 {
        world.write(cut("job-1", &format!("d{n}"), "coffee"));
    }
    let mut world = World::over(world.log.clone(), || None);
    let starting = world.get("/health/startup").await;
    assert_eq!(starting.status, StatusCode::SERVICE_UNAVAILABLE);
    let problem = starting.json();
    assert_eq!(problem["code"], "starting");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("0 % done; 4 audit entries are left"), "{detail}");
    world.fold().unwrap();
    assert_eq!(world.seen("/health/startup").await["status"], "started");
}
