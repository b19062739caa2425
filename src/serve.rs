//! A whole node in this process: log, stages, views, HTTP. The only place where the crates meet.
//!
//! Order matters. Start: port, HTTP (which says that it is starting), log, settings, stages, views, routes. Stop: HTTP,
//! stages, views, log; what a stage has in work is committed before it ends.

mod log;
mod machine;
mod secret;

use std::{
    net::{SocketAddr, TcpListener},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use axum::Router;
use cns_api::{
    ApiParts, ApiState, Bounds, Brake, Refresh, RetryAfter, Starting,
    access::Access,
    router,
    views::{VIEW_VERSION, ViewFolder},
};
use cns_processors::{
    limits,
    pipeline::{Pipeline, PipelineOptions, compute_threads},
    runtime, stages,
    topology::PERFORM,
};
use cns_schemas::{Topic, Traces};
use cns_state::{Log, ViewOptions, Views};
use prometheus_client::registry::Registry;
use tokio::sync::{oneshot, watch};

use machine::Machine;

use crate::{
    failure::{Code, Failure},
    keys::told,
    models,
    otlp::{self, Exporter},
    settings::Settings,
};

/// A node at work.
pub struct Running {
    /// Where HTTP is served; the port is the real one.
    pub address: SocketAddr,
    /// The models at work, for people.
    pub models: String,
    pipeline: Pipeline,
    folder: Folder,
    http: Http,
    exporter: Option<Arc<Exporter>>,
}

struct Folder {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
    panics: crossbeam_channel::Receiver<String>,
    /// Keeps the channel open: a fold that ends without a panic has said why, and what it folded is served.
    _panicked: crossbeam_channel::Sender<String>,
}

struct Http {
    stop: oneshot::Sender<()>,
    /// Sends once when the process is told to stop.
    signals: crossbeam_channel::Receiver<()>,
    thread: JoinHandle<std::io::Result<()>>,
}

/// How long open requests may take after the node was told to stop.
const HTTP_DRAIN: Duration = Duration::from_secs(5);
/// Memory of the view store for rows that are not yet in files.
const VIEW_WRITE_BUFFER_BYTES: usize = 16 << 20;
/// Memory of the view store for blocks of its files.
const VIEW_BLOCK_CACHE_BYTES: usize = 32 << 20;

/// Starts a node.
///
/// # Errors
/// A port or state directory that is in use, a model that is not here, a store that is damaged.
pub fn start(settings: &Settings) -> anyhow::Result<Running> {
    let chosen = load_models(settings)?;
    let told = chosen.told();
    let config = settings.configured(&chosen.named);
    let models = chosen.set;
    models.check(&config).map_err(|message| Failure::new(Code::Config, message))?;
    let access = told::keys(settings)?.map_or_else(Access::local, Access::keyed);
    let listener = TcpListener::bind(settings.listen)
        .with_context(|| format!("cannot listen on {}", settings.listen))?;
    let address = listener.local_addr()?;
    let starting = Starting::default();
    let (drain, draining) = watch::channel(false);
    let http = serve_http(listener, starting.router(), drain)?;
    let waiting = &http.signals;
    let log::Opened { log, job_key } =
        log::open(settings, &config, models.embedder.identity(), waiting)?;
    let mut registry = Registry::default();
    let exporter = otlp::start(settings, &mut registry)?;
    let traces = exporter.as_ref().map_or_else(Traces::off, |(_, traces)| traces.clone());
    let options = PipelineOptions {
        models,
        threads: compute_threads(),
        directory: settings.state.clone(),
        clock: now_ms,
        metrics: runtime::Metrics::register(&mut registry).traced(traces.clone()),
    };
    let machine = Machine::register(&mut registry, &settings.state, &config.hash());
    let refresh = refresh(&log, options.metrics.clone(), machine);
    let names = settings.stage_names();
    let mut here = stages::all();
    here.retain(|stage| names.contains(&stage.spec().name));
    let pipeline = Pipeline::start(&log, here, names.contains(&PERFORM.name), &options)?;
    let view_options = ViewOptions {
        write_buffer_bytes: VIEW_WRITE_BUFFER_BYTES,
        block_cache_bytes: VIEW_BLOCK_CACHE_BYTES,
        version: VIEW_VERSION,
    };
    let views = Views::open(&settings.state.join("views"), &view_options)?;
    let (folding, progress) =
        log::patiently(waiting, || Ok(ViewFolder::new(log.clone(), views.clone())?))?;
    let folder = follow(folding.traced(traces.clone()))?;
    let api = ApiState::new(ApiParts {
        log: log.clone(),
        views,
        progress,
        job_key,
        config,
        namespace: settings.kafka.namespace.clone(),
        answers_for_schemas: !settings.on_kafka(),
        traces,
        metrics: cns_api::Metrics::register(&mut registry),
        registry: Arc::new(registry),
        refresh,
        clock: now_ms,
        brake: brake(&log, settings.limits.queue_records_max),
        access,
        requests_at_once_max: settings.limits.requests_at_once_max as usize,
        draining,
    });
    starting.open(router(api));
    tracing::info!(event = "server.started", %address, state = %settings.state.display(), "Serving.");
    let exporter = exporter.map(|(exporter, _)| exporter);
    Ok(Running { address, models: told, pipeline, folder, http, exporter })
}

fn load_models(settings: &Settings) -> Result<models::Chosen, Failure> {
    tracing::info!(event = "worker.models_loading", "Models are loaded.");
    let begun = Instant::now();
    let chosen = models::choose(settings)?;
    models::permitted(settings, &chosen)?;
    tracing::info!(
        event = "worker.models_loaded",
        embedder = chosen.named.embedder,
        entailment = chosen.named.entailment,
        completer = chosen.named.completer,
        load_ms = begun.elapsed().as_millis() as u64,
        "Models are here."
    );
    Ok(chosen)
}

/// Has the views folded in a thread of their own.
fn follow(mut folding: ViewFolder) -> std::io::Result<Folder> {
    let stop = Arc::new(AtomicBool::new(false));
    let ending = stop.clone();
    let (panicked, panics) = crossbeam_channel::bounded(1);
    let tell = panicked.clone();
    let thread = std::thread::Builder::new().name("views".into()).spawn(move || {
        let follow = AssertUnwindSafe(|| folding.follow(&ending, limits::POLL_WAIT));
        match catch_unwind(follow) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::error!(%error, "The views cannot go on; nothing after this entry is served.");
            }
            Err(_) => drop(tell.send("the views panicked, which is a defect of cns".to_owned())),
        }
    })?;
    Ok(Folder { stop, thread, panics, _panicked: panicked })
}

