//! A judged SNO: is it a repetition, does it come in, and with whom is it compared?

use cns_narrative as narrative;
use cns_schemas::{Body, Flag, FlagCode, Provenance, Sno, SnoDecided, SnoFate, SnoJudged};

use super::{Population, pairs};
use crate::{Destination, Done, Input, Output, StageError, stages::subjects};

pub fn admit(
    input: &Input<'_>,
    mut population: Population,
    judged: &SnoJudged,
) -> Result<Done, StageError> {
    let mut decided = score(input, &population, judged)?;
    match judged.sno.provenance {
        Provenance::Document => place_document(input, &mut population, &mut decided)?,
        Provenance::Synthesis => place_synthesis(input, &population, &mut decided)?,
    }
    let mut outputs = Vec::new();
    if decided.fate == SnoFate::Admitted {
        outputs = pairs::propose(input, &mut population, &decided)?;
        let last = decided.sno.generation >= input.config.gates.generation_max;
        population.add(&decided, !last);
        population.note_parents(&decided.sno);
    }
    let subjects = subjects(&input.event.tenant, &decided.sno);
    let decision = Output { to: Destination::Recorded, body: Body::SnoDecided(decided), subjects };
    outputs.insert(0, decision);
    Ok(Done { changes: population.changes, outputs })
}

/// Novelty against the population, less the SNO's own lineage and the older versions of its document.
fn score(
    input: &Input<'_>,
    population: &Population,
    judged: &SnoJudged,
) -> Result<SnoDecided, StageError> {
    let sno = &judged.sno;
    let mut nearest = None;
    if let Some(vector) = sno.vectors.first() {
        for (other, cosine) in population.near(vector)? {
            if !related(sno, population.card(&other)?.as_ref()) {
                nearest = Some(cosine);
                break;
            }
        }
    }
    let mut reports = judged.reports.clone();
    reports.push(narrative::critic::novelty(nearest, sno.claims.len(), sno.relations.len()));
    let (trust, weights) = narrative::critic::trust(&reports, &input.config.weights);
    Ok(SnoDecided {
        sno: sno.clone(),
        trust,
        reports,
        weights,
        pair_id: judged.pair_id.clone(),
        ..SnoDecided::default()
    })
}

/// Whether the other is of the same lineage, or gone.
fn related(sno: &Sno, other: Option<&Sno>) -> bool {
    let Some(other) = other else { return true };
    let same_document = sno.document_ids.iter().any(|id| other.document_ids.contains(id));
    same_document
        || sno.parent_ids.contains(&other.sno_id)
        || other.parent_ids.contains(&sno.sno_id)
}

fn place_document(
    input: &Input<'_>,
    population: &mut Population,
    decided: &mut SnoDecided,
) -> Result<(), StageError> {
    let Some(document_id) = decided.sno.document_ids.first().cloned() else { return Ok(()) };
    if let Some(standing) = population.standing(&document_id)? {
        if standing.version > decided.sno.document_version {
            decided.fate = SnoFate::Archived;
            decided.reason = format!("version {} of the document is newer", standing.version);
            return Ok(());
        }
        // The new text stands for the document whatever becomes of it: the old one is no longer claimed, nor
        // what was made of it.
        decided.supersedes = population.withdraw(&standing.sno_id)?;
        population.forget_text(&standing.content_hash, &document_id)?;
    }
    population.note_document(&decided.sno, &document_id);
    if let Some((of, code, detail)) = repetition(input, population, &decided.sno, &document_id)? {
        decided.fate = SnoFate::Duplicate;
        decided.reason = detail.clone();
        decided.duplicate_of = Some(of);
        decided.sno.flags.push(Flag { code, detail, span: None });
        return Ok(());
    }
    population.note_text(&decided.sno.content_hash, &document_id);
    let gate = input.config.gates.admit_trust;
    if decided.trust <= gate {
        decided.fate = SnoFate::Archived;
        decided.reason = format!("trust {:.3} is not above {gate}", decided.trust);
    }
    Ok(())
}

fn repetition(
    input: &Input<'_>,
    population: &Population,
    sno: &Sno,
    document_id: &str,
) -> Result<Option<(String, FlagCode, String)>, StageError> {
    if let Some(of) = population.same_text(&sno.content_hash)?.filter(|of| of != document_id) {
        let detail = format!("the same text as document {of}");
        return Ok(Some((of, FlagCode::ExactDuplicate, detail)));
    }
    let gate = input.config.gates.near_duplicate;
    let mut best: Option<(f64, String)> = None;
    for candidate in population.in_bands(&sno.signature)? {
        let Some(other) = population.card(&candidate)? else { continue };
        let Some(other_document) = other.document_ids.first().filter(|id| *id != document_id)
        else {
            continue;
        };
        let similarity = narrative::similarity(&sno.signature, &other.signature);
        if similarity >= gate && best.as_ref().is_none_or(|(value, _)| similarity > *value) {
            best = Some((similarity, other_document.clone()));
        }
    }
    Ok(best.map(|(similarity, of)| {
        let detail = format!(
            "almost the same text as document {of} (similarity {similarity:.2}, from {gate} on)"
        );
        (of, FlagCode::NearDuplicate, detail)
    }))
}

fn place_synthesis(
    input: &Input<'_>,
    population: &Population,
    decided: &mut SnoDecided,
) -> Result<(), StageError> {
    for parent in &decided.sno.parent_ids {
        if population.card(parent)?.is_none() {
            decided.fate = SnoFate::Archived;
            decided.reason = format!("{parent}, which it rests on, was superseded meanwhile");
            return Ok(());
        }
    }
    let gate = input.config.gates.synthesis_trust;
    if decided.trust < gate {
        decided.fate = SnoFate::Archived;
        decided.reason = format!("trust {:.3} is below {gate}", decided.trust);
    }
    Ok(())
}
