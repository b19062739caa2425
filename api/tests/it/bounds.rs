//! Clients that are slow on purpose, and more of them than can be served.

use std::time::Duration;

use axum::http::{StatusCode, header};
use cns_api::Bounds;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use crate::world::World;

#[tokio::test]
async fn more_than_may_be_answered_at_a_time_are_told_to_come_back() {
    let mut world = World::answering(1);
    world.fold().unwrap();
    let waiting = format!("/v1/jobs/{}?wait=settled&timeout_ms=200", world.job_id());
    let (first, second, health) =
        tokio::join!(world.get(&waiting), world.get("/v1/status"), world.get("/health/ready"));
    assert_eq!(first.status, StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(second.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(second.json()["code"], "overloaded");
    assert_eq!(second.headers[header::RETRY_AFTER], "1");
    assert_eq!(health.status, StatusCode::OK);
    assert_eq!(world.get("/v1/status").await.status, StatusCode::OK);
}

/// A server on a port; it stops when the sender is dropped.
async fn served(bounds: Bounds) -> (std::net::SocketAddr, oneshot::Sender<()>, World) {
    let world = World::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let router = world.router.clone();
    tokio::spawn(cns_api::serve(listener, router, bounds, async move { drop(stopped.await) }));
    (address, stop, world)
}

const REQUEST: &[u8] = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";

async fn answer(client: &mut TcpStream) -> String {
    let mut bytes = vec![0; 4096];
    let length = client.read(&mut bytes).await.unwrap();
    String::from_utf8(bytes[..length].to_vec()).unwrap()
}

#[tokio::test]
async fn a_client_that_does_not_end_its_head_loses_its_connection_and_its_place() {
    let bounds =
        Bounds { header_wait: Duration::from_millis(200), connections_max: 1, ..Bounds::STANDARD };
    let (address, _stop, _world) = served(bounds).await;
    for said in [&b""[..], b"GET /health/live HTT", b"GET /health/live HTTP/1.1\r\nHost: loc"] {
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(said).await.unwrap();
        // There is one place; the next client is served when the slow one has lost it.
        let mut next = TcpStream::connect(address).await.unwrap();
        next.write_all(REQUEST).await.unwrap();
        assert!(answer(&mut next).await.starts_with("HTTP/1.1 200"), "{said:?}");
        let mut rest = Vec::new();
        let _ = slow.read_to_end(&mut rest).await;
    }
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_its_answers_loses_its_connection_and_its_place() {
    let bounds =
        Bounds { write_wait: Duration::from_millis(200), connections_max: 1, ..Bounds::STANDARD };
    let (address, _stop, _world) = served(bounds).await;
    let slow = TcpStream::connect(address).await.unwrap();
    let (kept, mut asking) = slow.into_split();
    // It asks on and on, until the server can neither write nor read.
    let asks = tokio::spawn(async move {
        let many = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100);
        while asking.write_all(&many).await.is_ok() {}
    });
    let mut next = TcpStream::connect(address).await.unwrap();
    next.write_all(REQUEST).await.unwrap();
    let served = tokio::time::timeout(Duration::from_secs(20), answer(&mut next)).await;
    assert!(served.is_ok_and(|text| text.starts_with("HTTP/1.1 200")));
    asks.await.unwrap();
    drop(kept);
}

#[tokio::test]
async fn a_server_that_stops_lets_nobody_in_and_ends_idle_connections() {
    let (address, stop, _world) = served(Bounds::STANDARD).await;
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(REQUEST).await.unwrap();
    assert!(answer(&mut client).await.starts_with("HTTP/1.1 200"));
    drop(stop);
    assert_eq!(client.read(&mut [0; 1]).await.unwrap(), 0);
    assert!(TcpStream::connect(address).await.is_err());
}
