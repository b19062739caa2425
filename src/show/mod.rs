//! Shows what a server knows: lists as tables, single entries in full, or its JSON unchanged.
//!
//! Each view has one row in [`View`]'s methods: where it is asked for, how a list of it looks, how one looks.

pub mod conflict;
mod corpus;
mod dead_letter;
mod document;
pub mod field;
mod job;
pub mod lineage;
pub mod list;
pub mod narrative;
mod paragraph;
mod sno;
pub mod table;

pub use paragraph::{below, labelled, wrapped};

use serde_json::Value;

use crate::{
    args::{CorpusAction, DocumentAction, Page, Remote, ViewAction},
    client::{Client, escaped},
    failure::{Code, Failure},
    terminal::{self, harmless},
};
use field::{entries, text, texts};

/// Entries of the longest page.
const PAGE_MAX: u32 = 200;

/// What can be listed and shown.
#[derive(Debug, Clone, Copy)]
pub enum View {
    /// What became of a submission.
    Job,
    /// A document, by the id that its submitter gave.
    Document,
    /// A Structured Narrative Object.
    Sno,
    /// A pair that contradicts each other.
    Conflict,
    /// The narrative made of a conflict.
    Synthesis,
    /// A record that could not be handled.
    DeadLetter,
    /// A collection of documents.
    Corpus,
}

impl View {
    /// Where the server has it.
    pub fn path(self) -> &'static str {
        match self {
            View::Job => "/v1/jobs",
            View::Document => "/v1/documents",
            View::Sno => "/v1/snos",
            View::Conflict => "/v1/conflicts",
            View::Synthesis => "/v1/syntheses",
            View::DeadLetter => "/v1/dead-letters",
            View::Corpus => "/v1/corpora",
        }
    }

    fn one(self, value: &Value, width: usize) -> String {
        match self {
            View::Job => job::one(value, width),
            View::Document => document::one(value, width),
            View::Sno => sno::one(value, width),
            View::Conflict => conflict::one(value, width),
            View::Synthesis => narrative::one(value, width),
            View::DeadLetter => dead_letter::one(value, width),
            View::Corpus => corpus::one(value, width),
        }
    }
}

/// Runs `list` or `show` of a view.
pub fn run(view: View, remote: &Remote, action: ViewAction) -> Result<(), Failure> {
    match action {
        ViewAction::Show { id } => {
            let path = format!("{}/{}", view.path(), escaped(&id));
            ask(remote, &path, |value, width| view.one(value, width))
        }
        ViewAction::List(page) => listed(view, remote, &page, ""),
    }
}

/// Runs `cns corpus list` or `show`.
pub fn corpus(remote: &Remote, action: CorpusAction) -> Result<(), Failure> {
    match action {
        CorpusAction::Show { corpus } => run(View::Corpus, remote, ViewAction::Show { id: corpus }),
        CorpusAction::List { limit, cursor } => {
            let page = Page { corpus: None, limit, cursor };
            run(View::Corpus, remote, ViewAction::List(page))
        }
    }
}

/// Runs `cns document list` or `show`.
pub fn document(remote: &Remote, action: &DocumentAction) -> Result<(), Failure> {
    match action {
        DocumentAction::List { page, status } => {
            let status = status.as_ref().map(|status| format!("&status={}", escaped(status)));
            listed(View::Document, remote, page, &status.unwrap_or_default())
        }
        DocumentAction::Show { id, corpus } => {
            let part = corpus.as_ref().map(|corpus| format!("?corpus={}", escaped(corpus)));
            let path = format!("/v1/documents/{}{}", escaped(id), part.unwrap_or_default());
            ask(remote, &path, document::one).map_err(|failure| match failure.code {
                Code::NotFound => with_job(failure, remote, id, corpus.clone()),
                _ => failure,
            })
        }
    }
}

/// A document that was rejected at the door is known by its job alone.
fn with_job(failure: Failure, remote: &Remote, id: &str, corpus: Option<String>) -> Failure {
    let page = Page { corpus, limit: PAGE_MAX, cursor: None };
    let path = format!("{}&status=rejected", address(View::Job.path(), &page));
    let Ok(jobs) = Client::of(remote).and_then(|client| client.get(&path)) else {
        return failure;
    };
    match entries(&jobs.value, "/items").iter().find(|job| job["document_id"] == id) {
        Some(job) => failure.hint(format!(
            "a document of this id was rejected: cns job show {}",
            text(job, "/job_id")
        )),
        None => failure,
    }
}

/// A page of a list; one of a corpus that is not there says so. `only` goes on behind the query.
pub fn listed(view: View, remote: &Remote, page: &Page, only: &str) -> Result<(), Failure> {
    let path = format!("{}{only}", address(view.path(), page));
    ask(remote, &path, |value, width| {
        let shown = list::page(view, value, width);
        let missing = page.corpus.as_ref().filter(|_| entries(value, "/items").is_empty());
        match missing.and_then(|corpus| unknown(remote, corpus)) {
            Some(said) => format!("{shown}\n{said}"),
            None => shown,
        }
    })
}

/// That there is no such corpus, and which there are.
fn unknown(remote: &Remote, corpus: &str) -> Option<String> {
    let status = Client::of(remote).and_then(|client| client.get("/v1/status")).ok()?;
    let known = texts(&status.value, "/corpora", "/corpus");
    if known.iter().any(|name| name == corpus) || status.value["corpora_truncated"] == true {
        return None;
    }
    let known = if known.is_empty() { "none yet".into() } else { known.join(", ") };
    Some(format!("There is no corpus {}; there are: {known}.", harmless(corpus)))
}

/// Asks for a resource, and prints it as it is or as `shown`.
pub fn ask(
    remote: &Remote,
    path: &str,
    shown: impl Fn(&Value, usize) -> String,
) -> Result<(), Failure> {
    let answer = Client::of(remote)?.get(path)?;
    // Scripts read problems, too, from standard output; the exit code says which it is.
    if remote.json && !answer.value.is_null() {
        terminal::print(&answer.body);
    }
    if !answer.is_ok() {
        return Err(answer.problem());
    }
    if !remote.json {
        terminal::print(&shown(&answer.value, terminal::width()));
    }
    Ok(())
}

/// The address of a part of a list.
pub fn address(path: &str, page: &Page) -> String {
    let mut address = format!("{path}?limit={}", page.limit);
    for (name, value) in [("corpus", &page.corpus), ("cursor", &page.cursor)] {
        if let Some(value) = value {
            address.push_str(&format!("&{name}={}", escaped(value)));
        }
    }
    address
}
