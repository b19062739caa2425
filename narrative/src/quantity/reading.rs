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

/// Words in front of a count of places, and those that may stand between.
const PLACING: &[&str] = &["across", "among", "amongst", "at", "in", "inside", "near", "outside"];
const BETWEEN: &[&str] = &[
    "about", "all", "almost", "around", "at", "fewer", "least", "less", "more", "most", "nearly",
    "only", "roughly", "than", "the",
];

/// A word, whether a clause ends behind it, and whether a dash joins it to the next.
struct Word {
    text: String,
    ends: bool,
    joined: bool,
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
        // "3 – 5" is a range too.
        if bare.is_empty() && matches!(raw, "-" | "–" | "—") {
            if let Some(last) = words.last_mut().filter(|last: &&mut Word| !last.ends) {
                last.joined = single(&last.text).is_some();
            }
            continue;
        }
        for part in bare.split(['-', '–', '—', '/']).filter(|part| !part.is_empty()) {
            if let Some(last) = words[first..].last_mut() {
                last.joined = true;
            }
            let digits = part.find(|c: char| !(c.is_ascii_digit() || ".,".contains(c)));
            let cut = digits.filter(|_| part.starts_with(|c: char| c.is_ascii_digit()));
            let (number, rest) = part.split_at(cut.unwrap_or(0));
            for piece in [number, rest].into_iter().filter(|piece| !piece.is_empty()) {
                words.push(Word { text: piece.to_lowercase(), ends: false, joined: false });
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
    if let Some((value, direction)) = multiple(words, place) {
        let shown = format!("{value} percent");
        let direction = Some(direction);
        let bound = bound(words, place, false);
        let (unit, places) = (Unit::Percent, false);
        let quantity = Quantity { value, unit, bound, direction, places, shown };
        return Some((Some(quantity), 1));
    }
    let number = number(words, place)?;
    let behind = place + number.used;
    let range = range_end(words, behind);
    let measured = |at: usize| words.get(at).is_some_and(|word| unit::known(&word.text).is_some());
    if number.used == 1 && is_year(said) && !measured(behind) {
        // "1900 to 2000 mg", but not "in 2019 and 7 percent in 2020".
        let joint =
            words.get(behind).is_some_and(|word| matches!(word.text.as_str(), "and" | "or"));
        let used = range.filter(|used| !joint && measured(behind + used))?;
        return Some((None, number.used + used));
    }
    if let Some(used) = range {
        return Some((None, number.used + used));
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
    let places = matches!(unit, Unit::Other(_)) && is_place(words, place);
    let (value, shown) = (number.value * scale, shown.join(" "));
    let quantity = Quantity { value, unit, bound, direction, places, shown };
    Some((Some(quantity), number.used + used))
}

/// "halved" fell by half, "doubled" rose by the whole. "Double-blind", "a double dose" and "did not double" did neither.
fn multiple(words: &[Word], place: usize) -> Option<(f64, Direction)> {
    let word = &words[place];
    let before = place.checked_sub(1).map(|at| &words[at]);
    let joined = word.joined || before.is_some_and(|before| before.joined);
    if joined || is_denied(words, place) {
        return None;
    }
    let verb = before.is_some_and(|before| {
        matches!(before.text.as_str(), "to" | "can" | "could" | "may" | "might" | "will" | "would")
    });
    match word.text.as_str() {
        "double" if verb => Some((100.0, Direction::Up)),
        "triple" if verb => Some((200.0, Direction::Up)),
        "halve" | "halved" | "halves" | "halving" => Some((50.0, Direction::Down)),
        "doubled" | "doubles" | "doubling" => Some((100.0, Direction::Up)),
        "tripled" | "triples" | "tripling" => Some((200.0, Direction::Up)),
        _ => None,
    }
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && word.parse::<u32>().is_ok_and(|year| (1800..2100).contains(&year))
}

/// Whether a count is one of places: "in 3 towns", "across at least 12 schools", but not "resulted in 3 accidents".
fn is_place(words: &[Word], place: usize) -> bool {
    let text = |at: usize| words[at].text.as_str();
    let near = place.saturating_sub(4)..place;
    let Some(at) =
        near.rev().find(|at| at + 1 == place && text(*at) == "at" || !BETWEEN.contains(&text(*at)))
    else {
        return false;
    };
    let caused = at.checked_sub(1).is_some_and(|at| text(at).starts_with("result"));
    PLACING.contains(&text(at)) && !words[at].ends && !caused
}

/// How many words belong to the second number of "two to five", "3–5" or "between two and five".
fn range_end(words: &[Word], behind: usize) -> Option<usize> {
    let (last, joint) = (words.get(behind.checked_sub(1)?)?, words.get(behind)?);
    if last.ends {
        return None;
    }
    if matches!(joint.text.as_str(), "to" | "and" | "or") {
        let upper = number(words, behind + 1).filter(|number| !number.part)?;
        return Some(1 + upper.used);
    }
    let upper = number(words, behind).filter(|number| last.joined && !number.part);
    upper.map(|upper| upper.used)
}

fn number(words: &[Word], place: usize) -> Option<Number> {
    let word = |ahead: usize| words.get(place + ahead).map_or("", |word| word.text.as_str());
    let spans =
        |ahead: usize| unit::known(word(ahead)).is_some_and(|(unit, _)| unit.days().is_some());
    // "In a second trial" is no span.
    if matches!(word(0), "a" | "an") && spans(1) && word(1) != "second" {
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
    // "Double" is a direction only as a verb.
    let moved = |at: usize, word: &Word| {
        let noun = matches!(word.text.as_str(), "double" | "triple");
        if noun { multiple(words, at).map(|(_, way)| way) } else { direction(&word.text) }
    };
    let before = |reach: usize| {
        let near = words[..place].iter().enumerate().rev().take(reach);
        let clause = near.take_while(|(_, word)| !word.ends && !is_joint(&word.text));
        // "more than 11 percent" is a bound.
        let told =
            clause.filter(|(at, _)| words.get(at + 1).is_none_or(|next| next.text != "than"));
        let measures = told.filter(|(_, word)| !judges(&word.text));
        measures.filter_map(|(at, word)| Some((at, moved(at, word)?))).next()
    };
    let joined = words[..place].iter().rev().take(4).any(|word| word.text == "by");
    let found = before(if joined { CLAUSE_WORDS } else { NEAR_WORDS });
    if let Some((at, direction)) = found {
        return (!is_denied(words, at)).then_some(direction);
    }
    let ended = end.checked_sub(1).and_then(|at| words.get(at)).is_none_or(|word| word.ends);
    let behind = words.get(end).filter(|_| !ended)?;
    moved(end, behind)
}

/// Whether one of the three words in front of a place denies it.
fn is_denied(words: &[Word], place: usize) -> bool {
    let before = words[..place].iter().rev().take(3).take_while(|word| !word.ends);
    before.into_iter().any(|word| is_denial(&word.text))
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
