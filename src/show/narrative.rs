//! A synthesis as a person reads it: what it comes to, statement by statement with documents and evidence,
//! what stays open, and where it comes from.

use serde_json::Value;

use super::{
    below,
    conflict::typed,
    field::{entries, number, share, text, texts},
    labelled, lineage,
};
use crate::terminal::strong;

const SECTIONS: [(&str, &str); 4] = [
    ("AGREED", "/sections/agreed"),
    ("RESOLVED", "/sections/resolved"),
    ("UNRESOLVED", "/sections/unresolved"),
    ("REJECTED", "/sections/rejected"),
];

/// A synthesis in full. Its prose says the same in sentences: HTTP serves that as Markdown.
pub fn one(synthesis: &Value, width: usize) -> String {
    let mut lines = vec![head(synthesis), String::new()];
    let reason = text(synthesis, "/reason");
    if !reason.is_empty() {
        lines.push(labelled("WHY", &reason, width));
    }
    lines.push(labelled("HYPOTHESIS", &text(synthesis, "/hypothesis"), width));
    let summary = text(synthesis, "/summary");
    if !summary.is_empty() && summary != text(synthesis, "/hypothesis") {
        lines.push(labelled("SUMMARY", &summary, width));
    }
    for (label, pointer) in SECTIONS {
        let mut last = "";
        for finding in entries(synthesis, pointer) {
            // What one side alone reports is not what both hold.
            let label = if label == "AGREED" && voices(finding) < 2 { "ONE SIDE" } else { label };
            lines.extend(statement(if label == last { "" } else { label }, finding, width));
            last = label;
        }
    }
    for (at, point) in entries(synthesis, "/open_points").iter().enumerate() {
        lines.push(labelled(if at == 0 { "OPEN" } else { "" }, &text(point, ""), width));
    }
    lines.extend(flags(synthesis, width));
    lines.extend(lineage::lines(synthesis, width));
    lines.join("\n")
}

/// How many kinds of findings it has: what is agreed by both, resolved, unresolved, rejected.
pub fn kinds(synthesis: &Value) -> usize {
    let held = |label: &str, finding: &Value| label != "AGREED" || voices(finding) > 1;
    let has = |(label, pointer): &&(&str, &str)| {
        entries(synthesis, pointer).iter().any(|finding| held(label, finding))
    };
    SECTIONS.iter().filter(has).count()
}

/// Id, status, trust with the scores that it was made from, generation.
fn head(synthesis: &Value) -> String {
    let scores = entries(synthesis, "/reports").iter();
    let scores: Vec<String> = scores
        .map(|report| format!("{} {}", text(report, "/critic"), share(report, "/score")))
        .collect();
    let scores =
        if scores.is_empty() { String::new() } else { format!(" ({})", scores.join(", ")) };
    format!(
        "{}   {}   trust {}{scores}   generation {}",
        strong(&text(synthesis, "/sno_id")),
        text(synthesis, "/status"),
        share(synthesis, "/trust"),
        number(synthesis, "/generation"),
    )
}

/// How many narratives speak for a finding.
fn voices(finding: &Value) -> usize {
    let ids = entries(finding, "/sides").iter().map(|side| text(side, "/sno_id"));
    ids.collect::<std::collections::BTreeSet<String>>().len()
}

fn statement(label: &str, finding: &Value, width: usize) -> Vec<String> {
    let said = text(finding, "/text");
    let claim = text(finding, "/claim_id");
    let basis = text(finding, "/basis");
    let basis = if basis.is_empty() { String::new() } else { format!(" – {basis}") };
    let mut lines = vec![labelled(label, &format!("[{claim}] {said}{basis}"), width)];
    let kind = typed(finding);
    lines.extend((!kind.is_empty()).then(|| below(&kind, width)));
    lines.extend(entries(finding, "/sides").iter().map(|side| below(&side_of(side, &said), width)));
    lines
}

/// What one side says: stance, document with place, evidence, and its words unless they are the finding's own.
fn side_of(side: &Value, said: &str) -> String {
    let stance = match text(side, "/stance").as_str() {
        "opposes" => "against",
        _ => "for",
    };
    let span = format!("{}–{}", number(side, "/span/start"), number(side, "/span/end"));
    let evidence = texts(side, "/evidence_ids", "");
    let evidence = if evidence.is_empty() { "no evidence".into() } else { evidence.join(", ") };
    let words = text(side, "/text");
    let words =
        if words.is_empty() || words == said { String::new() } else { format!(": “{words}”") };
    format!("{stance} {} {span} ({evidence}){words}", text(side, "/document_id"))
}

fn flags(synthesis: &Value, width: usize) -> Vec<String> {
    let flags = entries(synthesis, "/flags").iter().enumerate();
    flags
        .map(|(at, flag)| {
            let said = format!("{}: {}", text(flag, "/code"), text(flag, "/detail"));
            labelled(if at == 0 { "FLAGS" } else { "" }, &said, width)
        })
        .collect()
}

#[cfg(test)]
#[path = "narrative_tests.rs"]
mod tests;
