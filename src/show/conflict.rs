//! A conflict in full: both sides, the statements that oppose each other, the evidence that both cite, and
//! what came of it.

use serde_json::Value;

use super::{
    below,
    field::{entries, first, share, text, texts},
    labelled,
};
use crate::terminal::strong;

/// Statements that are shown; the server sends the strongest first.
const STATEMENTS_SHOWN: usize = 8;

/// One pair.
pub fn one(pair: &Value, width: usize) -> String {
    let mut lines = vec![head(pair), String::new()];
    for (label, side) in [("A", "/a"), ("B", "/b")] {
        lines.extend(side_of(label, pair, side, width));
    }
    let shared = texts(pair, "/shared_evidence", "");
    let shared = if shared.is_empty() { "none".into() } else { shared.join(", ") };
    lines.push(labelled("SHARED", &shared, width));
    lines.extend(statements(pair, width));
    lines.push(labelled("BECAME", &outcome(pair), width));
    lines.push(labelled("METRICS", &metrics(pair), width));
    let synthesis = text(pair, "/synthesis_id");
    if !synthesis.is_empty() {
        lines.push(format!("\nThe narrative: cns synthesis show {synthesis}"));
    }
    lines.join("\n")
}

/// The strongest opposing statements of a pair, each with the documents that it stands in; the central claims where
/// the server names none.
pub fn opposing(pair: &Value) -> [String; 2] {
    ["a", "b"].map(|side| {
        let documents = texts(pair, &format!("/{side}/document_ids"), "").join(" + ");
        let statement = format!("/statements/0/{side}_text");
        let said = first(pair, &[&statement, &format!("/{side}/hypothesis")]);
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        if said.is_empty() { documents } else { format!("{documents}: “{said}”") }
    })
}

/// Of which type a contradiction is and what told it: "logical contradiction: one denies what the other states"; nothing
/// where none is named.
pub fn typed(of: &Value) -> String {
    match text(of, "/contradiction_type").replace('_', " ").as_str() {
        "" => String::new(),
        kind => format!("{kind} contradiction: {}", text(of, "/contradiction_basis")),
    }
}

/// What became of a pair, with where its synthesis stands unless it is accepted.
pub fn status(pair: &Value) -> String {
    let status = text(pair, "/status");
    match text(pair, "/synthesis/status").as_str() {
        "" | "accepted" => status,
        stands => format!("{status}, {stands}"),
    }
}

fn head(pair: &Value) -> String {
    let opposition = format!(
        "opposition {} (gate {})",
        share(pair, "/opposition"),
        share(pair, "/opposition_gate")
    );
    let parts = [
        strong(&text(pair, "/pair_id")),
        status(pair),
        opposition,
        format!("corpus {}", text(pair, "/corpus")),
    ];
    parts.join("   ")
}

fn side_of(label: &str, pair: &Value, side: &str, width: usize) -> Vec<String> {
    let at = |part: &str| format!("{side}{part}");
    let documents = texts(pair, &at("/document_ids"), "").join(", ");
    let who = format!(
        "{}   trust {}   {documents}",
        text(pair, &at("/sno_id")),
        share(pair, &at("/trust"))
    );
    vec![labelled(label, &text(pair, &at("/hypothesis")), width), below(&who, width)]
}

fn statements(pair: &Value, width: usize) -> Vec<String> {
    let statements = entries(pair, "/statements");
    let mut lines = Vec::new();
    for (at, statement) in statements.iter().take(STATEMENTS_SHOWN).enumerate() {
        let why = text(statement, "/alignment").replace('_', " ");
        let contradiction = share(statement, "/contradiction");
        let said = if statement["counts"] == false {
            format!(
                "contradiction {contradiction}   compared for: {why}   (about different things, so it does not count)"
            )
        } else {
            format!(
                "opposition {}   contradiction {contradiction}, same thing {}   compared for: {why}",
                share(statement, "/opposition"),
                share(statement, "/aligned")
            )
        };
        lines.push(labelled(if at == 0 { "OPPOSING" } else { "" }, &said, width));
        for side in ["a", "b"] {
            let claim = text(statement, &format!("/{side}_claim"));
            let words = text(statement, &format!("/{side}_text"));
            lines.push(below(&format!("{} [{claim}] “{words}”", side.to_uppercase()), width));
        }
        let kind = typed(statement);
        lines.extend((!kind.is_empty()).then(|| below(&kind, width)));
    }
    if statements.len() > STATEMENTS_SHOWN {
        lines.push(labelled(
            "",
            &format!(
                "… and {} weaker ones (--json shows all)",
                statements.len() - STATEMENTS_SHOWN
            ),
            width,
        ));
    }
    lines
}

fn outcome(pair: &Value) -> String {
    let synthesis = match pair.pointer("/synthesis/sno_id") {
        None => String::new(),
        Some(_) => format!(
            "synthesis {} {}, trust {}. {}",
            text(pair, "/synthesis/sno_id"),
            text(pair, "/synthesis/status"),
            share(pair, "/synthesis/trust"),
            text(pair, "/synthesis/reason"),
        ),
    };
    let said = [text(pair, "/reason"), synthesis];
    said.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" – ")
}

fn metrics(pair: &Value) -> String {
    let names = [
        "cosine",
        "entanglement",
        "chirality",
        "chirality_normalised",
        "chirality_published",
        "potential",
    ];
    let parts = names.map(|name| {
        format!("{} {}", name.replace('_', " "), share(pair, &format!("/relational/{name}")))
    });
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pair_is_told_by_what_opposes_in_it() {
        let mut pair = json!({"status": "synthesized", "contradiction_type": "temporal_order", "synthesis": {"status": "accepted"},
            "a": {"document_ids": ["a.md"], "hypothesis": "Tea."},
            "b": {"document_ids": ["b.md", "c.md"], "hypothesis": "Tea, too."},
            "statements": [{"a_text": "Tea\nhelps.", "b_text": "Tea does not help.", "counts": true,
                "contradiction_type": "logical", "contradiction_basis": "one denies"},
                {"a_text": "x", "b_text": "y", "counts": false}]});
        assert_eq!(opposing(&pair), ["a.md: “Tea helps.”", "b.md + c.md: “Tea does not help.”"]);
        assert_eq!(status(&pair), "synthesized");
        assert_eq!(one(&pair, 100).matches("so it does not count").count(), 1);
        assert_eq!(one(&pair, 100).matches("logical contradiction: one denies").count(), 1);
        pair["synthesis"]["status"] = "superseded".into();
        assert_eq!(status(&pair), "synthesized, superseded");
        pair["statements"] = json!([]);
        assert_eq!(opposing(&pair)[0], "a.md: “Tea.”");
    }
}
