//! Links to other resources.

use std::collections::BTreeMap;

use serde::Serialize;

/// Links by name.
pub type Links = BTreeMap<&'static str, String>;

/// An answer with where to go from it.
#[derive(Debug, Serialize)]
pub struct Linked<T> {
    /// The answer.
    #[serde(flatten)]
    pub answer: T,
    /// Where to go from it.
    pub links: Links,
}

/// The path of a job.
pub fn job(id: &str) -> String {
    format!("/v1/jobs/{}", encode(id))
}

/// The path of a document.
pub fn document(corpus: &str, id: &str) -> String {
    format!("/v1/documents/{}?corpus={}", encode(id), encode(corpus))
}

/// The path of a dead letter.
pub fn dead_letter(id: &str) -> String {
    format!("/v1/dead-letters/{}", encode(id))
}

/// The path of an SNO.
pub fn sno(id: &str) -> String {
    format!("/v1/snos/{}", encode(id))
}

/// The path of a corpus.
pub fn corpus(corpus: &str) -> String {
    format!("/v1/corpora/{}", encode(corpus))
}

/// The part of a list that belongs to a corpus.
pub fn within(list: &str, corpus: &str) -> String {
    format!("/v1/{list}?corpus={}", encode(corpus))
}

/// Percent-encodes what goes into one segment of a path or one value of a query.
fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}
