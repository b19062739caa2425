//! The command line. What a command does stands in the module of its name; here is only how it is called.

mod views;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};

use crate::client::DEFAULT_SERVER;
use crate::settings::{Given, Origin, Raw, Sources};
pub use views::{
    CorpusAction, CorpusView, DeadLetterAction, DeadLetterView, DocumentAction, DocumentView,
    JobAction, JobView, LetterDecision, LetterFilter, Page, SearchArgs, View, ViewAction,
};

/// Turns documents into structured narratives, finds those that contradict each other over the same
/// evidence, and synthesizes them.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, after_help = FIRST_STEPS)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const FIRST_STEPS: &str = "\
First steps:
  cns demo                     see it work on the examples
  cns serve                    start a server, then in another terminal:
  cns submit notes/            submit a folder of documents
  cns synthesis list           see what came of them

Exit codes:
  0 ok   1 unexpected, or a document was rejected   2 usage   3 settings invalid
  4 server, port or state directory not available   5 not found   6 verification failed
  7 timed out   8 refused by a rule";

/// All commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server: all stages and the HTTP interface in this process.
    #[command(after_help = "Example:\n  cns serve --state .cns --listen 127.0.0.1:8000")]
    Serve(ServerArgs),
    /// Run the examples through a server of their own and show what comes out.
    #[command(after_help = "Example:\n  cns demo --examples examples")]
    Demo(DemoArgs),
    /// Submit documents and wait until everything that follows from them is done.
    #[command(after_help = SUBMIT_EXAMPLES)]
    Submit(SubmitArgs),
    /// Jobs: what became of each submission.
    #[command(after_help = "Examples:\n  cns job show job_0193…\n  cns job watch job_0193…")]
    Job(JobView),
    /// Corpora: what each holds, in numbers, and why nothing is in conflict.
    #[command(after_help = "Example:\n  cns corpus show coffee")]
    Corpus(CorpusView),
    /// SNOs: hypothesis, claims, evidence and trust of a document or a synthesis.
    #[command(after_help = "Example:\n  cns sno list --corpus coffee")]
    Sno(View),
    /// Conflicts: pairs of SNOs that contradict each other over the same evidence.
    #[command(after_help = "Example:\n  cns conflict list --corpus coffee")]
    Conflict(View),
    /// Syntheses: the narratives made of conflicts.
    #[command(after_help = "Example:\n  cns synthesis show sno_7c31…")]
    Synthesis(View),
    /// Documents: what became of each, and what is known of one, by the id that its submitter gave.
    #[command(after_help = "Example:\n  cns document show workday-report.md --corpus coffee")]
    Document(DocumentView),
    /// Dead letters: records that could not be handled, and why.
    #[command(
        name = "dead-letter",
        after_help = "Examples:\n  cns dead-letter list --status open\n  cns dead-letter retry dl_7c31… --reason \"the model answers again\""
    )]
    DeadLetter(DeadLetterView),
    /// Search: SNOs of a corpus by the words of a question, the nearest first.
    #[command(after_help = "Example:\n  cns search \"coffee and sleep\" --corpus coffee")]
    Search(SearchArgs),
    /// How the server is doing, stage by stage.
    #[command(after_help = "Example:\n  cns status")]
    Status(Remote),
    /// Settings: the effective ones, an example file, or those in force on Kafka.
    #[command(after_help = "Example:\n  cns config show --config cns.toml")]
    Config(ConfigArgs),
    /// Measure the models of this process on labelled data, beside baselines, with 95 % intervals.
    #[command(after_help = EVAL_DATA)]
    Eval(EvalArgs),
    /// Topics of a Kafka cluster: what has to be there, and creating it.
    #[command(
        after_help = "Example:\n  cns topics plan --kafka-brokers localhost:9092 --kafka-registry http://localhost:8081"
    )]
    Topics(TopicsArgs),
    /// Schemas of a schema registry: registered, or allowed to be.
    #[command(after_help = "Example:\n  cns schemas check --config cns.toml")]
    Schemas(SchemasArgs),
    /// Models: which are at work, and whether one in a directory does what it should.
    #[command(after_help = "Examples:\n  cns models list\n  cns models check models/minilm-l6-nli")]
    Models(ModelsArgs),
    /// Look at all that a process needs, and say how to mend what is wrong.
    #[command(after_help = "Example:\n  cns doctor --config cns.toml")]
    Doctor(ServerArgs),
}

