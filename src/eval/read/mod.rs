//! Reads labelled data. What a file holds is told by its content, not by its name.

mod lines;
mod table;

use std::{fs, io::ErrorKind, path::Path};

use sha2::{Digest, Sha256};

use super::labelled::{Labelled, Rows};
use crate::failure::{Code, Failure};

/// Bytes of the longest file; it is held in memory.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// Why a file cannot be used: where, what, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    line: u64,
    what: String,
    mend: String,
}

impl Wrong {
    fn new(line: u64, what: impl Into<String>, mend: impl Into<String>) -> Wrong {
        Wrong { line, what: what.into(), mend: mend.into() }
    }
}

/// Reads a file, at most `limit` rows of it.
pub fn read(path: &Path, limit: usize) -> Result<Labelled, Failure> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        let code = match error.kind() {
            ErrorKind::NotFound => Code::NotFound,
            _ => Code::Usage,
        };
        Failure::new(code, format!("{shown}: {error}"))
    };
    let length = fs::metadata(path).map_err(unreadable)?.len();
    if length > FILE_BYTES_MAX {
        let message = format!("{shown} has {length} bytes; {FILE_BYTES_MAX} are allowed");
        return Err(Failure::new(Code::Usage, message).hint("split it"));
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    let rows = rows(&bytes, limit).map_err(|wrong| {
        let message = format!("{shown}:{}: {}", wrong.line, wrong.what);
        Failure::new(Code::Usage, message).hint(wrong.mend)
    })?;
    let sha256 = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok(Labelled { name, sha256, rows })
}

fn rows(bytes: &[u8], limit: usize) -> Result<Rows, Wrong> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
        Wrong::new(line, "is not UTF-8", "save the file as UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let rows = match text.trim_start().chars().next() {
        None => return Err(Wrong::new(1, "the file is empty", "give a file with rows")),
        Some('{') => lines::read(text, limit)?,
        Some('[') => {
            let mend = "write one JSON object a line, without brackets around them";
            return Err(Wrong::new(1, "is a JSON array", mend));
        }
        Some(_) => Rows::Claims(table::read(text, limit)?),
    };
    match rows.len() {
        0 => {
            Err(Wrong::new(1, "the file has no rows", "give a file with rows, or a higher --limit"))
        }
        _ => Ok(rows),
    }
}

#[cfg(test)]
mod tests;
