//! A clause as the model reads it: topic words, events with their direction, numbers, quantifier, certainty.
//!
//! Invariant: every word of the clause ends in at most one of these; places count tokens of the clause.

use std::borrow::Cow;

use cns_narrative::words::{is_stop_word, stem, words};

use super::lexicon::{FLAT, FORMS, FRACTIONS, FRAME, HEDGES, LIGHT, MULTIPLES, NUMBERS, Sign};
use super::limits::{EVENTS_PER_CLAUSE_MAX, ITEMS_PER_CLAUSE_MAX, QUANTITIES_PER_CLAUSE_MAX};
use super::lookup::{entry, holds, phrase, representative};

/// A topic word and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub stem: String,
    pub place: usize,
    /// Says little: may be missing on the other side.
    pub light: bool,
}

/// What happens to something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    Up,
    Down,
    NotUp,
    NotDown,
    Flat,
    Change,
}

/// A word of direction, or one of a pair of opposites.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    /// 0 is quantity, others count the pairs of opposites from 1.
    pub concept: usize,
    pub value: Value,
    pub place: usize,
    /// "is increased by": subject and object have changed places.
    pub passive: bool,
}

/// How a number bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    Exact,
    About,
    Above,
    Below,
}

/// A number with its unit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quantity {
    pub value: f64,
    pub unit: String,
    pub bound: Bound,
}

/// How many of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    All,
    Most,
    Some,
    Few,
    NotAll,
}

/// A clause, read.
#[derive(Debug, Clone, Default)]
pub(super) struct Clause {
    pub items: Vec<Item>,
    pub events: Vec<Event>,
    pub quantities: Vec<Quantity>,
    pub quantifier: Option<Quantifier>,
    /// The predicate is denied and no event took the denial.
    pub denied: bool,
    pub hedged: bool,
    /// There is a passive verb with its doer.
    pub passive: bool,
    /// It asks and states nothing.
    pub asks: bool,
}

impl Clause {
    fn add_item(&mut self, stem: String, place: usize, light: bool) {
        if self.items.len() < ITEMS_PER_CLAUSE_MAX {
            self.items.push(Item { stem, place, light });
        }
    }

    fn add_event(&mut self, concept: usize, value: Value, place: usize) {
        if self.events.len() < EVENTS_PER_CLAUSE_MAX {
            self.events.push(Event { concept, value, place, passive: false });
        }
    }

    fn add_quantity(&mut self, quantity: Quantity) {
        if self.quantities.len() < QUANTITIES_PER_CLAUSE_MAX {
            self.quantities.push(quantity);
        }
    }
}

/// A denial reaches the next event within this many words.
const DENIAL_REACH: usize = 7;

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Word(String),
    Sign(Sign),
}

/// Reads a clause.
pub(super) fn read(text: &str) -> Clause {
    let pieces = pieces(text);
    let mut clause = Clause::default();
    let mut denial: Option<usize> = None;
    let mut denials = 0;
    let mut bound = Bound::Exact;
    let mut place = 0;
    while place < pieces.len() {
        let mut step = 1;
        match &pieces[place] {
            Piece::Sign(sign) => match sign {
                Sign::Not => {
                    denial = if denial.is_some() { None } else { Some(place) };
                    denials += 1;
                }
                Sign::Flat => clause.add_event(0, Value::Flat, place),
                Sign::Up | Sign::Down => {
                    let value = if *sign == Sign::Up { Value::Up } else { Value::Down };
                    let value = take_denial(value, &mut denial, &mut denials, place);
                    clause.add_event(0, value, place);
                }
                Sign::Hedge => clause.hedged = true,
                Sign::Above | Sign::AtLeast => bound = Bound::Above,
                Sign::Below | Sign::AtMost => bound = Bound::Below,
                Sign::NotAll => clause.quantifier = Some(Quantifier::NotAll),
                Sign::Nothing => {}
            },
            Piece::Word(word) => {
                if let Some((quantity, used)) = quantity(&pieces, place, bound) {
                    clause.add_quantity(quantity);
                    bound = Bound::Exact;
                    step = used;
                } else {
                    match word.as_str() {
                        "about" | "roughly" | "nearly" | "approximately" | "around" | "almost" => {
                            bound = Bound::About
                        }
                        "over" | "above" => bound = Bound::Above,
                        "under" | "below" => bound = Bound::Below,
                        _ => bound = Bound::Exact,
                    }
                    read_word(word, place, &pieces, &mut clause, &mut denial, &mut denials);
                }
            }
        }
        place += step;
    }
    clause.denied = denials % 2 == 1;
    clause.passive = is_passive(&pieces);
    clause.asks = matches!(pieces.first(), Some(Piece::Word(word)) if word == "whether");
    mark_passive_events(&pieces, &mut clause);
    clause
}

