//! A log, a view store, a folder and the router; and facts as the stages write them.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use cns_api::{
    ApiParts, ApiState, JobIds, Metrics, RetryAfter,
    access::Access,
    router,
    views::{FolderError, Progress, VIEW_VERSION, ViewFolder},
};
use cns_narrative::chain::link;
use cns_schemas::{
    AuditEntry, ChainHead, Codec, Configured, DocumentChunked, Fact, Origin, Outcome, Recorded,
    Sealed, Sent, Topic,
};
use cns_state::{Append, Log, Memory, Partition, Record, ViewOptions, Views, partition_of};
use prometheus_client::registry::Registry;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::watch;
use tower::ServiceExt;

pub const PARTITIONS: u32 = 3;
pub const KEY: [u8; 32] = [7; 32];

pub struct World {
    pub log: Arc<dyn Log>,
    pub views: Views,
    pub folder: ViewFolder,
    pub router: Router,
    pub dir: TempDir,
    /// Says that the server stops.
    pub drain: watch::Sender<bool>,
    audit: Audit,
    process: Process,
}

/// What a process that serves HTTP has of its own.
struct Process {
    progress: watch::Receiver<Progress>,
    draining: watch::Receiver<bool>,
    brake: fn() -> Option<RetryAfter>,
    requests_at_once_max: usize,
}

impl Process {
    fn router(&self, log: &Arc<dyn Log>, views: &Views, access: Access) -> Router {
        let mut registry = Registry::default();
        let metrics = Metrics::register(&mut registry);
        router(ApiState::new(ApiParts {
            log: log.clone(),
            views: views.clone(),
            progress: self.progress.clone(),
            job_key: KEY,
            config: Configured::default(),
            namespace: "cns".into(),
            answers_for_schemas: true,
            traces: Default::default(),
            metrics,
            registry: Arc::new(registry),
            refresh: Arc::new(|| {}),
            clock: || 1_700_000_000_000,
            brake: Arc::new(self.brake),
            draining: self.draining.clone(),
            access,
            requests_at_once_max: self.requests_at_once_max,
        }))
    }
}

/// An answer.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

pub fn open_views(dir: &TempDir, name: &str) -> Views {
    let options = ViewOptions {
        write_buffer_bytes: 1 << 20,
        block_cache_bytes: 1 << 20,
        version: VIEW_VERSION,
    };
    Views::open(&dir.path().join(name), &options).unwrap()
}

impl World {
    pub fn new() -> World {
        World::over(Arc::new(Memory::new(PARTITIONS)), || None)
    }

    pub fn over(log: Arc<dyn Log>, brake: fn() -> Option<RetryAfter>) -> World {
        World::with(log, brake, Access::local(), 100)
    }

    /// Where callers need keys.
    pub fn keyed(access: Access) -> World {
        World::with(Arc::new(Memory::new(PARTITIONS)), || None, access, 100)
    }

    /// That answers so many at a time.
    pub fn answering(requests_at_once_max: usize) -> World {
        let log = Arc::new(Memory::new(PARTITIONS));
        World::with(log, || None, Access::local(), requests_at_once_max)
    }

    fn with(
        log: Arc<dyn Log>,
        brake: fn() -> Option<RetryAfter>,
        access: Access,
        requests_at_once_max: usize,
    ) -> World {
        let dir = TempDir::new().unwrap();
        let views = open_views(&dir, "views");
        let (folder, progress) = ViewFolder::new(log.clone(), views.clone()).unwrap();
        let (drain, draining) = watch::channel(false);
        let process = Process { progress, draining, brake, requests_at_once_max };
        let router = process.router(&log, &views, access);
        let audit = Audit::new(log.clone());
        World { audit, log, views, folder, router, dir, drain, process }
    }

    /// What another process without keys, or this one after a restart, answers with.
    pub fn another_router(&self) -> Router {
        self.process.router(&self.log, &self.views, Access::local())
    }

    pub fn job_id(&self) -> String {
        JobIds::new(KEY).make("default").unwrap()
    }

    /// Writes a fact into the audit log and folds it.
    pub fn happens(&mut self, fact: Fact) {
        self.audit.write(&fact);
        self.fold().unwrap();
    }

