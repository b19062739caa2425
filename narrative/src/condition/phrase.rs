//! Tokens of a sentence and its prepositional phrases.
//!
//! Invariant: phrases do not overlap, and each begins with its marker.

use std::ops::Range;

use super::terms::has;
use crate::limits::WORDS_MAX;
pub(super) use crate::quantity::number;
use crate::words::is_stop_word;

/// A word as it stands, without the punctuation around it.
pub(super) struct Token {
    pub word: String,
    pub number: Option<f64>,
    /// Written with a capital letter inside a sentence.
    pub name: bool,
    /// Punctuation follows that ends a phrase.
    stops: bool,
}

impl Token {
    /// 1998.
    pub fn is_year(&self) -> bool {
        self.word.len() == 4 && self.number.is_some_and(|n| (1800.0..2100.0).contains(&n))
    }
}

/// 14:30.
pub(super) fn is_clock(word: &str) -> bool {
    let digits = |s: &str| !s.is_empty() && s.len() <= 2 && s.bytes().all(|b| b.is_ascii_digit());
    word.split_once(':').is_some_and(|(hour, minute)| digits(hour) && digits(minute))
}

/// "half past two" → `2:30`, "five o'clock" → `5:00`, "14:30" → `2:30`: what a dial shows, since words do not tell the
/// half of the day.
pub(super) fn on_the_dial(words: &[Token]) -> Option<String> {
    let dial = |hour: f64, minute: &str| {
        (0.0..=24.0).contains(&hour).then(|| format!("{}:{minute}", hour as u32 % 12))
    };
    if let Some(clock) = words.iter().find(|t| is_clock(&t.word)) {
        let (hour, minute) = clock.word.split_once(':')?;
        return dial(hour.parse().ok()?, minute);
    }
    if let Some(pair) = words.windows(2).find(|pair| pair[1].word == "o'clock") {
        return dial(pair[0].number?, "00");
    }
    let spoken =
        words.windows(3).find(|three| three[1].word == "past" && three[2].number.is_some())?;
    let minute = match spoken[0].word.as_str() {
        "half" => "30",
        "quarter" => "15",
        _ => return None,
    };
    dial(spoken[2].number?, minute)
}

/// A marker and what belongs to it.
pub(super) struct Phrase {
    pub range: Range<usize>,
    condition: bool,
}

impl Phrase {
    /// Whether it limits what is said, as "by 6 percent" and "of maize" do not.
    pub fn is_condition(&self) -> bool {
        self.condition
    }
}

const CONDITIONS: &[&str] = &[
    "across", "after", "among", "amongst", "at", "before", "between", "during", "for", "from",
    "if", "in", "inside", "near", "on", "once", "outside", "over", "provided", "since", "unless",
    "until", "when", "where", "with", "within",
];
/// These end a phrase and begin one that limits nothing.
const OTHERS: &[&str] =
    &["according", "and", "because", "but", "by", "of", "than", "to", "whereas", "while"];

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    for raw in text.split_whitespace().take(WORDS_MAX) {
        let bare = raw.trim_matches(|c: char| !c.is_alphanumeric() && c != '%');
        let word = bare.to_lowercase().replace('’', "'");
        if word.is_empty() {
            continue;
        }
        let number = number(&word);
        let name = !tokens.is_empty() && bare.starts_with(char::is_uppercase);
        let stops = raw.ends_with([',', ';', ':', ')', '.']);
        tokens.push(Token { word, number, name, stops });
    }
    tokens
}

pub(super) fn phrases(tokens: &[Token]) -> Vec<Phrase> {
    let mut phrases = Vec::new();
    let mut open: Option<(usize, bool)> = None;
    for (place, token) in tokens.iter().enumerate() {
        let word = token.word.as_str();
        let condition = has(CONDITIONS, word);
        // "cafes and food shops" is one group, "between two and five" one time.
        let joins = word == "and" && open.is_some();
        if condition
            || (has(OTHERS, word) && !joins && !(word == "to" && open.is_some_and(|(_, c)| c)))
        {
            phrases.extend(
                open.take().map(|(start, condition)| Phrase { range: start..place, condition }),
            );
            open = Some((place, condition));
        }
        if token.stops {
            phrases.extend(
                open.take().map(|(start, condition)| Phrase { range: start..place + 1, condition }),
            );
        }
    }
    phrases.extend(open.map(|(start, condition)| Phrase { range: start..tokens.len(), condition }));
    phrases
}

/// The words of a phrase that say something; markers of time count, since before is not after.
pub(super) fn topic(words: &[Token]) -> impl Iterator<Item = &str> {
    const KEPT: &[&str] =
        &["before", "after", "not", "without", "inside", "outside", "same", "out"];
    words
        .iter()
        .map(|t| t.word.as_str())
        .filter(|word| KEPT.contains(word) || !is_stop_word(word) || *word == "one")
}

pub(super) fn shown(words: &[Token]) -> String {
    words.iter().map(|t| t.word.as_str()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_sorted_for_the_search() {
        assert!(CONDITIONS.is_sorted_by(|a, b| a < b) && OTHERS.is_sorted_by(|a, b| a < b));
    }
}
