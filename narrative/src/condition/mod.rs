//! Conditions that a statement names for what it reports: dose, time of day, period, group, place and so on.
//!
//! Invariant: a difference needs a condition of one kind on both sides. A statement without a condition is not
//! narrowed by one that has some, so nothing is explained away. After the latent contexts of CNS 8.0.

mod phrase;
mod terms;

use std::collections::BTreeSet;

use crate::limits::CONDITIONS_PER_KIND_MAX;
use crate::quantity::{Quantity, quantities};
use crate::words::stem;
use phrase::{Phrase, Token, phrases, tokens};
use terms::{
    COUNTED, DOSE_SIZES, DOSE_UNITS, GROUPS, METHODS, PLACES, SPAN_WORDS, SPANS, TIME_UNITS,
    TIMES_OF_DAY, has,
};

/// What kind of condition differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConditionKind {
    /// How much was given.
    Dose,
    /// When in the day.
    TimeOfDay,
    /// After how long, for how long, in which years.
    Period,
    /// In whom.
    Group,
    /// Where.
    Place,
    /// Under which circumstances.
    Circumstance,
    /// How it was measured.
    Method,
    /// On how many.
    StudySize,
}

impl ConditionKind {
    /// As it stands after "depends on".
    pub fn noun(self) -> &'static str {
        match self {
            ConditionKind::Dose => "the dose",
            ConditionKind::TimeOfDay => "the time of day",
            ConditionKind::Period => "the period",
            ConditionKind::Group => "the group",
            ConditionKind::Place => "the place",
            ConditionKind::Circumstance => "the circumstances",
            ConditionKind::Method => "the method of measurement",
            ConditionKind::StudySize => "the size of the study",
        }
    }
}

/// A condition in which two statements differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which kind.
    pub kind: ConditionKind,
    /// What the first says.
    pub left: String,
    /// What the second says.
    pub right: String,
}

impl Difference {
    /// For a reader: "by dose: 100 mg against 300 mg".
    pub fn basis(&self) -> String {
        let noun = self.kind.noun().trim_start_matches("the ");
        format!("by {noun}: {} against {}", self.left, self.right)
    }
}

/// How many times larger one study must be for its size to make a difference.
const STUDY_SIZE_RATIO: f64 = 3.0;

/// The conditions that a statement names, found once for many comparisons.
#[derive(Debug, Clone)]
pub struct Conditions {
    named: [(ConditionKind, Vec<Named>); 7],
    study_size: Option<(f64, String)>,
}

impl Conditions {
    /// Those of a statement.
    pub fn of(text: &str) -> Conditions {
        let reading = Reading::of(text);
        let mut named = [
            (ConditionKind::Dose, reading.doses()),
            (ConditionKind::TimeOfDay, reading.times_of_day()),
            (ConditionKind::Period, reading.periods()),
            (ConditionKind::Group, reading.groups()),
            (ConditionKind::Place, reading.places()),
            (ConditionKind::Circumstance, reading.circumstances()),
            (ConditionKind::Method, reading.methods()),
        ];
        named.iter_mut().for_each(|(_, list)| list.truncate(CONDITIONS_PER_KIND_MAX));
        Conditions { named, study_size: reading.study_size() }
    }

    /// The first kind of condition, in the order of [`ConditionKind`], that both name differently.
    pub fn difference(&self, other: &Conditions) -> Option<Difference> {
        let found = self.named.iter().zip(&other.named).find_map(|((kind, a), (_, b))| {
            let differ = a.iter().any(|x| b.iter().any(|y| x.differs(y)))
                && !a.iter().any(|x| b.iter().any(|y| x == y));
            let first = |list: &[Named]| list.first().map(|named| named.shown.clone());
            let difference = || Some(Difference { kind: *kind, left: first(a)?, right: first(b)? });
            differ.then(difference).flatten()
        });
        found.or_else(|| self.other_size(other))
    }

    fn other_size(&self, other: &Conditions) -> Option<Difference> {
        let ((x, left), (y, right)) = (self.study_size.clone()?, other.study_size.clone()?);
        let far_apart = x.max(y) >= STUDY_SIZE_RATIO * x.min(y).max(1.0);
        far_apart.then_some(Difference { kind: ConditionKind::StudySize, left, right })
    }
}

