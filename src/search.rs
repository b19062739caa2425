//! `cns search`: SNOs of a corpus by the words of a question.

use serde_json::{Value, json};

use crate::{
    args::SearchArgs,
    client::Client,
    failure::Failure,
    show::{
        field::{entries, number, share, text},
        table::table,
    },
    terminal,
};

/// Runs the command.
pub fn run(args: &SearchArgs) -> Result<(), Failure> {
    let question = json!({
        "corpus": args.corpus,
        "query": args.query,
        "top_k": args.top_k,
        "filter": { "min_trust": args.min_trust },
    });
    let answer = Client::new(&args.remote.server)?.post("/v1/search", &question)?;
    if args.remote.json && !answer.value.is_null() {
        terminal::print(&answer.body);
    }
    if !answer.is_ok() {
        return Err(answer.problem());
    }
    if !args.remote.json {
        terminal::print(&shown(&answer.value, terminal::width()));
    }
    Ok(())
}

fn shown(found: &Value, width: usize) -> String {
    let items = entries(found, "/items");
    if items.is_empty() {
        return format!("Nothing found: {}.", text(found, "/note"));
    }
    let rows = items.iter().map(|item| {
        vec![
            share(item, "/score"),
            text(item, "/sno/sno_id"),
            text(item, "/sno/status"),
            share(item, "/sno/trust"),
            text(item, "/sno/hypothesis"),
        ]
    });
    let shown = table(&["score", "sno", "status", "trust", "hypothesis"], rows, width);
    format!("{shown}\n\n{} of {} that have a word of it.", items.len(), number(found, "/matching"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_are_a_table_and_nothing_says_why() {
        let sno = json!({"sno_id": "sno_1", "status": "admitted", "trust": 0.7, "hypothesis": "Coffee helps."});
        let found = json!({"matching": 3, "items": [{"score": 1.234, "sno": sno}]});
        let expected = "\
SCORE  SNO    STATUS    TRUST  HYPOTHESIS
1.23   sno_1  admitted  0.70   Coffee helps.

1 of 3 that have a word of it.";
        assert_eq!(shown(&found, 80), expected);
        let none = json!({"items": [], "note": "no SNO has a word"});
        assert_eq!(shown(&none, 80), "Nothing found: no SNO has a word.");
    }
}
