//! Running text from a narrative brief, without a language model.
//!
//! Invariant: every sentence that states something stands in the brief, with the evidence that it cites behind
//! it; only the sentences in between are fixed words.

use cns_narrative::statement::without_citations;
use serde_json::Value;

/// The sections in their order: key, heading, and what is said first.
const SECTIONS: [(&str, &str, &str); 5] = [
    ("agreed", "Agreed", "Both narratives hold the following."),
    (
        "one_sided",
        "Reported by one side alone",
        "One narrative reports this from a source that both cite; in the other no statement that matches it was recognised.",
    ),
    ("resolved", "Resolved", "Where they seem to differ, these points explain it."),
    (
        "unresolved",
        "Unresolved",
        "Here they contradict each other, and the evidence at hand does not decide.",
    ),
    (
        "rejected",
        "Rejected",
        "These statements rest on sources that cannot be found and are not upheld.",
    ),
];

/// The narrative as prose in sections.
///
/// # Errors
/// The brief is not JSON, or has no hypothesis.
pub fn complete(brief: &str) -> Result<String, String> {
    let brief: Value =
        serde_json::from_str(brief).map_err(|error| format!("the brief is not JSON: {error}"))?;
    let hypothesis = text(&brief, "hypothesis");
    if hypothesis.is_empty() {
        return Err("the brief has no `hypothesis`".into());
    }
    let mut paragraphs = vec![hypothesis.to_owned()];
    if !text(&brief, "summary").is_empty() {
        paragraphs.push(text(&brief, "summary").to_owned());
    }
    for (key, heading, opening) in SECTIONS {
        let findings = list(&brief, key);
        if !findings.is_empty() {
            paragraphs.push(format!("## {heading}"));
            paragraphs.push(opening.to_owned());
            paragraphs.extend(findings.iter().map(|finding| told(finding, key)));
        }
    }
    let open: Vec<String> = list(&brief, "open_points")
        .iter()
        .filter_map(Value::as_str)
        .map(|point| format!("- {point}"))
        .collect();
    if !open.is_empty() {
        paragraphs.push("## What would change this".to_owned());
        paragraphs.push(open.join("\n"));
    }
    Ok(paragraphs.join("\n\n") + "\n")
}

/// One finding: what is upheld in its own words, what is contested in the words of both sides.
fn told(finding: &Value, section: &str) -> String {
    let sides = list(finding, "sides");
    let basis = text(finding, "basis");
    let mut sentences = Vec::new();
    if section == "unresolved" {
        let quoted = sides.iter().map(|side| {
            let verb = if text(side, "stance") == "opposes" { "objects" } else { "states" };
            format!(
                "{} {verb}: “{}”{}.",
                name(side),
                bare(text(side, "text")),
                cited(std::slice::from_ref(side))
            )
        });
        sentences.extend(quoted);
    } else {
        sentences.push(format!("{}{}.", bare(text(finding, "text")), cited(sides)));
        let opposed = sides.iter().filter(|side| text(side, "stance") == "opposes");
        sentences.extend(opposed.map(|side| {
            format!("Against it {} says: “{}”.", name(side), bare(text(side, "text")))
        }));
    }
    if !basis.is_empty() {
        sentences.push(format!("Basis: {basis}."));
    }
    sentences.join(" ")
}

fn name(side: &Value) -> &str {
    let document = text(side, "document_id");
    if document.is_empty() { "one source" } else { document }
}

/// The evidence of these sides in brackets, each id once.
fn cited(sides: &[Value]) -> String {
    let mut ids: Vec<&str> = Vec::new();
    for id in sides.iter().flat_map(|side| list(side, "evidence_ids")).filter_map(Value::as_str) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    if ids.is_empty() { String::new() } else { format!(" [{}]", ids.join("; ")) }
}

/// On one line, without citation marks and final stop: the evidence stands behind the quotation.
fn bare(text: &str) -> String {
    let plain = without_citations(text).split_whitespace().collect::<Vec<_>>().join(" ");
    plain.trim_end_matches('.').trim_end().to_owned()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_has_sections_and_citations() {
        let brief = r#"{
            "hypothesis": "Coffee raises alertness, but whether it raises output remains contested.",
            "agreed": [{"text": "Coffee raises alertness.", "basis": "both sides state it",
                "sides": [{"stance": "supports", "document_id": "a", "text": "x", "evidence_ids": ["doi:1", "doi:2"]},
                          {"stance": "supports", "document_id": "b", "text": "x", "evidence_ids": ["doi:1"]}]}],
            "unresolved": [{"text": "Sources disagree: …", "basis": "none decides", "sides": [
                {"stance": "supports", "document_id": "a", "text": "It raises\noutput [2].", "evidence_ids": ["doi:3"]},
                {"stance": "opposes", "document_id": "b", "text": "It does not.", "evidence_ids": []}]}],
            "open_points": ["A longer trial."]
        }"#;
        let prose = complete(brief).expect("the brief is sound");
        assert!(prose.starts_with("Coffee raises alertness, but"));
        assert!(
            prose.contains("Coffee raises alertness [doi:1; doi:2]. Basis: both sides state it.")
        );
        assert!(prose.contains("a states: “It raises output” [doi:3]. b objects: “It does not”."));
        assert!(prose.contains("- A longer trial."));
        let one_sided = brief.replacen("\"agreed\"", "\"one_sided\"", 1);
        let prose = complete(&one_sided).expect("the brief is sound");
        assert!(prose.contains("## Reported by one side alone") && !prose.contains("## Agreed"));
        assert!(!prose.contains("## Rejected"));
    }

    #[test]
    fn broken_briefs_are_errors() {
        for brief in ["", "[]", "{", "{\"hypothesis\": 3}"] {
            assert!(complete(brief).is_err(), "{brief}");
        }
    }
}
