//! A study by its first author, its year and its title, in whatever style a reference list is written.
//!
//! Invariant: nothing is guessed: where one of the three cannot be told, there is no study. A title is a run of words of which
//! some begin small, as those of authors and most journals do not.

use std::sync::LazyLock;

use regex::Regex;

use crate::even::words;

/// Words of a title; fewer could be anything.
const TITLE_WORDS_MIN: usize = 3;
/// Words of a title that begin with a small letter, besides those that names have.
const SMALL_WORDS_MIN: usize = 1;
/// Letters of a surname.
const SURNAME_LETTERS_MIN: usize = 2;

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is valid")
}

static YEAR: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:^|[^\d\w-])((?:1[89]|20)\d\d)[a-z]?(?:[^\d\w-]|$)"));
static QUOTED: LazyLock<Regex> = LazyLock::new(|| pattern(r#"["“«]([^"”»]{10,300})["”»]"#));
/// Where a part of an entry ends: behind a full stop, a question mark, a year in parentheses or a colon behind authors.
static JOINT: LazyLock<Regex> = LazyLock::new(|| pattern(r"[.?!]\s+|\)[.,:]?\s+|:\s+"));
static NAME: LazyLock<Regex> = LazyLock::new(|| pattern(r"\p{Lu}[\p{L}'’-]*\p{L}"));

/// First author, year and title of an entry in one text.
pub(super) fn of(entry: &str) -> Option<String> {
    let year = YEAR.captures(entry)?.get(1)?.as_str();
    let title = title(entry)?;
    let authors = &entry[..entry.find(title)?];
    let mut names = NAME.find_iter(authors).map(|name| name.as_str());
    let surname = names.find(|name| {
        let initials = name.chars().all(char::is_uppercase);
        name.chars().count() >= SURNAME_LETTERS_MIN && !initials
    })?;
    Some(format!("{}|{year}|{}", words(surname).join(" "), words(title).join(" ")))
}

fn title(entry: &str) -> Option<&str> {
    if let Some(quoted) = QUOTED.captures(entry).and_then(|found| found.get(1)) {
        return Some(quoted.as_str()).filter(|text| words(text).len() >= TITLE_WORDS_MIN);
    }
    let mut start = 0;
    let ends = JOINT.find_iter(entry).map(|joint| (joint.start(), joint.end()));
    for (end, next) in ends.chain([(entry.len(), entry.len())]) {
        let part = entry[start..end].split(" (").next().unwrap_or_default().trim();
        // A title stands behind its authors.
        if start > 0 && is_title(part) {
            return Some(part);
        }
        start = next;
    }
    None
}

fn is_title(part: &str) -> bool {
    const OF_NAMES: &[&str] =
        &["al", "and", "da", "de", "den", "der", "di", "et", "la", "le", "van", "von"];
    let small = |word: &&str| word.starts_with(char::is_lowercase) && !OF_NAMES.contains(word);
    words(part).len() >= TITLE_WORDS_MIN
        && part.split_whitespace().filter(small).count() >= SMALL_WORDS_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_study_in_many_styles() {
        let wanted = "smith|2019|coffee and the sleep of adults";
        for entry in [
            "Smith J, Lee P. Coffee and the sleep of adults. J Sleep. 2019;12:3-9.",
            "Smith, J., & Lee, P. (2019). Coffee and the sleep of adults. Journal of Sleep, 12, 3–9.",
            "J. Smith and P. Lee, “Coffee and the sleep of adults,” J. Sleep, vol. 12, 2019.",
            "Smith, J. 2019. Coffee and the sleep of adults. Journal of Sleep 12.",
            "Smith J et al. Coffee and the Sleep of Adults (2019)",
        ] {
            assert_eq!(of(entry).as_deref(), Some(wanted), "{entry}");
        }
    }

    #[test]
    fn what_is_not_told_is_not_guessed() {
        for entry in [
            "Smith J. Coffee and the sleep of adults. J Sleep.",
            "Coffee and the sleep of adults 2019",
            "Smith J. Sleep. 2019.",
            "",
        ] {
            assert_eq!(of(entry), None, "{entry}");
        }
    }
}
