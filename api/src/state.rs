//! What every request handler shares.

use std::sync::{Arc, atomic::AtomicBool};

use cns_schemas::{Configured, Topic, Traces};
use cns_state::{Error, Log, Views};
use prometheus_client::registry::Registry;
use tokio::sync::{Semaphore, watch};

use crate::{
    access::Access,
    dto::AsOf,
    http::{Lanes, Problem, place},
    job_id::JobIds,
    limits::{EVENT_STREAMS_MAX, SEARCHES_AT_ONCE_MAX, WAITING_REQUESTS_MAX},
    metrics::Metrics,
    views::{Progress, Reader},
};

/// A new document is refused for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryAfter {
    /// When to try again.
    pub seconds: u32,
    /// What is full and what the limit is, in a sentence.
    pub detail: String,
}

/// Says whether new documents have to wait. It may read the log: it is called where blocking is allowed.
pub type Brake = Arc<dyn Fn() -> Option<RetryAfter> + Send + Sync>;

/// Brings metrics up to date before they are shown.
pub type Refresh = Arc<dyn Fn() + Send + Sync>;

/// What the binary gives the API.
pub struct ApiParts {
    /// Where documents are appended, and where lags are read.
    pub log: Arc<dyn Log>,
    /// What the folder folds into.
    pub views: Views,
    /// What the folder tells.
    pub progress: watch::Receiver<Progress>,
    /// The key of the code in job ids. All processes of an installation share it.
    pub job_key: [u8; 32],
    /// The settings in force, to show.
    pub config: Configured,
    /// Of the topics and subjects.
    pub namespace: String,
    /// Whether the log is embedded, so that nobody else has the schemas.
    pub answers_for_schemas: bool,
    /// What is told of traces.
    pub traces: Traces,
    /// Registered in `registry`.
    pub metrics: Metrics,
    /// What `/metrics` shows.
    pub registry: Arc<Registry>,
    /// Brings up to date what is only counted when somebody looks. It may read the log: it is called where blocking is
    /// allowed.
    pub refresh: Refresh,
    /// Milliseconds since 1970.
    pub clock: fn() -> i64,
    /// Whether new documents have to wait.
    pub brake: Brake,
    /// Becomes true when the server stops: what would never end by itself ends then.
    pub draining: watch::Receiver<bool>,
    /// Who may ask, and how fast.
    pub access: Access,
    /// Requests that are answered at a time, those not counted that need no key.
    pub requests_at_once_max: usize,
}

/// What every request handler shares. Clones are cheap.
#[derive(Clone)]
pub struct ApiState {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub log: Arc<dyn Log>,
    pub reader: Reader,
    pub progress: watch::Receiver<Progress>,
    pub job_ids: JobIds,
    pub config: Configured,
    pub namespace: String,
    pub answers_for_schemas: bool,
    pub traces: Traces,
    pub metrics: Metrics,
    pub registry: Arc<Registry>,
    pub refresh: Refresh,
    pub clock: fn() -> i64,
    pub brake: Brake,
    pub access: Access,
    pub waiting: Semaphore,
    pub streams: Arc<Semaphore>,
    /// Submissions with a key, by job.
    pub submissions: Lanes,
    /// Decisions, by dead letter.
    pub decisions: Lanes,
    pub searching: Arc<Semaphore>,
    pub draining: watch::Receiver<bool>,
    /// Places of requests that are being answered.
    pub places: Arc<Semaphore>,
    /// Whether the process has been ready once.
    pub has_started: AtomicBool,
}

impl ApiState {
    /// The state of a process.
    pub fn new(parts: ApiParts) -> ApiState {
        let reader = Reader::new(parts.views, parts.log.partitions(Topic::Audit));
        let inner = Inner {
            log: parts.log,
            reader,
            progress: parts.progress,
            job_ids: JobIds::new(parts.job_key),
            config: parts.config,
            namespace: parts.namespace,
            answers_for_schemas: parts.answers_for_schemas,
            traces: parts.traces,
            metrics: parts.metrics,
            registry: parts.registry,
            refresh: parts.refresh,
            clock: parts.clock,
            brake: parts.brake,
            access: parts.access,
            waiting: Semaphore::new(WAITING_REQUESTS_MAX),
            submissions: Lanes::new(),
            decisions: Lanes::new(),
            searching: Arc::new(Semaphore::new(SEARCHES_AT_ONCE_MAX)),
            streams: Arc::new(Semaphore::new(EVENT_STREAMS_MAX)),
            draining: parts.draining,
            places: Arc::new(Semaphore::new(
                parts.requests_at_once_max.min(Semaphore::MAX_PERMITS),
            )),
            has_started: AtomicBool::new(false),
        };
        ApiState { inner: Arc::new(inner) }
    }

    /// How old the next answer may be. Taken before the rows are read, so it never says too much.
    pub(crate) fn as_of(&self) -> AsOf {
        self.inner.progress.borrow().as_of()
    }

    /// Runs what blocks away from the threads that serve connections.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let (inner, place) = (self.inner.clone(), place());
        let work = move || {
            let _place = place;
            work(&inner)
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::error!(%error, "A request handler panicked.");
                Err(Problem::internal())
            }
        }
    }

    /// Reads view rows away from the threads that serve connections.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Problem> {
        self.blocking(move |inner| read(&inner.reader).map_err(|error| Problem::views(&error)))
            .await
    }
}