/// The condition in which two statements differ, as [`Conditions::difference`] finds it.
pub fn difference(left: &str, right: &str) -> Option<Difference> {
    Conditions::of(left).difference(&Conditions::of(right))
}

/// The words of a statement outside its conditions: what it reports, whatever it reports it for.
pub fn core(text: &str) -> String {
    let reading = Reading::of(text);
    let inside =
        |place: usize| reading.phrases.iter().any(|p| p.is_condition() && p.range.contains(&place));
    let kept = reading.tokens.iter().enumerate().filter(|(place, _)| !inside(*place));
    kept.map(|(_, token)| token.word.clone()).collect::<Vec<_>>().join(" ")
}

/// A condition as it is compared and as it is shown: its words, and its amounts apart from them, since "six months" and
/// "half a year" are one.
#[derive(Debug, Clone)]
struct Named {
    words: BTreeSet<String>,
    amounts: Vec<Quantity>,
    shown: String,
}

impl PartialEq for Named {
    fn eq(&self, other: &Named) -> bool {
        !self.adds_to(other) && !other.adds_to(self)
    }
}

impl Named {
    fn new<'w>(words: impl IntoIterator<Item = &'w str>, shown: String) -> Named {
        Named { words: words.into_iter().map(stem).collect(), amounts: Vec::new(), shown }
    }

    /// Each says something that the other does not: a part of a whole is no other condition.
    fn differs(&self, other: &Named) -> bool {
        self.adds_to(other) && other.adds_to(self)
    }

    /// Whether it says something that the other does not.
    fn adds_to(&self, other: &Named) -> bool {
        let known = |amount: &Quantity| other.amounts.iter().any(|other| other.same(amount));
        !self.words.is_subset(&other.words) || !self.amounts.iter().all(known)
    }
}

/// The spans of time that words name.
fn spans(shown: &str) -> Vec<Quantity> {
    let mut spans = quantities(shown);
    spans.retain(|quantity| quantity.unit.days().is_some());
    spans
}

struct Reading {
    tokens: Vec<Token>,
    phrases: Vec<Phrase>,
}

impl Reading {
    fn of(text: &str) -> Reading {
        let tokens = tokens(text);
        let phrases = phrases(&tokens);
        Reading { tokens, phrases }
    }

    /// Phrases with one of these markers whose words pass.
    fn named(&self, markers: &[&str], wanted: impl Fn(&[Token]) -> bool) -> Vec<Named> {
        let fits = |p: &&Phrase| markers.contains(&self.tokens[p.range.start].word.as_str());
        let named = |p: &Phrase| {
            let words = &self.tokens[p.range.clone()];
            wanted(&words[1..]).then(|| Named::new(phrase::topic(words), phrase::shown(words)))
        };
        self.phrases.iter().filter(fits).filter_map(named).collect()
    }

    fn doses(&self) -> Vec<Named> {
        let pairs = self
            .tokens
            .windows(2)
            .enumerate()
            .filter(|(place, _)| *place == 0 || self.tokens[place - 1].word != "by");
        let amount = |pair: &[Token]| {
            let (first, second) = (pair[0].word.as_str(), pair[1].word.as_str());
            let measured = pair[0].number.is_some() && has(DOSE_UNITS, second);
            let sized = has(DOSE_SIZES, first) && second.starts_with("dose");
            let amounts = if measured { quantities(&phrase::shown(pair)) } else { Vec::new() };
            let words = if amounts.is_empty() { Some(first) } else { None };
            let named = Named::new(words, phrase::shown(pair));
            (measured || sized).then_some(Named { amounts, ..named })
        };
        pairs.filter_map(|(_, pair)| amount(pair)).collect()
    }

