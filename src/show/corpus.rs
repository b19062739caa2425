//! A corpus: what it holds, by what became of it.

use serde_json::Value;

use super::{
    field::{number, text},
    labelled,
};
use crate::terminal::strong;

/// One corpus.
pub fn one(corpus: &Value, width: usize) -> String {
    let by_status = |at: &str| match corpus.pointer(at) {
        Some(Value::Object(counts)) => counts
            .iter()
            .filter(|(_, count)| count.as_u64() != Some(0))
            .map(|(status, count)| format!("{status} {count}"))
            .collect::<Vec<_>>()
            .join(", "),
        _ => String::new(),
    };
    let documents =
        format!("{}: {}", number(corpus, "/documents"), by_status("/documents_by_status"));
    let pairs = format!(
        "{} proposed, {} compared",
        number(corpus, "/pairs_proposed"),
        number(corpus, "/pairs_compared")
    );
    let conflicts = match text(corpus, "/note") {
        note if note.is_empty() => number(corpus, "/conflicts"),
        note => format!("{}: {note}", number(corpus, "/conflicts")),
    };
    let rows = [
        ("DOCUMENTS", documents),
        ("SNOS", by_status("/snos")),
        ("PAIRS", pairs),
        ("CONFLICTS", conflicts),
        ("SYNTHESES", number(corpus, "/syntheses")),
        ("DEAD", format!("{} letters", number(corpus, "/dead_letters"))),
    ];
    let mut lines = vec![format!("{}\n", strong(&text(corpus, "/corpus")))];
    lines.extend(rows.map(|(label, said)| labelled(label, &said, width)));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_corpus_is_told_by_status_with_why_nothing_is_in_conflict() {
        let corpus = json!({"corpus": "coffee", "documents": 2, "pairs_proposed": 1, "pairs_compared": 1,
            "documents_by_status": {"processing": 0, "admitted": 2}, "snos": {"admitted": 2, "failed": 0},
            "conflicts": 0, "syntheses": 0, "dead_letters": 0, "note": "1 pair was compared"});
        let expected = "\
coffee

DOCUMENTS   2: admitted 2
SNOS        admitted 2
PAIRS       1 proposed, 1 compared
CONFLICTS   0: 1 pair was compared
SYNTHESES   0
DEAD        0 letters";
        assert_eq!(super::one(&corpus, 80), expected);
    }
}
