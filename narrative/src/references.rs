//! The document's own reference list, and what a citation in the text leads to.
//!
//! Invariant: resolution depends on the list alone. Every identifier in an entry leads to the one identity of
//! that entry, so a study that is cited by number, by author and by DOI is one piece of evidence.

use std::collections::BTreeMap;

use crate::cite::{Identity, Mention, identities, identity};
use crate::even::words;
use crate::limits::{ENTRIES_PER_CITATION_MAX, REFERENCE_CHARS_MAX, REFERENCES_MAX};
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
    /// For each word the entries that hold it, ascending, with its first place in them. A list can be as long as a
    /// document and be cited thousands of times, so no citation may read it as a whole.
    holders: BTreeMap<String, Vec<(usize, usize)>>,
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
        let words = words(&text);
        for (place, word) in words.iter().enumerate() {
            let holders = self.holders.entry(word.clone()).or_default();
            if holders.last().is_none_or(|(last, _)| *last != index) {
                holders.push((index, place));
            }
        }
        let entry =
            Reference { label: sentence.label.clone(), identity: identity(&text), words, text };
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
        let candidates = self.candidates(&wanted, year).into_iter().filter_map(|(near, index)| {
            let mut places = wanted.iter().map(|name| self.place(index, name));
            let first = places.next()??;
            places.all(|place| place.is_some()).then_some((near, first, index))
        });
        candidates.min().map(|(_, _, index)| index)
    }

    /// Entries with the first word of each name and with the year, those with its very letter first; whether only the
    /// digits of the year are theirs, and which they are.
    fn candidates(&self, names: &[Vec<String>], year: &str) -> Vec<(bool, usize)> {
        let digits = year.trim_end_matches(|c: char| c.is_alphabetic());
        let mut heads = names.iter().map(|name| self.holding(name.first().map_or("", |head| head)));
        let Some(mut entries) = heads.next().map(|first| first.to_vec()) else { return Vec::new() };
        for holders in heads {
            entries.retain(|(index, _)| found(holders, *index).is_some());
        }
        let near = if digits == year { &[] } else { self.holding(digits) };
        let with_year = [(false, self.holding(year)), (true, near)].into_iter();
        let kept = with_year.flat_map(|(near, holders)| {
            let holds = move |(index, _): &&(usize, usize)| found(holders, *index).is_some();
            entries.iter().filter(holds).map(move |(index, _)| (near, *index))
        });
        kept.take(ENTRIES_PER_CITATION_MAX).collect()
    }

    /// The entries that hold a word, with its first place in each.
    fn holding(&self, word: &str) -> &[(usize, usize)] {
        self.holders.get(word).map_or(&[], Vec::as_slice)
    }

    /// Where a name of one or more words first stands in an entry.
    fn place(&self, entry: usize, name: &[String]) -> Option<usize> {
        let first = found(self.holding(name.first()?), entry)?;
        if name.len() == 1 {
            return Some(first);
        }
        let behind = self.entries.get(entry)?.words.get(first..)?;
        behind.windows(name.len()).position(|window| window == name).map(|at| first + at)
    }
}

/// The first place of a word in an entry, among the entries that hold the word.
fn found(holders: &[(usize, usize)], entry: usize) -> Option<usize> {
    let at = holders.binary_search_by_key(&entry, |(index, _)| *index).ok()?;
    holders.get(at).map(|(_, place)| *place)
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

    #[test]
    fn a_citation_looks_at_few_entries() {
        let mut text = "It holds.\n\nReferences\n\n".to_owned();
        for entry in 0..900 {
            text.push_str(&format!("- {}Ab{entry} X. Title. 2019.\n", "b ".repeat(200)));
        }
        text.push_str(&"- Same S. Title. 2020.\n".repeat(100));
        let sentences = sentences(&text);
        let list = References::of(&sentences);
        let candidates = |names: &[&str], year: &str| {
            let names: Vec<Vec<String>> = names.iter().map(|name| words(name)).collect();
            list.candidates(&names, year)
        };
        assert_eq!(list.entries.len(), REFERENCES_MAX);
        assert_eq!(candidates(&["Ab7"], "2019a"), [(true, 7)]);
        assert_eq!(candidates(&["Ab7", "Title"], "2019"), [(false, 7)]);
        for (names, year) in [(&["Cd"][..], "2019"), (&["Ab7", "Ab8"], "2019"), (&["Ab7"], "2020")]
        {
            assert_eq!(candidates(names, year), [], "for {names:?} {year}");
        }
        assert_eq!(candidates(&["Same"], "2020").len(), ENTRIES_PER_CITATION_MAX);
    }

    #[test]
    fn names_of_several_words_stand_together() {
        let text = "It holds.\n\nReferences\n\n- Van Loon V, Bergen B. 2019.\n- Lee K, van der Berg P. 2019.\n- Van der Berg P. 2019b.\n";
        let sentences = sentences(text);
        let list = References::of(&sentences);
        for (citation, entry) in [
            ("In van der Berg et al. (2019b) it is.", 2),
            ("In van der Berg et al. (2019a) it is.", 1),
            ("In Lee and van der Berg (2019) it is.", 1),
        ] {
            let mention = mentions(citation).pop().expect("there is a citation");
            assert_eq!(list.resolve(&mention), Resolution::Entry(entry), "for {citation}");
        }
    }
}
