//! `critique`: all entailment work. Judges SNOs (grounding, logic) and pairs (opposition).

use cns_narrative as narrative;
use cns_schemas::{
    Body, Call, Event, PairIndex, PairProposed, Port, Provenance, Scores, SnoJudged, SnoProposed,
    StatementVerdict, Topic,
};

use super::{subjects, unexpected};
use crate::{
    Destination, Done, Input, Output, Stage, StageError, Step,
    topology::{CRITIQUE, StageSpec},
};

/// From this probability of neither on, the other direction is not asked about.
const NEUTRAL: f32 = 0.9;

/// What stands for a direction that was not asked about.
const NOT_ASKED: Scores = Scores { entailment: 0.0, neutral: 1.0, contradiction: 0.0 };

/// The critics that look at one thing at a time.
pub struct Critique;

impl Stage for Critique {
    fn spec(&self) -> &'static StageSpec {
        &CRITIQUE
    }

    fn order_key(&self, event: &Event) -> String {
        let (corpus, id) = match &event.body {
            Body::SnoProposed(proposed) => (&proposed.sno.corpus, &proposed.sno.sno_id),
            Body::PairProposed(pair) => (&pair.corpus, &pair.pair_id),
            _ => return event.id.clone(),
        };
        format!("{}/{corpus}/{id}", event.tenant)
    }

    fn step(&self, input: &Input<'_>) -> Result<Step, StageError> {
        match &input.event.body {
            Body::SnoProposed(proposed) => Ok(judge_sno(input, proposed)),
            Body::PairProposed(pair) => Ok(judge_pair(input, pair)),
            _ => Err(unexpected(input.event)),
        }
    }
}

fn judge_sno(input: &Input<'_>, proposed: &SnoProposed) -> Step {
    let mut sno = proposed.sno.clone();
    let plan = narrative::critic::plan_grounding(&sno);
    let entail = Call {
        port: Port::Entailment,
        model: input.config.models.entailment.clone(),
        texts: plan.texts.clone(),
        pairs: plan.pairs.clone(),
    };
    let mut calls = vec![];
    if !plan.pairs.is_empty() {
        calls.push(entail.clone());
    }
    let prose = (sno.provenance == Provenance::Synthesis).then(|| Call {
        port: Port::Completer,
        model: input.config.models.completer.clone(),
        texts: vec![narrative::synthesis::brief(&sno)],
        pairs: Vec::new(),
    });
    calls.extend(prose.clone());
    // A synthesis has not been through `embed`.
    let embed = sno.vectors.is_empty().then(|| Call {
        port: Port::Embedder,
        model: input.config.models.embedder.clone(),
        texts: sno.claims.iter().map(|claim| narrative::bare(&claim.text)).collect(),
        pairs: Vec::new(),
    });
    calls.extend(embed.clone());
    calls.retain(|call| input.answer(call).is_none());
    if !calls.is_empty() {
        return Step::Need(calls);
    }
    let scores: Vec<Scores> =
        input.answer(&entail).map(|answer| answer.scores.clone()).unwrap_or_default();
    narrative::critic::set_claim_statuses(&mut sno, &plan, &scores);
    let reports =
        vec![narrative::critic::grounding(&sno, &plan, &scores), narrative::critic::logic(&sno)];
    if let Some(answer) = embed.and_then(|call| input.answer(&call)) {
        sno.vectors = answer.vectors.clone();
    }
    let prose = prose.and_then(|call| input.answer(&call).map(|answer| answer.text.clone()));
    if let (Some(narrative), Some(prose)) = (&mut sno.narrative, prose) {
        narrative.prose = prose;
    }
    let subjects = subjects(&input.event.tenant, &sno);
    let key = format!("{}/{}", input.event.tenant, sno.corpus);
    let body = Body::SnoJudged(SnoJudged { sno, pair_id: proposed.pair_id.clone(), reports });
    done(key, body, subjects)
}

/// Each statement is held against its opposite in both directions: contradiction is symmetric in meaning,
/// but not in what a model says. What one direction finds clearly neutral is not asked about in the other, which then
/// counts as neutral: it is seldom otherwise, and a third of all that is asked.
fn judge_pair(input: &Input<'_>, pair: &PairProposed) -> Step {
    let all: Vec<usize> = (0..pair.statements.len()).collect();
    let forward = entailment(input, pair, &all, |a, b| (a, b));
    let Some(ahead) = input.answer(&forward) else { return Step::Need(vec![forward]) };
    let open: Vec<usize> =
        all.into_iter().filter(|at| ahead.scores[*at].neutral < NEUTRAL).collect();
    let backward = entailment(input, pair, &open, |a, b| (b, a));
    let back = match input.answer(&backward) {
        Some(answer) => answer.scores.as_slice(),
        None if open.is_empty() => &[],
        None => return Step::Need(vec![backward]),
    };
    let mut verdicts: Vec<StatementVerdict> = ahead
        .scores
        .iter()
        .map(|forward| StatementVerdict { forward: *forward, backward: NOT_ASKED })
        .collect();
    for (at, backward) in open.into_iter().zip(back) {
        verdicts[at].backward = *backward;
    }
    let sides = pair.a.document_ids.iter().chain(&pair.b.document_ids);
    let subjects = sides.map(|id| super::subject(&input.event.tenant, &pair.corpus, id)).collect();
    let key = format!("{}/{}", input.event.tenant, pair.corpus);
    done(key, Body::PairJudged(narrative::pairing::judge(pair.clone(), verdicts)), subjects)
}

/// The call for some of a pair's statements; `order` says which of the two is the premise.
fn entailment(
    input: &Input<'_>,
    pair: &PairProposed,
    places: &[usize],
    order: fn(u32, u32) -> (u32, u32),
) -> Call {
    let mut texts = Vec::with_capacity(2 * places.len());
    let mut pairs = Vec::with_capacity(places.len());
    for statement in places.iter().map(|place| &pair.statements[*place]) {
        let a = texts.len() as u32;
        // Marks of citations and "we find that" are no part of what is stated, and half of what a model would read.
        texts.extend([&statement.a_text, &statement.b_text].map(|text| narrative::bare(text)));
        let (premise, hypothesis) = order(a, a + 1);
        pairs.push(PairIndex { premise, hypothesis });
    }
    Call { port: Port::Entailment, model: input.config.models.entailment.clone(), texts, pairs }
}

fn done(key: String, body: Body, subjects: Vec<String>) -> Step {
    let output = Output { to: Destination::Keyed(Topic::Verdicts, key), body, subjects };
    Step::Done(Done { changes: Vec::new(), outputs: vec![output] })
}
