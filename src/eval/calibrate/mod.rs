//! Fits a calibration of the entailment model, and says honestly what it is worth: every row is measured by a
//! fit that has not seen its claim.

mod newton;

use cns_processors::models::{
    calibration::{self, Calibration, CrossValidated, FittedOn, Logistic, Method, Quality},
    features::{COUNT, features},
};
use cns_schemas::Scores;

use super::{
    claims::{self, Known, MEASURES, Said},
    labelled::{ClaimRow, Label, Labelled},
    measure::{Groups, Measure, Resampling},
    report::System,
};

/// Parts that claims are divided into.
const FOLDS: usize = 5;
/// Neutral factors that are tried, from 10^-3 to 10^3.
const FACTORS: i32 = 60;

/// A file of claims with what the models said of them.
pub struct Answered<'f> {
    /// The file.
    pub file: &'f Labelled,
    /// Its rows.
    pub rows: &'f [ClaimRow],
    /// What the models said.
    pub known: &'f [Known],
}

/// A calibration, and how it was chosen.
pub struct Fitted {
    /// The better one of the two.
    pub calibration: Calibration,
    /// Held-out measures for each file: raw, neutral factor, fitted.
    pub files: Vec<(String, Vec<System>)>,
    /// Which was kept and why.
    pub choice: String,
}

/// A row, as the fits see it.
struct Row {
    features: [f64; COUNT],
    raw: Scores,
    label: Label,
    file: usize,
}

