//! Good files of each kind, and what is said of bad ones.

use std::io::Write;

use super::*;
use crate::eval::labelled::{Label, Standing};

fn read_text(text: &str) -> Result<Rows, Wrong> {
    rows(text.as_bytes(), usize::MAX)
}

fn claims(text: &str) -> Vec<(u64, String, Label)> {
    match read_text(text) {
        Ok(Rows::Claims(rows)) => {
            rows.into_iter().map(|row| (row.line, row.evidence, row.label)).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_table_is_read_with_its_lines() {
    let text = "\u{feff}id,evidence,claim,Label,x\n1,\"E,\none\",C,Supports,\n2,E2,C,Neutral,\n3,E3,D,refutes,";
    let wanted =
        [(2, "E,\none", Label::Supports), (4, "E2", Label::Neutral), (5, "E3", Label::Refutes)];
    assert_eq!(claims(text), wanted.map(|(line, text, label)| (line, text.to_owned(), label)));
}

#[test]
fn claims_are_read_alone_and_with_several_evidences() {
    let one = r#"{"evidence": "E", "claim": "C", "label": "neutral"}"#;
    assert_eq!(claims(&format!("\n{one}\n")), [(2, "E".to_owned(), Label::Neutral)]);
    let many = r#"{"claim_id": "7", "claim": "C", "claim_label": "DISPUTED", "evidences": [
        {"evidence": "E", "evidence_label": "NOT_ENOUGH_INFO"},
        {"evidence": "F", "evidence_label": "REFUTES"}]}"#
        .replace('\n', " ");
    let two = format!("{many}\n{many}");
    assert_eq!(claims(&two).len(), 4);
    assert_eq!(claims(&two)[3], (2, "F".to_owned(), Label::Refutes));
    assert_eq!(rows(two.as_bytes(), 3).unwrap().len(), 3, "the limit counts pairs");
}

const PAIR: &str = r#"{"pair": 1, "topic": "t", "label": "conflict", "kind": "k",
    "a": {"document_id": "x", "text": "X."}, "b": {"document_id": "y", "text": "Y."}, "why": ""}"#;

#[test]
fn pairs_of_documents_and_of_texts_are_told_apart() {
    match read_text(&PAIR.replace('\n', " ")) {
        Ok(Rows::Documents(rows)) => {
            assert_eq!((rows[0].pair.as_str(), rows[0].label), ("1", Standing::Conflict));
        }
        other => panic!("{other:?}"),
    }
    match read_text(r#"{"a": "doi:10.1/x", "b": "doi:10.1/y", "same": false, "why": "other"}"#) {
        Ok(Rows::Identities(rows)) => assert!(!rows[0].same && rows[0].why == "other"),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check(text: impl AsRef<[u8]>, line: u64, what: &str, mend: &str) {
    let wrong = rows(text.as_ref(), usize::MAX).unwrap_err();
    assert_eq!(wrong.line, line, "{wrong:?}");
    assert!(wrong.what.contains(what), "{wrong:?}");
    assert!(wrong.mend.contains(mend), "{wrong:?}");
}

#[test]
fn a_bad_table_is_told_with_its_line() {
    check("", 1, "empty", "rows");
    check("evidence,claim,label\n", 1, "no rows", "rows");
    check("evidence,label\nx,y", 1, "no column `claim`", "among them");
    check("evidence,claim,label\nE,C,Supports\nE,C,maybe", 3, "`maybe` is no label", "refutes");
    check("evidence,claim,label\n ,C,Supports", 2, "`evidence` is empty", "fill it");
    check("evidence,claim,label\nE,C,Supports,x", 2, "4 fields", "quotation marks");
    check(b"evidence,claim,label\nE,\xe9,Supports", 2, "not UTF-8", "UTF-8");
}

#[test]
fn bad_lines_are_told_with_their_line() {
    let good = r#"{"evidence": "E", "claim": "C", "label": "neutral"}"#;
    check("[{}]", 1, "JSON array", "a line");
    check("{\"x\": 1}", 1, "nothing that this command measures", "evidences");
    check(format!("{good}\n{{"), 2, "not JSON", "one JSON object a line");
    check(format!("{good}\n[]"), 2, "no JSON object", "a line is");
    check(format!("{good}\n\n{{\"claim\": \"C\"}}"), 3, "no `evidence`", "a line is");
    check(good.replace("neutral", "so"), 1, "`so` is no label", "supports");
    check(good.replace("\"E\"", "[]"), 1, "`evidence` is not text", "a line is");
    check(r#"{"claim": "C", "evidences": 3}"#, 1, "no list", "a line is");
    check(r#"{"claim": "C", "evidences": [3]}"#, 1, "no JSON object", "a line is");
    let pair = PAIR.replace('\n', " ");
    check(pair.replace("conflict", "war"), 1, "`war` is no label", "conflict, agreement");
    check(pair.replace("\"y\"", "\"x\""), 1, "same document_id", "different ids");
    check(
        r#"{"pair": "1", "topic": "t", "label": "conflict", "a": 1, "b": 2}"#,
        1,
        "`a`",
        "a line is",
    );
    check(r#"{"a": "x", "b": "y", "same": "no"}"#, 1, "neither true nor false", "a line is");
}

#[test]
fn a_file_has_a_name_a_hash_and_a_place_for_its_faults() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"evidence,claim,label\nE,C,x").unwrap();
    let failure = read(file.path(), 9).unwrap_err();
    assert_eq!(failure.code, Code::Usage);
    assert!(failure.message.ends_with(":2: `x` is no label"), "{failure}");
    assert!(failure.hint.is_some());
    std::fs::write(file.path(), "evidence,claim,label\nE,C,neutral").unwrap();
    let read_back = read(file.path(), 9).unwrap();
    // printf 'evidence,claim,label\nE,C,neutral' | sha256sum
    assert!(read_back.sha256.starts_with("9a26dd16db7ad05c"), "{}", read_back.sha256);
    assert_eq!(read(Path::new("/nowhere"), 9).unwrap_err().code, Code::NotFound);
}