    /// Writes a fact into the audit log.
    pub fn write(&mut self, fact: Fact) {
        self.audit.write(&fact);
    }

    /// Writes bytes where an audit entry belongs.
    pub fn write_raw(&self, partition: u32, value: Vec<u8>) {
        append(&*self.log, partition, value);
    }

    pub fn fold(&mut self) -> Result<usize, FolderError> {
        let mut all = 0;
        loop {
            match self.folder.step(Duration::ZERO)? {
                0 => return Ok(all),
                folded => all += folded,
            }
        }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// A `GET` that has to go well.
    pub async fn seen(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        answer.json()
    }

    pub async fn post(&self, path: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(body.into()).unwrap()).await
    }
}

/// Chains facts as the audit stage does.
pub struct Audit {
    log: Arc<dyn Log>,
    heads: Vec<ChainHead>,
    written: i64,
}

impl Audit {
    pub fn new(log: Arc<dyn Log>) -> Audit {
        Audit { log, heads: vec![ChainHead::default(); PARTITIONS as usize], written: 0 }
    }

    pub fn write(&mut self, fact: &Fact) {
        self.written += 1;
        let fact = Fact { decided_at_ms: 1_000 + self.written, ..fact.clone() };
        let key = format!("{}/{}", fact.tenant, fact.corpus);
        let partition = partition_of(key.as_bytes(), PARTITIONS);
        let entry = self.next(partition, &Codec::encode(&fact));
        append(&*self.log, partition, Codec::encode(&entry));
    }

    pub fn next(&mut self, partition: u32, fact: &[u8]) -> AuditEntry {
        let head = &mut self.heads[partition as usize];
        let (entry, next) = link(head, fact);
        *head = next;
        entry
    }
}

fn append(log: &dyn Log, partition: u32, value: Vec<u8>) {
    let to = Partition { topic: Topic::Audit, index: partition };
    log.append(vec![Append { to, record: Record { value, ..Record::default() } }]).unwrap();
}

/// A fact of a job, done, without outputs.
pub fn fact(stage: &str, job: &str, event_id: &str, corpus: &str) -> Fact {
    let topic = match stage {
        "chunk" => Topic::Documents,
        "embed" => Topic::Passages,
        "critique" => Topic::Candidates,
        "performer" => Topic::Requests,
        _ => Topic::Verdicts,
    };
    Fact {
        fact_id: format!("fact-{stage}-{event_id}"),
        stage: stage.into(),
        tenant: "default".into(),
        corpus: corpus.into(),
        job: job.into(),
        event_id: event_id.into(),
        event_type: "DocumentSubmitted".into(),
        origin: Origin { topic: topic.name().into(), partition: 0, offset: 0 },
        outcome: Outcome::Done,
        logic_version: format!("{stage}-1"),
        config_hash: "c0ffee".into(),
        at_ms: 1_000,
        ..Fact::default()
    }
}

/// Something that was sent to a topic, or recorded (`topic` empty).
pub fn sent<T: Recorded>(event_id: &str, topic: &str, record: &T) -> Sent {
    Sent {
        event_id: event_id.into(),
        event_type: T::NAME.into(),
        topic: topic.into(),
        content: Sealed::plain(Vec::new(), Codec::encode(record)),
    }
}

/// What `chunk` says of a document.
pub fn chunked(document_id: &str, corpus: &str, version: u32) -> DocumentChunked {
    DocumentChunked {
        document_id: document_id.into(),
        corpus: corpus.into(),
        source: format!("{document_id}.pdf"),
        version,
        content_hash: format!("hash-{document_id}-{version}"),
        plain: format!("Text of {document_id}, version {version}."),
        ..DocumentChunked::default()
    }
}

/// The fact of a document that was cut.
pub fn cut(job: &str, document_id: &str, corpus: &str) -> Fact {
    cut_version(job, document_id, corpus, 1)
}

pub fn cut_version(job: &str, document_id: &str, corpus: &str, version: u32) -> Fact {
    let passage =
        sent(&format!("{job}-passages"), "passages", &chunked(document_id, corpus, version));
    Fact { outputs: vec![passage], ..fact("chunk", job, &format!("{job}-submit"), corpus) }
}
