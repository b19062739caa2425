//! How one clause stands to another.
//!
//! Invariant: a contradiction needs the same thing on both sides: subject and object must overlap. Without that
//! two clauses are neutral, however opposed their words are.

use std::collections::{BTreeSet, HashMap};

use super::lexicon::OPPOSITES;
use super::reading::{Bound, Clause, Event, Quantifier, Quantity, Value};

/// Evidence for entailment and for contradiction, each in [0, 1].
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Verdict {
    pub entailment: f64,
    pub contradiction: f64,
}

/// Share of a clause's subject, or of its object, that the other must have.
const PART_SHARED: f64 = 0.5;
/// Overlap of all topic words below which two clauses are about different things.
const TOPIC_SHARED: f64 = 0.4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Follows,
    Open,
    Denies,
}

/// A clause as it is compared: its topic words are numbers, and what stands around each event is known.
pub(super) struct Side<'c> {
    clause: &'c Clause,
    /// The number of each item.
    items: Vec<u16>,
    /// For each event, in the order of the active voice.
    around: Vec<Around>,
}

/// The topic words before and after an event.
struct Around {
    before: Part,
    after: Part,
}

/// Topic words in their order, by their numbers.
struct Part {
    words: Vec<u16>,
    /// How many of them are different.
    distinct: usize,
}

impl Part {
    fn of(words: Vec<u16>) -> Part {
        let distinct = words.iter().collect::<BTreeSet<_>>().len();
        Part { words, distinct }
    }

    fn holds(&self, word: u16) -> bool {
        self.words.contains(&word)
    }

    fn meets(&self, other: &Part) -> bool {
        self.words.iter().any(|word| other.holds(*word))
    }
}

/// Gives equal topic words of two texts equal numbers, so that each is compared once as a word.
#[derive(Default)]
pub(super) struct Numbering<'c> {
    known: HashMap<&'c str, u16>,
}

impl<'c> Numbering<'c> {
    /// Prepares a clause.
    pub(super) fn side(&mut self, clause: &'c Clause) -> Side<'c> {
        let mut number = |stem: &'c str| {
            let next = self.known.len() as u16;
            *self.known.entry(stem).or_insert(next)
        };
        let items: Vec<u16> = clause.items.iter().map(|item| number(&item.stem)).collect();
        let around = clause.events.iter().map(|event| around(clause, &items, event)).collect();
        Side { clause, items, around }
    }
}

/// What stands around an event, light words left out.
fn around(clause: &Clause, numbers: &[u16], event: &Event) -> Around {
    let later = clause.events.iter().map(|e| e.place).filter(|place| *place > event.place);
    let next = later.min().unwrap_or(usize::MAX);
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for (item, number) in clause.items.iter().zip(numbers).filter(|(item, _)| !item.light) {
        if item.place < event.place {
            before.push(*number);
        } else if item.place > event.place && item.place < next {
            after.push(*number);
        }
    }
    let (before, after) = (Part::of(before), Part::of(after));
    if event.passive { Around { before: after, after: before } } else { Around { before, after } }
}

