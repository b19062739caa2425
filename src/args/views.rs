//! How the commands that ask a server are called.

use clap::{Args, Subcommand};

use super::Remote;

/// A view that has a list and single entries.
#[derive(Debug, Args)]
pub struct View {
    #[command(flatten)]
    pub remote: Remote,
    #[command(subcommand)]
    pub action: ViewAction,
}

/// List, or show one.
#[derive(Debug, Subcommand)]
pub enum ViewAction {
    /// Show one in full.
    Show {
        /// Its id, as `list` prints it.
        id: String,
    },
    /// List them, newest first where they have a time.
    List(Page),
}

/// Jobs can also be watched.
#[derive(Debug, Args)]
pub struct JobView {
    #[command(flatten)]
    pub remote: Remote,
    #[command(subcommand)]
    pub action: JobAction,
}

/// What can be asked of a job.
#[derive(Debug, Subcommand)]
pub enum JobAction {
    /// Show one in full.
    Show {
        /// Its id, as `list` prints it.
        id: String,
    },
    /// List them, newest first.
    List(Page),
    /// Print a line for each thing that happens, until nothing is open any more.
    Watch {
        /// Its id.
        id: String,
    },
}

/// Dead letters can also be decided about.
#[derive(Debug, Args)]
pub struct DeadLetterView {
    #[command(flatten)]
    pub remote: Remote,
    #[command(subcommand)]
    pub action: DeadLetterAction,
}

/// What can be done with dead letters.
#[derive(Debug, Subcommand)]
pub enum DeadLetterAction {
    /// Show one in full.
    Show {
        /// Its id, as `list` prints it.
        id: String,
    },
    /// List them, newest first.
    List {
        #[command(flatten)]
        page: Page,
        #[command(flatten)]
        only: LetterFilter,
    },
    /// Submit its document again, as a new job. Offered where that can cure it.
    Retry(LetterDecision),
    /// Leave it at that.
    Drop(LetterDecision),
}

/// Which dead letters.
#[derive(Debug, Args)]
pub struct LetterFilter {
    /// Only open, retried or dropped ones.
    #[arg(long, value_name = "STATUS")]
    pub status: Option<String>,
    /// Only those with this code.
    #[arg(long, value_name = "CODE")]
    pub code: Option<String>,
    /// Only those of this stage.
    #[arg(long, value_name = "STAGE")]
    pub stage: Option<String>,
    /// Those in which no tenant could be read.
    #[arg(long)]
    pub unowned: bool,
}

/// A decision about a dead letter. It is recorded, and made once.
#[derive(Debug, Args)]
pub struct LetterDecision {
    /// Its id, as `list` prints it.
    pub id: String,
    /// Why; it is recorded with the decision.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// Options of `cns search`.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// What to look for, in words.
    pub query: String,
    /// The collection.
    #[arg(long, value_name = "CORPUS")]
    pub corpus: String,
    /// At most so many.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub top_k: u32,
    /// Only those with at least this trust.
    #[arg(long, value_name = "0..1")]
    pub min_trust: Option<f64>,
    #[command(flatten)]
    pub remote: Remote,
}

/// Corpora are named by their submitters.
#[derive(Debug, Args)]
pub struct CorpusView {
    #[command(flatten)]
    pub remote: Remote,
    #[command(subcommand)]
    pub action: CorpusAction,
}

/// What can be asked of a corpus.
#[derive(Debug, Subcommand)]
pub enum CorpusAction {
    /// Show one: documents and SNOs by status, pairs, conflicts, syntheses.
    Show {
        /// Its name.
        corpus: String,
    },
    /// List them: shorter names first.
    List {
        /// At most so many entries.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
        /// Go on where a list ended: the cursor that it printed.
        #[arg(long)]
        cursor: Option<String>,
    },
}

/// Which part of a list.
#[derive(Debug, Clone, Default, Args)]
pub struct Page {
    /// Only this collection.
    #[arg(long, value_name = "CORPUS")]
    pub corpus: Option<String>,
    /// At most so many entries.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub limit: u32,
    /// Go on where a list ended: the cursor that it printed.
    #[arg(long)]
    pub cursor: Option<String>,
}

/// Documents are named by their submitter, inside a corpus.
#[derive(Debug, Args)]
pub struct DocumentView {
    #[command(flatten)]
    pub remote: Remote,
    #[command(subcommand)]
    pub action: DocumentAction,
}

/// What can be asked of a document.
#[derive(Debug, Subcommand)]
pub enum DocumentAction {
    /// List them, newest first.
    List {
        #[command(flatten)]
        page: Page,
        /// Only those with this status: queued, processing, admitted, archived, duplicate or rejected.
        #[arg(long, value_name = "STATUS")]
        status: Option<String>,
    },
    /// Show one: its versions, and all that rests on it.
    Show {
        /// The id that its submitter gave.
        id: String,
        /// The collection that it is in; needed when several have a document of that id.
        #[arg(long, value_name = "CORPUS")]
        corpus: Option<String>,
    },
}
