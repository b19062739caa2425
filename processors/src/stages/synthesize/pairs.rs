//! With whom is a new SNO compared? Those that cite the same evidence, and near neighbours.

use std::collections::BTreeMap;

use cns_narrative as narrative;
use cns_schemas::{Body, PairId, SnoDecided, Topic};

use super::Population;
use crate::{Destination, Input, Output, StageError, limits, stages::subject};

/// Proposes the pairs that promise most, each pair once for ever.
pub fn propose(
    input: &Input<'_>,
    population: &mut Population,
    decided: &SnoDecided,
) -> Result<Vec<Output>, StageError> {
    let gates = &input.config.gates;
    if decided.sno.generation >= gates.generation_max {
        return Ok(Vec::new());
    }
    let mut promising: Vec<(f64, String, String)> = Vec::new();
    for candidate in candidates(input, population, decided)? {
        let pair_id = PairId::of(&decided.sno.sno_id, &candidate).0;
        if population.knows_pair(&decided.sno.sno_id, &candidate)? {
            continue;
        }
        let Some(other) = population.card(&candidate)? else { continue };
        let last = other.generation >= gates.generation_max;
        if !last && narrative::pairing::worth_comparing(&decided.sno, &other) {
            let promise = narrative::pairing::promise(&decided.sno, &other);
            promising.push((promise, pair_id, candidate));
        }
    }
    promising.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    promising.truncate(gates.pairs_per_sno_max as usize);
    let mut outputs = Vec::with_capacity(promising.len());
    for (_, _, candidate) in promising {
        let Some(other) = population.sno(&candidate)? else { continue };
        let pair =
            narrative::pairing::propose(&decided.sno, decided.trust, &other.sno, other.trust);
        population.note_pair(&decided.sno.sno_id, &candidate);
        let sides = pair.a.document_ids.iter().chain(&pair.b.document_ids);
        let subjects = sides.map(|id| subject(&input.event.tenant, &pair.corpus, id)).collect();
        let key = format!("{}/{}/{}", input.event.tenant, pair.corpus, pair.pair_id);
        let to = Destination::Keyed(Topic::Candidates, key);
        outputs.push(Output { to, body: Body::PairProposed(pair), subjects });
    }
    Ok(outputs)
}

/// Ids in the order of how often they cite the same evidence, then of nearness; bounded.
fn candidates(
    input: &Input<'_>,
    population: &Population,
    decided: &SnoDecided,
) -> Result<Vec<String>, StageError> {
    let mut weight: BTreeMap<String, f64> = BTreeMap::new();
    for evidence in decided.sno.evidence.iter().filter(|evidence| evidence.resolved) {
        for id in population.citing(&evidence.evidence_id)? {
            *weight.entry(id).or_default() += 1.0;
        }
    }
    if let Some(vector) = decided.sno.vectors.first() {
        let near = population.near(vector)?;
        for (id, cosine) in near.into_iter().take(input.config.gates.neighbours_max as usize) {
            *weight.entry(id).or_default() += cosine.max(0.0);
        }
    }
    weight.remove(&decided.sno.sno_id);
    let mut candidates: Vec<(String, f64)> = weight.into_iter().collect();
    candidates.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    candidates.truncate(limits::PAIR_CANDIDATES_MAX);
    Ok(candidates.into_iter().map(|(id, _)| id).collect())
}