/// Whether `hypothesis` follows from `premise` or is denied by it.
pub(super) fn compare(premise: &Side<'_>, hypothesis: &Side<'_>) -> Verdict {
    let topic = topic(premise, hypothesis);
    // Without a word in common neither can come to more than nothing.
    if topic == 0.0 {
        return Verdict::default();
    }
    let matched = matched(premise, hypothesis);
    if swapped(premise, hypothesis, &matched) {
        return Verdict::default();
    }
    let cover = cover(hypothesis, premise);
    let event = events(premise, hypothesis, &matched);
    let (premise_side, hypothesis_side) = (premise, hypothesis);
    let (premise, hypothesis) = (premise.clause, hypothesis.clause);
    let numbers = numbers(premise, hypothesis);
    let quantifiers = quantifiers(premise.quantifier, hypothesis.quantifier);
    let parts_shared = || parts_shared(premise_side, hypothesis_side, &matched);
    let relations = [event, numbers, quantifiers];
    if relations.contains(&Relation::Denies) {
        // Numbers and quantifiers belong to a thing more loosely than directions do, so more must be shared.
        let enough = if event == Relation::Denies { TOPIC_SHARED } else { 0.6 };
        if topic < enough || !parts_shared() {
            return Verdict::default();
        }
        let strength = 0.6 + 0.37 * ((topic - enough) / (0.8 - enough)).clamp(0.0, 1.0);
        let doubt = if premise.hedged { 0.85 } else { 1.0 };
        return Verdict { entailment: 0.0, contradiction: strength * doubt };
    }
    let open = relations.iter().filter(|relation| **relation == Relation::Open).count();
    // Multiplied in a fixed order, so that every machine gives the same bits.
    let open: f64 = std::iter::repeat_n(0.3, open).product();
    let cover = cover * cover * cover * cover;
    let doubt = if premise.hedged && !hypothesis.hedged { 0.6 } else { 1.0 };
    let parts = if parts_shared() { 1.0 } else { 0.3 };
    Verdict { entailment: 0.95 * cover * open * doubt * parts, contradiction: 0.0 }
}

/// Share of the wanted topic words that are there; light ones count a quarter.
fn cover(wanted: &Side<'_>, there: &Side<'_>) -> f64 {
    let weight = |light: bool| if light { 0.25 } else { 1.0 };
    let (mut total, mut found) = (0.0, 0.0);
    for (item, number) in wanted.clause.items.iter().zip(&wanted.items) {
        total += weight(item.light);
        if there.items.contains(number) {
            found += weight(item.light);
        }
    }
    if total == 0.0 { 0.0 } else { found / total }
}

/// Overlap of the topic words: the mean of the higher cover and Dice, so that a long sentence can deny a short one.
fn topic(a: &Side<'_>, b: &Side<'_>) -> f64 {
    let (x, y) = (cover(a, b), cover(b, a));
    if x + y == 0.0 { 0.0 } else { (x.max(y) + 2.0 * x * y / (x + y)) / 2.0 }
}

fn share(wanted: &Part, there: &Part) -> f64 {
    if wanted.words.is_empty() || there.words.is_empty() {
        return 1.0;
    }
    let found = wanted.words.iter().filter(|word| there.holds(**word)).count() as f64;
    found / wanted.words.len().min(there.distinct) as f64
}

/// Two events that are compared, with what stands around them.
#[derive(Clone, Copy)]
struct Matched<'s> {
    wanted: &'s Event,
    wanted_around: &'s Around,
    event: &'s Event,
    around: &'s Around,
}

/// For each event of the hypothesis, the premise's event that speaks of the same thing.
fn matched<'s>(premise: &'s Side<'_>, hypothesis: &'s Side<'_>) -> Vec<Option<Matched<'s>>> {
    let of = |wanted: &'s Event, wanted_around: &'s Around| {
        let score = |around: &Around| {
            share(&wanted_around.before, &around.before).min(1.0)
                + 2.0 * share(&wanted_around.after, &around.after).min(1.0)
        };
        let events = premise.clause.events.iter().zip(&premise.around);
        let fitting = events.filter(|(event, _)| event.concept == wanted.concept);
        let scored = fitting.map(|(event, around)| (score(around), event, around));
        let best = scored
            .max_by(|(x, a, _), (y, b, _)| x.total_cmp(y).then_with(|| b.place.cmp(&a.place)));
        best.map(|(_, event, around)| Matched { wanted, wanted_around, event, around })
    };
    let wanted = hypothesis.clause.events.iter().zip(&hypothesis.around);
    wanted.map(|(wanted, around)| of(wanted, around)).collect()
}

