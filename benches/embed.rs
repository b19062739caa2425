//! The stage `embed` with the encoder that comes with the project, against the encoder alone: the same sentences, the same
//! threads, in the same run.
//!
//! Ours reads documents from the embedded log, extracts their statements, has them embedded and commits what it proposes.
//! Alone is the ONNX Runtime with its tokenizer, given all the sentences at once, so that its batches are as good as they
//! get. `BENCH_PAGES` sets how many pages.

mod measure;
#[path = "node/texts.rs"]
#[allow(dead_code, reason = "the whole node has more kinds of documents")]
mod texts;

use std::{path::Path, sync::Arc, time::Duration};

use cns_narrative as narrative;
use cns_processors::{
    limits,
    models::{
        Embedder, ModelSet,
        onnx::{Directory, OnnxEmbedder, Runtime},
    },
    pipeline::{compute_threads, configure},
    runtime::{Compute, Metrics, Worker, WorkerOptions, lag},
    stages,
    topology::EMBED,
};
use cns_schemas::{
    Body, Codec, Configured, DocumentChunked, DocumentSubmitted, Event, EventId, Topic,
};
use cns_state::{Append, Embedded, EmbeddedOptions, Log, Partition, Record};
use measure::{median, row, spend, wanted};

fn main() {
    if !wanted() {
        return;
    }
    let Some(runtime) = Runtime::load(None).expect("the library can be loaded") else {
        println!("The ONNX Runtime library is not here (`make runtime`): nothing to measure.");
        return;
    };
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/minilm-l6");
    let directory = Directory::open(&directory).expect("the model is in the project");
    let encoder: Arc<dyn Embedder> =
        Arc::new(OnnxEmbedder::load(&runtime, &directory).expect("the model can be loaded"));
    let pages = std::env::var("BENCH_PAGES").ok().and_then(|n| n.parse().ok()).unwrap_or(100);
    let documents: Vec<DocumentChunked> = (0..pages).map(chunked).collect();
    let sentences: Vec<String> = documents.iter().flat_map(statements).collect();
    let mut rounds = Vec::new();
    for _ in 0..3 {
        let folder = tempfile::tempdir().expect("a directory");
        let stage = through_the_stage(folder.path(), &documents, encoder.clone());
        let texts: Vec<&str> = sentences.iter().map(String::as_str).collect();
        let alone = spend(|| drop(encoder.embed(&texts).expect("vectors"))).wall;
        rounds.push((sentences.len() as f64 / stage, sentences.len() as f64 / alone));
    }
    let ours = median(rounds.iter().map(|round| round.0).collect());
    let theirs = median(rounds.iter().map(|round| round.1).collect());
    row("stage embed, with its model", ours, theirs, "sentences/s", "0.95");
    let each = sentences.len() as f64 / pages as f64;
    println!(
        "{each:.1} sentences a page: embedding alone bounds the node at {:.0} pages a minute",
        60.0 * theirs / each
    );
}

fn chunked(number: usize) -> DocumentChunked {
    let document = DocumentSubmitted {
        document_id: format!("page-{number}"),
        corpus: "bench".into(),
        source: format!("page-{number}"),
        text: texts::page(number),
        ..DocumentSubmitted::default()
    };
    narrative::chunk(&document, 1).expect("a page can be cut")
}

/// What the stage gives to the encoder.
fn statements(document: &DocumentChunked) -> Vec<String> {
    let sno = narrative::extract("default", document).expect("a page has statements");
    sno.claims.iter().map(|claim| narrative::bare(&claim.text)).collect()
}

/// Wall seconds from the first record to the last commit.
fn through_the_stage(
    folder: &Path,
    documents: &[DocumentChunked],
    encoder: Arc<dyn Embedder>,
) -> f64 {
    let options = EmbeddedOptions { partitions: 1, ..EmbeddedOptions::standard() };
    let log: Arc<dyn Log> = Arc::new(Embedded::open(folder, &options).expect("open"));
    let models = ModelSet { embedder: encoder, ..ModelSet::builtin() };
    let config = Configured { models: models.names(), ..Configured::default() };
    log.append(configure(&*log, &config, 0)).expect("append");
    let records = documents.iter().enumerate().map(|(number, document)| record(number, document));
    log.append(records.collect()).expect("append");
    let stage = stages::all().into_iter().find(|stage| stage.spec().name == EMBED.name);
    let options = WorkerOptions {
        models,
        compute: Compute::Threads(compute_threads()),
        clock: || 0,
        suspects: Some(folder.join("inwork")),
        metrics: Metrics::unread(),
        batch: limits::BATCH,
        slow_after: limits::SLOW_AFTER,
        deadline: limits::COMPUTE_DEADLINE,
        ready_first: false,
        parked: Arc::default(),
    };
    let mut worker = Worker::new(log.clone(), stage.expect("embed is a stage"), options);
    spend(|| {
        while lag(&log, &[Topic::Passages]).expect("a lag") > 0 {
            worker.step(Duration::ZERO).expect("a step");
        }
    })
    .wall
}

fn record(number: usize, document: &DocumentChunked) -> Append {
    let event = Event {
        id: EventId::child("bench", "embed", number).0,
        tenant: "default".into(),
        job: format!("job-{number}"),
        cause: String::new(),
        at_ms: 0,
        traceparent: None,
        body: Body::DocumentChunked(document.clone()),
    };
    let record = Record {
        key: format!("default/bench/page-{number}").into_bytes(),
        value: Codec::encode_body(&event.body),
        headers: event.headers().to_pairs(),
        at_ms: 0,
    };
    Append { to: Partition { topic: Topic::Passages, index: 0 }, record }
}
