//! How words are found in the lexicon.
//!
//! Invariant: what is found does not depend on the order of look-ups; where a word stands in several lists, the more
//! exact one counts. Every word of every text comes by here, so nothing is searched from its start.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::lexicon::{CHANGE, DOWN, OPPOSITES, PHRASES, SYNONYMS, Sign, UP};
use super::reading::Value;

/// Whether a list holds a word. The list is sorted.
pub(super) fn holds(list: &[&str], word: &str) -> bool {
    list.binary_search(&word).is_ok()
}

/// What a sorted table says of a word.
pub(super) fn entry<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    let place = table.binary_search_by_key(&word, |(known, _)| known).ok()?;
    table.get(place).map(|(_, value)| *value)
}

/// A word of direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Direction {
    /// The lower, the more exact.
    rank: usize,
    /// 0 is quantity, others count the pairs of opposites from 1.
    pub concept: usize,
    pub value: Value,
}

/// A pair of opposites is more exact than a rise or a fall: "harmful" judges, "harms" reports a loss.
static DIRECTIONS: LazyLock<HashMap<&str, Direction>> = LazyLock::new(|| {
    let opposites = OPPOSITES.iter().enumerate().flat_map(|(index, (first, second, _))| {
        [(index + 1, Value::Up, *first), (index + 1, Value::Down, *second)]
    });
    let quantity = [(0, Value::Up, UP), (0, Value::Down, DOWN), (0, Value::Change, CHANGE)];
    let mut directions = HashMap::new();
    for (rank, (concept, value, list)) in opposites.chain(quantity).enumerate() {
        for word in list {
            directions.entry(*word).or_insert(Direction { rank, concept, value });
        }
    }
    directions
});

/// The direction of a word, by its stem or as it stands.
pub(super) fn direction(word: &str, stemmed: &str) -> Option<Direction> {
    let known = [stemmed, word].into_iter().filter_map(|form| DIRECTIONS.get(form).copied());
    known.min_by_key(|direction| direction.rank)
}

static GROUPS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let mut groups = HashMap::new();
    for group in SYNONYMS {
        for word in *group {
            groups.entry(*word).or_insert(group[0]);
        }
    }
    groups
});

/// The stem that stands for all that mean the same, when a stem is one of them.
pub(super) fn representative(stemmed: &str) -> Option<&'static str> {
    GROUPS.get(stemmed).copied()
}

/// The words of a phrase, and what it stands for.
type Phrase = (&'static [&'static str], Sign);

/// Phrases by their first word, in the order of the lexicon.
static BY_FIRST_WORD: LazyLock<HashMap<&str, Vec<Phrase>>> = LazyLock::new(|| {
    let mut phrases: HashMap<&str, Vec<Phrase>> = HashMap::new();
    for (run, sign) in PHRASES {
        phrases.entry(run[0]).or_default().push((run, *sign));
    }
    phrases
});

/// The phrase that begins these words: how many of them it takes, and what it stands for.
pub(super) fn phrase(words: &[String]) -> Option<(usize, Sign)> {
    let known = BY_FIRST_WORD.get(words.first()?.as_str())?;
    let begins = |run: &[&str]| {
        words.len() >= run.len() && run.iter().zip(words).all(|(wanted, word)| wanted == word)
    };
    known.iter().find(|(run, _)| begins(run)).map(|(run, sign)| (run.len(), *sign))
}

#[cfg(test)]
mod tests {
    use super::super::lexicon::{FLAT, FORMS, FRACTIONS, FRAME, HEDGES, LIGHT, MULTIPLES, NUMBERS};
    use super::*;

    #[test]
    fn lists_are_sorted_for_the_search() {
        for list in [UP, DOWN, FLAT, CHANGE, HEDGES, FRAME, LIGHT] {
            assert!(list.is_sorted_by(|a, b| a < b), "{list:?}");
        }
        assert!(FORMS.is_sorted_by(|(a, _), (b, _)| a < b));
        for table in [FRACTIONS, NUMBERS, MULTIPLES] {
            assert!(table.is_sorted_by(|(a, _), (b, _)| a < b), "{table:?}");
        }
    }

    #[test]
    fn everything_is_found() {
        for list in [UP, DOWN, FLAT, CHANGE, HEDGES, FRAME, LIGHT] {
            assert!(list.iter().all(|word| holds(list, word)), "{list:?}");
        }
        assert!(FORMS.iter().all(|(form, base)| entry(FORMS, form) == Some(*base)));
        for (run, sign) in PHRASES {
            let words: Vec<String> = run.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(phrase(&words), Some((run.len(), *sign)), "{run:?}");
        }
        assert_eq!(phrase(&["no".to_owned(), "evidence".to_owned()]), Some((2, Sign::Not)));
        assert_eq!((phrase(&[]), phrase(&["coffee".to_owned()])), (None, None));
    }

    #[test]
    fn the_more_exact_direction_counts() {
        let found = |word, stemmed| direction(word, stemmed).map(|d| (d.concept, d.value));
        assert_eq!(found("harmful", "harm"), Some((1, Value::Down)));
        assert_eq!(found("harms", "harm"), Some((0, Value::Down)));
        assert_eq!(found("rises", "rise"), Some((0, Value::Up)));
        assert_eq!(found("effects", "effect"), Some((0, Value::Change)));
        assert_eq!(found("coffee", "coffe"), None);
        assert_eq!(representative("employe"), Some("worker"));
    }
}