const SUBMIT_EXAMPLES: &str = "\
Reads .txt, .md, .html (one document each), .json (one document or an array) and .jsonl (one a line).
A document in JSON: {\"text\": …} and, if you like, document_id, corpus, source, source_uri, published_at, metadata.

Examples:
  cns submit examples/coffee
  cns submit report.md --corpus trials --source \"Trial report 2023\"
  cat notes.txt | cns submit - --document-id notes --corpus trials";

const EVAL_DATA: &str = "\
Reads, told apart by content:
  CSV with the columns evidence, claim, label (supports, refutes, neutral)
  JSON lines {evidence, claim, label} or {claim, evidences: [{evidence, evidence_label}]}
  JSON lines {pair, topic, label, a: {document_id, text}, b} of documents that conflict or not
  JSON lines {a, b, same, why} of texts that cite the same evidence or not

Examples:
  cns eval healthver_dev.csv climate_fever_dev.jsonl
  cns eval pairs.jsonl --errors 5 --plots plots
  cns eval healthver_dev.csv --calibrate calibration.json";

/// Which server to ask, and how to show its answer.
#[derive(Debug, Clone, Args)]
pub struct Remote {
    /// The server to ask.
    #[arg(long, env = "CNS_SERVER", default_value = DEFAULT_SERVER, value_name = "URL", global = true)]
    pub server: String,
    /// Print the server's JSON, unchanged.
    #[arg(long, global = true)]
    pub json: bool,
}

/// Options of `cns submit`.
#[derive(Debug, Args)]
pub struct SubmitArgs {
    /// A file, a folder (with all below it), or `-` for text from standard input.
    #[arg(value_name = "FILE|DIR|-", value_hint = ValueHint::AnyPath, required = true)]
    pub paths: Vec<PathBuf>,
    /// The collection, for documents that name none. Default: the folder's name, or `default`.
    #[arg(long, value_name = "CORPUS")]
    pub corpus: Option<String>,
    /// Where they come from, for documents that do not say it. Default: the file's name.
    #[arg(long, value_name = "TEXT")]
    pub source: Option<String>,
    /// The document's id; only for one document. Default: the file's name.
    #[arg(long, value_name = "ID")]
    pub document_id: Option<String>,
    /// Do not wait: print the jobs and end.
    #[arg(long)]
    pub no_wait: bool,
    /// Give up waiting after so many seconds; the server goes on.
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    pub timeout: u64,
    #[command(flatten)]
    pub remote: Remote,
}

/// Options of `cns demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// A folder in which each subfolder, if it holds files alone, is a corpus.
    #[arg(long, default_value = "examples", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub examples: PathBuf,
    /// Keep what an earlier demo left in its state directory, instead of starting afresh.
    #[arg(long)]
    pub keep: bool,
}

/// Options of `cns eval`.
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// Labelled data.
    #[arg(value_name = "DATA", value_hint = ValueHint::FilePath, required = true)]
    pub data: Vec<PathBuf>,
    /// Print the reports as JSON.
    #[arg(long)]
    pub json: bool,
    /// Write pictures of the reports into this folder, as SVG.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub plots: Option<PathBuf>,
    /// List so many of the worst mistakes, with their texts.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub errors: usize,
    /// Only the first rows of each file.
    #[arg(long, default_value_t = usize::MAX, hide_default_value = true, value_name = "ROWS")]
    pub limit: usize,
    /// Resamples that an interval is taken from; 0 gives no intervals.
    #[arg(long, default_value_t = 1000, value_name = "N")]
    pub resamples: usize,
    /// The same seed draws the same resamples and folds.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Fit a calibration of the entailment model on the claims and write it here, as JSON.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub calibrate: Option<PathBuf>,
    /// Measure the entailment model without its calibration.
    #[arg(long)]
    pub uncalibrated: bool,
    #[command(flatten)]
    pub server: ServerArgs,
}

