//! Citations inside a sentence: identifiers, numbers in brackets, author and year.
//!
//! Invariant: a bracket that holds anything but labels is text; zero is never a label, so `[0, 1]` is an
//! interval.

use std::sync::LazyLock;

use regex::Regex;

use super::identifier::{Identity, identities};
use crate::limits::{CITATION_RANGE_MAX, CITATIONS_PER_SENTENCE_MAX};

const YEAR: &str = r"((?:1[89]|20)\d\d)([a-z]?)";
const NAME: &str = r"(?:(?:van|von|de|der|den|di|da|la|le|el|al|bin)[ -])*\p{Lu}[\p{L}'’-]*\p{L}";

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is valid")
}

static BRACKET: LazyLock<Regex> = LazyLock::new(|| pattern(r"\[([^\[\]\n]{1,120})\]"));
static NUMBERS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\s*\d{1,3}(?:\s*[,;–—-]\s*\d{1,3})*\s*$"));
static NOTE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:\^[\w.-]{1,30}|@?[A-Za-z][\w:+-]{1,30}\d{2,4}[a-z]?)$"));
static PARENTHESIS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\(([^()\n]{1,300})\)"));
/// `Smith et al., 2019`, `Smith & Jones 2019`, `Smith, 2019, p. 3`.
static INSIDE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"^(?:(?:see|see also|cf\.|e\.g\.,?|for example,?|reviewed in|following|after|also)\s+)*({NAME}(?:,? (?:and|&|,) {NAME}|, {NAME})*)(,? et al\.?,?)?,?\s+{YEAR}\b"
    ))
});
/// `Smith et al. (2019)`, `Smith and Jones (2019, p. 4)`.
static OUTSIDE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"({NAME}(?:,? (?:and|&) {NAME}|, {NAME})*)(,? et al\.?)?(?:['’]s)? [(\[]{YEAR}[)\],;]"
    ))
});
static NAMES: LazyLock<Regex> = LazyLock::new(|| pattern(NAME));

/// What a sentence points at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mention {
    /// An identifier, which needs no reference list.
    Identified(Identity),
    /// A label of the document's own list: `3`, `^a`, `Smith2019`.
    Labelled(String),
    /// Surnames and a year.
    Authored {
        /// As written, for a person: `Smith et al. 2019`.
        shown: String,
        /// In the order of the text.
        surnames: Vec<String>,
        /// Four digits and perhaps a letter.
        year: String,
        /// It can be nothing but a citation: several authors, or a name and a year alone in parentheses.
        certain: bool,
    },
}

/// The citations of a sentence, each once, in the order of their kinds and places.
pub fn mentions(sentence: &str) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    let mut add = |mention: Mention| {
        if found.len() < CITATIONS_PER_SENTENCE_MAX && !found.contains(&mention) {
            found.push(mention);
        }
    };
    for (_, identity) in identities(sentence) {
        add(Mention::Identified(identity));
    }
    for bracket in BRACKET.captures_iter(sentence) {
        let Some(content) = bracket.get(1).map(|content| content.as_str()) else { continue };
        if NUMBERS.is_match(content) {
            numbers(content).into_iter().for_each(|label| add(Mention::Labelled(label)));
        } else {
            for part in content.split([';', ',']).map(str::trim) {
                if NOTE.is_match(part) {
                    add(Mention::Labelled(part.trim_start_matches('@').to_owned()));
                }
            }
            content
                .split(';')
                .filter_map(|part| authored(&INSIDE, part.trim(), true))
                .for_each(&mut add);
        }
    }
    for parenthesis in PARENTHESIS.captures_iter(sentence) {
        let Some(content) = parenthesis.get(1) else { continue };
        for part in content.as_str().split(';') {
            authored(&INSIDE, part.trim(), true).into_iter().for_each(&mut add);
        }
    }
    for narrated in OUTSIDE.find_iter(sentence) {
        authored(&OUTSIDE, narrated.as_str(), false).into_iter().for_each(&mut add);
    }
    found
}

