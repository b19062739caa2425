//! The binary: command line, settings, wiring. It owns no logic of the domain and decides nothing that is
//! recorded; `serve` puts the crates together, everything else asks a server over HTTP.

mod args;
mod client;
mod cluster;
mod config;
mod demo;
mod eval;
mod failure;
mod keys;
mod letters;
mod logging;
mod manual;
mod models;
mod otlp;
mod progress;
mod search;
mod serve;
mod settings;
mod show;
mod status;
mod submit;
mod terminal;
mod watch;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command, ServerArgs};
use failure::Failure;

/// RocksDB's memory as well as Rust's; `.cargo/config.toml` has its settings.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::tell(&format!("cns: {failure}"));
            ExitCode::from(failure.code as u8)
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(args) => serve(args),
        Command::Demo(args) => demo::run(&args),
        Command::Submit(args) => submit::run(args),
        Command::Job(view) => job(view),
        Command::Corpus(view) => show::corpus(&view.remote, view.action),
        Command::Sno(view) => show::run(show::View::Sno, &view.remote, view.action),
        Command::Conflict(view) => show::run(show::View::Conflict, &view.remote, view.action),
        Command::Synthesis(view) => show::run(show::View::Synthesis, &view.remote, view.action),
        Command::Document(view) => show::document(&view.remote, &view.action),
        Command::DeadLetter(view) => letters::run(&view.remote, view.action),
        Command::Search(args) => search::run(&args),
        Command::Status(remote) => status::run(&remote),
        Command::Config(args) => config::run(args.action),
        Command::Eval(args) => eval::run(&args),
        Command::Keys(args) => keys::run(args),
        Command::Topics(args) => cluster::topics::run(args),
        Command::Schemas(args) => cluster::schemas::run(args),
        Command::Models(args) => models::command::run(args),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man { folder } => manual::pages(&folder),
        Command::Doctor(args) => cluster::doctor::run(args),
    }
}

fn job(view: args::JobView) -> Result<(), Failure> {
    use args::{JobAction, ViewAction};
    match view.action {
        JobAction::Show { id } => show::run(show::View::Job, &view.remote, ViewAction::Show { id }),
        JobAction::List(page) => show::run(show::View::Job, &view.remote, ViewAction::List(page)),
        JobAction::Watch { id } => watch::job(&view.remote, &id),
    }
}

/// Runs the server until it is told to stop.
fn serve(args: ServerArgs) -> Result<(), Failure> {
    let settings = settings::load(args.sources())?.settings;
    settings.refuse_open_address()?;
    let keys = keys::told::told(&settings)?;
    logging::start(&settings.log);
    let running = serve::start(&settings).map_err(Failure::from)?;
    let address = running.address;
    terminal::print(&format!("cns {} serves http://{address}", env!("CARGO_PKG_VERSION")));
    let log = match settings.on_kafka() {
        true => format!(
            "on Kafka at {}, namespace {}",
            settings.kafka.brokers, settings.kafka.namespace
        ),
        false => "embedded".into(),
    };
    terminal::print(&format!("log {log}; stages {}", settings.stage_names().join(", ")));
    terminal::print(&format!("models {}", running.models));
    terminal::print(&format!("keys {keys}"));
    terminal::print(&format!("state in {}, stop with Ctrl-C", settings.state.display()));
    terminal::print("\nTry next, in another terminal:");
    for command in ["submit examples/coffee", "status"] {
        terminal::print(&format!(
            "  {} {command}{}",
            terminal::program(),
            client::server_flag(address)
        ));
    }
    running.wait().map_err(Failure::from)
}
