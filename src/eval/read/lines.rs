//! JSON lines: claims, claims with several evidences, pairs of documents, pairs of texts. The first line says
//! which; all others have to be of the same kind.

use serde_json::{Map, Value};

use super::Wrong;
use crate::eval::labelled::{ClaimRow, DocumentRow, IdentityRow, Label, Rows, Standing, Text};

const LABELS: &str = "a label is supports, refutes, or neutral (also not_enough_info), in any case";
const KINDS: &str = "a line is {evidence, claim, label}, {claim, evidences: [{evidence, evidence_label}]}, \
    {pair, topic, label, a: {document_id, text}, b}, or {a, b, same}";

/// At most `limit` rows; a claim with several evidences is several.
pub fn read(text: &str, limit: usize) -> Result<Rows, Wrong> {
    let mut lines = objects(text).peekable();
    let (line, first) = match lines.peek() {
        Some(Ok((line, first))) => (*line, first),
        Some(Err(wrong)) => return Err(wrong.clone()),
        None => return Err(Wrong::new(1, "the file is empty", KINDS)),
    };
    let has = |name: &str| first.contains_key(name);
    if has("evidences") {
        let mut rows = Vec::new();
        for line in lines {
            let (line, object) = line?;
            rows.extend(evidences(line, &object)?);
            if rows.len() >= limit {
                break;
            }
        }
        rows.truncate(limit);
        return Ok(Rows::Claims(rows));
    }
    if has("evidence") && has("claim") {
        return Ok(Rows::Claims(all(lines, limit, claim)?));
    }
    if has("same") {
        return Ok(Rows::Identities(all(lines, limit, identity)?));
    }
    if has("a") && has("b") {
        return Ok(Rows::Documents(all(lines, limit, documents)?));
    }
    Err(Wrong::new(line, "nothing that this command measures is told here", KINDS))
}

/// The lines that are not blank, with their numbers.
fn objects(text: &str) -> impl Iterator<Item = Result<(u64, Map<String, Value>), Wrong>> + '_ {
    let numbered = text.lines().zip(1u64..).filter(|(line, _)| !line.trim().is_empty());
    numbered.map(|(line, number)| match serde_json::from_str(line) {
        Ok(Value::Object(object)) => Ok((number, object)),
        Ok(_) => Err(Wrong::new(number, "is no JSON object", KINDS)),
        Err(error) => {
            Err(Wrong::new(number, format!("is not JSON: {error}"), "write one JSON object a line"))
        }
    })
}

type Line = Result<(u64, Map<String, Value>), Wrong>;

fn all<R>(
    lines: impl Iterator<Item = Line>,
    limit: usize,
    row: impl Fn(u64, &Map<String, Value>) -> Result<R, Wrong>,
) -> Result<Vec<R>, Wrong> {
    let row = |line: Line| line.and_then(|(number, object)| row(number, &object));
    lines.take(limit).map(row).collect()
}

fn claim(line: u64, object: &Map<String, Value>) -> Result<ClaimRow, Wrong> {
    Ok(ClaimRow {
        line,
        evidence: text(line, object, "evidence")?,
        claim: text(line, object, "claim")?,
        label: label(line, object, "label")?,
    })
}

fn evidences(line: u64, object: &Map<String, Value>) -> Result<Vec<ClaimRow>, Wrong> {
    let claim = text(line, object, "claim")?;
    let Some(Value::Array(evidences)) = object.get("evidences") else {
        return Err(Wrong::new(line, "`evidences` is no list", KINDS));
    };
    let row = |evidence: &Value| {
        let Value::Object(evidence) = evidence else {
            return Err(Wrong::new(line, "an evidence is no JSON object", KINDS));
        };
        Ok(ClaimRow {
            line,
            evidence: text(line, evidence, "evidence")?,
            claim: claim.clone(),
            label: label(line, evidence, "evidence_label")?,
        })
    };
    evidences.iter().map(row).collect()
}

fn documents(line: u64, object: &Map<String, Value>) -> Result<DocumentRow, Wrong> {
    let side = |name: &str| match object.get(name) {
        Some(Value::Object(side)) => Ok(Text {
            document_id: text(line, side, "document_id")?,
            text: text(line, side, "text")?,
        }),
        _ => Err(Wrong::new(line, format!("`{name}` is no document"), KINDS)),
    };
    let word = text(line, object, "label")?;
    let label = Standing::of(&word).ok_or_else(|| {
        let names = Standing::ALL.map(Standing::name).join(", ");
        Wrong::new(line, format!("`{word}` is no label"), format!("a label is one of {names}"))
    })?;
    let (a, b) = (side("a")?, side("b")?);
    if a.document_id == b.document_id {
        let mend = "give them different ids: two versions of a document are never compared";
        return Err(Wrong::new(line, "both documents have the same document_id", mend));
    }
    let (pair, topic) = (text(line, object, "pair")?, text(line, object, "topic")?);
    Ok(DocumentRow { pair, topic, label, a, b })
}

fn identity(line: u64, object: &Map<String, Value>) -> Result<IdentityRow, Wrong> {
    let Some(Value::Bool(same)) = object.get("same") else {
        return Err(Wrong::new(line, "`same` is neither true nor false", KINDS));
    };
    let why = object.get("why").and_then(Value::as_str).unwrap_or_default().to_owned();
    let (a, b) = (text(line, object, "a")?, text(line, object, "b")?);
    Ok(IdentityRow { line, a, b, same: *same, why })
}

/// A text that is not blank; a number counts as one, because ids may be numbers.
fn text(line: u64, object: &Map<String, Value>, name: &str) -> Result<String, Wrong> {
    let fault = |what: String| Wrong::new(line, what, KINDS);
    match object.get(name) {
        Some(Value::String(text)) if text.trim().is_empty() => {
            Err(Wrong::new(line, format!("`{name}` is empty"), "fill it or take out the line"))
        }
        Some(Value::String(text)) => Ok(text.trim().to_owned()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        Some(_) => Err(fault(format!("`{name}` is not text"))),
        None => Err(fault(format!("has no `{name}`"))),
    }
}

fn label(line: u64, object: &Map<String, Value>, name: &str) -> Result<Label, Wrong> {
    let word = text(line, object, name)?;
    Label::of(&word).ok_or_else(|| no_label(line, &word))
}

/// The word is no label.
pub fn no_label(line: u64, word: &str) -> Wrong {
    Wrong::new(line, format!("`{word}` is no label"), LABELS)
}
