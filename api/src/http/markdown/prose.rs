//! The sections of a synthesis as paragraphs.
//!
//! Invariant: each sentence that states something ends with its evidence and the number of the note that quotes it; nothing
//! is said that no finding says. Documents' words go through [`plain`].

use std::collections::BTreeSet;

use cns_narrative::statement::without_citations;

use super::plain::plain;
use crate::dto::{FindingView, SideView, Synthesis};

/// What is quoted, in the order in which the text refers to it.
#[derive(Default)]
pub(super) struct Notes<'s> {
    sides: Vec<&'s SideView>,
}

impl<'s> Notes<'s> {
    /// The number of a side's note.
    fn number(&mut self, side: &'s SideView) -> usize {
        let known = self.sides.iter().position(|known| *known == side);
        known.map_or_else(
            || {
                self.sides.push(side);
                self.sides.len()
            },
            |at| at + 1,
        )
    }

    /// The notes as lines: document, place and words.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        self.sides.iter().enumerate().map(|(at, side)| {
            format!(
                "{}. {}, characters {}–{}: “{}”",
                at + 1,
                plain(&side.document_id),
                side.span.start,
                side.span.end,
                plain(&side.text),
            )
        })
    }
}

/// The sections in their order, each with its paragraph; those that say nothing are left out.
pub(super) fn sections<'s>(
    synthesis: &'s Synthesis,
    notes: &mut Notes<'s>,
) -> Vec<(&'static str, String)> {
    let sections = &synthesis.sections;
    let (alone, agreed): (Vec<_>, Vec<_>) =
        sections.agreed.iter().partition(|finding| voices(finding) < 2);
    let mut told = Vec::new();
    let mut add = |title, sentences: Vec<String>| {
        if !sentences.is_empty() {
            told.push((title, sentences.join(" ")));
        }
    };
    add("Agreed", agreed.iter().map(|finding| stated(finding, notes)).collect());
    add(
        "Reported by one side alone",
        alone.iter().map(|finding| alone_says(finding, notes)).collect(),
    );
    add("Resolved", sections.resolved.iter().map(|finding| resolved(finding, notes)).collect());
    add(
        "Unresolved",
        sections.unresolved.iter().map(|finding| contested(finding, notes)).collect(),
    );
    add("Rejected", sections.rejected.iter().map(|finding| rejected(finding, notes)).collect());
    add("What would change this", synthesis.open_points.iter().map(|point| plain(point)).collect());
    told
}

/// How many narratives speak for a finding; one that is reported by one side alone is not what both hold.
fn voices(finding: &FindingView) -> usize {
    finding.sides.iter().map(|side| side.sno_id.as_str()).collect::<BTreeSet<&str>>().len()
}

/// A finding in its own words, with the evidence of all its sides.
fn stated<'s>(finding: &'s FindingView, notes: &mut Notes<'s>) -> String {
    let sides: Vec<&SideView> = finding.sides.iter().collect();
    format!("{} {}.", ended(&finding.text), cited(&sides, notes))
}

fn alone_says<'s>(finding: &'s FindingView, notes: &mut Notes<'s>) -> String {
    let sides: Vec<&SideView> = finding.sides.iter().collect();
    let who = documents(&sides);
    format!("{who} reports: {} {}.", ended(&finding.text), cited(&sides, notes))
}

/// Why the sides only seem to differ, or why one of them does not stand.
fn resolved<'s>(finding: &'s FindingView, notes: &mut Notes<'s>) -> String {
    let (pro, contra) = stances(finding);
    let mut sentences = Vec::new();
    if contra.is_empty() {
        sentences.extend(by_narrative(&pro).iter().map(|sides| says(sides, "finds", notes)));
        let basis = plain(&finding.basis);
        let basis = basis.strip_prefix("by ").unwrap_or(&basis);
        sentences.push(format!("What tells the two apart is the {basis}."));
    } else {
        sentences.push(format!("{} {}.", ended(&finding.text), cited(&pro, notes)));
        sentences.push(says(&contra, "holds against it", notes));
        sentences.push(format!("The first stands, since {}.", plain(&finding.basis)));
    }
    sentences.join(" ")
}

