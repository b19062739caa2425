//! `cns eval`: labelled data in, tables, JSON, pictures and a calibration out.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::{
    papers::{agreeing, con, elsewhere, pro},
    run::cns,
};

/// A folder with one file of each kind.
struct Data {
    folder: tempfile::TempDir,
}

const QUICK: [&str; 2] = ["--resamples", "50"];

impl Data {
    fn new() -> Data {
        Data { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    /// Claims that words can tell: 12 claims, each supported, denied and left alone.
    fn claims(&self) -> String {
        let mut text = "id,evidence,claim,label\n".to_owned();
        for number in 0..12 {
            let claim = format!("Drug {number} lowers fever.");
            text += &format!("1,Here drug {number} lowers fever.,{claim},Supports\n");
            text += &format!("2,Drug {number} does not lower fever.,{claim},Refutes\n");
            text += &format!("3,Bells are tuned by hand.,{claim},Neutral\n");
        }
        self.file("claims.csv", text)
    }

    fn pairs(&self) -> String {
        let pair = |name: &str, label: &str, a: String, b: String| {
            json!({
                "pair": name, "topic": name, "label": label, "kind": "test", "why": "",
                "a": { "document_id": "a", "text": a }, "b": { "document_id": "b", "text": b },
            })
            .to_string()
        };
        let lines = [
            pair("p1", "conflict", pro(), con()),
            pair("p2", "agreement", pro(), agreeing()),
            pair("p3", "unrelated", pro(), elsewhere()),
            pair("p4", "unrelated", pro(), "?".into()),
        ];
        self.file("pairs.jsonl", lines.join("\n"))
    }

    fn identities(&self) -> String {
        let lines = [
            json!({ "a": "doi:10.5555/X", "b": "https://doi.org/10.5555/x", "same": true, "why": "" }),
            json!({ "a": "doi:10.5555/x", "b": "doi:10.5555/y", "same": false, "why": "" }),
            json!({ "a": "doi:10.5555/x", "b": "doi:10.5555/y", "same": true, "why": "a reprint" }),
        ];
        self.file("same.jsonl", lines.map(|line| line.to_string()).join("\n"))
    }
}

fn report(arguments: &[&str]) -> Value {
    let ran = cns(&[&["eval"], arguments, &QUICK, &["--json"]].concat());
    ran.went_well(&[]);
    serde_json::from_str(&ran.out).unwrap()
}

fn value(system: &Value, measure: &str) -> f64 {
    system["measures"][measure]["value"].as_f64().unwrap()
}

#[test]
fn claims_are_measured_beside_baselines() {
    let data = Data::new();
    let claims = data.claims();
    let arguments = [&["eval", &claims, "--errors", "1"], &QUICK[..]].concat();
    let parts = ["claims.csv", "36 rows, 12 claims", "lexical-", "majority class", "macro f1", "["];
    cns(&arguments).went_well(&parts);

    let told = report(&[&claims]);
    assert_eq!(told["format"], 1);
    assert_eq!(told["models"]["entailment"], "lexical-entailment-1");
    let file = &told["files"][0];
    assert_eq!(file["kind"], "claims");
    assert_eq!(file["labels"], json!({ "supports": 12, "neutral": 12, "refutes": 12 }));
    assert_eq!(file["sha256"].as_str().unwrap().len(), 64);
    let systems = file["systems"].as_array().unwrap();
    assert_eq!(systems.len(), 4);
    assert_eq!(value(&systems[0], "accuracy"), 1.0, "{file}");
    assert_eq!(value(&systems[1], "auc_supports_refutes"), 0.5);
    assert_eq!(value(&systems[2], "macro_f1"), 1.0);
    assert!(value(&systems[3], "accuracy") < 0.7, "the cosine cannot see a denial");
    assert_eq!(systems[1]["measures"]["ece"], Value::Null);
    assert_eq!(file["confusion"]["refutes"], json!({ "supports": 0, "neutral": 0, "refutes": 12 }));
    assert_eq!(told, report(&[&claims]), "the same again");
    assert_eq!(report(&[&claims, "--limit", "3"])["files"][0]["rows"], 3);
}

#[test]
fn documents_and_identities_are_measured() {
    let data = Data::new();
    let told = report(&[&data.pairs(), &data.identities()]);
    let pairs = &told["files"][0];
    assert_eq!(pairs["kind"], "documents");
    let gate = &pairs["systems"][0];
    assert_eq!((value(gate, "recall"), value(gate, "precision")), (1.0, 1.0), "{pairs}");
    assert_eq!(value(gate, "auc_conflict"), 1.0);
    assert_eq!(value(gate, "false_agreement"), 0.0);
    assert_eq!(gate["measures"]["false_compatible"], Value::Null, "there is none");
    let published = &pairs["systems"][3];
    assert_eq!(value(published, "recall"), 0.0, "the published gate does not fire");
    assert!(pairs["notes"][0].as_str().unwrap().contains("pair p4 counts as no conflict"));

    let same = &told["files"][1];
    assert_eq!(same["kind"], "identities");
    assert_eq!(value(&same["systems"][0], "accuracy_same"), 0.5);
    assert_eq!(value(&same["systems"][0], "accuracy_different"), 1.0);
    assert_eq!(same["mistakes"].as_array().unwrap().len(), 1, "wrong ones are always listed");
    assert_eq!(same["mistakes"][0]["texts"]["why"], "a reprint");
}

#[test]
fn pictures_are_well_formed() {
    let data = Data::new();
    // A name that would break a picture that does not escape it; two files of one name.
    let odd = data.file("a<b>&.csv", fs::read(data.claims()).unwrap());
    let folder = data.folder.path().join("new/plots");
    let folder_name = folder.display().to_string();
    let pairs = data.pairs();
    let arguments = [&["eval", &odd, &odd, &pairs, "--plots", &folder_name], &QUICK[..]].concat();
    cns(&arguments).went_well(&["a<b>&-confusion.svg", "a<b>&-2-roc.svg", "pairs-auc.svg"]);
    let pictures: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(pictures.len(), 4 + 4 + 3);
    for picture in pictures {
        well_formed(&picture);
    }
}

/// Every element is closed in its order, and no attribute or text holds what would have to be escaped.
#[track_caller]
fn well_formed(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.starts_with("<svg xmlns=") && text.ends_with("</svg>\n"), "{path:?}");
    let mut open: Vec<&str> = Vec::new();
    for part in text.split('<').skip(1) {
        let (tag, words) = part.split_once('>').unwrap_or_else(|| panic!("{path:?}: {part}"));
        let name = tag.split([' ', '/']).find(|name| !name.is_empty()).unwrap();
        match (tag.starts_with('/'), tag.ends_with('/')) {
            (true, _) => assert_eq!(open.pop(), Some(name), "{path:?}"),
            (false, true) => {}
            (false, false) => open.push(name),
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{path:?}: {tag}");
        assert!(!tag.contains("NaN") && !words.contains('>'), "{path:?}: {part}");
        for entity in words.split('&').skip(1) {
            let known = ["amp;", "lt;", "gt;", "quot;"];
            assert!(known.iter().any(|known| entity.starts_with(known)), "{path:?}: {words}");
        }
    }
    assert!(open.is_empty(), "{path:?}: {open:?}");
}

#[test]
fn a_calibration_is_written() {
    let data = Data::new();
    let claims = data.claims();
    let path = data.folder.path().join("calibration.json");
    let written = path.display().to_string();
    let ran = cns(&[&["eval", &claims, "--calibrate", &written], &QUICK[..]].concat());
    ran.went_well(&["Kept: ", "neutral factor", "raw", "fitted", &written]);
    let first = fs::read(&path).unwrap();
    let calibration: Value = serde_json::from_slice(&first).unwrap();
    assert_eq!(calibration["format"], 1);
    assert_eq!(calibration["model"], "lexical-entailment-1");
    assert_eq!(calibration["fitted_on"][0]["name"], "claims.csv");
    assert_eq!(calibration["rows"], 36);
    let told = report(&[&claims, "--calibrate", &written]);
    assert_eq!(told["calibration"]["held_out"][0]["systems"].as_array().unwrap().len(), 3);
    assert_eq!(fs::read(&path).unwrap(), first, "the same data gives the same bytes");

    cns(&["eval", &data.pairs(), "--calibrate", &written])
        .failed(2, &["none of the files has any"]);
    let nowhere = data.folder.path().join("no/where.json").display().to_string();
    cns(&["eval", &claims, "--calibrate", &nowhere]).failed(4, &["cannot be written"]);
}

#[test]
fn bad_files_are_told_with_their_line() {
    let data = Data::new();
    cns(&["eval", "/nowhere.csv"]).failed(5, &["/nowhere.csv"]);
    cns(&["eval"]).failed(2, &["DATA"]);
    let bad = data.file("bad.csv", "evidence,claim,label\nE,C,supports\nE,C,maybe\n");
    cns(&["eval", &bad]).failed(2, &["bad.csv:3: `maybe` is no label", "→ a label is supports"]);
    let bad = data
        .file("bad.jsonl", "{\"evidence\": \"E\", \"claim\": \"C\", \"label\": \"neutral\"}\n{");
    cns(&["eval", &bad]).failed(2, &["bad.jsonl:2: is not JSON", "→"]);
    let claims = data.claims();
    let file = format!("{claims}/plots");
    cns(&["eval", &claims, "--plots", &file]).failed(4, &["cannot be written"]);
}
