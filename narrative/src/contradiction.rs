//! What kind of contradiction two statements are in: the seven types of the ideas paper (§5.2).
//!
//! Invariant: a function of the two statements alone, the same whichever comes first; there is always one type, and the basis
//! says what it was told by. The types are tried from the most telling to the least: what names how something was measured,
//! when, by which cause or under which definition is that; a plain denial is logical; what is left is evidential.

use std::sync::LazyLock;

use cns_schemas::{Finding, Section};
use regex::Regex;

use crate::condition::{ConditionKind, Difference, difference};
use crate::direction::direction;
use crate::quantity::clash;
use crate::statement::bare;
use crate::words::{self, content_stems, overlap_of};

/// What kind of contradiction it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContradictionType {
    /// The sources report different findings: other numbers, another direction, another group, dose or place.
    Evidential,
    /// One denies what the other states.
    Logical,
    /// They differ in how it was measured or on how many.
    Methodological,
    /// They explain it by different theories.
    TheoreticalFramework,
    /// They differ in what causes it, or in whether one thing causes the other.
    CausalAttribution,
    /// They differ in when, for how long, or in what came first.
    TemporalOrder,
    /// They mean different things by a word.
    Definitional,
}

impl ContradictionType {
    /// All of them.
    pub const ALL: [ContradictionType; 7] = [
        ContradictionType::Evidential,
        ContradictionType::Logical,
        ContradictionType::Methodological,
        ContradictionType::TheoreticalFramework,
        ContradictionType::CausalAttribution,
        ContradictionType::TemporalOrder,
        ContradictionType::Definitional,
    ];

    /// As it is shown: `causal_attribution`.
    pub fn name(self) -> &'static str {
        match self {
            ContradictionType::Evidential => "evidential",
            ContradictionType::Logical => "logical",
            ContradictionType::Methodological => "methodological",
            ContradictionType::TheoreticalFramework => "theoretical_framework",
            ContradictionType::CausalAttribution => "causal_attribution",
            ContradictionType::TemporalOrder => "temporal_order",
            ContradictionType::Definitional => "definitional",
        }
    }
}

/// A contradiction by its type, and what told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// Which of the seven.
    pub kind: ContradictionType,
    /// For a reader: "down by 11 percent against up by 4 percent".
    pub basis: String,
}

/// Word overlap, denial left out, from which one statement denies the other and not something near it.
const SAME_BUT_DENIED: f64 = 0.6;

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is valid")
}

static MEASURING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|\W)(?:artefacts?|artifacts?|confound\w*|methodolog\w+|self-reported|under-reported|over-reported|recall bias|selection bias|(?:biased|small|skewed|unrepresentative) samples?|flawed|control group|unblinded|(?:was|were|is|are) (?:measured|counted|metered|recorded|weighed|recalled)|when (?:it is |they are )?(?:measured|counted|weighed|metered)|measurement)(?:\W|$)",
    )
});
static DEFINING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|\W)(?:defin(?:ed|es|ition|itions)|by definition|the (?:word|term)|(?:counts?|counted|classed|classified|qualif(?:y|ies)) as|so-called|in the (?:strict|narrow|broad|wide) sense|properly called|what is called|is understood as|means only)(?:\W|$)",
    )
});
static CAUSE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|\W)(?:because of|because|due to|owing to|thanks to|caus(?:es?|ed|ing|al|ation)|attribut(?:ed|able) to|responsible for|driven by|drives|a result of|result(?:s|ed)? (?:from|in)|leads? to|led to|brought about|accounts? for|reverse causation|correlat\w+|credit(?:s|ed)?|blam(?:es|ed))(?:\W|$)",
    )
});
static THEORY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|\W)(?:theor(?:y|ies|etical)|paradigms?|framework|school of thought|modified (?:law|dynamics|gravity)|(?:standard|rival|alternative|classical) (?:model|account|view|picture)|mechanism|interpretation|(?:unseen|dark) (?:matter|mass)|new (?:law|dynamics|physics))(?:\W|$)",
    )
});
static ORDER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|\W)(?:preced(?:es|ed)|predat(?:es|ed)|c[ao]mes? first|came (?:before|after|first|later)|follow(?:s|ed) (?:on )?from|began (?:before|after)|start(?:s|ed) (?:before|after)|(?:long|shortly|years|months|weeks|days) (?:before|after)|at first|in the (?:short|long) (?:run|term)|at once|eventually|only later|after a decade|no longer)(?:\W|$)",
    )
});

