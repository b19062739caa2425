//! Conditions in pairs of sentences.

use super::*;

fn check(left: &str, right: &str, wanted: Option<ConditionKind>) {
    let got = difference(left, right);
    assert_eq!(got.as_ref().map(|d| d.kind), wanted, "{left} / {right}: {got:?}");
    let mirrored = difference(right, left);
    assert_eq!(mirrored.map(|d| d.kind), wanted, "mirrored");
}

#[test]
fn one_time_of_day_in_other_words_is_no_difference() {
    let early = "Coffee does not cut the sleep of workers who drink it before half past two.";
    assert_eq!(difference(early, "Coffee cut sleep by 8 minutes when drunk before 14:30."), None);
    let late = difference(early, "Coffee cut sleep by 41 minutes when drunk after 16:30.");
    assert_eq!(late.map(|found| found.kind), Some(ConditionKind::TimeOfDay));
    let evening = difference(early, "Coffee cut sleep when drunk before five o'clock.");
    assert_eq!(evening.map(|found| found.kind), Some(ConditionKind::TimeOfDay));
}

#[test]
fn one_period_in_other_words_is_no_difference() {
    let six = "Traffic rose by 9 percent when counted 6 months after opening.";
    for other in [
        "Traffic grew by 9 percent after six months.",
        "Traffic grew by 9 percent half a year after opening.",
        "Traffic fell by 9 percent when counted twenty-six weeks after opening.",
    ] {
        check(six, other, None);
    }
    for other in [
        "Traffic fell by 9 percent after 12 weeks.",
        "Traffic fell by 9 percent when counted two years after opening.",
        "Traffic fell by 9 percent after a year.",
    ] {
        check(six, other, Some(ConditionKind::Period));
    }
    check("A dose of 0.3 g helps.", "A dose of 300 mg harms.", None);
    check("It helps at three cups.", "It harms at 3 cups.", None);
}

#[test]
fn kinds_are_told_apart() {
    use ConditionKind::*;
    let rows = [
        (
            "A dose of 100 mg does not impair performance.",
            "A dose of 300 mg impairs performance.",
            Dose,
        ),
        ("High doses of vitamin D raise risk.", "Low doses of vitamin D do not raise risk.", Dose),
        (
            "It cut sleep by 8 minutes when drunk before 14:30.",
            "It cut sleep by 41 minutes when drunk after 16:30.",
            TimeOfDay,
        ),
        (
            "It cut errors by 9 percent among handlers during the same afternoon.",
            "It raised errors by 7 percent among handlers on the following morning.",
            TimeOfDay,
        ),
        (
            "Traffic fell by 2 percent when counted 24 months after opening.",
            "Traffic rose by 9 percent when counted 6 months after opening.",
            Period,
        ),
        (
            "Yield fell by 6 percent in years one to three of the trial.",
            "Yield rose by 4 percent in years six to nine of the trial.",
            Period,
        ),
        ("The drug helps in adults.", "The drug does not help in children.", Group),
        (
            "Zones increased the takings of cafes and food shops.",
            "Zones decreased the takings of furniture and hardware shops.",
            Group,
        ),
        (
            "Zones lower nitrogen dioxide on residential streets.",
            "Zones raise nitrogen dioxide on boundary roads.",
            Place,
        ),
        (
            "Crops raise profit when the payment is counted.",
            "Crops lower profit when the payment is left out.",
            Circumstance,
        ),
        ("Self-reported activity rose.", "Measured activity fell.", Method),
        ("It helped 40 participants.", "It did not help 4000 participants.", StudySize),
    ];
    for (left, right, kind) in rows {
        check(left, right, Some(kind));
    }
}

#[test]
fn no_condition_explains_a_plain_denial() {
    check("Coffee increases output.", "Coffee does not increase output.", None);
    check(
        "The net effect is positive.",
        "The net effect is negative once sponsored trials are removed.",
        None,
    );
    check(
        "Metabolisers made up 18 percent of the agents in the cohort.",
        "Metabolisers made up 46 percent of the agents in the cohort.",
        None,
    );
    check("It fell by 2 mg.", "It fell by 3 mg.", None);
    check(
        "Crops raise yield in the satellite survey.",
        "Crops lower yield in the satellite survey.",
        None,
    );
    check("", "", None);
}

#[test]
fn basis_names_both_values() {
    let found =
        difference("A dose of 100 mg helps.", "A dose of 300 mg harms.").expect("doses differ");
    assert_eq!(found.basis(), "by dose: 100 mg against 300 mg");
}

#[test]
fn core_leaves_the_conditions_out() {
    assert_eq!(
        core("Traffic fell by 2 percent when counted 24 months after opening."),
        "traffic fell by 2 percent"
    );
}

#[test]
fn few_conditions_of_a_kind_are_read() {
    let named = |text: &str| {
        let conditions = Conditions::of(text);
        conditions.named.iter().map(|(_, list)| list.len()).max().unwrap_or(0)
    };
    assert_eq!(named("Tea helps in men, in women and in children."), 3);
    for unit in
        ["in 12 men ", "5 mg ", "at 14:30 ", "for 3 years ", "in rural Kent ", "when tired "]
    {
        let text = unit.repeat(120);
        assert_eq!(named(&text), CONDITIONS_PER_KIND_MAX, "{unit}");
        assert_eq!(difference(&text, &text), None, "{unit}");
    }
}
