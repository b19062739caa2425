//! Entailment by words: negation, direction, opposites, numbers, quantifiers, certainty.
//!
//! Invariant: deterministic, needs no data, and is neutral when it does not know: unrelated sentences never
//! contradict each other. It knows no world: "a dog barks" and "an animal makes noise" are neutral to it.

mod compare;
mod lexicon;
mod limits;
mod lookup;
mod reading;
mod scope;

use cns_narrative::condition::Conditions;
use cns_narrative::statement::bare;
use cns_schemas::Scores;

use compare::{Numbering, Side, Verdict, compare, fits};
use limits::CLAUSES_MAX;
use reading::{Clause, Quantity, read};
use scope::Bounds;

/// What remains of a contradiction when the two statements name different conditions: both may well hold.
const OTHER_CONDITION: f64 = 0.2;
/// What remains of a contradiction when another part of the premise states the hypothesis.
const STATED_ELSEWHERE: f64 = 0.2;
/// Neutrality never falls below this.
const NEUTRAL_LEAST: f64 = 0.02;

/// A text, read once for many comparisons.
#[derive(Debug, Clone)]
pub struct Statement {
    clauses: Vec<Told>,
}

/// A clause with the bounds inside which it holds.
#[derive(Debug, Clone)]
struct Told {
    clause: Clause,
    conditions: Conditions,
    bounds: Bounds,
}

impl Statement {
    /// Reads a text.
    pub fn read(text: &str) -> Statement {
        let told = |(text, clause): (String, Clause)| Told {
            clause,
            conditions: Conditions::of(&text),
            bounds: Bounds::of(&text),
        };
        Statement { clauses: clauses(text).into_iter().map(told).collect() }
    }

    /// How a hypothesis stands to this premise. Each clause of the hypothesis is held against each clause of the
    /// premise: all must follow for entailment, one denied makes a contradiction.
    pub fn entails<'s>(&'s self, hypothesis: &'s Statement) -> Scores {
        let mut numbering = Numbering::default();
        let mut sides = |statement: &'s Statement| -> Vec<(&'s Told, Side<'s>)> {
            let clauses = statement.clauses.iter();
            clauses.map(|told| (told, numbering.side(&told.clause))).collect()
        };
        let (premises, wanted) = (sides(self), sides(hypothesis));
        let mut verdict: Option<Verdict> = None;
        for wanted in &wanted {
            let best = best(&premises, wanted);
            verdict = Some(match verdict {
                None => best,
                Some(all) => Verdict {
                    entailment: all.entailment.min(best.entailment),
                    contradiction: all.contradiction.max(best.contradiction),
                },
            });
        }
        scores(verdict.unwrap_or_default())
    }
}

impl Statement {
    /// Whether a number of the hypothesis has its unit here too, and no number of that unit here can stand for it.
    pub fn denies_a_number_of(&self, hypothesis: &Statement) -> bool {
        let numbers = |statement: &Statement| -> Vec<Quantity> {
            let clauses = statement.clauses.iter();
            clauses.flat_map(|told| told.clause.quantities.iter().cloned()).collect()
        };
        let here = numbers(self);
        numbers(hypothesis).iter().filter(|wanted| !wanted.unit.is_empty()).any(|wanted| {
            let mut same = here.iter().filter(|quantity| quantity.unit == wanted.unit).peekable();
            same.peek().is_some() && !same.any(|quantity| fits(quantity, wanted))
        })
    }
}