/// Fits both forms on all files and keeps the one that does better on claims it was not fitted on.
pub fn fit(model: &str, answered: &[Answered<'_>], resampling: Resampling) -> Fitted {
    let rows = rows(answered);
    let groups = claims::groups(answered.iter().flat_map(|answered| answered.rows));
    let folds = groups.folds(FOLDS, resampling.seed);
    let all: Vec<usize> = (0..rows.len()).collect();
    let raw: Vec<Scores> = rows.iter().map(|row| row.raw).collect();
    let forms: [(&str, Form); 2] = [("neutral factor", factor), ("fitted", logistic)];
    let held: Vec<Vec<Scores>> =
        forms.iter().map(|(_, form)| held_out(&rows, &folds, *form)).collect();
    let systems = [("raw", &raw), (forms[0].0, &held[0]), (forms[1].0, &held[1])];
    let qualities = systems.map(|(_, scores)| quality(&rows, scores, answered.len()));
    let best = if qualities[2].macro_f1 > qualities[1].macro_f1 { 1 } else { 0 };
    let calibration = Calibration {
        format: calibration::FORMAT,
        model: model.to_owned(),
        method: forms[best].1(&rows, &all),
        fitted_on: answered.iter().map(fitted_on).collect(),
        rows: rows.len() as u64,
        cross_validated: CrossValidated {
            folds: FOLDS as u32,
            seed: resampling.seed,
            raw: qualities[0],
            calibrated: qualities[best + 1],
        },
    };
    Fitted {
        calibration,
        files: (0..answered.len())
            .map(|file| {
                let name = answered[file].file.name.clone();
                (name, measured(&rows, &groups, file, &systems, resampling))
            })
            .collect(),
        choice: choice(&forms, best, &qualities),
    }
}

fn rows(answered: &[Answered<'_>]) -> Vec<Row> {
    let row = |(file, row, known): (usize, &ClaimRow, &Known)| Row {
        features: features(&known.evidence, &known.claim, known.scores),
        raw: known.scores,
        label: row.label,
        file,
    };
    let files = answered.iter().enumerate();
    let all = files.flat_map(|(file, answered)| {
        answered.rows.iter().zip(answered.known).map(move |(row, known)| (file, row, known))
    });
    all.map(row).collect()
}

fn fitted_on(answered: &Answered<'_>) -> FittedOn {
    let file = answered.file;
    FittedOn {
        name: file.name.clone(),
        sha256: file.sha256.clone(),
        rows: answered.rows.len() as u64,
    }
}

fn choice(forms: &[(&str, Form); 2], best: usize, qualities: &[Quality; 3]) -> String {
    let (kept, other) = (qualities[best + 1], qualities[2 - best]);
    let kept_name = forms[best].0;
    let mut text = format!(
        "Kept: {kept_name}, held-out macro-F1 {:.3} against {:.3} of {}, mean over the files.",
        kept.macro_f1,
        other.macro_f1,
        forms[1 - best].0
    );
    if kept.macro_f1 <= qualities[0].macro_f1 {
        text.push_str(&format!(
            " It is no better than the model's own scores ({:.3}): do without it.",
            qualities[0].macro_f1
        ));
    }
    text
}

/// A form of calibration: fits these rows.
type Form = fn(&[Row], &[usize]) -> Method;

/// Scores of every row from a fit on the other parts.
fn held_out(rows: &[Row], folds: &[usize], form: Form) -> Vec<Scores> {
    let others =
        |part: usize| (0..rows.len()).filter(|row| folds[*row] != part).collect::<Vec<_>>();
    let methods: Vec<Method> = (0..FOLDS).map(|part| form(rows, &others(part))).collect();
    let scores = |(row, part): (&Row, &usize)| methods[*part].apply(|| row.features, row.raw);
    rows.iter().zip(folds).map(scores).collect()
}

/// The weight of each row: every file counts the same, and in it every class that is there.
fn weights(rows: &[Row], chosen: &[usize]) -> Vec<f64> {
    let files = rows.iter().map(|row| row.file + 1).max().unwrap_or(0);
    let mut counts = vec![[0.0; 3]; files];
    chosen.iter().for_each(|row| counts[rows[*row].file][rows[*row].label as usize] += 1.0);
    let classes = |file: usize| counts[file].iter().filter(|count| **count > 0.0).count() as f64;
    let used = (0..files).filter(|file| classes(*file) > 0.0).count() as f64;
    let weight = |row: &usize| {
        let Row { file, label, .. } = &rows[*row];
        1.0 / (used * classes(*file) * counts[*file][*label as usize])
    };
    chosen.iter().map(weight).collect()
}

fn logistic(rows: &[Row], chosen: &[usize]) -> Method {
    let weighted = chosen.iter().zip(weights(rows, chosen));
    let weighted: Vec<newton::Row> = weighted
        .map(|(row, weight)| (rows[*row].features, rows[*row].label as usize, weight))
        .collect();
    let fitted: Logistic = newton::fit(&weighted);
    Method::Logistic(fitted)
}

/// The factor with the highest macro-F1, the mean over the files; of equally good ones the nearest to 1.
fn factor(rows: &[Row], chosen: &[usize]) -> Method {
    let mut tried: Vec<i32> = (-FACTORS / 2..=FACTORS / 2).collect();
    tried.sort_by_key(|step| step.abs());
    let files = rows.iter().map(|row| row.file + 1).max().unwrap_or(0);
    let worth = |step: i32| {
        let method = Method::NeutralFactor { factor: 10f64.powf(f64::from(step) / 10.0) };
        let scores = |row: &usize| method.apply(|| rows[*row].features, rows[*row].raw);
        let part = |file: usize| {
            let of_file: Vec<usize> =
                chosen.iter().copied().filter(|row| rows[*row].file == file).collect();
            let said: Vec<Said> = of_file.iter().map(|row| Said::of_scores(scores(row))).collect();
            let labels: Vec<Label> = of_file.iter().map(|row| rows[*row].label).collect();
            claims::confusion(&said, &labels, |_| 1.0).macro_f1().unwrap_or_default()
        };
        ((0..files).map(part).sum::<f64>(), method)
    };
    let best = tried.into_iter().map(worth).reduce(|best, next| match next.0 > best.0 {
        true => next,
        false => best,
    });
    best.map_or(Method::NeutralFactor { factor: 1.0 }, |(_, method)| method)
}

fn part(rows: &[Row], scores: &[Scores], file: usize) -> (Vec<Said>, Vec<Label>) {
    let of_file = rows.iter().zip(scores).filter(|(row, _)| row.file == file);
    of_file.map(|(row, scores)| (Said::of_scores(*scores), row.label)).unzip()
}

/// Macro-F1 and calibration error, the mean over the files.
fn quality(rows: &[Row], scores: &[Scores], files: usize) -> Quality {
    let (mut macro_f1, mut ece) = (0.0, 0.0);
    for file in 0..files {
        let (said, labels) = part(rows, scores, file);
        macro_f1 += claims::confusion(&said, &labels, |_| 1.0).macro_f1().unwrap_or_default();
        ece += claims::reliability(&said, &labels, |_| 1.0).error().unwrap_or_default();
    }
    Quality { macro_f1: macro_f1 / files as f64, ece: ece / files as f64 }
}

fn measured(
    rows: &[Row],
    groups: &Groups,
    file: usize,
    systems: &[(&str, &Vec<Scores>); 3],
    resampling: Resampling,
) -> Vec<System> {
    let places = rows.iter().zip(&groups.of).filter(|(row, _)| row.file == file);
    let keys: Vec<String> = places.map(|(_, group)| format!("{group:08}")).collect();
    let groups = Groups::of(keys.iter().map(String::as_str));
    let system = |(name, scores): &(&str, &Vec<Scores>)| {
        let (said, labels) = part(rows, scores, file);
        let measures: [Measure; MEASURES.len()] =
            claims::measures(&said, &labels, &groups, resampling);
        System { name: (*name).to_owned(), measures: measures.to_vec() }
    };
    systems.iter().map(system).collect()
}

#[cfg(test)]
mod tests;
