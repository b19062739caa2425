//! Units, each in one form.
//!
//! Invariant: a multiple is folded into the number ("2 years" are 24 months), so that equal amounts have equal units.

use crate::words::{is_stop_word, stem};

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// Days and their parts and multiples.
    Day,
    /// Months and their multiples.
    Month,
    /// Hundredths.
    Percent,
    /// Percentage points.
    Point,
    /// Milligrams.
    Milligram,
    /// Millilitres.
    Millilitre,
    /// Metres.
    Metre,
    /// Anything else, by its stem.
    Other(String),
}

/// Mean days of a month.
const DAYS_OF_MONTH: f64 = 30.4375;

/// People, as studies count them: their number is a study's size and no result.
const PEOPLE: &[&str] = &[
    "adult", "child", "men", "particip", "patient", "peopl", "person", "pupil", "respond",
    "student", "subject", "volunt", "women", "worker",
];

impl Unit {
    /// How many days one is, when it is a span of time.
    pub fn days(&self) -> Option<f64> {
        match self {
            Unit::Day => Some(1.0),
            Unit::Month => Some(DAYS_OF_MONTH),
            _ => None,
        }
    }

    pub(super) fn is_people(&self) -> bool {
        matches!(self, Unit::Other(stem) if PEOPLE.binary_search(&stem.as_str()).is_ok())
    }
}

/// The unit that a word names, and how many of it the word stands for.
pub(super) fn known(word: &str) -> Option<(Unit, f64)> {
    let known = match word {
        "second" | "seconds" => (Unit::Day, 1.0 / 86_400.0),
        "minute" | "minutes" | "min" => (Unit::Day, 1.0 / 1_440.0),
        "hour" | "hours" => (Unit::Day, 1.0 / 24.0),
        "day" | "days" | "night" | "nights" => (Unit::Day, 1.0),
        "week" | "weeks" => (Unit::Day, 7.0),
        "fortnight" | "fortnights" => (Unit::Day, 14.0),
        "month" | "months" => (Unit::Month, 1.0),
        "year" | "years" => (Unit::Month, 12.0),
        "decade" | "decades" => (Unit::Month, 120.0),
        "century" | "centuries" => (Unit::Month, 1_200.0),
        "%" | "percent" | "pct" => (Unit::Percent, 1.0),
        "µg" | "μg" | "mcg" | "microgram" | "micrograms" => (Unit::Milligram, 0.001),
        "mg" | "milligram" | "milligrams" => (Unit::Milligram, 1.0),
        "g" | "gram" | "grams" => (Unit::Milligram, 1_000.0),
        "kg" | "kilogram" | "kilograms" | "kilo" | "kilos" => (Unit::Milligram, 1_000_000.0),
        "ml" | "millilitre" | "millilitres" | "milliliters" => (Unit::Millilitre, 1.0),
        "litre" | "litres" | "liter" | "liters" => (Unit::Millilitre, 1_000.0),
        "mm" | "millimetre" | "millimetres" => (Unit::Metre, 0.001),
        "cm" | "centimetre" | "centimetres" => (Unit::Metre, 0.01),
        "m" | "metre" | "metres" => (Unit::Metre, 1.0),
        "km" | "kilometre" | "kilometres" => (Unit::Metre, 1_000.0),
        _ => return None,
    };
    Some(known)
}

/// The unit that the words behind a number name, how many of it they stand for, and how many words they are.
pub(super) fn of(words: &[&str]) -> Option<(Unit, f64, usize)> {
    let first = *words.first()?;
    let points = |word: Option<&&str>| matches!(word, Some(&"point" | &"points"));
    if matches!(first, "percentage") && points(words.get(1)) {
        return Some((Unit::Point, 1.0, 2));
    }
    if first == "per" && words.get(1) == Some(&"cent") {
        return Some((Unit::Percent, 1.0, 2));
    }
    if let Some((unit, scale)) = known(first) {
        return Some((unit, scale, 1));
    }
    let names = first.starts_with(char::is_alphabetic) && !is_stop_word(first);
    names.then(|| (Unit::Other(stem(first)), 1.0, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_sorted_for_the_search() {
        assert!(PEOPLE.is_sorted_by(|a, b| a < b));
        let people = |word: &str| Unit::Other(stem(word)).is_people();
        for word in ["adults", "patients", "participants", "volunteers", "people", "women"] {
            assert!(people(word), "{word}");
        }
        assert!(!people("accidents"));
    }
}
