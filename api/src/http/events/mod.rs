//! Server-sent events of a job or a corpus: what the audit log says of it, as it is folded.
//!
//! Invariant: all that is told stands in the views, so a stream can be cut at any place and resumed exactly.

mod position;
mod stream;

use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{
        IntoResponse, Response,
        sse::{KeepAlive, Sse},
    },
};
use serde_json::json;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use super::{
    Problem,
    faults::{Faults, Kind},
    jobs,
    params::Params,
    tenant::Tenant,
};
use crate::{
    access::Keys,
    limits::{
        EVENTS_HEARTBEAT, EVENTS_KEY_LOOK_EVERY, EVENTS_READ_AT_ONCE, EVENTS_STALL_MAX,
        WAIT_LOOK_EVERY,
    },
    state::ApiState,
    views::Followed,
};
use position::Position;
use stream::{End, Events, Teller, Told};

/// Where the reader of an earlier stream says how far it has come.
const LAST_EVENT_ID: &str = "last-event-id";

/// `GET /v1/jobs/{id}/events`: all that happens to a job, from its beginning to its end.
pub async fn of_job(
    State(state): State<ApiState>,
    tenant: Tenant,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Params::new(query, &[]).finish()?;
    let resumed = resumed(&headers)?;
    // Whoever asks for a job that is not there is told so, and not left waiting.
    jobs::look(&state, &tenant, &id).await?;
    let position = resumed.unwrap_or_default();
    begin(state, tenant, Followed::Job(id), position, None).await
}

/// `GET /v1/corpora/{corpus}/events`: what happens in a corpus from now on, or from its beginning.
pub async fn of_corpus(
    State(state): State<ApiState>,
    tenant: Tenant,
    Path(corpus): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut params = Params::new(query, &["from"]);
    let from_start = params.one_of("from", &["start", "now"]).is_some_and(|from| from == "start");
    params.finish()?;
    let (position, first) = match resumed(&headers)? {
        Some(position) => (position, None),
        None if from_start => (Position::default(), None),
        None => {
            let moments = state.read(|reader| reader.now()).await?;
            let position = Position { moments: moments.into_iter().collect(), settled: false };
            // Cut before anything happens, the reader goes on from here all the same.
            let id = position.to_string();
            let opened = Told { event: "opened".into(), id, data: json!({ "corpus": corpus }) };
            (position, Some(opened))
        }
    };
    begin(state, tenant, Followed::Corpus(corpus), position, first).await
}

fn resumed(headers: &HeaderMap) -> Result<Option<Position>, Problem> {
    let Some(value) = headers.get(LAST_EVENT_ID) else { return Ok(None) };
    // What was told before the first event has no id; readers send that as an empty one.
    if value.is_empty() {
        return Ok(None);
    }
    let position = value.to_str().ok().and_then(Position::read);
    if position.is_none() {
        let mut faults = Faults::default();
        faults.add(Kind::Invalid, "/Last-Event-ID", "is not the id of an event of a stream");
        faults.finish()?;
    }
    Ok(position)
}

