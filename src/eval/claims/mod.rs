//! Measures the entailment model on pairs of evidence and claim, beside what a few words would do.

mod baseline;
mod said;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use cns_processors::models::{ModelSet, features::Read};
use cns_schemas::{Scores, Vector};

use super::{
    ask::{answered, in_batches},
    labelled::{ClaimRow, Label, Labelled},
    measure::{Groups, Ranking},
    report::{Drawn, Mistake, Options, Report, System, worst},
};
use crate::failure::Failure;

pub use said::{MEASURES, Said, confusion, measures, reliability};

/// Pairs that a model is asked at once.
const BATCH: usize = 16;

/// What is known of a row beside its label.
pub struct Known {
    /// What the entailment model says.
    pub scores: Scores,
    /// Of evidence and claim, as the embedder sees them.
    pub cosine: f64,
    /// The words of the evidence.
    pub evidence: Arc<Read>,
    /// The words of the claim.
    pub claim: Arc<Read>,
}

/// Asks the models about every row.
pub fn ask(name: &str, rows: &[ClaimRow], models: &ModelSet) -> Result<Vec<Known>, Failure> {
    let texts = texts(name, rows, models)?;
    let scores = in_batches(&format!("{name}: pairs"), rows, BATCH, |rows| {
        let pairs: Vec<(&str, &str)> =
            rows.iter().map(|row| (row.evidence.as_str(), row.claim.as_str())).collect();
        let model = &models.entailment;
        answered(model.name(), model.entail(&pairs), pairs.len())
    })?;
    let known = |(row, scores): (&ClaimRow, Scores)| {
        let (of_evidence, evidence) = &texts[row.evidence.as_str()];
        let (of_claim, claim) = &texts[row.claim.as_str()];
        let cosine = of_evidence.cosine(of_claim);
        Known { scores, cosine, evidence: evidence.clone(), claim: claim.clone() }
    };
    Ok(rows.iter().zip(scores).map(known).collect())
}

type Texts<'r> = BTreeMap<&'r str, (Vector, Arc<Read>)>;

/// Every text once: it may stand in many pairs.
fn texts<'r>(name: &str, rows: &'r [ClaimRow], models: &ModelSet) -> Result<Texts<'r>, Failure> {
    let all = rows.iter().flat_map(|row| [row.evidence.as_str(), row.claim.as_str()]);
    let all: Vec<&str> = all.collect::<BTreeSet<_>>().into_iter().collect();
    let read = in_batches(&format!("{name}: texts"), &all, BATCH, |texts| {
        let model = &models.embedder;
        let vectors = answered(model.name(), model.embed(texts), texts.len())?;
        Ok(texts
            .iter()
            .zip(vectors)
            .map(|(text, vector)| (vector, Arc::new(Read::of(text))))
            .collect())
    })?;
    Ok(all.into_iter().zip(read).collect())
}

/// Rows of one claim stay together, wherever they stand.
pub fn groups<'r>(rows: impl Iterator<Item = &'r ClaimRow>) -> Groups {
    Groups::of(rows.map(|row| row.claim.as_str()))
}

/// The report of a file.
pub fn report(
    file: &Labelled,
    rows: &[ClaimRow],
    models: &ModelSet,
    known: &[Known],
    options: Options,
) -> Report {
    let labels: Vec<Label> = rows.iter().map(|row| row.label).collect();
    let groups = groups(rows.iter());
    let folds = groups.folds(baseline::FOLDS, options.resampling.seed);
    let model: Vec<Said> = known.iter().map(|known| Said::of_scores(known.scores)).collect();
    let said = [
        (models.entailment.name().to_owned(), model),
        ("majority class".to_owned(), baseline::majority(&labels)),
        ("word overlap with negation".to_owned(), baseline::overlap(known, &labels, &folds)),
        (format!("cosine of {}", models.embedder.name()), baseline::cosine(known, &labels, &folds)),
    ];
    let system = |(name, said): &(String, Vec<Said>)| System {
        name: name.clone(),
        measures: measures(said, &labels, &groups, options.resampling).to_vec(),
    };
    let curve =
        |(name, said): &(String, Vec<Said>)| (name.clone(), said::opposed(said, &labels).curve());
    let (_, model) = &said[0];
    Report {
        name: file.name.clone(),
        sha256: file.sha256.clone(),
        kind: file.rows.kind(),
        rows: rows.len(),
        groups: ("claims", groups.count),
        labels: Label::ALL
            .map(|label| (label.name(), labels.iter().filter(|is| **is == label).count()))
            .to_vec(),
        measures: &MEASURES,
        systems: said.iter().map(system).collect(),
        drawn: Some(Drawn {
            confusion: confusion(model, &labels, |_| 1.0),
            reliability: reliability(model, &labels, |_| 1.0),
            curves: [0, 2, 3].map(|place| curve(&said[place])).to_vec(),
        }),
        notes: Vec::new(),
        mistakes: worst(mistakes(rows, model), options.errors),
    }
}

fn mistakes(rows: &[ClaimRow], said: &[Said]) -> Vec<Mistake> {
    let wrong = rows.iter().zip(said).filter(|(row, said)| row.label as usize != said.class);
    wrong
        .map(|(row, said)| Mistake {
            place: format!("line {}", row.line),
            is: row.label.name(),
            said: Label::ALL[said.class].name(),
            confidence: said.confidence.unwrap_or_default(),
            texts: vec![("evidence", row.evidence.clone()), ("claim", row.claim.clone())],
        })
        .collect()
}
