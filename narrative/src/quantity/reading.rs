//! Quantities out of words.
//!
//! Invariant: at most [`WORDS_MAX`](crate::limits::WORDS_MAX) words are read, each a bounded number of times.

use super::{Bound, Quantity, Unit, unit};
use crate::direction::{Direction, direction};
use crate::limits::WORDS_MAX;

/// Words between a direction and the number that belongs to it, when no "by" joins them.
const NEAR_WORDS: usize = 2;
/// Words back from "by" to the direction: "reduced the income of furniture shops by 11 percent".
const CLAUSE_WORDS: usize = 12;
/// Words in front of "a year" that make it a span and no rate.
const SPANNING: &[&str] = &["after", "for", "in", "nearly", "over", "than", "within"];

/// A word and whether a clause ends behind it.
struct Word {
    text: String,
    ends: bool,
}

/// A number as it is read: its value, how many words it is, and whether it is a part of a whole.
struct Number {
    value: f64,
    used: usize,
    part: bool,
}

pub(super) fn read(text: &str) -> Vec<Quantity> {
    let words = split(text);
    let mut found = Vec::new();
    let mut place = 0;
    while place < words.len() {
        place += match quantity(&words, place) {
            Some((quantity, used)) => {
                found.extend(quantity);
                used.max(1)
            }
            None => 1,
        };
    }
    found
}

/// Lower-case words; "12-week" and "5mg" are two.
fn split(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    for raw in text.split_whitespace().take(WORDS_MAX) {
        let ends = raw.ends_with([',', ';', ':', ')', '.']);
        let bare = raw.trim_matches(|c: char| !c.is_alphanumeric() && !"%µ".contains(c));
        let first = words.len();
        for part in bare.split(['-', '–', '—', '/']).filter(|part| !part.is_empty()) {
            let digits = part.find(|c: char| !(c.is_ascii_digit() || ".,".contains(c)));
            let cut = digits.filter(|_| part.starts_with(|c: char| c.is_ascii_digit()));
            let (number, rest) = part.split_at(cut.unwrap_or(0));
            for piece in [number, rest].into_iter().filter(|piece| !piece.is_empty()) {
                words.push(Word { text: piece.to_lowercase(), ends: false });
            }
        }
        if let Some(last) = words[first..].last_mut() {
            last.ends = ends;
        }
    }
    words
}

/// The quantity that begins at a place, if one does, and how many words were read; `None` in it for a range.
fn quantity(words: &[Word], place: usize) -> Option<(Option<Quantity>, usize)> {
    let said = words[place].text.as_str();
    if let Some((value, direction)) = multiple(said) {
        let shown = format!("{value} percent");
        let direction = Some(direction);
        let bound = bound(words, place, false);
        return Some((Some(Quantity { value, unit: Unit::Percent, bound, direction, shown }), 1));
    }
    let number = number(words, place)?;
    let behind = place + number.used;
    if let Some(used) = range_end(words, behind) {
        return Some((None, number.used + used));
    }
    if number.used == 1 && is_year(said) {
        return None;
    }
    let last = words.get(behind.checked_sub(1)?)?;
    let rest: Vec<&str> =
        words.iter().skip(behind).take(2).map(|word| word.text.as_str()).collect();
    let named = if last.ends { None } else { unit::of(&rest) };
    let (unit, scale, used) = match (named, number.part) {
        (Some((unit, scale, used)), part) if !part || unit.days().is_some() => (unit, scale, used),
        (_, true) => (Unit::Percent, 100.0, 0),
        _ => return None,
    };
    let end = behind + used;
    let shown = words[place..end].iter().map(|word| word.text.as_str()).collect::<Vec<_>>();
    let time = unit.days().is_some();
    let bound = match bound(words, place, time) {
        Bound::Exact if number.part && !time => Bound::About,
        bound => bound,
    };
    let direction = direction_at(words, place, end);
    let quantity =
        Quantity { value: number.value * scale, unit, bound, direction, shown: shown.join(" ") };
    Some((Some(quantity), number.used + used))
}

/// "halved" fell by half, "doubled" rose by the whole.
fn multiple(word: &str) -> Option<(f64, Direction)> {
    match word {
        "halve" | "halved" | "halves" | "halving" => Some((50.0, Direction::Down)),
        "double" | "doubled" | "doubles" | "doubling" => Some((100.0, Direction::Up)),
        "triple" | "tripled" | "triples" | "tripling" => Some((200.0, Direction::Up)),
        _ => None,
    }
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && word.parse::<u32>().is_ok_and(|year| (1800..2100).contains(&year))
}

/// How many words belong to the second number of "two to five", "3–5" or "between two and five".
fn range_end(words: &[Word], behind: usize) -> Option<usize> {
    let joint = words.get(behind)?;
    if matches!(joint.text.as_str(), "to" | "and" | "or") {
        let upper = number(words, behind + 1).filter(|number| !number.part)?;
        return Some(1 + upper.used);
    }
    number(words, behind).filter(|number| !number.part).map(|upper| upper.used)
}

