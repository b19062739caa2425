//! `cns models`: which models there are, and whether one in a directory works.

use std::{path::Path, time::Instant};

use cns_processors::models::{
    Embedder, Entailment,
    onnx::{Directory, Kind, Manifest, OnnxEmbedder, OnnxEntailment, Runtime},
};
use serde_json::{Value, json};

use super::{choose, failure, locate, runtime};
use crate::{
    args::{ModelsAction, ModelsArgs},
    failure::{Code, Failure},
    settings::{self, Settings},
    show::table::table,
    terminal,
};

/// Runs the command.
pub fn run(args: ModelsArgs) -> Result<(), Failure> {
    let settings = settings::load(args.server.sources())?.settings;
    let (shown, verdict) = match &args.action {
        ModelsAction::List => (list(&settings)?, Ok(())),
        ModelsAction::Check { directory } => check(&settings, directory)?,
    };
    terminal::print(&if args.json {
        shown.json().to_string()
    } else {
        table(shown.header, shown.rows.into_iter(), terminal::width())
    });
    verdict
}

/// A table, as people and as machines read it.
struct Shown {
    header: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

impl Shown {
    /// A row of a two-column table is a field; other rows are objects.
    fn json(&self) -> Value {
        if self.header.len() == 2 {
            return self.rows.iter().map(|row| (row[0].clone(), json!(row[1]))).collect();
        }
        let object = |row: &Vec<String>| -> Value {
            self.header
                .iter()
                .map(|name| (*name).to_owned())
                .zip(row.iter().map(|c| json!(c)))
                .collect()
        };
        self.rows.iter().map(object).collect()
    }
}

/// What each port uses, and the models that come with the project.
fn list(settings: &Settings) -> Result<Shown, Failure> {
    let chosen = choose(settings)?;
    let mut rows = Vec::new();
    let ports = [
        ("embedder", &chosen.named.embedder),
        ("entailment", &chosen.named.entailment),
        ("completer", &chosen.named.completer),
    ];
    for (port, name) in ports {
        rows.push(vec![port.into(), name.clone(), "at work".into()]);
    }
    for (port, own) in [("embedder", super::ENCODER), ("entailment", super::ENTAILMENT)] {
        let place = locate(own).map_or("not here".into(), |path| path.display().to_string());
        rows.push(vec![port.into(), own.into(), place]);
    }
    let library = runtime(settings)?.map_or_else(
        || "not here; `make runtime` fetches it".to_owned(),
        |runtime| runtime.path.display().to_string(),
    );
    rows.push(vec!["runtime".into(), "ONNX Runtime".into(), library]);
    Ok(Shown { header: &["for", "name", "where"], rows })
}

/// Loads a model, holds what it says against what a reader would say, and measures it.
fn check(settings: &Settings, path: &Path) -> Result<(Shown, Result<(), Failure>), Failure> {
    let runtime = runtime(settings)?.ok_or_else(|| {
        Failure::new(Code::Dependency, "the ONNX Runtime library is not here").hint("make runtime")
    })?;
    let directory = Directory::open(path).map_err(failure)?;
    let mut report = Report::default();
    let manifest = match &directory.kind {
        Kind::Encoder { dimension, pooling } => {
            let embedder = OnnxEmbedder::load(&runtime, &directory).map_err(failure)?;
            report.say("port", "embedder");
            report.say("dimension", &dimension.to_string());
            report.say("pooling", pooling.name());
            encoder(&embedder, &mut report)?;
            embedder.manifest().clone()
        }
        Kind::Entailment(labels) => {
            let entailment = OnnxEntailment::load(&runtime, &directory).map_err(failure)?;
            report.say("port", "entailment");
            report.say(
                "labels",
                &format!(
                    "entailment {}, neutral {}, contradiction {}",
                    labels.entailment, labels.neutral, labels.contradiction
                ),
            );
            judge(&entailment, &mut report)?;
            entailment.manifest().clone()
        }
    };
    report.say("tokens at most", &directory.tokens_max.to_string());
    report.provenance(&manifest, &runtime);
    let verdict = match report.failed {
        0 => Ok(()),
        failed => Err(Failure::new(
            Code::Verification,
            format!(
                "{failed} of {} tries went wrong; this model does not do what its port needs",
                report.tried
            ),
        )),
    };
    Ok((Shown { header: &["what", "found"], rows: report.rows }, verdict))
}

#[derive(Default)]
struct Report {
    rows: Vec<Vec<String>>,
    tried: usize,
    failed: usize,
}

impl Report {
    fn say(&mut self, what: &str, found: &str) {
        self.rows.push(vec![what.into(), found.into()]);
    }

