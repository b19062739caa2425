//! What a synthesis comes to, in one or two sentences.
//!
//! Invariant: counts what stands in the sections, and names what explains a difference; no claim is repeated.

use cns_schemas::Section;

use super::compose::{raised, two_voices};
use super::findings::Draft;

/// What the whole comes to.
pub(super) fn summary(drafts: &[Draft], shared: usize, left_out: usize) -> String {
    let count = |section| drafts.iter().filter(|draft| draft.finding.section == section).count();
    let agreed = drafts.iter().filter(|draft| draft.finding.section == Section::Agreed);
    let alone = agreed.filter(|draft| !two_voices(draft)).count();
    let parts = [
        (count(Section::Agreed) - alone, "they agree on one point", "they agree on {} points"),
        (alone, "one of them alone reports one point", "one of them alone reports {} points"),
        (count(Section::Resolved), "one difference is explained", "{} differences are explained"),
        (count(Section::Unresolved), "one point stays contested", "{} points stay contested"),
        (
            count(Section::Rejected),
            "one statement cites only what cannot be found",
            "{} statements cite only what cannot be found",
        ),
    ];
    let told: Vec<String> = parts
        .into_iter()
        .filter(|(n, ..)| *n > 0)
        .map(|(n, one, many)| {
            let told = if n == 1 { one.to_owned() } else { many.replace("{}", &counted(n)) };
            if told.ends_with("explained") {
                format!("{told} by {}", explained_by(drafts))
            } else {
                told
            }
        })
        .collect();
    let sources = match shared {
        0 => "no source".to_owned(),
        1 => "one source".to_owned(),
        more => format!("{} sources", counted(more)),
    };
    let mut summary = format!("The two narratives share {sources}: {}.", told.join("; "));
    match left_out {
        0 => {}
        1 => summary.push_str(" One more statement on shared sources stands in no section."),
        more => summary.push_str(&format!(
            " {} more statements on shared sources stand in no section.",
            raised(&counted(more))
        )),
    }
    summary
}

/// What the differences come down to.
fn explained_by(drafts: &[Draft]) -> String {
    let mut kinds: Vec<&str> = Vec::new();
    for draft in drafts.iter().filter(|draft| draft.finding.section == Section::Resolved) {
        let kind = draft.difference.map_or("what can be found", |kind| kind.noun());
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    match kinds.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A small number in words.
fn counted(n: usize) -> String {
    const WORDS: &[&str] = &[
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    WORDS.get(n).map_or_else(|| n.to_string(), |word| (*word).to_owned())
}