fn number(words: &[Word], place: usize) -> Option<Number> {
    let word = |ahead: usize| words.get(place + ahead).map_or("", |word| word.text.as_str());
    let spans =
        |ahead: usize| unit::known(word(ahead)).is_some_and(|(unit, _)| unit.days().is_some());
    if matches!(word(0), "a" | "an") && spans(1) {
        let before = place.checked_sub(1).map_or("", |at| words[at].text.as_str());
        return SPANNING.contains(&before).then_some(Number { value: 1.0, used: 1, part: false });
    }
    if let Some((part, used)) = fraction(word(0), word(1)) {
        let joints = [word(used), word(used + 1)];
        // "half a year", "a quarter of an hour".
        let used = match joints {
            ["a" | "an", _] if spans(used + 1) => used + 1,
            ["of", "a" | "an"] if spans(used + 2) => used + 2,
            _ => used,
        };
        return Some(Number { value: part, used, part: true });
    }
    let (mut value, mut used) = (single(word(0))?, 1);
    let small = |x: f64| (1.0..10.0).contains(&x);
    let by_word = |text: &str| text.starts_with(char::is_alphabetic);
    if (20.0..100.0).contains(&value)
        && by_word(word(0))
        && by_word(word(1))
        && let Some(ones) = single(word(1)).filter(|x| small(*x))
    {
        (value, used) = (value + ones, 2);
    }
    while let Some(times) = thousands(word(used)) {
        (value, used) = (value * times, used + 1);
    }
    if word(used) == "and" && word(used + 1) == "a" && word(used + 2) == "half" {
        (value, used) = (value + 0.5, used + 3);
    }
    Some(Number { value, used, part: false })
}

/// "half", "a third", "three quarters", and how many words it is.
fn fraction(first: &str, second: &str) -> Option<(f64, usize)> {
    let nth = |word: &str| match word {
        "third" | "thirds" => Some(3.0),
        "quarter" | "quarters" => Some(4.0),
        "fifth" | "fifths" => Some(5.0),
        "tenth" | "tenths" => Some(10.0),
        _ => None,
    };
    if first == "half" {
        return Some((0.5, 1));
    }
    let of = nth(second)?;
    let count = if matches!(first, "a" | "one") { 1.0 } else { single(first)? };
    // "the 3 fifth" is nothing.
    (count < of).then_some((count / of, 2))
}

fn thousands(word: &str) -> Option<f64> {
    match word {
        "dozen" => Some(12.0),
        "hundred" => Some(100.0),
        "thousand" => Some(1_000.0),
        "million" => Some(1_000_000.0),
        "billion" => Some(1_000_000_000.0),
        _ => None,
    }
}

/// The number that one word stands for.
pub(crate) fn single(word: &str) -> Option<f64> {
    const ONES: &[&str] = &[
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: &[&str] =
        &["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    if let Some(value) = ONES.iter().position(|known| *known == word) {
        return Some(value as f64);
    }
    if let Some(tens) = TENS.iter().position(|known| *known == word) {
        return Some((tens + 2) as f64 * 10.0);
    }
    if !word.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    word.trim_end_matches('%').replace(',', "").parse().ok().filter(|x: &f64| x.is_finite())
}

/// How the number at a place is meant, from the words in front of it. "over 12 weeks" is "during", not "more than".
fn bound(words: &[Word], place: usize, time: bool) -> Bound {
    let before = |back: usize| {
        let word = place.checked_sub(back).and_then(|at| words.get(at));
        word.map_or("", |word| word.text.as_str())
    };
    match (before(3), before(2), before(1)) {
        (_, "at", "least") | (_, "minimum", "of") | ("no" | "not", "less" | "fewer", "than") => {
            Bound::AtLeast
        }
        (_, "at", "most") | (_, "up", "to") | ("no" | "not", "more", "than") => Bound::AtMost,
        (_, "more" | "greater" | "higher", "than") | (_, _, "exceeding" | "exceeds") => {
            Bound::MoreThan
        }
        (_, _, "over" | "above") if !time => Bound::MoreThan,
        (_, "less" | "fewer" | "lower", "than") => Bound::LessThan,
        (_, _, "under" | "below") => Bound::LessThan,
        (_, _, "about" | "around" | "roughly" | "nearly" | "almost" | "approximately") => {
            Bound::About
        }
        _ => Bound::Exact,
    }
}

/// Which way something went by what stands from `place` to `end`: "fell by 11 percent", "rose 11 percent", "11 percent
/// lower". A denied direction is none.
fn direction_at(words: &[Word], place: usize, end: usize) -> Option<Direction> {
    let before = |reach: usize| {
        let near = words[..place].iter().enumerate().rev().take(reach);
        let clause = near.take_while(|(_, word)| !word.ends && !is_joint(&word.text));
        // "more than 11 percent" is a bound.
        let told =
            clause.filter(|(at, _)| words.get(at + 1).is_none_or(|next| next.text != "than"));
        let measures = told.filter(|(_, word)| !judges(&word.text));
        measures.filter_map(|(at, word)| Some((at, direction(&word.text)?))).next()
    };
    let joined = words[..place].iter().rev().take(4).any(|word| word.text == "by");
    let found = before(if joined { CLAUSE_WORDS } else { NEAR_WORDS });
    if let Some((at, direction)) = found {
        let denied = words[..at].iter().rev().take(3).any(|word| is_denial(&word.text));
        return (!denied).then_some(direction);
    }
    let ended = end.checked_sub(1).and_then(|at| words.get(at)).is_none_or(|word| word.ends);
    let behind = words.get(end).filter(|_| !ended)?;
    direction(&behind.text)
}

/// "It helped 40 percent of them" says for how many, and not by how much.
fn judges(word: &str) -> bool {
    ["help", "benefit", "harm", "hurt", "damag"].iter().any(|verb| word.starts_with(verb))
}

fn is_joint(word: &str) -> bool {
    matches!(word, "and" | "but" | "while" | "whereas" | "although" | "because")
}

fn is_denial(word: &str) -> bool {
    matches!(word, "not" | "no" | "never" | "neither" | "nor") || word.ends_with("n't")
}
