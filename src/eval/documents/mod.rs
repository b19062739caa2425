//! Measures the whole pipeline on pairs of documents: are those that conflict found, and no others?

mod detector;
mod pipeline;

use cns_narrative as narrative;
use cns_processors::models::{ModelSet, features};
use cns_schemas::{Configured, PairJudged};

use super::{
    ask::in_batches,
    labelled::{DocumentRow, Labelled, Standing},
    measure::Groups,
    report::{Mistake, Options, Report, System, worst},
};
use crate::failure::Failure;
use detector::{Detector, MEASURES};

use pipeline::read;

/// The gate of the published method: normalised chirality from here on.
const CHIRALITY_GATE: f64 = 0.7;

/// What is known of a pair.
#[derive(Debug, Clone, Default)]
struct Known {
    opposition: f64,
    in_conflict: bool,
    worth: bool,
    cosine: f64,
    overlap: f64,
    denied: bool,
    chirality: f64,
    /// The statements that oppose each other most, or the hypotheses.
    statements: (String, String),
    /// Why one of the two is no document.
    refused: Option<String>,
}

/// The report of a file.
pub fn report(
    file: &Labelled,
    rows: &[DocumentRow],
    models: &ModelSet,
    config: &Configured,
    options: Options,
) -> Result<Report, Failure> {
    let what = format!("{}: pairs", file.name);
    let known = in_batches(&what, rows, 1, |rows| {
        rows.iter().map(|row| known(row, models, config)).collect()
    })?;
    let groups = Groups::of(rows.iter().map(|row| row.topic.as_str()));
    let detectors = detectors(rows, &known, &groups, options);
    let system = |detector: &Detector| System {
        name: detector.name.clone(),
        measures: detector.measures(rows, &groups, options.resampling).to_vec(),
    };
    let count = |label: Standing| rows.iter().filter(|row| row.label == label).count();
    Ok(Report {
        name: file.name.clone(),
        sha256: file.sha256.clone(),
        kind: file.rows.kind(),
        rows: rows.len(),
        groups: ("topics", groups.count),
        labels: Standing::ALL.map(|label| (label.name(), count(label))).to_vec(),
        measures: &MEASURES,
        systems: detectors.iter().map(system).collect(),
        drawn: None,
        notes: notes(rows, &known, config.gates.opposition),
        mistakes: worst(mistakes(rows, &known), options.errors),
    })
}

fn known(row: &DocumentRow, models: &ModelSet, config: &Configured) -> Result<Known, Failure> {
    let (a, b) = (read(&row.a, models, config)?, read(&row.b, models, config)?);
    let (a, b) = match (a, b) {
        (Ok(a), Ok(b)) => (a, b),
        (Err(fault), _) => return Ok(refused(&row.a.document_id, &fault.detail)),
        (_, Err(fault)) => return Ok(refused(&row.b.document_id, &fault.detail)),
    };
    let compared = pipeline::compare(&a, &b, models, config)?;
    let hypotheses = (a.sno.hypothesis, b.sno.hypothesis);
    let [left, right] = [&hypotheses.0, &hypotheses.1].map(|text| features::Read::of(text));
    Ok(Known {
        opposition: compared.relational.opposition,
        in_conflict: compared
            .judged
            .as_ref()
            .is_some_and(|judged| narrative::in_conflict(judged, config.gates.opposition)),
        worth: compared.judged.is_some(),
        cosine: compared.relational.cosine,
        overlap: narrative::words::overlap_of(left.stems(), right.stems()),
        denied: left.denies() != right.denies(),
        chirality: compared.relational.chirality_normalised,
        statements: compared.judged.as_ref().and_then(strongest).unwrap_or(hypotheses),
        refused: None,
    })
}

fn refused(document: &str, why: &str) -> Known {
    Known { refused: Some(format!("{document}: {why}")), ..Known::default() }
}

fn strongest(judged: &PairJudged) -> Option<(String, String)> {
    let pair = judged.pair.statements.get(narrative::pairing::strongest(judged)?)?;
    Some((pair.a_text.clone(), pair.b_text.clone()))
}

fn detectors(
    rows: &[DocumentRow],
    known: &[Known],
    groups: &Groups,
    options: Options,
) -> Vec<Detector> {
    let folds = groups.folds(detector::FOLDS, options.resampling.seed);
    let scores = |score: &dyn Fn(&Known) -> f64| known.iter().map(score).collect::<Vec<f64>>();
    let fires = |fires: &dyn Fn(&Known) -> bool| known.iter().map(fires).collect::<Vec<bool>>();
    let chirality = scores(&|known| known.chirality);
    // A pair without a denial on one side ranks below all that have one.
    let overlap = scores(&|known| if known.denied { known.overlap } else { known.overlap - 1.0 });
    vec![
        Detector {
            name: "opposition at the gate".into(),
            fires: fires(&|known| known.in_conflict),
            scores: scores(&|known| known.opposition),
        },
        Detector::fitted("cosine of hypotheses", scores(&|known| known.cosine), rows, &folds),
        Detector::fitted("word overlap with negation", overlap, rows, &folds),
        Detector {
            name: format!("published chirality from {CHIRALITY_GATE}"),
            fires: chirality.iter().map(|value| *value >= CHIRALITY_GATE).collect(),
            scores: chirality,
        },
    ]
}

/// Gates at which it is told what would be found.
const GATES: [f64; 7] = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];

/// What each gate would find: the choice of one is made by looking at this.
fn gates(rows: &[DocumentRow], known: &[Known]) -> Vec<String> {
    let total = |conflict: bool| {
        rows.iter().filter(|row| (row.label == Standing::Conflict) == conflict).count()
    };
    let at = |gate: f64| {
        let found = |conflict: bool| {
            let pairs = rows.iter().zip(known).filter(|(_, known)| known.opposition >= gate);
            pairs.filter(|(row, _)| (row.label == Standing::Conflict) == conflict).count()
        };
        format!(
            "gate {gate:.1}: {} of {} conflicts found, {} of {} others called conflicts",
            found(true),
            total(true),
            found(false),
            total(false)
        )
    };
    GATES.into_iter().map(at).collect()
}

fn notes(rows: &[DocumentRow], known: &[Known], gate: f64) -> Vec<String> {
    let unread = rows.iter().zip(known).filter_map(|(row, known)| {
        Some(format!("pair {} counts as no conflict: {}", row.pair, known.refused.as_ref()?))
    });
    let conflict =
        |(row, known): &(&DocumentRow, &Known)| row.label == Standing::Conflict && !known.worth;
    let missed = rows.iter().zip(known).filter(conflict).count();
    let missed = (missed > 0).then(|| {
        format!(
            "{missed} conflicts are not worth a comparison to the pipeline and get opposition 0"
        )
    });
    let here = format!("the gate is {gate} (gates.opposition)");
    unread.chain(missed).chain([here]).chain(gates(rows, known)).collect()
}

fn mistakes(rows: &[DocumentRow], known: &[Known]) -> Vec<Mistake> {
    let wrong = rows
        .iter()
        .zip(known)
        .filter(|(row, known)| known.in_conflict != (row.label == Standing::Conflict));
    wrong
        .map(|(row, known)| Mistake {
            place: format!("pair {} ({})", row.pair, row.topic),
            is: row.label.name(),
            said: if known.in_conflict { "conflict" } else { "no conflict" },
            confidence: match known.in_conflict {
                true => known.opposition,
                false => 1.0 - known.opposition,
            },
            texts: vec![("a", known.statements.0.clone()), ("b", known.statements.1.clone())],
        })
        .collect()
}