fn read_word(
    word: &str,
    place: usize,
    pieces: &[Piece],
    clause: &mut Clause,
    denial: &mut Option<usize>,
    denials: &mut usize,
) {
    if holds(HEDGES, word) {
        clause.hedged = true;
        return;
    }
    if let Some(quantifier) = quantifier(word) {
        clause.quantifier.get_or_insert(quantifier);
        return;
    }
    let word = entry(FORMS, word).unwrap_or(word);
    let stemmed = stem(word);
    if word == "unharmed" || word == "undamaged" {
        clause.add_event(0, Value::NotDown, place);
        return;
    }
    if holds(FLAT, &stemmed) {
        clause.add_event(0, Value::Flat, place);
        return;
    }
    if let Some((concept, value)) = direction(word, &stemmed, place, pieces) {
        let value = if value == Value::Change && denial.is_none() {
            // "the effect of the tax" names a thing; only a denied change says something.
            clause.add_item(stemmed, place, true);
            return;
        } else {
            take_denial(value, denial, denials, place)
        };
        clause.add_event(concept, value, place);
        return;
    }
    if is_stop_word(word) || holds(FRAME, &stemmed) {
        return;
    }
    let light = holds(LIGHT, &stemmed);
    let stem = representative(&stemmed).map_or(stemmed, str::to_owned);
    clause.add_item(stem, place, light);
}

/// The value under a denial that stands before it, which is then used up.
fn take_denial(
    value: Value,
    denial: &mut Option<usize>,
    denials: &mut usize,
    place: usize,
) -> Value {
    match denial {
        Some(at) if place - *at <= DENIAL_REACH => {
            *denial = None;
            *denials = denials.saturating_sub(1);
            deny(value)
        }
        _ => value,
    }
}

fn deny(value: Value) -> Value {
    match value {
        Value::Up => Value::NotUp,
        Value::Down => Value::NotDown,
        Value::NotUp => Value::Up,
        Value::NotDown => Value::Down,
        Value::Flat => Value::Change,
        Value::Change => Value::Flat,
    }
}

/// The concept and the value of a word of direction.
fn direction(word: &str, stemmed: &str, place: usize, pieces: &[Piece]) -> Option<(usize, Value)> {
    // "High-street", "cut flowers": what stands before a noun as its kind is rarely told apart; comparatives are.
    let found = super::lookup::direction(word, stemmed)?;
    let likely = matches!(pieces.get(place + 1), Some(Piece::Word(next)) if next == "likely");
    (word != "more" || !likely).then_some((found.concept, found.value))
}

fn quantifier(word: &str) -> Option<Quantifier> {
    Some(match word {
        "all" | "every" | "each" | "always" => Quantifier::All,
        "most" | "usually" | "majority" => Quantifier::Most,
        "some" | "several" | "sometimes" => Quantifier::Some,
        "few" | "rarely" | "hardly" | "seldom" => Quantifier::Few,
        _ => return None,
    })
}

/// Words with runs of them replaced by signs.
fn pieces(text: &str) -> Vec<Piece> {
    let words = words(&joined(text));
    let mut pieces = Vec::new();
    let mut place = 0;
    while place < words.len() {
        if let Some((taken, sign)) = phrase(&words[place..]) {
            pieces.push(Piece::Sign(sign));
            place += taken;
            continue;
        }
        match words[place].as_str() {
            "not" | "no" | "never" | "none" | "neither" | "without" | "nobody" | "nothing" => {
                pieces.push(Piece::Sign(Sign::Not))
            }
            word => pieces.push(Piece::Word(word.to_owned())),
        }
        place += 1;
    }
    pieces
}

