//! Words that say which way something went: up or down.
//!
//! Invariant: stems or whole words in lower case; [`FORMS`] is sorted, the first word of a pair is what stands in a text.

use crate::words::stem;

/// Which way something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// It rose.
    Up,
    /// It fell.
    Down,
}

/// The direction that a lower-case word gives to what is measured: "fell", "increases", "reduction".
pub fn direction(word: &str) -> Option<Direction> {
    let form = FORMS.binary_search_by_key(&word, |(form, _)| form).ok();
    let stem = stem(form.and_then(|at| FORMS.get(at)).map_or(word, |(_, base)| base));
    let known = |list: &[&str]| list.contains(&stem.as_str()) || list.contains(&word);
    match (known(UP), known(DOWN)) {
        (true, false) => Some(Direction::Up),
        (false, true) => Some(Direction::Down),
        _ => None,
    }
}

/// Irregular forms and the word that they stand for.
pub const FORMS: &[(&str, &str)] = &[
    ("ate", "eat"),
    ("began", "begin"),
    ("begun", "begin"),
    ("better", "improve"),
    ("bit", "bite"),
    ("bitten", "bite"),
    ("bought", "buy"),
    ("built", "build"),
    ("children", "child"),
    ("died", "die"),
    ("drank", "drink"),
    ("drunk", "drink"),
    ("dying", "die"),
    ("eaten", "eat"),
    ("fallen", "fall"),
    ("fell", "fall"),
    ("found", "find"),
    ("froze", "freeze"),
    ("frozen", "freeze"),
    ("gave", "give"),
    ("given", "give"),
    ("grew", "grow"),
    ("held", "hold"),
    ("kept", "keep"),
    ("loses", "lose"),
    ("lost", "lose"),
    ("made", "make"),
    ("men", "man"),
    ("mice", "mouse"),
    ("ran", "run"),
    ("risen", "rise"),
    ("rose", "rise"),
    ("sank", "sink"),
    ("saw", "see"),
    ("seen", "see"),
    ("shrank", "shrink"),
    ("slept", "sleep"),
    ("sold", "sell"),
    ("taken", "take"),
    ("took", "take"),
    ("women", "woman"),
    ("won", "win"),
    ("worse", "worsen"),
    ("written", "write"),
    ("wrote", "write"),
];

/// Stems of quantity that goes up.
pub const UP: &[&str] = &[
    "acceler",
    "benefit",
    "boost",
    "build",
    "climb",
    "doubl",
    "elev",
    "enhanc",
    "expand",
    "extend",
    "gain",
    "greater",
    "grow",
    "growth",
    "help",
    "higher",
    "improv",
    "increas",
    "jump",
    "larger",
    "lengthen",
    "longer",
    "more",
    "promot",
    "rais",
    "rise",
    "stimul",
    "strengthen",
    "surg",
    "tripl",
];
/// Stems of quantity that goes down.
pub const DOWN: &[&str] = &[
    "curb", "cut", "damag", "declin", "decreas", "deplet", "depress", "diminish", "drop", "erod",
    "fall", "fewer", "halv", "hamper", "harm", "hurt", "impair", "less", "lessen", "lose", "loss",
    "lower", "reduc", "reduct", "shorten", "shorter", "shrink", "slow", "smaller", "suppress",
    "undermin", "weaken", "worsen",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_go_the_same_way() {
        for word in ["rose", "rises", "increased", "growth", "higher", "gained"] {
            assert_eq!(direction(word), Some(Direction::Up), "{word}");
        }
        for word in ["fell", "fallen", "reduced", "reduction", "lower", "lost", "halved"] {
            assert_eq!(direction(word), Some(Direction::Down), "{word}");
        }
        for word in ["coffee", "percent", ""] {
            assert_eq!(direction(word), None, "{word}");
        }
    }
}
