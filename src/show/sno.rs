//! An SNO in full: hypothesis, trust with what it was made from, claims, evidence, flags.

use serde_json::Value;

use super::{
    below,
    field::{entries, number, share, text, texts},
    labelled, lineage,
    table::table,
};
use crate::terminal::strong;

/// One SNO.
pub fn one(sno: &Value, width: usize) -> String {
    let mut lines = vec![head(sno)];
    for (label, pointer) in
        [("WHY", "/reason"), ("REPEATS", "/duplicate_of"), ("REPLACED BY", "/superseded_by")]
    {
        let said = text(sno, pointer);
        if !said.is_empty() {
            lines.push(labelled(label, &said, width));
        }
    }
    lines.push(labelled("HYPOTHESIS", &text(sno, "/hypothesis"), width));
    lines.push(labelled("DOCUMENTS", &texts(sno, "/document_ids", "").join(", "), width));
    lines.extend(trust(sno, width));
    lines.extend(claims(sno, width));
    lines.extend(evidence(sno, width));
    for flag in entries(sno, "/flags") {
        let said = format!("{}: {}{}", text(flag, "/code"), text(flag, "/detail"), place(flag));
        lines.push(labelled("FLAG", &said, width));
    }
    lines.extend(lineage::lines(sno, width));
    if text(sno, "/provenance") == "synthesis" {
        lines.push(format!("\nThe narrative: cns synthesis show {}", text(sno, "/sno_id")));
    }
    lines.join("\n")
}

fn head(sno: &Value) -> String {
    let parts = [
        strong(&text(sno, "/sno_id")),
        text(sno, "/status"),
        format!("trust {}", share(sno, "/trust")),
        format!("corpus {}", text(sno, "/corpus")),
        format!("{} of generation {}", text(sno, "/provenance"), number(sno, "/generation")),
    ];
    parts.join("   ") + "\n"
}

/// Trust is the weighted mean of the three scores; all that it takes to recompute it stands here.
fn trust(sno: &Value, width: usize) -> Vec<String> {
    let reports = entries(sno, "/reports");
    if reports.is_empty() {
        return Vec::new();
    }
    let rows = reports.iter().map(|report| {
        let weight = share(report, "/weight");
        vec![
            text(report, "/critic"),
            share(report, "/score"),
            weight,
            share(report, "/confidence"),
            text(report, "/explanation"),
        ]
    });
    vec![
        String::new(),
        table(&["critic", "score", "weight", "confidence", "explanation"], rows, width),
    ]
}

fn claims(sno: &Value, width: usize) -> Vec<String> {
    let claims = entries(sno, "/claims");
    if claims.is_empty() {
        return Vec::new();
    }
    let rows = claims.iter().map(|claim| {
        let cited = texts(claim, "/evidence_ids", "").join(", ");
        vec![text(claim, "/claim_id"), text(claim, "/status"), cited, text(claim, "/text")]
    });
    vec![String::new(), table(&["claim", "status", "cites", "text"], rows, width)]
}

fn evidence(sno: &Value, width: usize) -> Vec<String> {
    let evidence = entries(sno, "/evidence");
    if evidence.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![String::new()];
    for (at, piece) in evidence.iter().enumerate() {
        let found = if piece["resolved"] == false {
            "   (cited, but not in the document's list)"
        } else {
            ""
        };
        let label = if at == 0 { "EVIDENCE" } else { "" };
        lines.push(labelled(
            label,
            &format!("{}{found} {}", text(piece, "/evidence_id"), text(piece, "/reference")),
            width,
        ));
        lines.extend(entries(piece, "/quotes").iter().map(|quote| {
            let said = format!(
                "{}{}: “{}”",
                text(quote, "/document_id"),
                place(quote),
                text(quote, "/text")
            );
            below(&said, width)
        }));
    }
    lines
}

fn place(of: &Value) -> String {
    match of.pointer("/span/start") {
        Some(_) => format!(" {}–{}", number(of, "/span/start"), number(of, "/span/end")),
        None => String::new(),
    }
}