/// The labels that `1, 3-5` stands for; none when it can only be an interval.
fn numbers(content: &str) -> Vec<String> {
    let mut labels = Vec::new();
    for part in content.split([',', ';']) {
        let mut ends =
            part.split(['-', '–', '—']).map(|number| number.trim().parse::<usize>().unwrap_or(0));
        let first = ends.next().unwrap_or(0);
        let last = ends.next().unwrap_or(first);
        if first == 0 || last < first || last - first > CITATION_RANGE_MAX {
            return Vec::new();
        }
        labels.extend((first..=last).map(|number| number.to_string()));
    }
    labels
}

fn authored(pattern: &Regex, part: &str, alone: bool) -> Option<Mention> {
    let found = pattern.captures(part)?;
    let names = found.get(1)?.as_str();
    let surnames: Vec<String> =
        NAMES.find_iter(names).map(|name| name.as_str().to_owned()).collect();
    let others = found.get(2).is_some();
    let first = surnames.first()?;
    if !others && surnames.len() == 1 && is_no_author(first) {
        return None;
    }
    let year =
        format!("{}{}", found.get(3)?.as_str(), found.get(4).map_or("", |letter| letter.as_str()));
    let shown = format!("{names}{} {year}", if others { " et al." } else { "" });
    Some(Mention::Authored {
        shown,
        certain: others || surnames.len() > 1 || alone,
        surnames,
        year,
    })
}

/// Capitalised words that stand before a year without having written anything.
fn is_no_author(word: &str) -> bool {
    matches!(
        word,
        "January"
            | "February"
            | "March"
            | "April"
            | "May"
            | "June"
            | "July"
            | "August"
            | "September"
            | "October"
            | "November"
            | "December"
            | "Jan"
            | "Feb"
            | "Mar"
            | "Apr"
            | "Jun"
            | "Jul"
            | "Aug"
            | "Sep"
            | "Sept"
            | "Oct"
            | "Nov"
            | "Dec"
            | "Spring"
            | "Summer"
            | "Autumn"
            | "Fall"
            | "Winter"
            | "In"
            | "Since"
            | "From"
            | "Until"
            | "By"
            | "Before"
            | "After"
            | "During"
            | "Table"
            | "Figure"
            | "Fig"
            | "Section"
            | "Version"
            | "Chapter"
            | "The"
            | "This"
            | "Around"
            | "About"
            | "Early"
            | "Late"
            | "Mid"
            | "Updated"
            | "Copyright"
            | "Published"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sentence: &str, expected: &[&str]) {
        let found = mentions(sentence).into_iter().map(|mention| match mention {
            Mention::Identified(identity) => identity.id,
            Mention::Labelled(label) => format!("[{label}]"),
            Mention::Authored { surnames, year, certain, .. } => {
                format!("{} {year}{}", surnames.join("+"), if certain { "" } else { "?" })
            }
        });
        assert_eq!(found.collect::<Vec<_>>(), expected, "in {sentence:?}");
    }

    #[test]
    fn forms() {
        check("It holds [3] and [1,2], also [4-6].", &["[3]", "[1]", "[2]", "[4]", "[5]", "[6]"]);
        check("It lies in [0, 1] or [2-900].", &[]);
        check("It holds (Smith et al., 2019).", &["Smith 2019"]);
        check(
            "It holds (see Smith & Jones 2019a; Müller, 2001, p. 3).",
            &["Smith+Jones 2019a", "Müller 2001"],
        );
        check(
            "Smith and Jones (2019) saw it, as did Lee (2020).",
            &["Smith+Jones 2019", "Lee 2020?"],
        );
        check("It was held in March (2020) and (June 2019).", &[]);
        check("A note[^1] and [@smith2019].", &["[^1]", "[smith2019]"]);
        check("Seen [doi:10.1086/150317] once.", &["doi:10.1086/150317"]);
        check("In van der Berg et al. (1998) it is.", &["van der Berg 1998"]);
    }
}