/// Hyphened words become one: "low-traffic zones" are not about traffic. A percent sign becomes a word.
fn joined(text: &str) -> Cow<'_, str> {
    if !text.contains(['-', '‐', '%']) {
        return Cow::Borrowed(text);
    }
    let letters: Vec<char> = text.chars().collect();
    let letter =
        |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(|c| c.is_alphabetic());
    let mut joined = String::with_capacity(text.len());
    for (place, c) in letters.iter().enumerate() {
        match c {
            '-' | '‐' if letter(place.checked_sub(1)) && letter(Some(place + 1)) => {}
            '%' => joined.push_str(" percent "),
            c => joined.push(*c),
        }
    }
    Cow::Owned(joined)
}

/// A number at this place, and how many pieces it takes.
fn quantity(pieces: &[Piece], place: usize, bound: Bound) -> Option<(Quantity, usize)> {
    let word = |at: usize| match pieces.get(at) {
        Some(Piece::Word(word)) => Some(word.as_str()),
        _ => None,
    };
    let first = word(place)?;
    let mut used = 1;
    if let Some(value) = fraction(first) {
        return Some((Quantity { value, unit: "percent".into(), bound: rough(bound) }, used));
    }
    let mut value = number(first)?;
    while let Some(factor) = word(place + used).and_then(|next| entry(MULTIPLES, next)) {
        value *= factor;
        used += 1;
    }
    if let Some(part) = word(place + used).and_then(|next| fraction(next.trim_end_matches('s')))
        && value < 10.0
        && number(first).is_some()
        && word(place + used).is_some_and(|next| next.ends_with('s'))
    {
        return Some((
            Quantity { value: value * part, unit: "percent".into(), bound: rough(bound) },
            used + 1,
        ));
    }
    let unit = (place + used..pieces.len().min(place + used + 3))
        .find_map(|at| word(at).filter(|w| !is_stop_word(w)));
    let unit = unit.map(stem).unwrap_or_default();
    if matches!(
        unit.as_str(),
        "percent" | "mg" | "minut" | "hour" | "day" | "week" | "month" | "year" | "second"
    ) {
        used += 1;
    }
    Some((Quantity { value, unit, bound }, used.min(pieces.len() - place).max(1)))
}

/// A fraction in words is seldom meant to the percent.
fn rough(bound: Bound) -> Bound {
    if bound == Bound::Exact { Bound::About } else { bound }
}

fn fraction(word: &str) -> Option<f64> {
    entry(FRACTIONS, word)
}

fn number(word: &str) -> Option<f64> {
    if let Some(value) = entry(NUMBERS, word) {
        return Some(value);
    }
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        word.replace(',', "").parse().ok()
    } else {
        None
    }
}

const BE: &[&str] = &["is", "are", "was", "were", "been", "be", "being"];

/// Whether a form of "be" is followed by "by" and a doer.
fn is_passive(pieces: &[Piece]) -> bool {
    passive_range(pieces).is_some()
}

fn passive_range(pieces: &[Piece]) -> Option<(usize, usize)> {
    let is = |piece: &Piece, list: &[&str]| matches!(piece, Piece::Word(word) if list.contains(&word.as_str()));
    let be = pieces.iter().position(|piece| is(piece, BE))?;
    let by = (be + 2..pieces.len().min(be + 6)).find(|at| is(&pieces[*at], &["by"]))?;
    let number = matches!(pieces.get(by + 1), Some(Piece::Word(word)) if number(word).is_some());
    (!number).then_some((be, by))
}

fn mark_passive_events(pieces: &[Piece], clause: &mut Clause) {
    if let Some((be, by)) = passive_range(pieces) {
        for event in clause.events.iter_mut().filter(|event| event.place > be && event.place < by) {
            event.passive = true;
        }
    }
}
