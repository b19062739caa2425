//! How one clause stands to another.
//!
//! Invariant: a contradiction needs the same thing on both sides: subject and object must overlap. Without that
//! two clauses are neutral, however opposed their words are.

use std::collections::BTreeSet;

use super::lexicon::OPPOSITES;
use super::reading::{Bound, Clause, Event, Item, Quantifier, Quantity, Value};

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

/// Whether `hypothesis` follows from `premise` or is denied by it.
pub(super) fn compare(premise: &Clause, hypothesis: &Clause) -> Verdict {
    let cover = cover(&hypothesis.items, &premise.items);
    let topic = topic(premise, hypothesis);
    let event = events(premise, hypothesis);
    let numbers = numbers(premise, hypothesis);
    let quantifiers = quantifiers(premise.quantifier, hypothesis.quantifier);
    if swapped(premise, hypothesis) {
        return Verdict::default();
    }
    let relations = [event, numbers, quantifiers];
    if relations.contains(&Relation::Denies) {
        // Numbers and quantifiers belong to a thing more loosely than directions do, so more must be shared.
        let enough = if event == Relation::Denies { TOPIC_SHARED } else { 0.6 };
        if topic < enough || !parts_shared(premise, hypothesis) {
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
    let parts = if parts_shared(premise, hypothesis) { 1.0 } else { 0.3 };
    Verdict { entailment: 0.95 * cover * open * doubt * parts, contradiction: 0.0 }
}

fn stems(items: &[Item]) -> BTreeSet<&str> {
    items.iter().map(|item| item.stem.as_str()).collect()
}

/// Share of the wanted topic words that are there; light ones count a quarter.
fn cover(wanted: &[Item], there: &[Item]) -> f64 {
    let there = stems(there);
    let weight = |item: &Item| if item.light { 0.25 } else { 1.0 };
    let total: f64 = wanted.iter().map(weight).sum();
    if total == 0.0 {
        return 0.0;
    }
    wanted.iter().filter(|item| there.contains(item.stem.as_str())).map(weight).sum::<f64>() / total
}

/// Overlap of the topic words: the mean of the higher cover and Dice, so that a long sentence can deny a short one.
fn topic(a: &Clause, b: &Clause) -> f64 {
    let (x, y) = (cover(&a.items, &b.items), cover(&b.items, &a.items));
    if x + y == 0.0 { 0.0 } else { (x.max(y) + 2.0 * x * y / (x + y)) / 2.0 }
}

/// The topic words before and after an event, in the order of the active voice.
fn around<'c>(clause: &'c Clause, event: &Event) -> (Vec<&'c Item>, Vec<&'c Item>) {
    let solid = || clause.items.iter().filter(|item| !item.light);
    let next = clause
        .events
        .iter()
        .map(|e| e.place)
        .filter(|place| *place > event.place)
        .min()
        .unwrap_or(usize::MAX);
    let before: Vec<&Item> = solid().filter(|item| item.place < event.place).collect();
    let after: Vec<&Item> =
        solid().filter(|item| item.place > event.place && item.place < next).collect();
    if event.passive { (after, before) } else { (before, after) }
}

fn share(wanted: &[&Item], there: &[&Item]) -> f64 {
    if wanted.is_empty() || there.is_empty() {
        return 1.0;
    }
    let there: BTreeSet<&str> = there.iter().map(|item| item.stem.as_str()).collect();
    let found = |items: &[&Item]| {
        items.iter().filter(|item| there.contains(item.stem.as_str())).count() as f64
    };
    found(wanted) / (wanted.len().min(there.len())) as f64
}

/// The premise's event that speaks of the same thing as this event of the hypothesis.
fn counterpart<'c>(premise: &'c Clause, hypothesis: &Clause, wanted: &Event) -> Option<&'c Event> {
    let (subject, object) = around(hypothesis, wanted);
    let fits = |event: &&Event| event.concept == wanted.concept;
    let score = |event: &Event| {
        let (before, after) = around(premise, event);
        share(&subject, &before).min(1.0) + 2.0 * share(&object, &after).min(1.0)
    };
    premise
        .events
        .iter()
        .filter(fits)
        .max_by(|x, y| score(x).total_cmp(&score(y)).then(y.place.cmp(&x.place)))
}