fn events(premise: &Side<'_>, hypothesis: &Side<'_>, matched: &[Option<Matched<'_>>]) -> Relation {
    let (premise, hypothesis) = (premise.clause, hypothesis.clause);
    let mut all = Relation::Follows;
    for matched in matched {
        let relation = match matched {
            None => Relation::Open,
            Some(Matched { wanted, wanted_around, event, around }) => {
                let always = wanted.concept > 0 && OPPOSITES[wanted.concept - 1].2;
                let relation = values(event.value, wanted.value, always);
                let flat = wanted.value == Value::Flat || event.value == Value::Flat;
                let mixed = !flat
                    && premise.events.len() > 1
                    && share(&wanted_around.after, &around.after) < PART_SHARED;
                if mixed { Relation::Open } else { relation }
            }
        };
        match relation {
            Relation::Denies => return Relation::Denies,
            Relation::Open => all = Relation::Open,
            Relation::Follows => {}
        }
    }
    if premise.denied != hypothesis.denied {
        // With an event on one side only, the denial and the event speak of different predicates.
        let alike = premise.events.len() == hypothesis.events.len();
        return if alike { Relation::Denies } else { Relation::Open };
    }
    if premise.denied && hypothesis.events.is_empty() && !premise.events.is_empty() {
        return Relation::Open;
    }
    all
}

fn values(premise: Value, hypothesis: Value, always: bool) -> Relation {
    use Value::{Change, Down, Flat, NotDown, NotUp, Up};
    match (premise, hypothesis) {
        (a, b) if a == b => Relation::Follows,
        (Up, NotDown) | (Down, NotUp) | (Flat, NotUp | NotDown) | (Up | Down, Change) => {
            Relation::Follows
        }
        (NotUp, Down) | (NotDown, Up) if always => Relation::Follows,
        (Up, Down | NotUp | Flat) | (Down, Up | NotDown | Flat) => Relation::Denies,
        (NotUp, Up) | (NotDown, Down) | (Flat, Up | Down | Change) | (Change, Flat) => {
            Relation::Denies
        }
        _ => Relation::Open,
    }
}

/// Whether the events that are compared have the same doer and happen to the same thing; clauses without events
/// are compared as a whole.
fn parts_shared(
    premise: &Side<'_>,
    hypothesis: &Side<'_>,
    matched: &[Option<Matched<'_>>],
) -> bool {
    let mut any = false;
    for Matched { wanted, wanted_around, event, around } in matched.iter().flatten() {
        any = true;
        let shared = if wanted.value == Value::Flat || event.value == Value::Flat {
            // "left sleep unchanged", "had no effect on sleep": what stays flat may stand on either side of it.
            let (theme, other) = if wanted.value == Value::Flat {
                (theme(around), both(wanted_around))
            } else {
                (theme(wanted_around), both(around))
            };
            same_part(theme, &other)
        } else if wanted_around.after.words.is_empty() != around.after.words.is_empty() {
            // "X fell" against "Y lowers X": only the thing that it happens to can be compared.
            same_part(theme(wanted_around), theme(around))
        } else {
            same_part(&wanted_around.before, &around.before)
                && same_part(&wanted_around.after, &around.after)
        };
        if shared {
            return true;
        }
    }
    !any && first_shared(premise, hypothesis)
}

/// What an event happens to: its object, or its subject when it has none.
fn theme(around: &Around) -> &Part {
    if around.after.words.is_empty() { &around.before } else { &around.after }
}

fn both(around: &Around) -> Part {
    Part::of([around.before.words.as_slice(), around.after.words.as_slice()].concat())
}

/// Enough words in common, and the first of one among the words of the other: heads come early in English.
fn same_part(x: &Part, y: &Part) -> bool {
    let knows = |part: &Part, first: Option<&u16>| first.is_none_or(|word| part.holds(*word));
    let either_empty = x.words.is_empty() || y.words.is_empty();
    share(x, y) >= PART_SHARED
        && (either_empty || knows(y, x.words.first()) || knows(x, y.words.first()))
}

/// Without events the first topic word is the best guess at the subject; both must know the other's.
fn first_shared(premise: &Side<'_>, hypothesis: &Side<'_>) -> bool {
    let first = |side: &Side<'_>| {
        let place = side.clause.items.iter().position(|item| !item.light);
        place.map(|place| side.items[place])
    };
    let knows = |side: &Side<'_>, first: Option<u16>| first.is_none_or(|n| side.items.contains(&n));
    knows(premise, first(hypothesis)) && knows(hypothesis, first(premise))
}

/// The same words with subject and object exchanged.
fn swapped(premise: &Side<'_>, hypothesis: &Side<'_>, matched: &[Option<Matched<'_>>]) -> bool {
    let crossed = |Matched { wanted_around, around, .. }: &Matched<'_>| {
        let (subject, object) = (&wanted_around.before, &wanted_around.after);
        subject.meets(&around.after)
            && object.meets(&around.before)
            && !subject.meets(&around.before)
            && !object.meets(&around.after)
    };
    matched.iter().flatten().any(crossed)
        || hypothesis.clause.events.is_empty()
            && premise.clause.passive == hypothesis.clause.passive
            && reversed(premise, hypothesis)
}

/// Whether the first and the last common topic word have changed places, with a verb between them.
fn reversed(premise: &Side<'_>, hypothesis: &Side<'_>) -> bool {
    let there = |number: &u16| premise.items.iter().position(|item| item == number);
    let places: Vec<usize> = hypothesis.items.iter().filter_map(there).collect();
    match (places.first(), places.last()) {
        (Some(first), Some(last)) => places.len() >= 3 && first > last,
        _ => false,
    }
}

fn numbers(premise: &Clause, hypothesis: &Clause) -> Relation {
    let mut all = Relation::Follows;
    for wanted in &hypothesis.quantities {
        let same: Vec<&Quantity> =
            premise.quantities.iter().filter(|q| q.unit == wanted.unit).collect();
        if same.is_empty() {
            all = Relation::Open;
        } else if !same.iter().any(|quantity| fits(quantity, wanted)) {
            return Relation::Denies;
        }
    }
    all
}

/// Whether a number can stand where another is claimed.
pub(super) fn fits(premise: &Quantity, hypothesis: &Quantity) -> bool {
    let near = |slack: f64| {
        (premise.value - hypothesis.value).abs() <= slack * hypothesis.value.abs().max(1e-9)
    };
    match (premise.bound, hypothesis.bound) {
        (Bound::Below, Bound::Above) => premise.value > hypothesis.value,
        (Bound::Above, Bound::Below) => premise.value < hypothesis.value,
        (_, Bound::Above) => premise.value >= hypothesis.value,
        (_, Bound::Below) => premise.value <= hypothesis.value,
        (Bound::Above, _) => premise.value <= hypothesis.value,
        (Bound::Below, _) => premise.value >= hypothesis.value,
        (Bound::About, _) | (_, Bound::About) => near(0.1),
        (Bound::Exact, Bound::Exact) => near(0.005),
    }
}

fn quantifiers(premise: Option<Quantifier>, hypothesis: Option<Quantifier>) -> Relation {
    use Quantifier::{All, Few, Most, NotAll, Some as Part};
    match (premise, hypothesis) {
        (a, b) if a == b => Relation::Follows,
        (_, None) => Relation::Follows,
        (Some(All), Some(Most | Part)) | (Some(Most), Some(Part)) => Relation::Follows,
        (Some(All), Some(NotAll | Few)) | (Some(NotAll | Few), Some(All)) => Relation::Denies,
        (Some(Most), Some(Few)) | (Some(Few), Some(Most)) => Relation::Denies,
        (Some(Few), Some(NotAll | Part)) => Relation::Follows,
        (None, Some(Part)) => Relation::Follows,
        _ => Relation::Open,
    }
}