    fn times_of_day(&self) -> Vec<Named> {
        let markers =
            ["when", "before", "after", "between", "at", "during", "on", "until", "in", "from"];
        let day = |word: &str| phrase::is_clock(word) || has(TIMES_OF_DAY, word);
        let tells = |word: &str| {
            day(word)
                || ["before", "after", "same", "following", "next", "late", "early"].contains(&word)
        };
        let fits = |p: &&Phrase| markers.contains(&self.tokens[p.range.start].word.as_str());
        let named = |p: &Phrase| {
            let words = &self.tokens[p.range.clone()];
            let dial = phrase::on_the_dial(words);
            if dial.is_none() && !words[1..].iter().any(|t| day(&t.word)) {
                return None;
            }
            let exact = |word: &str| phrase::is_clock(word) || phrase::number(word).is_some();
            let told = phrase::topic(words).filter(|word| match dial {
                // The marker and the dial say it all: "half past two" is "14:30".
                Some(_) => ["before", "after"].contains(word),
                None => tells(word) || exact(word),
            });
            let told: Vec<&str> = told.chain(dial.as_deref()).collect();
            Some(Named::new(told, phrase::shown(words)))
        };
        self.phrases.iter().filter(fits).filter_map(named).collect()
    }

    fn periods(&self) -> Vec<Named> {
        let markers = [
            "when", "before", "after", "within", "for", "in", "during", "over", "between", "until",
            "since",
        ];
        let spans_in_a_word = self.tokens.iter().filter(|t| has(SPANS, &t.word));
        let spans_in_a_word =
            spans_in_a_word.map(|t| Named::new([t.word.as_str()], t.word.clone()));
        let tells = |word: &str| has(SPAN_WORDS, word) || matches!(word, "before" | "after");
        let counts = |word: &str| phrase::number(word).is_some() || has(TIME_UNITS, word);
        let in_time = |words: &[Token]| {
            let unit = |t: &Token| has(TIME_UNITS, &t.word);
            let counts = |t: &Token| t.number.is_some() || has(SPAN_WORDS, &t.word);
            words.iter().any(Token::is_year)
                || words.windows(2).any(|pair| {
                    (counts(&pair[0]) && unit(&pair[1])) || (unit(&pair[0]) && counts(&pair[1]))
                })
        };
        let fits = |p: &&Phrase| markers.contains(&self.tokens[p.range.start].word.as_str());
        let named = |p: &Phrase| {
            let words = &self.tokens[p.range.clone()];
            let shown = phrase::shown(words);
            let amounts = spans(&shown);
            if amounts.is_empty() && !in_time(&words[1..]) {
                return None;
            }
            // Where an amount is known, it stands for its number and its unit.
            let bare = amounts.is_empty();
            let told = phrase::topic(words).filter(|word| tells(word) || (bare && counts(word)));
            Some(Named { amounts, ..Named::new(told, shown) })
        };
        let phrases = self.phrases.iter().filter(fits).filter_map(named);
        phrases.chain(spans_in_a_word).collect()
    }

    fn groups(&self) -> Vec<Named> {
        let named = |words: &[Token]| words.iter().any(|t| has(GROUPS, &t.word));
        let mut groups = self.named(&["in", "for", "of", "on", "with"], named);
        groups.extend(self.named(&["among", "amongst"], |_| true));
        if groups.is_empty() {
            let bare = self.tokens.iter().filter(|t| has(GROUPS, &t.word));
            groups.extend(bare.map(|t| Named::new([t.word.as_str()], t.word.clone())));
        }
        groups
    }

    fn places(&self) -> Vec<Named> {
        let named = |words: &[Token]| words.iter().any(|t| has(PLACES, &t.word) || t.name);
        let mut places = self.named(&["in", "on", "at", "near", "across"], named);
        places.extend(self.named(&["inside", "outside"], |words| !words.is_empty()));
        places
    }

    fn circumstances(&self) -> Vec<Named> {
        // "when counted 6 months" is a period.
        self.named(&["when", "if", "once", "provided", "unless", "where"], |words| {
            !words.is_empty() && spans(&phrase::shown(words)).is_empty()
        })
    }

    fn methods(&self) -> Vec<Named> {
        let known = self.tokens.iter().filter(|t| has(METHODS, &t.word));
        known.map(|t| Named::new([t.word.as_str()], t.word.clone())).collect()
    }

    /// The largest number of people that the statement names.
    fn study_size(&self) -> Option<(f64, String)> {
        let counted = |pair: &[Token]| {
            let counts = has(COUNTED, &pair[1].word);
            counts.then(|| pair[0].number.map(|n| (n, phrase::shown(pair)))).flatten()
        };
        self.tokens.windows(2).filter_map(counted).max_by(|x, y| x.0.total_cmp(&y.0))
    }
}

#[cfg(test)]
mod tests;
