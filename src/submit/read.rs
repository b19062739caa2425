//! Turns the bytes of a file into documents as the server takes them, or says why one cannot be sent.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    path::Path,
};

use cns_processors::limits::DOCUMENT_BYTES_MAX;
use cns_schemas::hash_hex;
use serde_json::{Map, Value};

use super::source::Located;

/// A line of `.jsonl`: the escapes of JSON can make a text six times as long.
const LINE_BYTES_MAX: usize = 8 << 20;
/// A `.json` file is read whole.
const JSON_BYTES_MAX: u64 = 256 << 20;

/// What the command line says of documents that do not say it themselves.
#[derive(Debug, Clone, Default)]
pub struct Defaults {
    /// `--corpus`.
    pub corpus: Option<String>,
    /// `--source`.
    pub source: Option<String>,
    /// `--document-id`.
    pub document_id: Option<String>,
}

/// Something that was found.
#[derive(Debug)]
pub struct Item {
    /// The file, with the number of the line or entry where there are several.
    pub label: String,
    /// What it is.
    pub content: Content,
}

/// What was found.
#[derive(Debug)]
pub enum Content {
    /// A document, ready to be sent.
    Document(Value),
    /// A document that cannot be sent, and how to mend it.
    Refused(String),
    /// No document.
    Skipped,
}

impl Item {
    pub(super) fn refused(label: &str, why: String) -> Item {
        Item { label: label.into(), content: Content::Refused(why) }
    }

    pub(super) fn skipped(label: &str) -> Item {
        Item { label: label.into(), content: Content::Skipped }
    }
}

/// A file that is one document.
pub fn text_file(file: &Located, path: &Path, defaults: &Defaults) -> Item {
    let length = fs::metadata(path).map_or(0, |found| found.len());
    if length > DOCUMENT_BYTES_MAX as u64 {
        return Item::refused(&file.name, too_long(length));
    }
    match fs::read(path) {
        Ok(bytes) => text(file, bytes, defaults),
        Err(error) => Item::refused(&file.name, format!("cannot be read: {error}")),
    }
}

/// Bytes that are one document.
pub fn text(file: &Located, bytes: Vec<u8>, defaults: &Defaults) -> Item {
    let text = match decoded(bytes) {
        Ok(text) => text,
        Err(why) => return Item::refused(&file.name, why),
    };
    let mut document = Map::new();
    if file.path.is_none() && defaults.document_id.is_none() {
        // Named by what it says, so that the same text is recognized when it comes again.
        let id = format!("stdin-{}", hash_hex(&[text.as_bytes()], 12));
        document.insert("document_id".into(), id.into());
    }
    document.insert("text".into(), text.into());
    completed(&file.name, document, file, &file.name, defaults)
}

/// The documents of a `.json` file: an object, or an array of them.
pub fn json_file(file: &Located, path: &Path, defaults: &Defaults) -> Vec<Item> {
    let length = fs::metadata(path).map_or(0, |found| found.len());
    if length > JSON_BYTES_MAX {
        let why = format!(
            "has {length} bytes, at most {JSON_BYTES_MAX} are read at once; use .jsonl, a document a line"
        );
        return vec![Item::refused(&file.name, why)];
    }
    let read = fs::read(path).map_err(|error| format!("cannot be read: {error}"));
    let parsed = read.and_then(decoded).and_then(|text| {
        serde_json::from_str(&text).map_err(|error| format!("is not JSON: {error}"))
    });
    match parsed {
        Ok(Value::Array(entries)) => {
            let numbered = entries.into_iter().enumerate();
            numbered
                .map(|(at, entry)| {
                    json(file, &format!("{}#{}", file.name, at + 1), entry, defaults)
                })
                .collect()
        }
        Ok(entry) => vec![json(file, &file.name, entry, defaults)],
        Err(why) => vec![Item::refused(&file.name, why)],
    }
}

