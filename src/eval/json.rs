//! Reports as JSON. The shape is a contract with scripts (docs/evaluation.md): members are added, never renamed.

use serde_json::{Map, Value, json};

use super::{
    calibrate::Fitted,
    claims::MEASURES,
    labelled::Label,
    measure::{BINS, Measure},
    report::{Drawn, Mistake, Report, System},
};

/// The shape's version.
pub const FORMAT: u32 = 1;

/// One report.
pub fn report(report: &Report) -> Value {
    let labels: Map<String, Value> =
        report.labels.iter().map(|(name, count)| ((*name).to_owned(), json!(count))).collect();
    let (unit, count) = report.groups;
    let mut value = json!({
        "file": report.name,
        "sha256": report.sha256,
        "kind": report.kind,
        "rows": report.rows,
        "groups": { "of": unit, "count": count },
        "labels": labels,
        "systems": systems(report.measures, &report.systems),
    });
    if let Some(drawn) = &report.drawn {
        value["confusion"] = confusion(drawn);
        value["reliability"] = reliability(drawn);
    }
    value["notes"] = json!(report.notes);
    value["mistakes"] = report.mistakes.iter().map(mistake).collect();
    value
}

/// How a calibration was chosen and what it is worth on claims that it was not fitted on.
pub fn calibration(fitted: &Fitted) -> Value {
    let files = fitted
        .files
        .iter()
        .map(|(name, tried)| json!({ "file": name, "systems": systems(&MEASURES, tried) }));
    json!({ "choice": fitted.choice, "held_out": files.collect::<Vec<_>>() })
}

fn systems(names: &[&str], systems: &[System]) -> Vec<Value> {
    let system = |system: &System| {
        let named = names.iter().zip(&system.measures);
        let measures: Map<String, Value> =
            named.map(|(name, value)| ((*name).to_owned(), measure(*value))).collect();
        json!({ "name": system.name, "measures": measures })
    };
    systems.iter().map(system).collect()
}

/// A value with its interval; null where it is not defined.
fn measure(measure: Measure) -> Value {
    match (measure.value, measure.interval) {
        (None, _) => Value::Null,
        (Some(value), None) => json!({ "value": value, "low": null, "high": null }),
        (Some(value), Some((low, high))) => json!({ "value": value, "low": low, "high": high }),
    }
}

fn confusion(drawn: &Drawn) -> Value {
    let row = |label: Label| {
        let counts = Label::ALL.map(|said| {
            let count = drawn.confusion.0[label as usize][said as usize];
            (said.name().to_owned(), json!(count as u64))
        });
        (label.name().to_owned(), Value::Object(Map::from_iter(counts)))
    };
    Value::Object(Label::ALL.map(row).into_iter().collect())
}

fn reliability(drawn: &Drawn) -> Value {
    let bins = drawn.reliability.0.iter().enumerate().filter(|(_, bin)| bin.0 > 0.0);
    bins.map(|(place, (rows, confidence, right))| {
        let edge = |place: usize| place as f64 / BINS as f64;
        json!({
            "from": edge(place), "to": edge(place + 1), "rows": *rows as u64,
            "confidence": confidence / rows, "accuracy": right / rows,
        })
    })
    .collect()
}

fn mistake(mistake: &Mistake) -> Value {
    let texts: Map<String, Value> =
        mistake.texts.iter().map(|(name, text)| ((*name).to_owned(), json!(text))).collect();
    json!({
        "place": mistake.place, "label": mistake.is, "said": mistake.said,
        "confidence": mistake.confidence, "texts": texts,
    })
}
