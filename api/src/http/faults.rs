//! Collects the faults of a request, so that all are told at once.
//!
//! Invariant: what a request makes the server keep and compare is bounded, however many names it makes up.

use axum::http::StatusCode;

use super::{FieldFault, Problem};
use crate::limits::{DOCUMENT_BYTES_MAX, FAULTS_SHOWN_MAX, NAME_CHARS_SHOWN_MAX};

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

/// Faults found so far: the first ones to show, and of the others how many of which kind.
#[derive(Debug, Default)]
pub struct Faults {
    shown: Vec<FieldFault>,
    count: usize,
    empty: usize,
    too_large: bool,
}

impl Faults {
    /// One more.
    pub fn add(&mut self, kind: Kind, pointer: impl Into<String>, message: impl Into<String>) {
        self.note(kind, || FieldFault { pointer: pointer.into(), message: message.into() });
    }

    /// A name that does not exist, with the nearest one that does, or all of them.
    pub fn unknown(&mut self, name: &str, kind: &str, known: &[&str]) {
        let fault =
            || FieldFault { pointer: pointer("", name), message: unknown(name, kind, known) };
        self.note(Kind::Invalid, fault);
    }

    fn note(&mut self, kind: Kind, fault: impl FnOnce() -> FieldFault) {
        self.count += 1;
        self.empty += usize::from(kind == Kind::Empty);
        self.too_large |= kind == Kind::TooLarge;
        if self.shown.len() < FAULTS_SHOWN_MAX {
            self.shown.push(fault());
        }
    }

    /// Whether every fault is a field that is missing, empty or blank.
    pub fn only_empty(&self) -> bool {
        self.count > 0 && self.empty == self.count
    }

    /// The answer, when there is a fault.
    ///
    /// # Errors
    /// There is one.
    pub fn finish(self) -> Result<(), Problem> {
        if self.count == 0 {
            return Ok(());
        }
        let (status, code) = if self.too_large {
            (StatusCode::PAYLOAD_TOO_LARGE, "document_too_large")
        } else if self.only_empty() {
            (StatusCode::BAD_REQUEST, "empty_field")
        } else {
            (StatusCode::BAD_REQUEST, "invalid_field")
        };
        let detail = match &self.shown[..] {
            [only] => format!("{} {}.", only.pointer, only.message).trim_start().to_owned(),
            all => {
                let pointers: Vec<&str> =
                    all.iter().take(10).map(|fault| fault.pointer.as_str()).collect();
                let count = self.count;
                format!("{count} fields cannot be used as they are: {}.", pointers.join(", "))
            }
        };
        Err(Problem::new(status, code, detail).with(self.shown))
    }
}

/// The message for a text over the limit.
pub fn too_large(bytes: usize) -> String {
    format!("has {bytes} bytes; the limit is {DOCUMENT_BYTES_MAX} bytes, so split the document")
}

/// What to say of a name that does not exist.
fn unknown(name: &str, kind: &str, known: &[&str]) -> String {
    let name = &shortened(name);
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
    format!("{parent}/{}", shortened(name).replace('~', "~0").replace('/', "~1"))
}

fn shortened(name: &str) -> String {
    name.chars().take(NAME_CHARS_SHOWN_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded_and_all_is_counted() {
        let mut faults = Faults::default();
        for n in 0..10_000 {
            faults.unknown(&format!("k{n}"), "field", &["text"]);
        }
        faults.add(Kind::TooLarge, "/text", too_large(DOCUMENT_BYTES_MAX + 1));
        assert_eq!((faults.shown.len(), faults.count), (FAULTS_SHOWN_MAX, 10_001));
        let problem = faults.finish().expect_err("there are faults");
        assert_eq!(problem.code, "document_too_large");
        assert!(problem.detail.starts_with("10001 fields"), "{}", problem.detail);
    }

    #[test]
    fn a_long_name_is_compared_by_its_beginning() {
        let long = "text".repeat(NAME_CHARS_SHOWN_MAX);
        let cut: String = long.chars().take(NAME_CHARS_SHOWN_MAX).collect();
        assert_eq!(unknown(&long, "field", &["text"]), unknown(&cut, "field", &["text"]));
        assert_eq!(pointer("", &long), format!("/{cut}"));
    }
}
