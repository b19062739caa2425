//! A calibration gives distributions, and what is read back is checked.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn logistic(weights: Vec<Vec<f64>>) -> Method {
    Method::Logistic(Logistic {
        features: features::NAMES.map(str::to_owned).to_vec(),
        means: vec![0.5; COUNT],
        scales: vec![2.0; COUNT],
        weights,
    })
}

fn calibration(method: Method) -> Calibration {
    let quality = Quality { macro_f1: 0.5, ece: 0.1 };
    Calibration {
        format: FORMAT,
        model: "lexical-entailment-1".into(),
        method,
        fitted_on: vec![FittedOn { name: "a.csv".into(), sha256: "00".into(), rows: 3 }],
        rows: 3,
        cross_validated: CrossValidated { folds: 5, seed: 1, raw: quality, calibrated: quality },
    }
}

const RAW: Scores = Scores { entailment: 0.2, neutral: 0.6, contradiction: 0.2 };

#[test]
fn the_neutral_factor_is_multiplied_and_normalised() {
    let got = calibration(Method::NeutralFactor { factor: 0.5 }).apply("x", "y", RAW);
    // 0.2, 0.3, 0.2 of 0.7
    assert!((got.entailment - 0.285_714).abs() < 1e-5, "{got:?}");
    assert!((got.neutral - 0.428_571).abs() < 1e-5, "{got:?}");
}

#[test]
fn constants_alone_give_a_softmax() {
    let mut weights = vec![vec![0.0; COUNT + 1]; CLASSES];
    weights[0][COUNT] = 2f64.ln();
    let got = calibration(logistic(weights)).apply("x", "y", RAW);
    assert!((got.entailment - 0.5).abs() < 1e-6 && (got.contradiction - 0.25).abs() < 1e-6);
}

#[test]
fn a_calibration_is_read_back_as_it_was_written() {
    for method in
        [Method::NeutralFactor { factor: 0.2 }, logistic(vec![vec![0.1; COUNT + 1]; CLASSES])]
    {
        let written = calibration(method);
        assert_eq!(Calibration::parse(&written.to_json().unwrap()), Ok(written));
    }
}

fn refused(change: impl FnOnce(&mut Value)) -> String {
    let sound = calibration(logistic(vec![vec![0.1; COUNT + 1]; CLASSES]));
    let mut value = serde_json::to_value(sound).unwrap();
    change(&mut value);
    Calibration::parse(value.to_string().as_bytes()).unwrap_err().to_string()
}

#[test]
fn what_does_not_fit_is_refused() {
    assert!(Calibration::parse(b"{").is_err() && Calibration::parse(b"[]").is_err());
    assert!(refused(|value| value["format"] = json!(2)).contains("format is 2"));
    assert!(refused(|value| value["method"]["features"][0] = json!("x")).contains("features"));
    assert!(refused(|value| value["method"]["scales"][0] = json!(0)).contains("out of range"));
    assert!(refused(|value| value["method"]["means"] = json!([])).contains("missing"));
    assert!(refused(|value| value["method"]["weights"] = json!([[1]])).contains("missing"));
    assert!(refused(|value| value["more"] = json!(1)).contains("more"));
    let factor = json!({ "kind": "neutral_factor", "factor": 0 });
    assert!(refused(|value| value["method"] = factor).contains("neutral factor"));
}

fn any_score() -> impl Strategy<Value = f32> {
    prop_oneof![0.0f32..=1.0, any::<f32>()]
}

proptest! {
    #[test]
    fn the_result_is_a_distribution(
        premise in ".{0,60}",
        hypothesis in "([a-z]{1,9}|[0-9]{1,3} percent|not| ){0,12}",
        entailment in any_score(),
        neutral in any_score(),
        contradiction in any_score(),
        weights in proptest::collection::vec(
            proptest::collection::vec(-1e6f64..1e6, COUNT + 1), CLASSES),
        factor in 1e-6f64..1e6,
    ) {
        let raw = Scores { entailment, neutral, contradiction };
        for method in [logistic(weights), Method::NeutralFactor { factor }] {
            let got = calibration(method).apply(&premise, &hypothesis, raw);
            let parts = [got.entailment, got.neutral, got.contradiction];
            prop_assert!(parts.iter().all(|part| (0.0..=1.0).contains(part)), "{got:?}");
            prop_assert!((parts.iter().sum::<f32>() - 1.0).abs() < 1e-6, "{got:?}");
        }
    }
}