/// The type of the contradiction between two statements that oppose each other.
pub fn contradiction_type(left: &str, right: &str) -> Contradiction {
    let (left, right) = (bare(left), bare(right));
    let difference = difference(&left, &right);
    let by_condition = difference.as_ref().and_then(|found| Some((of_condition(found)?, found)));
    if let Some((kind, found)) = by_condition {
        return Contradiction { kind, basis: found.basis() };
    }
    let cued = [
        (&*DEFINING, ContradictionType::Definitional),
        (&*MEASURING, ContradictionType::Methodological),
        (&*CAUSE, ContradictionType::CausalAttribution),
        (&*ORDER, ContradictionType::TemporalOrder),
        (&*THEORY, ContradictionType::TheoreticalFramework),
    ];
    for (cue, kind) in cued {
        let word = |text: &str| cue.find(text).map(|found| trimmed(found.as_str()));
        let words = [word(&left), word(&right)];
        // What both say in the same words is not what they differ in, unless one of them denies it.
        let differs = words[0] != words[1] || denies(&left) != denies(&right);
        let found: Vec<String> = words.into_iter().flatten().collect();
        if let Some(first) = found.first()
            && differs
        {
            return Contradiction { kind, basis: told(kind, first) };
        }
    }
    let evidential = |basis: String| Contradiction { kind: ContradictionType::Evidential, basis };
    if let Some(clash) = clash(&left, &right) {
        return evidential(format!("{} against {}", clash.left, clash.right));
    }
    if let Some(found) = difference {
        return evidential(found.basis());
    }
    let stems = |text: &str| content_stems(text).into_iter().collect();
    let near = overlap_of(&stems(&left), &stems(&right)) >= SAME_BUT_DENIED;
    if denies(&left) != denies(&right) {
        let basis = if near { "one denies what the other states" } else { "one denies" };
        return Contradiction { kind: ContradictionType::Logical, basis: basis.into() };
    }
    match directions(&left, &right) {
        Some((up, down)) => evidential(format!("“{up}” against “{down}”")),
        None => evidential("the findings differ".into()),
    }
}

/// The type of the contradiction that a finding is about: of its first statement and the first one of another narrative.
/// What is agreed or rejected is about none.
pub fn of_finding(finding: &Finding) -> Option<Contradiction> {
    if matches!(finding.section, Section::Agreed | Section::Rejected) {
        return None;
    }
    let (first, others) = finding.sides.split_first()?;
    let against = others.iter().find(|side| side.sno_id != first.sno_id)?;
    Some(contradiction_type(&first.text, &against.text))
}

/// Which type a difference in a condition makes; none where it is under which condition something was found.
fn of_condition(difference: &Difference) -> Option<ContradictionType> {
    match difference.kind {
        ConditionKind::Method | ConditionKind::StudySize => Some(ContradictionType::Methodological),
        ConditionKind::Period | ConditionKind::TimeOfDay => Some(ContradictionType::TemporalOrder),
        _ => None,
    }
}

fn told(kind: ContradictionType, word: &str) -> String {
    let about = match kind {
        ContradictionType::Definitional => "what is meant",
        ContradictionType::Methodological => "how it was found",
        ContradictionType::CausalAttribution => "the cause",
        ContradictionType::TemporalOrder => "when",
        _ => "the explanation",
    };
    format!("{about} is at issue (“{word}”)")
}

