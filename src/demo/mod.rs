//! `cns demo`: runs the examples through a server of their own in this process, and shows what comes out.
//!
//! It talks to that server over HTTP like any other client, so that what works here works for users.

mod fresh;
mod report;

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::{
    args::{DemoArgs, ServerArgs},
    client::Client,
    failure::{Code, Failure},
    logging, serve,
    settings::{self, Settings},
    submit::{
        send::{Patience, Sender},
        source::{self, Defaults},
    },
    terminal,
};
use report::Corpus;

/// Where the demo keeps its state, so that a server can be started on it afterwards.
const STATE: &str = ".cns/demo";
/// The examples take seconds; more than this is a fault that should be told.
const PATIENCE: Duration = Duration::from_secs(300);

/// Runs the command.
pub fn run(args: &DemoArgs) -> Result<(), Failure> {
    let corpora = corpora(&args.examples)?;
    let settings = settings()?;
    let kept = if args.keep { "kept from before" } else { "fresh" };
    if !args.keep {
        fresh::directory(&settings.state)?;
    }
    logging::start(&settings.log);
    let running = serve::start(&settings)?;
    terminal::print(&format!(
        "server    http://{} in this process, state in {STATE} ({kept})",
        running.address
    ));
    terminal::print(&models(&running.models));
    terminal::print(&format!("examples  {} in {}\n", names(&corpora), args.examples.display()));
    let client = Client::new(&format!("http://{}", running.address))?;
    let shown = unless_stopped(&running, move || examine(&client, &corpora));
    // What was found out is shown even if stopping fails, and the server is stopped even if nothing was.
    let stopped = running.stop().map_err(Failure::from);
    terminal::print(&shown?);
    stopped
}

/// Does what takes long, and gives it up when the process is told to stop.
fn unless_stopped(
    running: &serve::Running,
    work: impl FnOnce() -> Result<String, Failure> + Send + 'static,
) -> Result<String, Failure> {
    let (done, shown) = crossbeam_channel::bounded(1);
    std::thread::spawn(move || done.send(work()));
    crossbeam_channel::select! {
        recv(running.signals()) -> _ => {
            Err(Failure::new(Code::Unexpected, "stopped; `cns demo` begins afresh"))
        }
        recv(shown) -> shown => shown.map_err(|_| anyhow::anyhow!("the demo panicked"))?,
    }
}

/// Submits every corpus, waits until all is settled, and makes the report.
fn examine(client: &Client, corpora: &[PathBuf]) -> Result<String, Failure> {
    let begun = Instant::now();
    let patience = Patience::lasting(PATIENCE);
    let mut senders = Vec::new();
    for folder in corpora {
        let files = source::locate(folder)?;
        // One after another, so that each run shows the same: of two copies the first one is the original.
        let mut sender = Sender::new(client, patience).titled(&name(folder)).in_turn();
        sender.send_all(files.iter().flat_map(|file| source::read(file, &Defaults::default())))?;
        senders.push((name(folder), sender));
    }
    let mut results = Vec::new();
    for (name, sender) in senders {
        let outcomes = sender.settle()?;
        results.push(Corpus::ask(client, name, outcomes)?);
    }
    let took = format!("settled in {:.1} s", begun.elapsed().as_secs_f64());
    report::text_of(client, &results, &took, STATE, terminal::width())
}

/// The user's settings, save for what makes the demo a demo.
fn settings() -> Result<Settings, Failure> {
    let loaded = settings::load(ServerArgs::default().sources())?;
    let mut settings = loaded.settings;
    settings.state = PathBuf::from(STATE);
    settings.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    settings.access.keys.clear();
    if !loaded.origins.contains_key("log.filter") {
        settings.log.filter = "warn".into();
    }
    Ok(settings)
}

/// The subfolders of the examples. One that has folders itself (`producers`) holds programs, no corpus.
fn corpora(examples: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(examples).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let hint = "run it in the folder that holds `examples`, or name them with --examples DIR";
    let entries = entries.map_err(|error| {
        Failure::new(Code::NotFound, format!("no examples in {}: {error}", examples.display()))
            .hint(hint)
    })?;
    let mut folders: Vec<PathBuf> =
        entries.iter().map(fs::DirEntry::path).filter(|path| is_corpus(path)).collect();
    folders.sort();
    if folders.is_empty() {
        let message =
            format!("{} holds no folder; each folder in it is a corpus", examples.display());
        return Err(Failure::new(Code::NotFound, message).hint(hint));
    }
    Ok(folders)
}

fn is_corpus(folder: &Path) -> bool {
    let holds_folder = |entries: fs::ReadDir| entries.flatten().any(|entry| entry.path().is_dir());
    fs::read_dir(folder).is_ok_and(|entries| !holds_folder(entries))
}

fn name(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn names(corpora: &[PathBuf]) -> String {
    corpora.iter().map(|folder| name(folder)).collect::<Vec<_>>().join(", ")
}

/// Says loudly what judges here: a user must not take rules for a language model.
fn models(told: &str) -> String {
    let what = match told.contains("lexical") && !told.contains('@') {
        true => "rules and word lists, no neural network; nothing is sent anywhere",
        false => "small local models; nothing is sent anywhere",
    };
    format!("models    {told}\n          {what}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_folder_of_programs_is_no_corpus() {
        let root = tempfile::tempdir().unwrap();
        for path in ["coffee/a.md", "producers/README.md", "producers/java/Main.java", "b.md"] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "text").unwrap();
        }
        assert_eq!(corpora(root.path()).unwrap(), [root.path().join("coffee")]);
    }
}