/// How the clauses of a premise stand to one that is wanted.
fn best(premises: &[(&Told, Side<'_>)], (wanted, wanted_side): &(&Told, Side<'_>)) -> Verdict {
    let mut best = Verdict::default();
    for (premise, side) in premises {
        let mut verdict = compare(side, wanted_side);
        if verdict.entailment.max(verdict.contradiction) > 0.0
            && (premise.bounds.differ(wanted.bounds)
                || premise.conditions.difference(&wanted.conditions).is_some())
        {
            verdict.contradiction *= OTHER_CONDITION;
            verdict.entailment *= OTHER_CONDITION;
        }
        best.entailment = best.entailment.max(verdict.entailment);
        best.contradiction = best.contradiction.max(verdict.contradiction);
    }
    if best.entailment >= 0.5 {
        best.contradiction *= STATED_ELSEWHERE;
    }
    best
}

/// How the hypothesis stands to the premise.
pub fn entail(premise: &str, hypothesis: &str) -> Scores {
    Statement::read(premise).entails(&Statement::read(hypothesis))
}

fn scores(verdict: Verdict) -> Scores {
    let (mut entailment, mut contradiction) = (verdict.entailment, verdict.contradiction);
    let sum = entailment + contradiction;
    if sum > 1.0 - NEUTRAL_LEAST {
        entailment *= (1.0 - NEUTRAL_LEAST) / sum;
        contradiction *= (1.0 - NEUTRAL_LEAST) / sum;
    }
    let (entailment, contradiction) = (entailment as f32, contradiction as f32);
    Scores { entailment, contradiction, neutral: 1.0 - entailment - contradiction }
}

/// The clauses of a text that state something, read. A clause without a subject takes that of the one before it.
fn clauses(text: &str) -> Vec<(String, Clause)> {
    let mut all: Vec<(String, Clause)> = Vec::new();
    for sentence in sentences(text) {
        let mut subject = Vec::new();
        for part in parts(&bare(&sentence)) {
            if all.len() >= CLAUSES_MAX {
                return all;
            }
            let mut clause = read(&part);
            if clause.items.is_empty() || clause.asks {
                continue;
            }
            let first_event = clause.events.iter().map(|event| event.place).min();
            let own = first_event.map(|at| {
                clause.items.iter().filter(|item| item.place < at).cloned().collect::<Vec<_>>()
            });
            match own {
                Some(own) if own.is_empty() => shift_in(&mut clause, &subject),
                Some(own) => subject = own,
                None => {}
            }
            all.push((part, clause));
        }
    }
    all
}

/// Puts the subject of the clause before in front.
fn shift_in(clause: &mut Clause, subject: &[reading::Item]) {
    let by = subject.iter().map(|item| item.place + 1).max().unwrap_or(0);
    clause.items.iter_mut().for_each(|item| item.place += by);
    clause.events.iter_mut().for_each(|event| event.place += by);
    clause.items.splice(0..0, subject.iter().cloned());
}

/// Splits at full stops that a blank and a capital letter follow, and at semicolons and colons.
fn sentences(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut sentences = Vec::new();
    let mut from = 0;
    for (place, letter) in letters.iter().enumerate() {
        let blank = letters.get(place + 1).is_none_or(|next| next.is_whitespace());
        let ends = match letter {
            ';' | ':' => blank,
            '.' | '!' | '?' => {
                blank && letters.get(place + 2).is_none_or(|next| next.is_uppercase())
            }
            _ => false,
        };
        if ends {
            sentences.push(letters[from..=place].iter().collect());
            from = place + 1;
        }
    }
    sentences.push(letters[from.min(letters.len())..].iter().collect());
    sentences.retain(|sentence: &String| sentence.chars().any(char::is_alphanumeric));
    sentences
}

/// Splits a sentence where one statement ends and another begins.
fn parts(sentence: &str) -> Vec<String> {
    const JOINTS: &[&str] = &[
        " but also ",
        " but ",
        " whereas ",
        " although ",
        ", while ",
        ", and ",
        ", yet ",
        ", so ",
    ];
    let mut parts = vec![sentence.to_owned()];
    for joint in JOINTS {
        parts = parts
            .iter()
            .flat_map(|part| part.split(joint).map(str::to_owned).collect::<Vec<_>>())
            .collect();
    }
    parts.retain(|part| part.chars().any(char::is_alphanumeric));
    parts
}

#[cfg(test)]
mod tests;
