//! The sentences that a synthesis adds of its own: hypothesis and open points.
//!
//! Invariant: they are put together from the statements of the sides and from fixed words; no number and no
//! claim is new. What is contested stands behind "whether".

use std::collections::BTreeSet;

use cns_schemas::{Finding, Section, Sno, Stance};

use super::findings::Draft;
use super::stated::begins_with_verb;
use crate::limits::HYPOTHESIS_CHARS_MAX;
use crate::statement::bare;
use crate::words::{content_stems, is_stop_word, overlap_of, stem, words};

/// Characters of a statement that is taken into the hypothesis whole.
const STATEMENT_CHARS_MAX: usize = 180;

/// Words that two statements must begin with for these to tell what both are about.
const COMMON_WORDS_MIN: usize = 3;
/// Words that a clause needs to stand for its whole sentence.
const CLAUSE_WORDS: usize = 4;

/// One sentence: what is agreed, what depends on what, and what remains contested.
pub(super) fn hypothesis(drafts: &[Draft], a: &Sno, b: &Sno) -> String {
    let speech = Speech::of(a, b);
    let stems = |text: &str| content_stems(text).into_iter().collect::<BTreeSet<String>>();
    let topic = stems(&format!("{} {}", bare(&a.hypothesis), bare(&b.hypothesis)));
    let best = |section: Section| {
        let of = drafts.iter().filter(|draft| draft.finding.section == section);
        let near = of.map(|draft| (draft, overlap_of(&stems(&together(draft)), &topic)));
        let best = near.max_by(|(x, near_x), (y, near_y)| {
            let voices = |draft: &Draft| draft.finding.sides.len().min(2);
            let voiced = (x.central, voices(x)).cmp(&(y.central, voices(y)));
            voiced.then(near_x.total_cmp(near_y))
        });
        best.map(|(draft, _)| draft)
    };
    // What one side alone reports is no common ground to begin with.
    let agreed = best(Section::Agreed).filter(|draft| two_voices(draft));
    let agreed = agreed.map(|draft| speech.inside(&draft.statements[0].text));
    let resolved = best(Section::Resolved).map(|draft| dependence(draft, &speech));
    let open = best(Section::Unresolved)
        .map(|draft| format!("it remains contested whether {}", question(draft, &speech)));
    let parts = |parts: &[&Option<String>]| {
        parts.iter().filter_map(|part| (*part).clone()).collect::<Vec<_>>()
    };
    let mut chosen = parts(&[&agreed, &resolved, &open]);
    if chosen.join("; ").chars().count() > HYPOTHESIS_CHARS_MAX {
        chosen = parts(&[&resolved, &open]);
    }
    if chosen.join("; ").chars().count() > HYPOTHESIS_CHARS_MAX {
        chosen.truncate(1);
    }
    let joined = match chosen.as_slice() {
        [settled, open] if open.starts_with("it remains contested ") => {
            format!("{settled}, but {open}")
        }
        all => all.join("; "),
    };
    format!("{}.", raised(&joined))
}