fn trimmed(cue: &str) -> String {
    cue.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

fn denies(text: &str) -> bool {
    words::denies(&words::words(text))
}

/// The first words that send the same thing up in one statement and down in the other, in the order of the statements.
fn directions(left: &str, right: &str) -> Option<(String, String)> {
    let first = |text: &str| {
        words::words(text)
            .into_iter()
            .find_map(|word| direction(&word).map(|direction| (direction, word)))
    };
    let ((x, left), (y, right)) = (first(left)?, first(right)?);
    (x != y).then_some((left, right))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(left: &str, right: &str, kind: ContradictionType, basis: &str) {
        let found = contradiction_type(left, right);
        assert_eq!(found.kind, kind, "{left} / {right}: {found:?}");
        assert!(found.basis.contains(basis), "{left} / {right}: {found:?}");
        assert_eq!(contradiction_type(right, left).kind, kind, "mirrored: {left} / {right}");
    }

    #[test]
    fn each_type_is_told_by_its_words() {
        use ContradictionType::*;
        let rows = [
            (
                "Coffee raises output.",
                "Coffee does not raise output.",
                Logical,
                "denies what the other",
            ),
            (
                "Takings fell by 11 percent.",
                "Takings fell by 40 percent.",
                Evidential,
                "11 percent against",
            ),
            (
                "Takings fell by 11 percent.",
                "Takings rose by 11 percent.",
                Evidential,
                "up by 11 percent",
            ),
            ("Zones lower traffic.", "Zones raise traffic.", Evidential, "“lower” against “raise”"),
            ("The drug helps in adults.", "The drug harms in children.", Evidential, "by group"),
            (
                "Traffic fell when counted 24 months after opening.",
                "Traffic rose when counted 6 months after opening.",
                TemporalOrder,
                "24 months",
            ),
            (
                "Sleeplessness comes first and screens follow.",
                "Screens shorten sleep.",
                TemporalOrder,
                "comes first",
            ),
            (
                "Self-reported activity rose.",
                "Measured activity fell.",
                Methodological,
                "by method",
            ),
            (
                "The effect on fat is large.",
                "The effect on fat is an artefact of recalled diaries.",
                Methodological,
                "artefact",
            ),
            (
                "Screens cause shorter sleep.",
                "Screens do not cause shorter sleep.",
                CausalAttribution,
                "cause",
            ),
            (
                "Outages fell thanks to the types.",
                "Outages fell because of the staffing.",
                CausalAttribution,
                "cause is at issue",
            ),
            (
                "The cracks healed.",
                "Cracks that are only tight do not count as healed.",
                Definitional,
                "count as",
            ),
            (
                "Rotation curves need unseen matter.",
                "Rotation curves follow a modified law.",
                TheoreticalFramework,
                "explanation",
            ),
        ];
        let mut seen = std::collections::BTreeSet::new();
        for (left, right, kind, basis) in rows {
            check(left, right, kind, basis);
            seen.insert(kind);
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), ContradictionType::ALL);
    }

    #[test]
    fn what_both_say_alike_is_not_at_issue() {
        use ContradictionType::Evidential;
        check(
            "Fees cause 11 percent of exits.",
            "Fees cause 40 percent of exits.",
            Evidential,
            "40 percent",
        );
        check("", "", Evidential, "findings differ");
    }

    #[test]
    fn a_finding_is_typed_by_its_two_sides() {
        let side = |sno: &str, text: &str| cns_schemas::Side {
            sno_id: sno.into(),
            text: text.into(),
            ..cns_schemas::Side::default()
        };
        let sides = vec![
            side("a", "Tea helps."),
            side("a", "Tea is measured in cups."),
            side("b", "Tea does not help."),
        ];
        let of =
            |section| of_finding(&Finding { section, sides: sides.clone(), ..Finding::default() });
        for section in [Section::Resolved, Section::Unresolved] {
            assert_eq!(of(section).map(|found| found.kind), Some(ContradictionType::Logical));
        }
        assert_eq!((of(Section::Agreed), of(Section::Rejected)), (None, None));
        let alone = Finding {
            section: Section::Unresolved,
            sides: sides[..2].to_vec(),
            ..Finding::default()
        };
        assert_eq!(of_finding(&alone), None);
    }

    #[test]
    fn names_are_told_apart() {
        let names: std::collections::BTreeSet<_> =
            ContradictionType::ALL.map(ContradictionType::name).into();
        assert_eq!(names.len(), 7);
    }
}