/// The documents of a `.jsonl` file, line by line. Empty lines are none.
pub fn lines_file(
    file: &Located,
    path: &Path,
    defaults: &Defaults,
) -> Box<dyn Iterator<Item = Item>> {
    let mut reader = match File::open(path) {
        Ok(open) => BufReader::new(open),
        Err(error) => {
            return Box::new(std::iter::once(Item::refused(
                &file.name,
                format!("cannot be read: {error}"),
            )));
        }
    };
    let (file, defaults, mut number) = (file.clone(), defaults.clone(), 0u64);
    Box::new(std::iter::from_fn(move || {
        loop {
            number += 1;
            let label = format!("{}#{number}", file.name);
            let line = match next_line(&mut reader)? {
                Ok(line) if line.trim_ascii().is_empty() => continue,
                Ok(line) => decoded(line),
                Err(why) => Err(why),
            };
            let parsed = line.and_then(|line| {
                serde_json::from_str(&line).map_err(|error| format!("is not JSON: {error}"))
            });
            return Some(match parsed {
                Ok(entry) => json(&file, &label, entry, &defaults),
                Err(why) => Item::refused(&label, why),
            });
        }
    }))
}

/// The next line without its end, or why it is none; `None` at the end of the file.
fn next_line(reader: &mut BufReader<File>) -> Option<Result<Vec<u8>, String>> {
    let mut line = Vec::new();
    match reader.by_ref().take(LINE_BYTES_MAX as u64 + 1).read_until(b'\n', &mut line) {
        Ok(0) => return None,
        Ok(_) if line.len() <= LINE_BYTES_MAX => return Some(Ok(line)),
        Ok(_) => {}
        Err(error) => return Some(Err(format!("cannot be read: {error}"))),
    }
    if line.last() != Some(&b'\n') && reader.skip_until(b'\n').is_err() {
        return None;
    }
    Some(Err(format!(
        "the line has more than {LINE_BYTES_MAX} bytes; a document may have {DOCUMENT_BYTES_MAX}"
    )))
}

fn json(file: &Located, label: &str, entry: Value, defaults: &Defaults) -> Item {
    match entry {
        Value::Object(document) => completed(label, document, file, label, defaults),
        _ => Item::refused(label, "is no JSON object with a \"text\"".into()),
    }
}

/// Fills in what a document does not say of itself, and checks what can be checked here.
fn completed(
    label: &str,
    mut document: Map<String, Value>,
    file: &Located,
    id: &str,
    defaults: &Defaults,
) -> Item {
    let text = match document.get("text") {
        Some(Value::String(text)) => text,
        Some(_) => return Item::refused(label, "its \"text\" is not text".into()),
        None => return Item::refused(label, "has no \"text\"".into()),
    };
    if text.trim().is_empty() {
        return Item::refused(label, "is empty; there is nothing to read".into());
    }
    if text.len() > DOCUMENT_BYTES_MAX {
        return Item::refused(label, too_long(text.len() as u64));
    }
    let corpus = defaults.corpus.as_deref().unwrap_or(&file.corpus);
    let source = defaults.source.as_deref().unwrap_or(&file.name);
    let id = defaults.document_id.as_deref().unwrap_or(id);
    for (field, value) in [("document_id", id), ("corpus", corpus), ("source", source)] {
        if document.get(field).is_none_or(Value::is_null) {
            document.insert(field.into(), value.into());
        }
    }
    Item { label: label.into(), content: Content::Document(Value::Object(document)) }
}

/// Text of bytes in UTF-8; a byte order mark is not part of it.
fn decoded(bytes: Vec<u8>) -> Result<String, String> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("is UTF-16, not UTF-8; save it as UTF-8 and submit it again".into());
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        format!("is not UTF-8 (byte {at}); save it as UTF-8 and submit it again")
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn too_long(bytes: u64) -> String {
    format!(
        "has {bytes} bytes, a document may have {DOCUMENT_BYTES_MAX}; split it and submit the parts"
    )
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
