//! Positions in a submitted text.

use apache_avro::AvroSchema;
use serde::{Deserialize, Serialize};

/// A half-open range of characters (Unicode scalar values) of the text as it was submitted.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    AvroSchema,
)]
#[avro(namespace = "cns")]
pub struct Span {
    /// First character, counted from 0.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
}

impl Span {
    /// The characters of `text` that this span covers, or `None` when it reaches past the end.
    pub fn slice(self, text: &str) -> Option<&str> {
        let mut bounds = text.char_indices().map(|(byte, _)| byte).chain([text.len()]);
        let start = bounds.nth(self.start as usize)?;
        let length = self.end.checked_sub(self.start)? as usize;
        let end = if length == 0 { start } else { bounds.nth(length - 1)? };
        text.get(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slice_counts_characters_not_bytes() {
        let text = "naïve café";
        assert_eq!(Span { start: 6, end: 10 }.slice(text), Some("café"));
        assert_eq!(Span { start: 2, end: 2 }.slice(text), Some(""));
        assert_eq!(Span { start: 6, end: 11 }.slice(text), None);
        assert_eq!(Span { start: 5, end: 4 }.slice(text), None);
    }
}
