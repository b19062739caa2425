//! The commands of whoever runs a server: settings, topics, schemas, models.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::ServerArgs;

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
    /// Say everything that is wrong with the settings, models included. Exits with 3 when something is.
    Check {
        #[command(flatten)]
        server: ServerArgs,
        /// Print what was found as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print a settings file with all defaults and what each means.
    Example,
    /// Print the reference of all settings, as Markdown.
    Reference,
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
