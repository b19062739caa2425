//! A clause as the model reads it: topic words, events with their direction, numbers, quantifier, certainty.
//!
//! Invariant: every word of the clause ends in at most one of these; places count tokens of the clause.

use cns_narrative::words::{is_stop_word, stem, words};

use super::lexicon::{
    CHANGE, DOWN, FLAT, FORMS, FRACTIONS, FRAME, HEDGES, LIGHT, MULTIPLES, NUMBERS, OPPOSITES,
    PHRASES, SYNONYMS, Sign, UP,
};

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
                Sign::Flat => clause.events.push(event(0, Value::Flat, place)),
                Sign::Up => clause.events.push(event(
                    0,
                    take_denial(Value::Up, &mut denial, &mut denials, place),
                    place,
                )),
                Sign::Hedge => clause.hedged = true,
                Sign::Above | Sign::AtLeast => bound = Bound::Above,
                Sign::Below | Sign::AtMost => bound = Bound::Below,
                Sign::NotAll => clause.quantifier = Some(Quantifier::NotAll),
                Sign::Nothing => {}
            },
            Piece::Word(word) => {
                if let Some((quantity, used)) = quantity(&pieces, place, bound) {
                    clause.quantities.push(quantity);
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
    if HEDGES.contains(&word) {
        clause.hedged = true;
        return;
    }
    if let Some(quantifier) = quantifier(word) {
        clause.quantifier.get_or_insert(quantifier);
        return;
    }
    let word = FORMS.iter().find(|(form, _)| *form == word).map_or(word, |(_, base)| base);
    let stemmed = stem(word);
    if word == "unharmed" || word == "undamaged" {
        clause.events.push(event(0, Value::NotDown, place));
        return;
    }
    if FLAT.contains(&stemmed.as_str()) {
        clause.events.push(event(0, Value::Flat, place));
        return;
    }
    if let Some((concept, value)) = direction(word, &stemmed, place, pieces) {
        let value = if value == Value::Change && denial.is_none() {
            // "the effect of the tax" names a thing; only a denied change says something.
            clause.items.push(Item { stem: stemmed, place, light: true });
            return;
        } else {
            take_denial(value, denial, denials, place)
        };
        clause.events.push(event(concept, value, place));
        return;
    }
    if is_stop_word(word) || FRAME.contains(&stemmed.as_str()) {
        return;
    }
    let light = LIGHT.contains(&stemmed.as_str());
    let stem = SYNONYMS
        .iter()
        .find(|group| group.contains(&stemmed.as_str()))
        .map_or(stemmed, |g| g[0].to_owned());
    clause.items.push(Item { stem, place, light });
}

fn event(concept: usize, value: Value, place: usize) -> Event {
    Event { concept, value, place, passive: false }
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

fn direction(word: &str, stemmed: &str, place: usize, pieces: &[Piece]) -> Option<(usize, Value)> {
    // "High-street", "cut flowers": what stands before a noun as its kind is rarely told apart; comparatives are.
    let of = |list: &[&str]| list.contains(&stemmed) || list.contains(&word);
    let next_is =
        |wanted: &str| matches!(pieces.get(place + 1), Some(Piece::Word(next)) if next == wanted);
    let opposite = OPPOSITES.iter().enumerate().find_map(|(index, (first, second, _))| {
        if of(first) {
            Some((index + 1, Value::Up))
        } else if of(second) {
            Some((index + 1, Value::Down))
        } else {
            None
        }
    });
    // A pair of opposites is more exact: "harmful" judges, "harms" reports a loss.
    if opposite.is_some() {
        return opposite;
    }
    if of(UP) && !(word == "more" && next_is("likely")) {
        return Some((0, Value::Up));
    }
    if of(DOWN) {
        return Some((0, Value::Down));
    }
    if of(CHANGE) {
        return Some((0, Value::Change));
    }
    None
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
        let run = PHRASES.iter().find(|(run, _)| {
            words.len() - place >= run.len() && run.iter().zip(&words[place..]).all(|(a, b)| a == b)
        });
        if let Some((run, sign)) = run {
            pieces.push(Piece::Sign(*sign));
            place += run.len();
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
fn joined(text: &str) -> String {
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
    joined
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
    while let Some((_, factor)) =
        word(place + used).and_then(|next| MULTIPLES.iter().find(|(name, _)| *name == next))
    {
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
    FRACTIONS.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
}

fn number(word: &str) -> Option<f64> {
    if let Some((_, value)) = NUMBERS.iter().find(|(name, _)| *name == word) {
        return Some(*value);
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
