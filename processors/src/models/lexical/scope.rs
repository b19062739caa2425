//! Whether two clauses count in the same bounds.
//!
//! Invariant: only a clause that names a whole and one that names a part of it have different bounds. Less traffic
//! inside a zone does not deny that traffic as a whole stayed what it was.

use cns_narrative::words::words;

/// Words that count the whole, or say that something only changed its place.
const WHOLE: &[&str] = &[
    "total",
    "overall",
    "net",
    "altogether",
    "entire",
    "displace",
    "displaces",
    "displaced",
    "displacing",
    "relocate",
    "relocates",
    "relocated",
];
/// Words that count a part.
const PART: &[&str] = &["inside", "within", "outside"];

/// What a clause counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    whole: bool,
    part: bool,
}

impl Bounds {
    /// Those that the words of a clause name.
    pub(super) fn of(text: &str) -> Bounds {
        let words = words(text);
        let part = words.iter().enumerate().any(|(place, word)| {
            // "Within five minutes" is no place.
            let number = words.get(place + 1).is_some_and(|next| {
                next.starts_with(|c: char| c.is_ascii_digit()) || NUMBERS.contains(&next.as_str())
            });
            PART.contains(&word.as_str()) && !number
        });
        Bounds { whole: words.iter().any(|word| WHOLE.contains(&word.as_str())), part }
    }

    /// Whether one counts the whole and the other only what lies inside or outside of something.
    pub(super) fn differ(self, other: Bounds) -> bool {
        let whole_and_part = |x: Bounds, y: Bounds| x.whole && !x.part && y.part && !y.whole;
        whole_and_part(self, other) || whole_and_part(other, self)
    }
}

const NUMBERS: &[&str] =
    &["one", "two", "three", "four", "five", "six", "a", "an", "hours", "days"];

#[cfg(test)]
mod tests {
    use super::*;

    fn differ(x: &str, y: &str) -> bool {
        Bounds::of(x).differ(Bounds::of(y))
    }

    #[test]
    fn a_part_and_a_whole_have_different_bounds() {
        let part = "Motor traffic inside the zones fell by half";
        for whole in
            ["Zones do not reduce total traffic", "Zones displace traffic without shrinking it"]
        {
            assert!(differ(part, whole) && differ(whole, part), "{whole}");
        }
        assert!(!differ(part, "Motor traffic inside the zones did not fall"));
        assert!(!differ(part, "Zones do not reduce motor traffic"));
        assert!(!differ("It works within five minutes", "The total did not fall"));
    }
}
