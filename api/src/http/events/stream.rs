//! What a stream of events sends, and how it ends.
//!
//! Invariant: what waits for a reader is bounded. The views are the queue: a task reads a few events at a time and
//! goes on when the reader has taken them. A stream that is closed before its end says from where to resume.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::response::sse::Event;
use futures_core::Stream;
use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::position::Position;
use crate::limits::EVENTS_BUFFERED_MAX;

/// One event on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Its name.
    pub event: String,
    /// How far the stream has told with it.
    pub id: String,
    /// Its data.
    pub data: Value,
}

/// Why a stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All is told.
    Told,
    /// The reader has left.
    Left,
    /// The reader took nothing for too long.
    Slow,
    /// The server stops.
    Draining,
    /// The key that opened the stream is revoked or expired.
    Key,
    /// The views go no further, or cannot be read.
    Stopped,
}

impl End {
    /// What the last event says; `None` when there is none.
    fn reason(self) -> Option<&'static str> {
        match self {
            End::Told | End::Left => None,
            End::Slow => Some("slow_reader"),
            End::Draining => Some("draining"),
            End::Key => Some("key"),
            End::Stopped => Some("views_stopped"),
        }
    }
}

/// The side that tells.
pub struct Teller {
    sender: mpsc::Sender<Told>,
    stall: Duration,
}

impl Teller {
    /// Waits for a place among the events that are not taken yet.
    ///
    /// # Errors
    /// The reader has left, or takes nothing.
    pub async fn tell(&self, told: Told) -> Result<(), End> {
        use mpsc::error::SendTimeoutError::{Closed, Timeout};
        self.sender.send_timeout(told, self.stall).await.map_err(|error| match error {
            Timeout(_) => End::Slow,
            Closed(_) => End::Left,
        })
    }

    /// Tells if there is a place for it at once.
    ///
    /// # Errors
    /// There is none, or the reader has left; with what was to be told.
    pub fn offer(&self, told: Told) -> Result<(), Told> {
        self.sender.try_send(told).map_err(mpsc::error::TrySendError::into_inner)
    }

    /// Ends when the reader leaves.
    pub async fn left(&self) {
        self.sender.closed().await;
    }
}

/// The side that a reader takes from.
pub struct Events {
    receiver: mpsc::Receiver<Told>,
    /// What is told at the end, however full the queue is.
    last: Arc<Mutex<Option<Told>>>,
}

impl Events {
    /// Runs what tells, until it says why it ends. `stall` is how long a reader may take nothing. The place is free
    /// when the telling has ended, even if the reader never takes what was told.
    pub fn begin<F>(
        place: OwnedSemaphorePermit,
        stall: Duration,
        tell: impl FnOnce(Teller) -> F,
    ) -> Events
    where
        F: Future<Output = (End, Position)> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel(EVENTS_BUFFERED_MAX);
        let last = Arc::new(Mutex::new(None));
        // The channel stays open until the last word is said.
        let (telling, held, said) =
            (tell(Teller { sender: sender.clone(), stall }), sender, last.clone());
        tokio::spawn(async move {
            let (end, position) = telling.await;
            drop(place);
            let closed = end.reason().map(|reason| {
                let id = position.to_string();
                let data = json!({ "reason": reason, "resume": id });
                Told { event: "closed".into(), id, data }
            });
            *said.lock().unwrap_or_else(PoisonError::into_inner) = closed;
            drop(held);
        });
        Events { receiver, last }
    }

    fn next(&mut self, context: &mut Context<'_>) -> Poll<Option<Told>> {
        match self.receiver.poll_recv(context) {
            Poll::Ready(None) => {
                let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).take();
                Poll::Ready(last)
            }
            told => told,
        }
    }
}

impl Stream for Events {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.next(context).map(|told| {
            told.map(|told| {
                let event = Event::default().event(told.event).data(told.data.to_string());
                // Before anything is told there is no place to go on from.
                Ok(if told.id.is_empty() { event } else { event.id(told.id) })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, sync::Arc};

    use tokio::sync::Semaphore;

    use super::*;
    use crate::views::Moment;

    fn numbered(sequence: i64) -> (Position, Told) {
        let moments = [(0, Moment { sequence, number: 0 })].into();
        let position = Position { moments, settled: false };
        let id = position.to_string();
        (position, Told { event: "n".into(), id, data: json!(sequence) })
    }

    #[tokio::test]
    async fn a_reader_that_takes_nothing_loses_its_place() {
        let places = Arc::new(Semaphore::new(1));
        let place = places.clone().acquire_owned().await.expect("it is open");
        let events = Events::begin(place, Duration::from_millis(20), |teller| async move {
            loop {
                if let Err(end) = teller.tell(numbered(1).1).await {
                    return (end, Position::default());
                }
            }
        });
        let free = tokio::time::timeout(Duration::from_secs(20), places.acquire()).await;
        assert!(free.is_ok(), "the place is kept by who reads nothing");
        drop(events);
    }

    async fn place() -> OwnedSemaphorePermit {
        Arc::new(Semaphore::new(1)).acquire_owned().await.expect("it is open")
    }

    #[tokio::test]
    async fn a_reader_that_takes_nothing_is_told_where_to_go_on() {
        let mut events =
            Events::begin(place().await, Duration::from_millis(20), |teller| async move {
                let mut at = Position::default();
                for sequence in 0.. {
                    let (position, told) = numbered(sequence);
                    if let Err(end) = teller.tell(told).await {
                        return (end, at);
                    }
                    at = position;
                }
                (End::Told, at)
            });
        while events.last.lock().expect("no panic").is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let mut taken = Vec::new();
        while let Some(told) = poll_fn(|context| events.next(context)).await {
            taken.push(told);
        }
        let last = taken.pop().expect("the last word");
        assert_eq!(taken.len(), EVENTS_BUFFERED_MAX, "what waits is bounded");
        assert_eq!(last.data["reason"], "slow_reader");
        assert_eq!(Some(&last.id), taken.last().map(|told| &told.id), "nothing is lost behind it");
        assert_eq!(last.data["resume"], last.id);
    }

    #[tokio::test]
    async fn who_leaves_is_noticed() {
        let (left, noticed) = tokio::sync::oneshot::channel();
        let events = Events::begin(place().await, Duration::from_secs(60), |teller| async move {
            teller.left().await;
            let _ = left.send(());
            (End::Left, Position::default())
        });
        drop(events);
        assert!(noticed.await.is_ok());
    }
}
