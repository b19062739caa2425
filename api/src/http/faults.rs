//! Collects the faults of a request, so that all are told at once.

use axum::http::StatusCode;

use super::{FieldFault, Problem};
use crate::limits::DOCUMENT_BYTES_MAX;

/// What kind of fault, which decides the code of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Missing, empty or blank.
    Empty,
    /// A document over the size limit.
    TooLarge,
    /// Anything else.
    Invalid,
}

/// Faults found so far.
#[derive(Debug, Default)]
pub struct Faults {
    found: Vec<(Kind, FieldFault)>,
}

impl Faults {
    /// One more.
    pub fn add(&mut self, kind: Kind, pointer: impl Into<String>, message: impl Into<String>) {
        self.found.push((kind, FieldFault { pointer: pointer.into(), message: message.into() }));
    }

    /// Whether every fault is a field that is missing, empty or blank.
    pub fn only_empty(&self) -> bool {
        !self.found.is_empty() && self.found.iter().all(|(kind, _)| *kind == Kind::Empty)
    }

    /// The answer, when there is a fault.
    ///
    /// # Errors
    /// There is one.
    pub fn finish(self) -> Result<(), Problem> {
        if self.found.is_empty() {
            return Ok(());
        }
        let (status, code) = if self.found.iter().any(|(kind, _)| *kind == Kind::TooLarge) {
            (StatusCode::PAYLOAD_TOO_LARGE, "document_too_large")
        } else if self.only_empty() {
            (StatusCode::BAD_REQUEST, "empty_field")
        } else {
            (StatusCode::BAD_REQUEST, "invalid_field")
        };
        let faults: Vec<FieldFault> = self.found.into_iter().map(|(_, fault)| fault).collect();
        let detail = match &faults[..] {
            [only] => format!("{} {}.", only.pointer, only.message).trim_start().to_owned(),
            all => {
                let pointers: Vec<&str> =
                    all.iter().take(10).map(|fault| fault.pointer.as_str()).collect();
                format!("{} fields cannot be used as they are: {}.", all.len(), pointers.join(", "))
            }
        };
        Err(Problem::new(status, code, detail).with(faults))
    }
}

/// The message for a text over the limit.
pub fn too_large(bytes: usize) -> String {
    format!("has {bytes} bytes; the limit is {DOCUMENT_BYTES_MAX} bytes, so split the document")
}

/// What to say of a name that does not exist: the nearest one that does, or all of them.
pub fn unknown(name: &str, kind: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .max_by(|x, y| x.0.total_cmp(&y.0));
    match nearest {
        Some((likeness, candidate)) if likeness > 0.75 => {
            format!("is not a {kind} of this request; did you mean `{candidate}`?")
        }
        _ if known.is_empty() => format!("is not a {kind} of this request; it takes none"),
        _ => format!("is not a {kind} of this request; it takes: {}", known.join(", ")),
    }
}

/// A name as one token of a JSON pointer, shortened when somebody put a text where a name belongs.
pub fn pointer(parent: &str, name: &str) -> String {
    let name: String = name.chars().take(60).collect();
    format!("{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
}