/// Both readings, which of them fewer documents hold, and what kind of contradiction it is.
fn contested<'s>(finding: &'s FindingView, notes: &mut Notes<'s>) -> String {
    let (pro, contra) = stances(finding);
    let mut sentences = Vec::new();
    if !pro.is_empty() {
        sentences.push(says(&pro, "states", notes));
    }
    if !contra.is_empty() {
        sentences.push(says(&contra, "holds the opposite", notes));
    }
    let count = |sides: &[&SideView]| {
        sides.iter().map(|side| side.document_id.as_str()).collect::<BTreeSet<_>>().len()
    };
    let minority = match count(&pro).cmp(&count(&contra)) {
        std::cmp::Ordering::Greater => "The second is the view of the minority, and is kept.",
        std::cmp::Ordering::Less => "The first is the view of the minority, and is kept.",
        std::cmp::Ordering::Equal => "Neither view has more documents behind it.",
    };
    sentences.push(minority.to_owned());
    if let Some(kind) = &finding.contradiction_type {
        let kind = plain(&kind.replace('_', " "));
        sentences
            .push(format!("The contradiction is {kind}: {}.", plain(&finding.contradiction_basis)));
    }
    if !finding.basis.is_empty() {
        sentences.push(format!("It stays open: {}.", plain(&finding.basis)));
    }
    sentences.join(" ")
}

fn rejected<'s>(finding: &'s FindingView, notes: &mut Notes<'s>) -> String {
    let sides: Vec<&SideView> = finding.sides.iter().collect();
    let basis = if finding.basis.is_empty() {
        String::new()
    } else {
        format!(", because {}", plain(&finding.basis))
    };
    format!("Not upheld is what {} {}{basis}.", says_that(&sides), cited(&sides, notes))
}

fn says_that(sides: &[&SideView]) -> String {
    let words = sides.first().map(|side| quoted(side)).unwrap_or_default();
    format!("{} says: {words}", documents(sides))
}

/// "a.md finds: “…” [evidence]."
fn says<'s>(sides: &[&'s SideView], verb: &str, notes: &mut Notes<'s>) -> String {
    let mut distinct: Vec<String> = Vec::new();
    for words in sides.iter().map(|side| quoted(side)) {
        if !distinct.contains(&words) {
            distinct.push(words);
        }
    }
    format!("{} {verb}: {} {}.", documents(sides), distinct.join(" and "), cited(sides, notes))
}

/// A side's words; what they cite stands behind them.
fn quoted(side: &SideView) -> String {
    format!("“{}”", ended(&without_citations(&side.text)))
}

/// The sides of each narrative together.
fn by_narrative<'s>(sides: &[&'s SideView]) -> Vec<Vec<&'s SideView>> {
    let mut groups: Vec<Vec<&SideView>> = Vec::new();
    for side in sides {
        match groups.iter_mut().find(|group| group[0].sno_id == side.sno_id) {
            Some(group) => group.push(side),
            None => groups.push(vec![side]),
        }
    }
    groups
}

fn stances(finding: &FindingView) -> (Vec<&SideView>, Vec<&SideView>) {
    finding.sides.iter().partition(|side| side.stance != "opposes")
}

/// The documents of these sides, each once.
fn documents(sides: &[&SideView]) -> String {
    let mut names: Vec<String> = Vec::new();
    for side in sides {
        let name = plain(&side.document_id);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.as_slice() {
        [] => "One side".to_owned(),
        [one] => format!("*{one}*"),
        [first @ .., last] => format!("*{}* and *{last}*", first.join("*, *")),
    }
}

/// Evidence and notes of these sides in brackets.
fn cited<'s>(sides: &[&'s SideView], notes: &mut Notes<'s>) -> String {
    let mut parts: Vec<String> = Vec::new();
    for id in sides.iter().flat_map(|side| &side.evidence_ids) {
        let id = plain(id);
        if !parts.contains(&id) {
            parts.push(id);
        }
    }
    if parts.is_empty() {
        parts.push("no evidence named".to_owned());
    }
    let numbers: BTreeSet<usize> = sides.iter().map(|side| notes.number(side)).collect();
    let numbers = numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    let note = if sides.len() == 1 { "note" } else { "notes" };
    format!("({}; {note} {numbers})", parts.join(", "))
}

/// Without its final stop, which follows the evidence, and on one line.
fn ended(text: &str) -> String {
    plain(text.trim_end().trim_end_matches('.'))
}
