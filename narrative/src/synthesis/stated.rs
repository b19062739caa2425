//! Statements as they are compared: without citations, each read once however often it is held against others.
//!
//! Invariant: what is kept of a text is what reading it again would give. One synthesis holds each claim against
//! every claim and every quote of the other side, and reading costs a hundred times what comparing does.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::condition::{Conditions, Difference, core};
use crate::direction::direction;
use crate::quantity::{Quantity, clash_of, quantities};
use crate::statement::bare;
use crate::words::{denies, overlap_of, stems_of, words};

/// Word overlap at which two statements say the same, and one repeats the other.
const REPEATS: f64 = 0.8;
/// The words of a text as they are compared.
struct Told {
    stems: BTreeSet<String>,
    negates: bool,
}

impl Told {
    fn of(text: &str) -> Told {
        let words = words(text);
        Told { negates: denies(&words), stems: stems_of(words).collect() }
    }
}

/// A statement, and what has been read of it so far.
pub(super) struct Stated {
    /// Its words, without citations and introduction.
    pub text: String,
    told: OnceCell<Told>,
    core: OnceCell<Told>,
    conditions: OnceCell<Conditions>,
    quantities: OnceCell<Vec<Quantity>>,
}

impl Stated {
    fn new(text: String) -> Rc<Stated> {
        let (told, core, conditions) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Rc::new(Stated { text, told, core, conditions, quantities: OnceCell::new() })
    }

    fn told(&self) -> &Told {
        self.told.get_or_init(|| Told::of(&self.text))
    }

    fn core(&self) -> &Told {
        self.core.get_or_init(|| Told::of(&core(&self.text)))
    }

    /// Whether it denies: an odd number of negative words.
    pub(super) fn negates(&self) -> bool {
        self.told().negates
    }

    /// Whether it limits what it says to a condition.
    pub(super) fn is_conditional(&self) -> bool {
        core(&self.text).split_whitespace().count() < self.text.split_whitespace().count()
    }

    /// Word overlap with another.
    pub(super) fn overlap(&self, other: &Stated) -> f64 {
        overlap_of(&self.told().stems, &other.told().stems)
    }

    /// Both deny, or neither does.
    pub(super) fn agrees_in_denial(&self, other: &Stated) -> bool {
        self.negates() == other.negates()
    }

    /// Whether it repeats another.
    pub(super) fn says_the_same(&self, other: &Stated) -> bool {
        self.overlap(other) >= REPEATS && self.agrees_in_denial(other) && !self.clashes(other)
    }

    /// Whether the two measure one thing differently: "fell by 11 percent" against "fell by 40 percent".
    pub(super) fn clashes(&self, other: &Stated) -> bool {
        let own = self.quantities.get_or_init(|| quantities(&self.text));
        clash_of(own, other.quantities.get_or_init(|| quantities(&other.text))).is_some()
    }

    /// The condition in which the two differ.
    pub(super) fn difference(&self, other: &Stated) -> Option<Difference> {
        let read = |stated: &'_ Stated| Conditions::of(&stated.text);
        let own = self.conditions.get_or_init(|| read(self));
        own.difference(other.conditions.get_or_init(|| read(other)))
    }

    /// Whether both measure one thing and find something else: what is left without the conditions has this much in
    /// common at least, and differs.
    pub(super) fn differs_in_result(&self, other: &Stated, overlap_least: f64) -> bool {
        let (own, others) = (self.core(), other.core());
        overlap_of(&own.stems, &others.stems) >= overlap_least
            && (own.negates != others.negates || own.stems != others.stems)
    }
}

/// The statements of a comparison by the sentences that make them.
#[derive(Default)]
pub(super) struct Readings {
    known: RefCell<BTreeMap<String, Rc<Stated>>>,
}

impl Readings {
    /// What a sentence states.
    pub(super) fn of(&self, sentence: &str) -> Rc<Stated> {
        if let Some(known) = self.known.borrow().get(sentence) {
            return Rc::clone(known);
        }
        let stated = Stated::new(bare(sentence));
        self.known.borrow_mut().insert(sentence.to_owned(), Rc::clone(&stated));
        stated
    }

    /// How many sentences have been read.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.known.borrow().len()
    }
}

/// Whether a predicate begins here.
pub(super) fn begins_with_verb(text: &str) -> bool {
    let first = words(text).into_iter().next().unwrap_or_default();
    let auxiliary = matches!(
        first.as_str(),
        "is" | "are"
            | "was"
            | "were"
            | "has"
            | "have"
            | "had"
            | "does"
            | "do"
            | "did"
            | "can"
            | "cannot"
            | "will"
    );
    // "Higher" and "reduction" have a direction and are no verbs.
    let verb = direction(&first).is_some()
        && !first.ends_with("er")
        && !first.ends_with("tion")
        && !first.ends_with("ing")
        || matches!(first.as_str(), "lower" | "lowers");
    auxiliary || verb
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_read_once() {
        let readings = Readings::default();
        let sentence = "We find that tea does not help adults (Lee, 2019).";
        let (first, again) = (readings.of(sentence), readings.of(sentence));
        assert!(Rc::ptr_eq(&first, &again));
        assert_eq!((first.text.as_str(), readings.len()), ("Tea does not help adults", 1));
        assert!(first.negates() && first.says_the_same(&again));
        assert!(!first.says_the_same(&readings.of("Tea helps adults.")));
    }

    #[test]
    fn other_numbers_say_something_else() {
        let of = |number: &str| {
            let text = "Zones lowered the takings of furniture and hardware shops in the region";
            Stated::new(format!("{text} by {number}"))
        };
        assert!(of("11 percent").says_the_same(&of("11%")));
        assert!(!of("11 percent").says_the_same(&of("40 percent")));
    }

    #[test]
    fn negative_words_are_counted() {
        let negates = |text: &str| Stated::new(text.to_owned()).negates();
        assert!(negates("Tea never helps") && !negates("Tea does not lack taste"));
    }
}