/// The statements of a finding in one text.
fn together(draft: &Draft) -> String {
    draft.statements.iter().map(|stated| stated.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// The statement at this place, if there is one.
fn statement(draft: &Draft, place: usize) -> &str {
    draft.statements.get(place).map_or("", |stated| stated.text.as_str())
}

/// Whether both narratives state it.
pub(super) fn two_voices(draft: &Draft) -> bool {
    voices(&draft.finding) > 1
}

/// How many narratives speak for a finding.
pub(super) fn voices(finding: &Finding) -> usize {
    finding.sides.iter().map(|side| side.sno_id.as_str()).collect::<BTreeSet<&str>>().len()
}

/// What the two sides differ in, as a clause.
fn dependence(draft: &Draft, speech: &Speech) -> String {
    let statement = statement(draft, 0);
    let (Some(kind), Some(other)) = (draft.difference, draft.statements.get(1)) else {
        return format!(
            "{}, which only one side supports with evidence that can be found",
            speech.inside(statement)
        );
    };
    let other = &other.text;
    // What both begin with is what both are about.
    let common = common_start(statement, other);
    // "Zones lower dioxide on streets, but raise it …": one subject is named once.
    let (own, rest) = (after(statement, &common), after(other, &common));
    if !common.is_empty() && [&own, &rest].iter().all(|part| begins_with_verb(part)) {
        return format!("{}, but {}", speech.inside(statement), Speech::first_clause(&rest));
    }
    if common.split_whitespace().count() < COMMON_WORDS_MIN {
        return format!("{}, while {}", speech.inside(statement), speech.inside(other));
    }
    format!("what is found on “{}” depends on {}", speech.lowered(&common), kind.noun())
}

/// What follows as many words as the common start has.
fn after(statement: &str, common: &str) -> String {
    let words = statement.split_whitespace().skip(common.split_whitespace().count());
    words.collect::<Vec<_>>().join(" ")
}

/// What is contested, as it can follow "whether": the side that asserts rather than the one that denies.
fn question(draft: &Draft, speech: &Speech) -> String {
    let asserts = draft.statements.iter().find(|stated| !stated.negates());
    speech.inside(asserts.map_or(statement(draft, 0), |stated| &stated.text))
}

/// The words that both statements begin with, without small words at the end.
fn common_start(left: &str, right: &str) -> String {
    let pairs = left.split_whitespace().zip(right.split_whitespace());
    let mut common: Vec<&str> =
        pairs.take_while(|(x, y)| x.to_lowercase() == y.to_lowercase()).map(|(x, _)| x).collect();
    while common.last().is_some_and(|word| is_stop_word(&word.to_lowercase())) {
        common.pop();
    }
    common.join(" ").trim_end_matches([',', ';']).to_owned()
}

/// What would change the synthesis: one point for each finding that is open, one-sided or without a source.
pub(super) fn open_points(drafts: &[Draft]) -> Vec<String> {
    drafts.iter().filter_map(open_point).collect()
}

fn open_point(draft: &Draft) -> Option<String> {
    let finding = &draft.finding;
    match finding.section {
        Section::Agreed => None,
        Section::Resolved => {
            let opposed = finding.sides.iter().find(|side| side.stance == Stance::Opposes)?;
            Some(format!(
                "A source that can be found for “{}” would reopen the point.",
                bare(&opposed.text)
            ))
        }
        Section::Unresolved => Some(format!(
            "{}: a finding that holds under the same conditions would decide between “{}” and “{}”.",
            cited(finding),
            statement(draft, 0),
            statement(draft, 1)
        )),
        Section::Rejected => Some(format!(
            "The source that is missing for “{}” would let it be judged.",
            statement(draft, 0)
        )),
    }
}

/// Which evidence the two sides of an open finding cite: both, or only one of them.
fn cited(finding: &Finding) -> String {
    let by = |stance: Stance| -> BTreeSet<&str> {
        let sides = finding.sides.iter().filter(|side| side.stance == stance);
        sides.flat_map(|side| &side.evidence_ids).map(String::as_str).collect()
    };
    let (pro, contra) = (by(Stance::Supports), by(Stance::Opposes));
    let listed = |ids: Vec<&str>| ids.join(", ");
    let both = listed(pro.intersection(&contra).copied().collect());
    let either = listed(pro.symmetric_difference(&contra).copied().collect());
    match (both.is_empty(), either.is_empty()) {
        (true, true) => "Neither side names evidence".to_owned(),
        (false, true) => format!("Both cite {both}"),
        (false, false) => format!("Both cite {both}; only one side cites {either}"),
        (true, false) if pro.is_empty() || contra.is_empty() => {
            format!("Only one side cites evidence, {either}")
        }
        (true, false) => {
            let (pro, contra) = (pro.into_iter().collect(), contra.into_iter().collect());
            format!("One side cites {}, the other {}", listed(pro), listed(contra))
        }
    }
}

/// How words are written inside a sentence.
struct Speech {
    lower: BTreeSet<String>,
    names: BTreeSet<String>,
}

impl Speech {
    /// Stems that the sides write with a small letter somewhere are no names; words that stand with a capital
    /// inside a sentence or in a reference are.
    fn of(a: &Sno, b: &Sno) -> Speech {
        let claims = [a, b].into_iter().flat_map(|sno| sno.claims.iter().map(|claim| &claim.text));
        let references = [a, b]
            .into_iter()
            .flat_map(|sno| sno.evidence.iter().filter_map(|e| e.reference.as_ref()));
        let small = |word: &&str| word.starts_with(char::is_lowercase);
        let large = |word: &&str| word.starts_with(char::is_uppercase);
        // Each word once: the sides use the same ones again and again, and stemming is what costs.
        let lower: BTreeSet<&str> =
            claims.clone().flat_map(|text| text.split_whitespace().filter(small)).collect();
        let inside = claims.flat_map(|text| text.split_whitespace().skip(1).filter(large));
        let authors = references.flat_map(|text| text.split_whitespace().filter(large));
        let names: BTreeSet<&str> = inside.chain(authors).collect();
        Speech {
            lower: lower.into_iter().flat_map(content_stems).collect(),
            names: names.into_iter().flat_map(words).collect(),
        }
    }

    /// A statement as a clause of a longer sentence: what it says first, without what it goes on to say.
    fn inside(&self, statement: &str) -> String {
        self.lowered(&Self::first_clause(statement))
    }

    /// What a statement says first, no longer than fits.
    fn first_clause(statement: &str) -> String {
        let goes_on = [", and ", ", but ", ", yet ", ", so ", "; "];
        let end = goes_on.iter().filter_map(|joint| statement.find(joint)).min();
        let first = &statement[..end.unwrap_or(statement.len())];
        let whole = first.split_whitespace().count() >= CLAUSE_WORDS;
        let clause = if whole { first } else { statement };
        if clause.chars().count() <= STATEMENT_CHARS_MAX {
            return clause.to_owned();
        }
        let cut: String = clause.chars().take(STATEMENT_CHARS_MAX).collect();
        let end = cut.rfind(' ').unwrap_or(cut.len());
        format!("{} …", &cut[..end])
    }

    fn lowered(&self, text: &str) -> String {
        let first = text.split_whitespace().next().unwrap_or_default();
        let known = words(first).first().is_some_and(|word| {
            let common = is_stop_word(word) || self.lower.contains(&stem(word));
            common || !self.names.contains(word)
        });
        let plain = first.chars().skip(1).all(|c| !c.is_uppercase());
        let mut letters = text.chars();
        match letters.next() {
            Some(letter) if known && plain && first != "I" => {
                letter.to_lowercase().chain(letters).collect()
            }
            _ => text.to_owned(),
        }
    }
}

pub(super) fn raised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
