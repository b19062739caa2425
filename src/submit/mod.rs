//! `cns submit`: reads documents, sends them, waits until everything that follows from them is done, and
//! says what became of each.
//!
//! Invariant: every document that was found ends as a line of the table, also those that never left this
//! machine.

pub mod outcome;
pub mod read;
pub mod send;
pub mod source;

use std::{path::Path, time::Duration};

use crate::{
    args::SubmitArgs,
    client::Client,
    failure::{Code, Failure},
    terminal,
};
use outcome::Outcome;
use send::{Patience, Sender};
use source::{Defaults, Located};

/// Runs the command.
pub fn run(args: SubmitArgs) -> Result<(), Failure> {
    let client = Client::of(&args.remote)?;
    let defaults =
        Defaults { corpus: args.corpus, source: args.source, document_id: args.document_id };
    corpus_is_a_name(defaults.corpus.as_deref())?;
    let files = located(&args.paths, &defaults)?;
    let patience = Patience::lasting(Duration::from_secs(args.timeout));
    let mut sender = Sender::new(&client, patience);
    sender.send_all(files.iter().flat_map(|file| source::read(file, &defaults)))?;
    let outcomes = if args.no_wait { sender.unsettled() } else { sender.settle()? };
    if args.remote.json {
        print_json(&outcomes);
    } else if !outcomes.is_empty() {
        let table = if args.no_wait { outcome::jobs_table } else { outcome::table_of };
        terminal::print(&table(&outcomes, terminal::width()));
        terminal::print(&format!("\n{}", outcome::summary(&outcomes)));
        if args.no_wait {
            terminal::print("To see what becomes of one: cns job show JOB");
        }
    }
    exit(&outcomes)
}

/// What every document of the command would be refused for is told once, before anything is sent.
fn corpus_is_a_name(corpus: Option<&str>) -> Result<(), Failure> {
    match corpus {
        Some(name) if name.contains('/') => {
            let message = format!("--corpus {name} holds a slash, which no corpus may");
            let hint = format!("use another character: --corpus {}", name.replace('/', "-"));
            Err(Failure::new(Code::Usage, message).hint(hint))
        }
        Some(name) if name.trim().is_empty() => Err(Failure::new(Code::Usage, "--corpus is empty")
            .hint("leave it out to have it named by the folder")),
        _ => Ok(()),
    }
}

fn located(paths: &[impl AsRef<Path>], defaults: &Defaults) -> Result<Vec<Located>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        files.extend(source::locate(path.as_ref())?);
    }
    if defaults.document_id.is_some() && files.len() > 1 {
        let message =
            format!("--document-id names one document, but there are {} files", files.len());
        return Err(
            Failure::new(Code::Usage, message).hint("leave it out: each is named by its file")
        );
    }
    Ok(files)
}

/// One line each: the server's job where there is one, otherwise why there is none.
fn print_json(outcomes: &[Outcome]) {
    for outcome in outcomes {
        terminal::print(&outcome.json().to_string());
    }
}

fn exit(outcomes: &[Outcome]) -> Result<(), Failure> {
    if outcomes.is_empty() {
        return Err(Failure::new(Code::Usage, "no document was found there")
            .hint("cns submit reads .txt, .md, .html, .json and .jsonl"));
    }
    match outcomes.iter().filter(|outcome| outcome.is_rejected()).count() {
        0 => Ok(()),
        1 => {
            Err(Failure::new(Code::Unexpected, "1 document was rejected; its line above says why"))
        }
        n => Err(Failure::new(
            Code::Unexpected,
            format!("{n} documents were rejected; their lines above say why"),
        )),
    }
}
