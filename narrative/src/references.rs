//! The document's own reference list, and what a citation in the text leads to.
//!
//! Invariant: resolution depends on the list alone. Every identifier in an entry leads to the one identity of
//! that entry, so a study that is cited by number, by author and by DOI is one piece of evidence.

use std::collections::BTreeMap;

use crate::cite::{Identity, Mention, identities, identity};
use crate::even::words;
use crate::limits::{REFERENCE_CHARS_MAX, REFERENCES_MAX};
use crate::sentence::{Sentence, SentenceKind};

/// An entry of a reference list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// What it is cited by, when it carries a label.
    pub label: Option<String>,
    /// Its words without the label.
    pub text: String,
    /// What it names.
    pub identity: Identity,
    words: Vec<String>,
}

/// The reference list of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct References {
    /// In the order of the list.
    pub entries: Vec<Reference>,
    /// Entries were left out at the limit.
    pub truncated: bool,
    aliases: BTreeMap<String, usize>,
    labels: BTreeMap<String, usize>,
}

/// What a citation leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// An entry of the list, by its index.
    Entry(usize),
    /// An identifier that needs no entry.
    Identified(Identity),
    /// Nothing; the words are what a person would look for in the list.
    Absent(String),
    /// No citation after all.
    None,
}

impl References {
    /// Reads the list from the sentences of a document.
    pub fn of(sentences: &[Sentence<'_>]) -> References {
        let mut list = References::default();
        let mut last_block = None;
        for sentence in sentences.iter().filter(|sentence| sentence.kind == SentenceKind::Reference)
        {
            // Only the first piece of an overlong entry is read.
            if last_block == Some(sentence.block)
                || !sentence.text.chars().any(char::is_alphanumeric)
            {
                continue;
            }
            last_block = Some(sentence.block);
            if list.entries.len() == REFERENCES_MAX {
                list.truncated = true;
                break;
            }
            list.add(sentence);
        }
        list
    }

    fn add(&mut self, sentence: &Sentence<'_>) {
        let index = self.entries.len();
        let text: String = sentence.text.chars().take(REFERENCE_CHARS_MAX).collect();
        for (_, alias) in identities(&text) {
            self.aliases.entry(alias.id).or_insert(index);
        }
        if let Some(label) = &sentence.label {
            self.labels.entry(label.to_lowercase()).or_insert(index);
        }
        let entry = Reference {
            label: sentence.label.clone(),
            identity: identity(&text),
            words: words(&text),
            text,
        };
        self.entries.push(entry);
    }

    /// What a citation leads to.
    pub fn resolve(&self, mention: &Mention) -> Resolution {
        match mention {
            Mention::Identified(identity) => match self.aliases.get(&identity.id) {
                Some(index) => Resolution::Entry(*index),
                None => Resolution::Identified(identity.clone()),
            },
            Mention::Labelled(label) => match self
                .labels
                .get(&label.to_lowercase())
                .copied()
                .or_else(|| self.counted(label))
            {
                Some(index) => Resolution::Entry(index),
                None if label.starts_with(|c: char| c.is_ascii_digit() || c == '^') => {
                    Resolution::Absent(format!("[{label}]"))
                }
                // A bracket such as `[GPT4]` is only a citation when the list says so.
                None => Resolution::None,
            },
            Mention::Authored { shown, surnames, year, certain } => {
                match self.by_author(surnames, year) {
                    Some(index) => Resolution::Entry(index),
                    None if *certain => Resolution::Absent(shown.clone()),
                    None => Resolution::None,
                }
            }
        }
    }

    /// A list without any labels is counted from 1.
    fn counted(&self, label: &str) -> Option<usize> {
        let number: usize = label.parse().ok()?;
        let index = number.checked_sub(1)?;
        (self.labels.is_empty() && index < self.entries.len()).then_some(index)
    }

    /// The entry that names the year and all surnames, the first one earliest.
    fn by_author(&self, surnames: &[String], year: &str) -> Option<usize> {
        let wanted: Vec<Vec<String>> = surnames.iter().map(|surname| words(surname)).collect();
        let digits = year.trim_end_matches(|c: char| c.is_alphabetic());
        let candidates = self.entries.iter().enumerate().filter_map(|(index, entry)| {
            let exact = entry.words.iter().any(|word| word == year);
            let near = entry.words.iter().any(|word| word == digits);
            let mut places = wanted.iter().map(|name| position(&entry.words, name));
            let first = places.next()??;
            (exact || near).then_some(())?;
            places.all(|place| place.is_some()).then_some((!exact, first, index))
        });
        candidates.min().map(|(_, _, index)| index)
    }
}

/// Where a name of one or more words stands.
fn position(words: &[String], name: &[String]) -> Option<usize> {
    if name.is_empty() {
        return None;
    }
    words.windows(name.len()).position(|window| window == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cite::mentions;
    use crate::sentence::sentences;

    #[test]
    fn three_ways_to_cite_lead_to_one_entry() {
        let text = "It holds.\n\nReferences\n\n1. Jones K. Other. 2019.\n2. Smith J, Lee P. Title. 2019. doi:10.1000/ABC\n";
        let sentences = sentences(text);
        let list = References::of(&sentences);
        for citation in
            ["[2]", "(Smith et al., 2019)", "Smith and Lee (2019)", "https://doi.org/10.1000/abc"]
        {
            let mention = mentions(citation).pop().expect("there is a citation");
            assert_eq!(list.resolve(&mention), Resolution::Entry(1), "for {citation}");
        }
        let mention = mentions("[7]").pop().expect("there is a citation");
        assert_eq!(list.resolve(&mention), Resolution::Absent("[7]".to_owned()));
    }
}
