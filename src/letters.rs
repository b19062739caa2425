//! `cns dead-letter`: what could not be handled, and what is decided about it.

use serde_json::json;

use crate::{
    args::{DeadLetterAction, LetterDecision, LetterFilter, Remote, ViewAction},
    client::{Client, escaped},
    failure::Failure,
    show::{self, View, field::text},
    terminal,
};

/// Runs the command.
pub fn run(remote: &Remote, action: DeadLetterAction) -> Result<(), Failure> {
    match action {
        DeadLetterAction::Show { id } => {
            show::run(View::DeadLetter, remote, ViewAction::Show { id })
        }
        DeadLetterAction::List { page, only } => {
            show::listed(View::DeadLetter, remote, &page, &query(&only))
        }
        DeadLetterAction::Retry(decision) => decide(remote, "retry", &decision),
        DeadLetterAction::Drop(decision) => decide(remote, "drop", &decision),
    }
}

fn query(only: &LetterFilter) -> String {
    let named = [("status", &only.status), ("code", &only.code), ("stage", &only.stage)];
    let given = named.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    let mut query: String =
        given.map(|(name, value)| format!("&{name}={}", escaped(value))).collect();
    if only.unowned {
        query.push_str("&unowned=true");
    }
    query
}

fn decide(remote: &Remote, what: &str, decision: &LetterDecision) -> Result<(), Failure> {
    let LetterDecision { id, reason, dry_run } = decision;
    let path = format!("/v1/dead-letters/{}/{what}?dry_run={dry_run}", escaped(id));
    let answer = Client::new(&remote.server)?.post(&path, &json!({ "reason": reason }))?;
    if remote.json && !answer.value.is_null() {
        terminal::print(&answer.body);
    }
    if !answer.is_ok() {
        return Err(answer.problem());
    }
    if remote.json {
        return Ok(());
    }
    let letter = text(&answer.value, "/dead_letter_id");
    let job = text(&answer.value, "/decision/job_id");
    terminal::print(&match (*dry_run, what) {
        (true, "retry") => {
            format!("The document of {letter} would be submitted again. Nothing was done.")
        }
        (true, _) => format!("{letter} would be dropped. Nothing was done."),
        (false, "retry") if job.is_empty() => {
            format!("The document of {letter} is submitted again.")
        }
        (false, "retry") => format!(
            "The document of {letter} is submitted again as {job}.\nTry next: {} job watch {job}",
            terminal::program()
        ),
        (false, _) => format!("{letter} is dropped."),
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_a_query() {
        let only = LetterFilter {
            status: Some("open".into()),
            code: None,
            stage: Some("a b".into()),
            unowned: true,
        };
        assert_eq!(query(&only), "&status=open&stage=a%20b&unowned=true");
    }
}
