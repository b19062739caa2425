//! The command line. What a command does stands in the module of its name; here is only how it is called.

mod keys;
mod operator;
mod server;
mod views;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};

pub use keys::{KeysAction, KeysArgs};

use crate::client::DEFAULT_SERVER;
pub use operator::{
    ConfigAction, ConfigArgs, ModelsAction, ModelsArgs, SchemasAction, SchemasArgs, TopicsAction,
    TopicsArgs,
};
pub use server::ServerArgs;
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
    /// Keys of callers over HTTP: make, list and revoke them.
    #[command(
        after_help = "Example:\n  cns keys create --tenant acme --scope ingest,read --expires 90d"
    )]
    Keys(KeysArgs),
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
    /// Print a script that completes commands and options in your shell.
    #[command(
        after_help = "Example:\n  cns completions bash > ~/.local/share/bash-completion/completions/cns"
    )]
    Completions {
        /// Your shell.
        shell: clap_complete::Shell,
    },
    /// Write the manual, a page for each command.
    #[command(after_help = "Example:\n  cns man ~/.local/share/man/man1 && man cns-submit")]
    Man {
        /// The folder that the pages go into.
        #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
        folder: PathBuf,
    },
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
    /// File with the key to show to the server. Default: the variable CNS_API_KEY.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, global = true)]
    pub key_file: Option<PathBuf>,
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
