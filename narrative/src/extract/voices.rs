//! Whose words a sentence holds: the author's own part, and the part that is reported of others.
//!
//! Invariant: parts are pieces of the sentence, cut where an explicit word joins them; a piece that says nothing by itself is
//! not cut off. What stands before "but we" is others' only where others are named in it.

use std::sync::LazyLock;

use regex::Regex;

use cns_schemas::Span;

use super::cues;
use crate::sentence::Sentence;
use crate::statement::says_something;

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is valid")
}

/// "Contrary to the claim that X, Y".
static AGAINST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(?:contrary to|in contrast to|as against|against|despite|notwithstanding)\s+(?:(?:the|a|an|this|that|these|those|such|some|many|all|what|any|their|his|her|its|popular|common|widespread|frequent|repeated|earlier|recent|many|oft-repeated)\s+|[\w-]+['’]s?\s+)*(?:claims?|views?|beliefs?|assertions?|arguments?|ideas?|notions?|suggestions?|contentions?|reports?|objections?|wisdom|opinion|(?:critics|opponents|sceptics|skeptics|some|others|many|people)\s+(?:say|claim|argue|believe|maintain))(?:[^,]|,\d){0,300},\s+",
    )
});
/// "…, but we …".
static ANSWERED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)[,;]\s+(?:but|yet|however,?|whereas|while|although|though)\s+(?:we|i|our|my|this\s+(?:study|paper|report|review|article|trial|analysis|post)|these\s+(?:data|results|figures|numbers)|the\s+(?:data|evidence|figures|numbers|records|trials?|measurements|present\s+\w+|results)|in\s+fact|in\s+reality|actually|here)(?:\W|$)",
    )
});
/// "…, although critics claim …".
static CONCEDED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)[,;]\s+(?:although|though|even though|while|whereas|but|whatever|despite what)\s+",
    )
});

/// The parts of a sentence, in its order, each with whether it is reported of others and only to be answered. One part, which
/// is nobody's in particular, where nothing is to be told apart.
pub(super) fn parts<'t>(sentence: &Sentence<'t>) -> Vec<(Sentence<'t>, bool)> {
    let text = sentence.text;
    if let Some(found) = AGAINST.find(text) {
        let own = &text[found.end()..];
        if says_something(own) && !cues::points_back(own) {
            return vec![(piece(sentence, found.end()..text.len()), false)];
        }
        return vec![(sentence.clone(), false)];
    }
    if let Some(found) = ANSWERED.find(text)
        && is_reported(&text[..found.start()])
    {
        let own = text[found.start() + 1..].trim_start();
        let joint = own.find(char::is_whitespace).unwrap_or(0);
        let start = text.len() - own[joint..].trim_start().len();
        if says_something(&text[start..]) {
            return vec![
                (piece(sentence, 0..found.start()), true),
                (piece(sentence, start..text.len()), false),
            ];
        }
    }
    for found in CONCEDED.find_iter(text) {
        let (own, others) = (&text[..found.start()], &text[found.end()..]);
        if is_reported(others) && !is_reported(own) && says_something(own) {
            return vec![
                (piece(sentence, 0..found.start()), false),
                (piece(sentence, found.end()..text.len()), true),
            ];
        }
    }
    vec![(sentence.clone(), false)]
}

/// Whether somebody else is said to say it.
fn is_reported(text: &str) -> bool {
    let (who, opposed) = cues::attribution(text);
    opposed || who.is_some()
}

fn piece<'t>(sentence: &Sentence<'t>, range: std::ops::Range<usize>) -> Sentence<'t> {
    let chars = |bytes: usize| sentence.text[..bytes].chars().count() as u32;
    let start = sentence.span.start;
    let span = Span { start: start + chars(range.start), end: start + chars(range.end) };
    Sentence { span, text: &sentence.text[range], ..sentence.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sentence::sentences;

    fn check(text: &str, expected: &[(&str, bool)]) {
        let all = sentences(text);
        assert_eq!(all.len(), 1, "{text}");
        let parts = parts(&all[0]);
        let found: Vec<(&str, bool)> =
            parts.iter().map(|(part, opposed)| (part.text, *opposed)).collect();
        assert_eq!(found, expected);
        for (part, _) in &parts {
            let chars: Vec<char> = text.chars().collect();
            let cut: String =
                chars[part.span.start as usize..part.span.end as usize].iter().collect();
            assert_eq!(cut, part.text, "the span is of these words");
        }
    }

    #[test]
    fn others_and_the_author_are_told_apart() {
        check(
            "Märlow et al. (2019) claim that coffee harms sleep, but we show that tea harms it more.",
            &[
                ("Märlow et al. (2019) claim that coffee harms sleep", true),
                ("we show that tea harms it more.", false),
            ],
        );
        check(
            "Critics say coffee is harmless; however, our data show shorter sleep in adults.",
            &[
                ("Critics say coffee is harmless", true),
                ("our data show shorter sleep in adults.", false),
            ],
        );
        check(
            "Contrary to the popular claim that coffee harms sleep, naps harm sleep in adults.",
            &[("naps harm sleep in adults.", false)],
        );
        check(
            "Against what critics say about coffee, naps harm sleep in adults.",
            &[("naps harm sleep in adults.", false)],
        );
        check(
            "Coffee delays sleep in adults, although critics claim that it does not.",
            &[("Coffee delays sleep in adults", false), ("critics claim that it does not.", true)],
        );
    }

    #[test]
    fn one_voice_stays_whole() {
        for text in [
            "We argue that coffee delays sleep, but our trial was small.",
            "Coffee delays sleep, although the trial was small.",
            "Critics claim that coffee is cheap, but weak.",
            "Contrary to the claim that coffee harms sleep, it does not.",
            "Critics claim that coffee is harmless, but we doubt it.",
            "Despite the cold weather, coffee delays sleep.",
        ] {
            check(text, &[(text, false)]);
        }
    }
}