/// Where a server's settings come from.
#[derive(Debug, Clone, Default, Args)]
pub struct ServerArgs {
    /// Settings file. Default: cns.toml, if there is one.
    #[arg(long, env = "CNS_CONFIG", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Folder of everything that survives a restart [default: .cns].
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub state: Option<String>,
    /// Where HTTP is served, a loopback address [default: 127.0.0.1:8000].
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    /// Brokers of a Kafka cluster that has the log, instead of the state folder.
    #[arg(long, value_name = "HOST:PORT,…")]
    pub kafka_brokers: Option<String>,
    /// URL of the schema registry; needed with --kafka-brokers.
    #[arg(long, value_name = "URL")]
    pub kafka_registry: Option<String>,
    /// The stages that this process runs: all, none, or for example embed,critique [default: all].
    #[arg(long, value_name = "STAGES")]
    pub stages: Option<String>,
    /// Diagnostics: auto, text or json.
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<String>,
    /// Which diagnostics, for example `warn` or `info,cns_state=debug`.
    #[arg(long, value_name = "FILTER")]
    pub log_filter: Option<String>,
}

impl ServerArgs {
    /// All sources of settings, the environment of this process included.
    pub fn sources(self) -> Sources {
        let flags = [
            ("state", "--state", self.state),
            ("listen", "--listen", self.listen),
            ("kafka.brokers", "--kafka-brokers", self.kafka_brokers),
            ("kafka.registry", "--kafka-registry", self.kafka_registry),
            ("stages", "--stages", self.stages),
            ("log.format", "--log-format", self.log_format),
            ("log.filter", "--log-filter", self.log_filter),
        ];
        let given = |(path, flag, value): (&str, &'static str, Option<String>)| {
            value.map(|value| Given {
                path: path.into(),
                value: Raw::Unquoted(value),
                origin: Origin::Flag(flag),
            })
        };
        // A variable that is not Unicode cannot be one of ours: our names and values are plain text.
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Sources {
            file: self.config,
            variables: variables.collect(),
            flags: flags.into_iter().filter_map(given).collect(),
        }
    }
}

/// `cns config`.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    #[command(subcommand)]
    pub action: ConfigAction,
}

/// What can be asked of settings.
#[derive(Debug, Subcommand)]
pub enum ConfigAction {
    /// Show the effective settings, and where each comes from.
    Show {
        #[command(flatten)]
        server: ServerArgs,
        /// Print them as JSON.
        #[arg(long)]
        json: bool,
    },
    /// On Kafka: put weights, gates and models in force for all processes of the namespace.
    Apply {
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Print a settings file with all defaults and what each means.
    Example,
}

/// `cns topics`.
#[derive(Debug, Args)]
pub struct TopicsArgs {
    #[command(subcommand)]
    pub action: TopicsAction,
    #[command(flatten)]
    pub server: ServerArgs,
    /// Print the differences as JSON.
    #[arg(long, global = true)]
    pub json: bool,
}

/// What can be done with topics.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum TopicsAction {
    /// Compare the cluster with what has to be. Exits with 6 when they differ.
    Plan,
    /// Create the topics that are missing. Nothing is deleted, shrunk or altered.
    Apply,
}

/// `cns schemas`.
#[derive(Debug, Args)]
pub struct SchemasArgs {
    #[command(subcommand)]
    pub action: SchemasAction,
    #[command(flatten)]
    pub server: ServerArgs,
    /// Print them as JSON.
    #[arg(long, global = true)]
    pub json: bool,
}

/// What can be done with schemas.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum SchemasAction {
    /// Say of each schema whether it is registered or may be. Exits with 6 when one may not.
    Check,
    /// Register all that are not registered yet.
    Register,
}

/// `cns models`.
#[derive(Debug, Args)]
pub struct ModelsArgs {
    #[command(subcommand)]
    pub action: ModelsAction,
    #[command(flatten)]
    pub server: ServerArgs,
    /// Print it as JSON.
    #[arg(long, global = true)]
    pub json: bool,
}

/// What can be asked of models.
#[derive(Debug, Clone, Subcommand)]
pub enum ModelsAction {
    /// Say which models are at work, and where they are.
    List,
    /// Load a model, try it, and measure it. Exits with 6 when it does not do what it should.
    Check {
        /// Its directory, as sentence-transformers or Hugging Face lays it out.
        #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
        directory: PathBuf,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_has_an_example() {
        for command in Arguments::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Example"), "{}", command.get_name());
            assert!(command.get_about().is_some(), "{}", command.get_name());
        }
    }
}
