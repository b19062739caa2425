//! Shows what a server knows: lists as tables, single entries in full, or its JSON unchanged.
//!
//! Each view has one row in [`View`]'s methods: where it is asked for, how a list of it looks, how one looks.

mod conflict;
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
    args::{DocumentAction, Page, Remote, ViewAction},
    client::{Client, escaped},
    failure::Failure,
    terminal,
};

/// What can be listed and shown.
#[derive(Debug, Clone, Copy)]
pub enum View {
    /// What became of a submission.
    Job,
    /// A Structured Narrative Object.
    Sno,
    /// A pair that contradicts each other.
    Conflict,
    /// The narrative made of a conflict.
    Synthesis,
    /// A record that could not be handled.
    DeadLetter,
}

impl View {
    /// Where the server has it.
    pub fn path(self) -> &'static str {
        match self {
            View::Job => "/v1/jobs",
            View::Sno => "/v1/snos",
            View::Conflict => "/v1/conflicts",
            View::Synthesis => "/v1/syntheses",
            View::DeadLetter => "/v1/dead-letters",
        }
    }

    fn one(self, value: &Value, width: usize) -> String {
        match self {
            View::Job => job::one(value, width),
            View::Sno => sno::one(value, width),
            View::Conflict => conflict::one(value, width),
            View::Synthesis => narrative::one(value, width),
            View::DeadLetter => dead_letter::one(value, width),
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
        ViewAction::List(page) => {
            ask(remote, &address(view.path(), &page), |value, width| list::page(view, value, width))
        }
    }
}

/// Runs `cns document show`.
pub fn document(remote: &Remote, action: &DocumentAction) -> Result<(), Failure> {
    let DocumentAction::Show { id, corpus } = action;
    let corpus =
        corpus.as_ref().map(|corpus| format!("?corpus={}", escaped(corpus))).unwrap_or_default();
    ask(remote, &format!("/v1/documents/{}{corpus}", escaped(id)), document::one)
}

/// Asks for a resource, and prints it as it is or as `shown`.
pub fn ask(
    remote: &Remote,
    path: &str,
    shown: impl Fn(&Value, usize) -> String,
) -> Result<(), Failure> {
    let answer = Client::new(&remote.server)?.get(path)?;
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