fn events(premise: &Clause, hypothesis: &Clause) -> Relation {
    let mut all = Relation::Follows;
    for wanted in &hypothesis.events {
        let relation = match counterpart(premise, hypothesis, wanted) {
            None => Relation::Open,
            Some(event) => {
                let always = wanted.concept > 0 && OPPOSITES[wanted.concept - 1].2;
                let relation = values(event.value, wanted.value, always);
                let (_, wanted_object) = around(hypothesis, wanted);
                let (_, object) = around(premise, event);
                let flat = wanted.value == Value::Flat || event.value == Value::Flat;
                let mixed = !flat
                    && premise.events.len() > 1
                    && share(&wanted_object, &object) < PART_SHARED;
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
fn parts_shared(premise: &Clause, hypothesis: &Clause) -> bool {
    let mut any = false;
    for wanted in &hypothesis.events {
        let Some(event) = counterpart(premise, hypothesis, wanted) else { continue };
        any = true;
        let ((subject, object), (before, after)) =
            (around(hypothesis, wanted), around(premise, event));
        let shared = if wanted.value == Value::Flat || event.value == Value::Flat {
            // "left sleep unchanged", "had no effect on sleep": what stays flat may stand on either side of it.
            let (theme, other) = if wanted.value == Value::Flat {
                (theme(&before, &after), [subject, object].concat())
            } else {
                (theme(&subject, &object), [before, after].concat())
            };
            same_part(theme, &other)
        } else if object.is_empty() != after.is_empty() {
            // "X fell" against "Y lowers X": only the thing that it happens to can be compared.
            same_part(theme(&subject, &object), theme(&before, &after))
        } else {
            same_part(&subject, &before) && same_part(&object, &after)
        };
        if shared {
            return true;
        }
    }
    !any && first_shared(premise, hypothesis)
}

/// What an event happens to: its object, or its subject when it has none.
fn theme<'a, 'c>(before: &'a [&'c Item], after: &'a [&'c Item]) -> &'a [&'c Item] {
    if after.is_empty() { before } else { after }
}

/// Enough words in common, and the first of one among the words of the other: heads come early in English.
fn same_part(x: &[&Item], y: &[&Item]) -> bool {
    let knows = |list: &[&Item], item: Option<&&Item>| {
        item.is_none_or(|i| list.iter().any(|j| j.stem == i.stem))
    };
    share(x, y) >= PART_SHARED
        && (x.is_empty() || y.is_empty() || knows(y, x.first()) || knows(x, y.first()))
}

/// Without events the first topic word is the best guess at the subject; both must know the other's.
fn first_shared(premise: &Clause, hypothesis: &Clause) -> bool {
    let first = |clause: &Clause| {
        clause.items.iter().find(|item| !item.light).map(|item| item.stem.clone())
    };
    let knows = |clause: &Clause, stem: Option<String>| {
        stem.is_none_or(|s| clause.items.iter().any(|i| i.stem == s))
    };
    knows(premise, first(hypothesis)) && knows(hypothesis, first(premise))
}

/// The same words with subject and object exchanged.
fn swapped(premise: &Clause, hypothesis: &Clause) -> bool {
    for wanted in &hypothesis.events {
        let Some(event) = counterpart(premise, hypothesis, wanted) else { continue };
        let ((subject, object), (before, after)) =
            (around(hypothesis, wanted), around(premise, event));
        let meet = |x: &[&Item], y: &[&Item]| x.iter().any(|a| y.iter().any(|b| a.stem == b.stem));
        let crossed = meet(&subject, &after) && meet(&object, &before);
        if crossed && !meet(&subject, &before) && !meet(&object, &after) {
            return true;
        }
    }
    hypothesis.events.is_empty()
        && premise.passive == hypothesis.passive
        && reversed(premise, hypothesis)
}

/// Whether the first and the last common topic word have changed places, with a verb between them.
fn reversed(premise: &Clause, hypothesis: &Clause) -> bool {
    let there = |stem: &str| premise.items.iter().position(|item| item.stem == stem);
    let places: Vec<usize> = hypothesis.items.iter().filter_map(|item| there(&item.stem)).collect();
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
fn fits(premise: &Quantity, hypothesis: &Quantity) -> bool {
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
