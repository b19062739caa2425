//! The wiring of a process: one thread for each stage and one for the performer. Nothing else owns threads.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::JoinHandle,
};

use cns_narrative as narrative;
use cns_schemas::{Body, Codec, Configured, DocumentSubmitted, Event, EventId};
use cns_state::{Append, Error, Log, Partition, Record};
use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::{
    Stage, limits,
    models::ModelSet,
    runtime::{Compute, Metrics, Performer, PerformerOptions, Progress, Worker, WorkerOptions},
    topology::{PERFORM, STAGES},
};

/// What the stages of a process need.
#[derive(Clone)]
pub struct PipelineOptions {
    /// The models.
    pub models: ModelSet,
    /// Compute threads of a stage that works side by side.
    pub threads: usize,
    /// Where positions in work are noted.
    pub directory: PathBuf,
    /// Milliseconds since 1970.
    pub clock: fn() -> i64,
    /// What is counted.
    pub metrics: Metrics,
}

/// The running stages.
pub struct Pipeline {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    failures: Receiver<String>,
    /// Keeps the channel open: a process without stages has no failures, and goes on.
    failed: Sender<String>,
}

impl Pipeline {
    /// Starts the stages, and the performer if this process has it.
    ///
    /// # Errors
    /// [`Error::Io`] when the system gives no thread.
    pub fn start(
        log: &Arc<dyn Log>,
        stages: Vec<Arc<dyn Stage>>,
        performs: bool,
        options: &PipelineOptions,
    ) -> Result<Pipeline, Error> {
        warm_up(&options.models);
        let stop = Arc::new(AtomicBool::new(false));
        let (failed, failures) = unbounded();
        let parked = Arc::new(AtomicUsize::new(0));
        let mut pipeline = Pipeline { stop, threads: Vec::new(), failures, failed };
        for stage in stages {
            let name = stage.spec().name;
            let worker = WorkerOptions {
                models: options.models.clone(),
                compute: Compute::Threads(options.threads),
                clock: options.clock,
                suspects: Some(options.directory.join(format!("inwork-{name}"))),
                metrics: options.metrics.clone(),
                batch: limits::BATCH,
                slow_after: limits::SLOW_AFTER,
                deadline: limits::COMPUTE_DEADLINE,
                ready_first: false,
                parked: parked.clone(),
            };
            let mut worker = Worker::new(log.clone(), stage, worker);
            pipeline.spawn(name, move || worker.step(limits::POLL_WAIT))?;
        }
        if !performs {
            return Ok(pipeline);
        }
        let performer = PerformerOptions {
            models: options.models.clone(),
            compute: Compute::Threads(options.threads),
            clock: options.clock,
            metrics: options.metrics.clone(),
        };
        let mut performer = Performer::new(log.clone(), performer);
        pipeline.spawn(PERFORM.name, move || performer.step(limits::POLL_WAIT))?;
        Ok(pipeline)
    }

    fn spawn(
        &mut self,
        name: &'static str,
        mut step: impl FnMut() -> Result<Progress, Error> + Send + 'static,
    ) -> Result<(), Error> {
        let (stop, failed) = (self.stop.clone(), self.failed.clone());
        let run = move || {
            while !stop.load(Ordering::SeqCst) {
                let stepped = catch_unwind(AssertUnwindSafe(&mut step));
                let failure = match stepped {
                    Ok(Ok(_)) => continue,
                    Ok(Err(error)) => error.to_string(),
                    Err(_) => "it panicked, which is a defect of cns".to_owned(),
                };
                tracing::error!(
                    event = "stage.stopped",
                    stage = name,
                    failure,
                    "The stage cannot go on."
                );
                // The receiver lives as long as the pipeline; without it nobody has to be told.
                drop(failed.send(format!("stage {name}: {failure}")));
                return;
            }
        };
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(run);
        let thread = thread.map_err(|error| Error::Io {
            what: format!("starting {name}"),
            detail: error.to_string(),
        })?;
        self.threads.push(thread);
        Ok(())
    }

    /// Tells, one by one, why a stage cannot go on. The process has to stop then.
    pub fn failures(&self) -> &Receiver<String> {
        &self.failures
    }

    /// Lets every stage finish the batch that it works on, and commit it.
    pub fn drain(self) {
        self.stop.store(true, Ordering::SeqCst);
        for thread in self.threads {
            // A thread that panicked has committed nothing that it should not have.
            drop(thread.join());
        }
    }
}

/// Has the patterns and tables that are made at their first use made now. A first record would otherwise be
/// in work for long, and a process that is killed from outside meanwhile would put the blame on it.
fn warm_up(models: &ModelSet) {
    let document = DocumentSubmitted {
        document_id: "warm-up".into(),
        corpus: "warm-up".into(),
        source: "warm-up".into(),
        text: "We find that warm soil raises the yield of beans by 4 percent (doi:10.5555/warm)."
            .into(),
        ..DocumentSubmitted::default()
    };
    let text = [document.text.as_str()];
    let extracted =
        narrative::chunk(&document, 1).and_then(|chunked| narrative::extract("", &chunked));
    if let Ok(sno) = &extracted {
        drop(narrative::critic::plan_grounding(sno));
    }
    if !models.embedder.remote() {
        drop(models.embedder.embed(&text));
    }
    if !models.entailment.remote() {
        drop(models.entailment.entail(&[(text[0], text[0])]));
    }
    drop(Codec::encode(&document));
}

/// The settings for every partition of every inbox where decisions depend on them; to be appended together.
pub fn configure(log: &dyn Log, config: &Configured, now_ms: i64) -> Vec<Append> {
    let mut appends = Vec::new();
    for spec in STAGES.iter().filter(|spec| spec.inbox != cns_schemas::Topic::Facts) {
        for index in 0..log.partitions(spec.inbox) {
            let event = Event {
                id: EventId::child(
                    &config.hash(),
                    &format!("{}/{now_ms}", spec.name),
                    index as usize,
                )
                .0,
                tenant: "system".into(),
                job: "configuration".into(),
                cause: String::new(),
                at_ms: now_ms,
                traceparent: None,
                body: Body::Configured(config.clone()),
            };
            let record = Record {
                key: b"system/configuration".to_vec(),
                value: Codec::encode_body(&event.body),
                headers: event.headers().to_pairs(),
                at_ms: now_ms,
            };
            appends.push(Append { to: Partition { topic: spec.inbox, index }, record });
        }
    }
    appends
}

/// The share of the machine's cores that compute threads may use.
pub fn compute_threads() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().min(8))
}
