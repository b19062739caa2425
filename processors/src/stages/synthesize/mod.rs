//! `synthesize`: the population of a corpus. Admits or archives, pairs, decides conflicts, synthesizes.
//! Light, serial by corpus, and it runs no model.

mod admit;
mod decide;
mod pairs;
mod population;

use cns_schemas::{Body, Event};

use super::{corpus_key, unexpected};
use crate::{
    Input, Stage, StageError, Step,
    topology::{SYNTHESIZE, StageSpec},
};
use population::Population;

/// The keeper of the population.
pub struct Synthesize;

impl Stage for Synthesize {
    fn spec(&self) -> &'static StageSpec {
        &SYNTHESIZE
    }

    fn order_key(&self, event: &Event) -> String {
        corpus_key(event)
    }

    fn step(&self, input: &Input<'_>) -> Result<Step, StageError> {
        match &input.event.body {
            Body::SnoJudged(judged) => {
                let population = Population::of(input, &judged.sno.corpus);
                admit::admit(input, population, judged).map(Step::Done)
            }
            Body::PairJudged(judged) => {
                let population = Population::of(input, &judged.pair.corpus);
                decide::decide(input, population, judged).map(Step::Done)
            }
            _ => Err(unexpected(input.event)),
        }
    }
}
