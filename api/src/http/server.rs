//! Connections: how many there are, and how long one may say nothing.
//!
//! Invariant: a client that is silent before its request, or in the middle of its head, or takes nothing of its answer,
//! loses its connection; so
//! those that are slow on purpose do not keep others out for ever.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

use crate::limits::{CONNECTIONS_MAX, HEADER_WAIT, WRITE_WAIT};

/// What connections may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How long the head of a request may take to arrive, and how long a connection may stand idle.
    pub header_wait: Duration,
    /// How long a client may take nothing of its answer.
    pub write_wait: Duration,
    /// Connections that are open at a time.
    pub connections_max: usize,
}

impl Bounds {
    /// Those of a server.
    pub const STANDARD: Bounds = Bounds {
        header_wait: HEADER_WAIT,
        write_wait: WRITE_WAIT,
        connections_max: CONNECTIONS_MAX,
    };
}

/// How long nobody is let in after the system could not open a connection: it has no more files, for example.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves until it is told to stop; what was begun is answered.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    bounds: Bounds,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(bounds.connections_max));
    let mut stop = pin!(stop);
    loop {
        let (slot, (stream, address)) = tokio::select! {
            accepted = accept(&listener, &slots) => accepted,
            () = &mut stop => break,
        };
        // Answers are small; waiting for more to send with them would only delay them.
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(bounds.write_wait));
        let router = router.clone();
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo::<SocketAddr>(address));
            router.clone().oneshot(request.map(Body::new))
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(bounds.header_wait)
            .serve_connection(TokioIo::new(Box::pin(stream)), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // How a connection ends is its client's affair.
            let _ = connection.await;
            drop(slot);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

type Accepted = (OwnedSemaphorePermit, (TcpStream, SocketAddr));

async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> Accepted {
    let slot = slots.clone().acquire_owned().await.expect("the slots are never closed");
    loop {
        match listener.accept().await {
            Ok(connection) => return (slot, connection),
            Err(error) if of_client(&error) => {}
            Err(error) => {
                tracing::error!(%error, "No connection can be let in at the moment.");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// The client was gone before it was let in.
fn of_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
