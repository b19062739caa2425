//! From documents over SNOs and a pair to a synthesis, drawn; then which code, configuration and models made it.

use serde_json::Value;

use super::{
    field::{entries, first, text, texts},
    labelled,
    paragraph::MARGIN,
};
use crate::terminal::strong;

/// The lines of `LINEAGE` of a synthesis, or of any answer with `parents` and a `lineage`.
pub fn lines(synthesis: &Value, width: usize) -> Vec<String> {
    let parents: Vec<(String, String)> = parents(synthesis)
        .iter()
        .map(|parent| (texts(parent, "/document_ids", "").join(" + "), text(parent, "/sno_id")))
        .collect();
    if parents.is_empty() {
        return Vec::new();
    }
    let pair = first(synthesis, &["/pair_id", "/pair/pair_id"]);
    let target = first(synthesis, &["/sno_id", "/sno/sno_id"]);
    let mut lines = drawing(&parents, &format!("{pair} → {target}"), width);
    let made_by = made_by(synthesis);
    if !made_by.is_empty() {
        lines.push(labelled("", &made_by, width));
    }
    lines
}

/// The nearest parents only: theirs have a lineage of their own.
fn parents(synthesis: &Value) -> Vec<&Value> {
    let own = entries(synthesis, "/parents");
    let placed = if own.is_empty() { entries(synthesis, "/lineage/parents") } else { own };
    placed
        .iter()
        .filter(|parent| parent["distance"].as_u64().is_none_or(|distance| distance == 1))
        .collect()
}

fn drawing(parents: &[(String, String)], target: &str, width: usize) -> Vec<String> {
    let sources: Vec<String> =
        parents.iter().map(|(documents, sno)| format!("{documents} → {sno}")).collect();
    let widest = sources.iter().map(|source| columns(source)).max().unwrap_or(0);
    let room = width.saturating_sub(MARGIN);
    if widest + " ┴→ ".chars().count() + columns(target) <= room {
        return beside(&sources, widest, target);
    }
    let widest = widest.max(columns(target));
    if widest + " ←┘".chars().count() <= room {
        return under(&sources, widest, target);
    }
    let mut lines: Vec<String> =
        sources.iter().enumerate().map(|(at, source)| labelled(label(at), source, width)).collect();
    lines.push(labelled("", &format!("→ {target}"), width));
    lines
}

/// `a ┐` over `b ┴→ target`.
fn beside(sources: &[String], widest: usize, target: &str) -> Vec<String> {
    let last = sources.len() - 1;
    let end = |at: usize| match (at == last, last) {
        (false, _) => "┐".to_owned(),
        (true, 0) => format!("→ {target}"),
        (true, _) => format!("┴→ {target}"),
    };
    sources.iter().enumerate().map(|(at, source)| drawn(at, source, widest, &end(at))).collect()
}

/// `a ┐` over `b ┤` over `target ←┘`.
fn under(sources: &[String], widest: usize, target: &str) -> Vec<String> {
    let mut lines: Vec<String> = sources
        .iter()
        .enumerate()
        .map(|(at, source)| drawn(at, source, widest + 1, if at == 0 { "┐" } else { "┤" }))
        .collect();
    lines.push(drawn(sources.len(), target, widest, "←┘"));
    lines
}

/// Not wrapped: the spaces are part of the drawing.
fn drawn(at: usize, text: &str, widest: usize, end: &str) -> String {
    let margin = " ".repeat(MARGIN - label(at).len());
    let gap = " ".repeat(widest - columns(text) + 1);
    format!("{}{margin}{text}{gap}{end}", strong(label(at)))
}

fn label(at: usize) -> &'static str {
    if at == 0 { "LINEAGE" } else { "" }
}

fn columns(text: &str) -> usize {
    text.chars().count()
}

/// Code, configuration and models of the facts that made it, each once.
fn made_by(synthesis: &Value) -> String {
    let makings = entries(synthesis, "/lineage/made_by");
    let mut parts = Vec::new();
    let mut note = |what: &str, values: Vec<String>| {
        let mut distinct: Vec<String> = Vec::new();
        for value in values {
            if !value.is_empty() && !distinct.contains(&value) {
                distinct.push(value);
            }
        }
        if !distinct.is_empty() {
            parts.push(format!("{what} {}", distinct.join(", ")));
        }
    };
    let of = |pointer: &str| makings.iter().map(|making| text(making, pointer)).collect();
    note("models", makings.iter().flat_map(|making| texts(making, "/models", "")).collect());
    note("configuration", of("/config_hash"));
    note("logic", of("/logic_version"));
    parts.join("; ")
}