async fn begin(
    state: ApiState,
    tenant: Tenant,
    followed: Followed,
    position: Position,
    first: Option<Told>,
) -> Result<Response, Problem> {
    let place = state.inner.streams.clone().try_acquire_owned().map_err(|_| {
        let detail = "Too many streams of events are open; ask again later, or poll.";
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_streams", detail).later(5)
    })?;
    let draining = state.inner.draining.clone();
    let key_due = Instant::now() + EVENTS_KEY_LOOK_EVERY;
    let telling = Telling { state, tenant, followed, position, draining, key_due };
    if telling.position.settled && telling.ready().await?.is_empty() {
        // To a reader that comes again by itself this says that there is no more.
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let events = Events::begin(place, EVENTS_STALL_MAX, move |teller| telling.run(teller, first));
    let alive = KeepAlive::new().interval(EVENTS_HEARTBEAT).text("heartbeat");
    Ok(Sse::new(events).keep_alive(alive).into_response())
}

/// A stream that is told.
struct Telling {
    state: ApiState,
    tenant: Tenant,
    followed: Followed,
    position: Position,
    draining: watch::Receiver<bool>,
    /// When to look at the key again, at the latest.
    key_due: Instant,
}

impl Telling {
    async fn run(mut self, teller: Teller, first: Option<Told>) -> (End, Position) {
        let end = self.tell(&teller, first).await.unwrap_or_else(|end| end);
        (end, self.position)
    }

    async fn tell(&mut self, teller: &Teller, first: Option<Told>) -> Result<End, End> {
        let mut progress = self.state.inner.progress.clone();
        if let Some(first) = first {
            self.say(teller, first).await?;
        }
        loop {
            let looked = Instant::now();
            self.admitted().await?;
            // Read before the events: what makes a job settled is then among them.
            let stopped = progress.borrow_and_update().stopped.is_some();
            let settled = self.settled().await?;
            self.tell_ready(teller).await?;
            if let Some(data) = settled {
                self.position.settled = true;
                let id = self.position.to_string();
                self.say(teller, Told { event: "settled".into(), id, data }).await?;
                return Ok(End::Told);
            }
            if stopped {
                return Ok(End::Stopped);
            }
            tokio::select! {
                changed = progress.changed() => changed.map_err(|_| End::Stopped)?,
                () = drained(&mut self.draining) => return Ok(End::Draining),
                () = teller.left() => return Ok(End::Left),
                () = sleep_until(self.key_due) => {}
            }
            // Every step of the views wakes every stream.
            tokio::select! {
                () = sleep_until(looked + WAIT_LOOK_EVERY) => {}
                () = drained(&mut self.draining) => return Ok(End::Draining),
            }
        }
    }

    /// Tells all that is there.
    async fn tell_ready(&mut self, teller: &Teller) -> Result<(), End> {
        loop {
            let ready = self.ready().await.map_err(|_| End::Stopped)?;
            if ready.is_empty() {
                return Ok(());
            }
            let many = ready.len() >= EVENTS_READ_AT_ONCE;
            for (position, event) in ready {
                // Once it is taken it is told; what the reader does not take comes again.
                self.say(teller, event).await?;
                self.position = position;
            }
            // A server that stops does not wait for the end of a long backlog.
            if many && *self.draining.borrow() {
                return Err(End::Draining);
            }
            self.admitted().await?;
        }
    }

    /// Tells what the queue takes at once; waits for a place only while the server goes on and the key is valid.
    async fn say(&mut self, teller: &Teller, told: Told) -> Result<(), End> {
        let Err(told) = teller.offer(told) else { return Ok(()) };
        let place = teller.tell(told);
        tokio::pin!(place);
        loop {
            tokio::select! {
                biased;
                () = drained(&mut self.draining) => return Err(End::Draining),
                () = sleep_until(self.key_due) => self.admitted().await?,
                said = &mut place => return said,
            }
        }
    }

    /// Sees whether the key that opened the stream is still valid.
    async fn admitted(&mut self) -> Result<(), End> {
        self.key_due = Instant::now() + EVENTS_KEY_LOOK_EVERY;
        let inner = &self.state.inner;
        let (Some(keys), Some(id)) = (inner.access.keys(), &self.tenant.key) else { return Ok(()) };
        if keys.is_due() {
            let look = self.state.blocking(|inner| {
                inner.access.keys().into_iter().for_each(Keys::look);
                Ok(())
            });
            look.await.map_err(|_| End::Stopped)?;
        }
        match keys.still_reads(id, &self.tenant.name, (inner.clock)()) {
            true => Ok(()),
            false => Err(End::Key),
        }
    }

    /// The next events, each with how far the stream has told with it.
    async fn ready(&self) -> Result<Vec<(Position, Told)>, Problem> {
        let (tenant, followed) = (self.tenant.name.clone(), self.followed.clone());
        let mut position = self.position.clone();
        self.state
            .read(move |reader| {
                let mut ready = Vec::new();
                for partition in 0..reader.partitions() {
                    let after = position.moments.get(&partition).copied();
                    let limit = EVENTS_READ_AT_ONCE;
                    for (moment, told) in
                        reader.told(&tenant, &followed, partition, after, limit)?
                    {
                        position.moments.insert(partition, moment);
                        position.settled = false;
                        let data = json!(told);
                        let id = position.to_string();
                        ready.push((position.clone(), Told { event: told.event, id, data }));
                    }
                }
                Ok(ready)
            })
            .await
    }

    /// What is said of the end of a job that has come to it.
    async fn settled(&self) -> Result<Option<serde_json::Value>, End> {
        let Followed::Job(id) = &self.followed else { return Ok(None) };
        let (tenant, id) = (self.tenant.name.clone(), id.clone());
        let job = self.state.read(move |reader| reader.job(&tenant, &id)).await;
        let job = job.map_err(|_| End::Stopped)?.filter(|job| job.settled);
        Ok(job.map(|job| {
            json!({
                "event": "settled",
                "job_id": job.job_id,
                "corpus": job.corpus,
                "status": job.status,
                "document_id": job.document_id,
                "sno_id": job.sno_id,
                "reason": job.reason,
            })
        }))
    }
}

/// Ends when the server stops; never when nobody is there to say so.
async fn drained(draining: &mut watch::Receiver<bool>) {
    if draining.wait_for(|draining| *draining).await.is_err() {
        std::future::pending().await
    }
}