impl Running {
    /// Ends with the first signal to stop, for whoever does not [`wait`](Self::wait).
    pub fn signals(&self) -> crossbeam_channel::Receiver<()> {
        self.http.signals.clone()
    }

    /// Serves until the process is told to stop, or a stage cannot go on.
    ///
    /// # Errors
    /// Why a stage could not go on.
    pub fn wait(self) -> anyhow::Result<()> {
        let failure = crossbeam_channel::select! {
            recv(self.http.signals) -> _ => None,
            recv(self.pipeline.failures()) -> failure => failure.ok(),
            recv(self.folder.panics) -> failure => failure.ok(),
        };
        self.stop()?;
        match failure {
            None => Ok(()),
            Some(failure) => Err(anyhow::anyhow!(failure)),
        }
    }

    /// Stops in order: no new documents, stages drained, views closed.
    ///
    /// # Errors
    /// What HTTP ended with.
    pub fn stop(self) -> anyhow::Result<()> {
        tracing::info!(event = "server.draining", "Draining.");
        // The receiver is gone only when HTTP has ended by itself.
        let _ = self.http.stop.send(());
        let served = self.http.thread.join();
        self.pipeline.drain();
        self.folder.stop.store(true, Ordering::SeqCst);
        drop(self.folder.thread.join());
        if let Some(exporter) = self.exporter {
            exporter.drain();
        }
        tracing::info!(event = "server.stopped", "Stopped.");
        served.map_err(|_| anyhow::anyhow!("the HTTP thread panicked"))?.context("serving HTTP")
    }
}

/// What is looked up when `/metrics` is asked for.
fn refresh(log: &Arc<dyn Log>, metrics: runtime::Metrics, machine: Machine) -> Refresh {
    let log = log.clone();
    Arc::new(move || {
        machine.look();
        if let Err(error) = metrics.lags(&log, now_ms()) {
            tracing::debug!(%error, "The lags cannot be told.");
        }
    })
}

/// Refuses documents while the entrance is too far behind.
fn brake(log: &Arc<dyn Log>, queue_records_max: u64) -> Brake {
    let log = log.clone();
    Arc::new(move || {
        let behind = runtime::lag(&log, &[Topic::Documents]).ok()?;
        let full = behind >= i64::try_from(queue_records_max).unwrap_or(i64::MAX);
        full.then(|| RetryAfter {
            seconds: 5,
            detail: format!("{behind} documents are waiting; {queue_records_max} may wait"),
        })
    })
}

fn serve_http(
    listener: TcpListener,
    routes: Router,
    drain: watch::Sender<bool>,
) -> anyhow::Result<Http> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .thread_name("http")
        .build()?;
    // Before anybody is told the address: from then on a signal means to stop in order.
    let told = {
        let _context = runtime.enter();
        told_to_stop()?
    };
    let (stop, stopped) = oneshot::channel();
    let (signal, signals) = crossbeam_channel::bounded(1);
    let thread = std::thread::Builder::new().name("http".into()).spawn(move || {
        let served = runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            tokio::spawn(async move {
                told.await;
                // Nobody waits for signals when the demo stops by itself.
                let _ = signal.send(());
            });
            let (draining, drained) = oneshot::channel();
            let server = cns_api::serve(listener, routes, Bounds::STANDARD, async move {
                drop(stopped.await);
                // Streams end now; nobody has to wait for one that would never end.
                drain.send_replace(true);
                let _ = draining.send(());
            });
            let deadline = async {
                drop(drained.await);
                tokio::time::sleep(HTTP_DRAIN).await;
            };
            tokio::select! {
                () = server => Ok(()),
                () = deadline => Ok(()),
            }
        });
        runtime.shutdown_timeout(HTTP_DRAIN);
        served
    })?;
    Ok(Http { stop, signals, thread })
}

/// Listens for signals from now on; ends with the first.
fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// The edge's clock: milliseconds since 1970.
pub fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}
