//! The document's own central claim.
//!
//! Invariant: never an opponent's claim, a quotation, a question or an instruction, even where the document
//! holds nothing else; the earliest of the strongest wins.

use std::collections::BTreeSet;

use crate::even::words_of_even;
use crate::sentence::SentenceKind;
use crate::words::content_stems;

use super::{Statement, cues};

/// Words that a sentence needs to win without a cue phrase.
const STRONG_WORDS_MIN: usize = 5;

/// Words that a sentence must share with the headline to be what the headline is about.
const HEADLINE_WORDS_SHARED: usize = 2;

/// The index of the statement that the document argues for.
pub(super) fn choose(statements: &[Statement<'_>]) -> Option<usize> {
    let headline = statements.iter().find(|one| one.sentence.kind == SentenceKind::Heading);
    let headline = headline.map(|headline| headline.sentence.text).unwrap_or_default();
    let headline: BTreeSet<String> = content_stems(headline).into_iter().collect();
    let ranked = statements
        .iter()
        .enumerate()
        .filter_map(|(index, statement)| Some((rank(statement, &headline)?, index)));
    // `max_by_key` would keep the last of equals.
    let best = ranked.reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.map(|(_, index)| index)
}

/// The higher, the more central. Without a cue phrase the first full sentence counts most, unless a later one says what the
/// headline says; what is told from person to person comes last of the full sentences.
fn rank(statement: &Statement<'_>, headline: &BTreeSet<String>) -> Option<u32> {
    let text = statement.sentence.text;
    let own = !statement.opposed && !cues::is_quotation(text);
    if !own {
        return None;
    }
    let strength = cues::thesis_strength(text);
    let in_prose = statement.sentence.kind == SentenceKind::Prose;
    if strength >= 2 && statement.attributed_to.is_none() {
        return Some(100 * u32::from(strength) + u32::from(in_prose));
    }
    let mut rank = 1;
    if statement.sentence.kind != SentenceKind::Heading {
        rank += 2;
    }
    if in_prose {
        rank += 4;
    }
    if strength >= 1 && statement.attributed_to.is_none() {
        rank += 16;
    }
    if cues::has_end_mark(text) && !cues::is_request(text) {
        rank += 8;
    }
    if words_of_even(&statement.evened).count() >= STRONG_WORDS_MIN
        && !cues::answers_before(text)
        && !cues::points_back(text)
    {
        rank += 3;
    }
    if in_prose && !cues::is_chat(text) {
        rank += 6;
        let shared = || content_stems(text).into_iter().collect::<BTreeSet<_>>();
        if !headline.is_empty() && shared().intersection(headline).count() >= HEADLINE_WORDS_SHARED
        {
            rank += 4;
        }
    }
    Some(rank)
}
