//! A judged pair: is it a conflict, and what comes of it?

use cns_narrative as narrative;
use cns_schemas::{Body, PairDecided, PairFate, PairJudged, SnoDecided, SnoProposed, Topic};

use super::Population;
use crate::{
    Destination, Done, Input, Output, StageError,
    stages::{subject, subjects},
};

pub fn decide(
    input: &Input<'_>,
    population: Population,
    judged: &PairJudged,
) -> Result<Done, StageError> {
    let gate = input.config.gates.opposition;
    let opposition = judged.pair.relational.opposition;
    let mut decided = PairDecided {
        judged: judged.clone(),
        fate: PairFate::NoConflict,
        reason: format!(
            "opposition {opposition:.2} is below {gate}, or it is about different things"
        ),
        opposition_gate: gate,
        synthesis_id: None,
    };
    let mut outputs = Vec::new();
    if narrative::pairing::in_conflict(judged, gate) {
        let a = population.sno(&judged.pair.a.sno_id)?;
        let b = population.sno(&judged.pair.b.sno_id)?;
        match synthesis(input, judged, a, b) {
            Ok(proposed) => {
                decided.fate = PairFate::Synthesized;
                decided.reason = format!("opposition {opposition:.2} reaches {gate}");
                decided.synthesis_id = Some(proposed.sno.sno_id.clone());
                outputs.push(propose(input, proposed));
            }
            Err(reason) => {
                decided.fate = PairFate::Unsynthesized;
                decided.reason =
                    format!("opposition {opposition:.2} reaches {gate}; not synthesized: {reason}");
            }
        }
    }
    let sides = judged.pair.a.document_ids.iter().chain(&judged.pair.b.document_ids);
    let about = sides.map(|id| subject(&input.event.tenant, &judged.pair.corpus, id)).collect();
    outputs.insert(
        0,
        Output { to: Destination::Recorded, body: Body::PairDecided(decided), subjects: about },
    );
    Ok(Done { changes: population.changes, outputs })
}

fn synthesis(
    input: &Input<'_>,
    judged: &PairJudged,
    a: Option<SnoDecided>,
    b: Option<SnoDecided>,
) -> Result<SnoProposed, String> {
    let (Some(a), Some(b)) = (a, b) else { return Err("a side was superseded meanwhile".into()) };
    let generation = a.sno.generation.max(b.sno.generation) + 1;
    let limit = input.config.gates.generation_max;
    if generation > limit {
        return Err(format!("generation {generation} is over the limit of {limit}"));
    }
    let child = narrative::synthesis::synthesize(judged, &a.sno, &b.sno)?;
    narrative::synthesis::sound(&child, &a.sno, &b.sno)?;
    Ok(SnoProposed { sno: child, pair_id: Some(judged.pair.pair_id.clone()) })
}

fn propose(input: &Input<'_>, proposed: SnoProposed) -> Output {
    let key = format!("{}/{}/{}", input.event.tenant, proposed.sno.corpus, proposed.sno.sno_id);
    let subjects = subjects(&input.event.tenant, &proposed.sno);
    Output {
        to: Destination::Keyed(Topic::Candidates, key),
        body: Body::SnoProposed(proposed),
        subjects,
    }
}
