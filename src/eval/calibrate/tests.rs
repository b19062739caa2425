//! Weights, the choice, and that nobody is measured on what was fitted.

use std::sync::Arc;

use cns_processors::models::features::Read;

use super::*;
use crate::eval::labelled::Rows;

fn row(file: usize, label: Label) -> Row {
    Row { features: [0.0; COUNT], raw: Scores::default(), label, file }
}

#[test]
fn every_file_counts_the_same_and_in_it_every_class() {
    let mut rows = vec![row(0, Label::Supports), row(0, Label::Neutral), row(0, Label::Neutral)];
    rows.push(row(1, Label::Refutes));
    let weights = weights(&rows, &[0, 1, 2, 3]);
    assert_eq!(weights, [0.25, 0.125, 0.125, 0.5]);
}

#[test]
fn what_was_fitted_is_not_measured_on_itself() {
    // The form knows the rows by heart; held out, it knows none of those that it is asked about.
    fn by_heart(_: &[Row], chosen: &[usize]) -> Method {
        let factor = if chosen.contains(&0) { 1e6 } else { 1e-6 };
        Method::NeutralFactor { factor }
    }
    let raw = Scores { entailment: 0.4, neutral: 0.3, contradiction: 0.3 };
    let rows: Vec<Row> = (0..10).map(|_| Row { raw, ..row(0, Label::Neutral) }).collect();
    let folds: Vec<usize> = (0..10).map(|row| row % FOLDS).collect();
    let neutral: Vec<bool> =
        held_out(&rows, &folds, by_heart).iter().map(|scores| scores.neutral > 0.9).collect();
    let wanted: Vec<bool> = (0..10).map(|row| row % FOLDS != 0).collect();
    assert_eq!(neutral, wanted);
}

fn answered(count: usize, scores: impl Fn(usize, Label) -> Scores) -> (Labelled, Vec<Known>) {
    let claims: Vec<ClaimRow> = (0..count)
        .map(|number| ClaimRow {
            line: number as u64,
            evidence: format!("Evidence {number}."),
            claim: format!("Claim {number}."),
            label: Label::ALL[number % 3],
        })
        .collect();
    let known = claims.iter().enumerate().map(|(number, row)| Known {
        scores: scores(number, row.label),
        cosine: 0.0,
        evidence: Arc::new(Read::of(&row.evidence)),
        claim: Arc::new(Read::of(&row.claim)),
    });
    let known = known.collect();
    let file = Labelled { name: "a.csv".into(), sha256: "00".into(), rows: Rows::Claims(claims) };
    (file, known)
}

fn fitted(count: usize, scores: impl Fn(usize, Label) -> Scores) -> Fitted {
    let (file, known) = answered(count, scores);
    let Rows::Claims(rows) = &file.rows else { unreachable!() };
    let answered = [Answered { file: &file, rows, known: &known }];
    fit("model-1", &answered, Resampling { resamples: 10, seed: 1 })
}

#[test]
fn a_model_that_leans_to_neutral_is_set_right() {
    // It knows, and does not dare to say it.
    let shy = |_: usize, label: Label| match label {
        Label::Supports => Scores { entailment: 0.4, neutral: 0.55, contradiction: 0.05 },
        Label::Neutral => Scores { entailment: 0.05, neutral: 0.9, contradiction: 0.05 },
        Label::Refutes => Scores { entailment: 0.05, neutral: 0.55, contradiction: 0.4 },
    };
    let fitted = fitted(60, shy);
    let quality = &fitted.calibration.cross_validated;
    assert!(quality.raw.macro_f1 < 0.3, "{quality:?}");
    assert_eq!(quality.calibrated.macro_f1, 1.0, "{quality:?}");
    assert!(
        fitted.choice.starts_with("Kept: neutral factor"),
        "the simpler one: {}",
        fitted.choice
    );
    assert_eq!(fitted.files[0].1.len(), 3);
    assert_eq!(fitted.calibration.rows, 60);
    assert!(Calibration::parse(&fitted.calibration.to_json().unwrap()).is_ok());
}

#[test]
fn a_model_whose_classes_are_mixed_up_needs_more_than_a_factor() {
    let mixed = |_: usize, label: Label| match label {
        Label::Supports => Scores { entailment: 0.1, neutral: 0.2, contradiction: 0.7 },
        Label::Neutral => Scores { entailment: 0.2, neutral: 0.6, contradiction: 0.2 },
        Label::Refutes => Scores { entailment: 0.7, neutral: 0.2, contradiction: 0.1 },
    };
    let fitted = fitted(60, mixed);
    assert!(fitted.choice.starts_with("Kept: fitted"), "{}", fitted.choice);
    assert_eq!(fitted.calibration.cross_validated.calibrated.macro_f1, 1.0);
}

#[test]
fn what_is_no_better_is_told() {
    let same = |_: usize, _: Label| Scores { entailment: 0.0, neutral: 1.0, contradiction: 0.0 };
    let fitted = fitted(9, same);
    assert_eq!(fitted.files[0].1[0].name, "raw");
    let certain = |_: usize, label: Label| match label {
        Label::Supports => Scores { entailment: 1.0, neutral: 0.0, contradiction: 0.0 },
        Label::Neutral => Scores { entailment: 0.0, neutral: 1.0, contradiction: 0.0 },
        Label::Refutes => Scores { entailment: 0.0, neutral: 0.0, contradiction: 1.0 },
    };
    assert!(self::fitted(30, certain).choice.ends_with("do without it."));
}