    fn tried(&mut self, what: &str, went_well: bool, found: &str) {
        self.tried += 1;
        self.failed += usize::from(!went_well);
        self.say(what, &format!("{} ({found})", if went_well { "ok" } else { "WRONG" }));
    }

    fn provenance(&mut self, manifest: &Manifest, runtime: &Runtime) {
        self.say("name in results", &manifest.name());
        self.say("runtime", &runtime.version);
        self.say("options", &manifest.options);
        for (file, sha256) in &manifest.files {
            self.say(file, &format!("sha256 {sha256}"));
        }
    }
}

const SENTENCE: &str = "Regular exercise improves the memory of older adults.";
const PARAPHRASE: &str = "Older people who train often remember things better.";
const UNRELATED: &str = "The bridge was painted green in the spring of last year.";
const DENIAL: &str = "Regular exercise does not improve the memory of older adults.";
/// Sentences that are run together when the speed is measured.
const SPEED_BATCH: usize = 64;

fn encoder(embedder: &OnnxEmbedder, report: &mut Report) -> Result<(), Failure> {
    let vectors = embedder.embed(&[SENTENCE, PARAPHRASE, UNRELATED]).map_err(wrong)?;
    let (near, far) = (vectors[0].cosine(&vectors[1]), vectors[0].cosine(&vectors[2]));
    report.tried("a paraphrase is near", near > far + 0.1, &format!("cosine {near:.2}"));
    report.tried("another topic is far", far < 0.4, &format!("cosine {far:.2}"));
    let alone = embedder.embed(&[SENTENCE]).map_err(wrong)?;
    let same = alone[0] == vectors[0];
    report.tried(
        "alone as in a batch",
        same,
        if same { "the same vector" } else { "another vector" },
    );
    let begun = Instant::now();
    embedder.embed(&[SENTENCE; SPEED_BATCH]).map_err(wrong)?;
    report.say("speed", &speed(begun, "sentences of 12 tokens"));
    Ok(())
}

fn judge(entailment: &OnnxEntailment, report: &mut Report) -> Result<(), Failure> {
    let pairs = [(SENTENCE, SENTENCE), (SENTENCE, UNRELATED), (SENTENCE, DENIAL)];
    let scores = entailment.entail(&pairs).map_err(wrong)?;
    let rows = [
        ("a sentence entails itself", scores[0].entailment),
        ("another topic is neutral", scores[1].neutral),
        ("a denial contradicts", scores[2].contradiction),
    ];
    for (what, probability) in rows {
        report.tried(what, probability > 0.5, &format!("probability {probability:.2}"));
    }
    let begun = Instant::now();
    entailment.entail(&[(SENTENCE, DENIAL); SPEED_BATCH]).map_err(wrong)?;
    report.say("speed", &speed(begun, "pairs of 25 tokens"));
    Ok(())
}

fn speed(begun: Instant, of: &str) -> String {
    format!("{:.0} {of} a second", SPEED_BATCH as f64 / begun.elapsed().as_secs_f64())
}

fn wrong(error: cns_processors::models::ModelError) -> Failure {
    Failure::new(Code::Verification, error.to_string())
}
