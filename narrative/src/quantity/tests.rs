//! Quantities in sentences.

use super::*;

fn one(text: &str) -> Quantity {
    let found = quantities(text);
    assert_eq!(found.len(), 1, "{text}: {found:?}");
    found.into_iter().next().expect("there is one")
}

fn same(texts: &[&str], differ: &[&str]) {
    for left in texts {
        for right in texts {
            assert!(one(left).same(&one(right)), "{left} / {right}");
        }
        for right in differ {
            assert!(!one(left).same(&one(right)), "{left} / {right}");
            assert!(!one(right).same(&one(left)), "{right} / {left}");
        }
    }
}

#[test]
fn one_period_in_many_words() {
    same(
        &[
            "It was counted after 6 months.",
            "It was counted after six months.",
            "It was counted half a year later.",
            "a 6-month trial",
            "a six-month trial",
        ],
        &[
            "It was counted after 12 weeks.",
            "It was counted after twelve months.",
            "It was counted after a year.",
        ],
    );
    same(&["after a year", "after 12 months", "after one year"], &["after one month"]);
    same(&["for 18 months", "for one and a half years", "for 1.5 years"], &["for one year"]);
    same(&["for two weeks", "for a fortnight", "for 14 days"], &["for 2 months"]);
    same(&["for 12 weeks", "for three months"], &["for six months"]);
    same(&["24 hours", "twenty-four hours", "one day"], &["25 hours"]);
    same(&["a quarter of an hour", "15 minutes"], &["half an hour"]);
}

#[test]
fn amounts_have_one_unit() {
    same(&["0.5 g", "500 mg", "500mg"], &["5 g"]);
    same(&["11 percent", "11 per cent", "11%", "eleven percent"], &["11 percentage points"]);
    same(&["by half", "50 percent"], &["by a third"]);
    same(&["2,000 people", "two thousand people"], &["200 people"]);
}

#[test]
fn ranges_years_and_rates_are_no_quantity() {
    for text in [
        "between two and five minutes",
        "it took 3–5 kg",
        "in years one to three",
        "in 2019 it was held",
        "it happened once a day",
        "nothing is counted here",
        "",
    ] {
        assert!(quantities(text).is_empty(), "{text}: {:?}", quantities(text));
    }
}

#[test]
fn directions_and_bounds_are_read() {
    use crate::direction::Direction::{Down, Up};
    for (text, direction, bound) in [
        ("It fell by 11 percent.", Some(Down), Bound::Exact),
        ("It reduced the income of furniture shops by 11 percent.", Some(Down), Bound::Exact),
        ("It rose by at least 11 percent.", Some(Up), Bound::AtLeast),
        ("An 11 percent reduction was seen.", Some(Down), Bound::Exact),
        ("Takings rose 11 percent.", Some(Up), Bound::Exact),
        ("It fell by about half.", Some(Down), Bound::About),
        ("It halved.", Some(Down), Bound::Exact),
        ("It affected more than 11 percent.", None, Bound::MoreThan),
        ("It affected no more than 11 percent.", None, Bound::AtMost),
        ("It affected less than 11 percent.", None, Bound::LessThan),
        ("It lasted over 12 weeks.", None, Bound::Exact),
        ("It did not fall by 11 percent.", None, Bound::Exact),
        ("It helped 40 percent of them.", None, Bound::Exact),
    ] {
        let found = one(text);
        assert_eq!((found.direction, found.bound), (direction, bound), "{text}: {found:?}");
    }
}

#[test]
fn what_cannot_both_be_true_clashes() {
    let rows = [
        ("Takings fell by 11 percent.", "Takings rose by 11 percent.", true),
        ("Takings fell by 11 percent.", "Takings fell by 40 percent.", true),
        ("Takings fell by 11 percent.", "Takings fell by eleven per cent.", false),
        ("Takings fell by 11 percent.", "Takings fell by more than 40 percent.", true),
        ("Takings fell by more than 40 percent.", "Takings fell by 45 percent.", false),
        ("Takings fell by at least 40 percent.", "Takings fell by 40 percent.", false),
        ("Takings fell by more than 40 percent.", "Takings fell by 40 percent.", true),
        ("Takings fell by less than 10 percent.", "Takings fell by at least 10 percent.", true),
        ("Takings fell by half.", "Takings halved.", false),
        ("Takings fell by half.", "Takings fell by 11 percent.", true),
        ("Sleep was cut by 8 minutes.", "Sleep was cut by 41 minutes.", true),
        // Conditions, sizes of studies, and other units deny nothing.
        ("It helped after 6 months.", "It helped after 12 weeks.", false),
        ("It helped 40 participants.", "It helped 4000 participants.", false),
        ("Takings fell by 11 percent.", "Takings fell by 40 euros.", false),
        ("It holds 3 of 4 cases.", "Nothing is counted.", false),
        ("It was tested in 3 towns.", "It was tested in 5 towns.", false),
        ("It held across 12 schools.", "It held across at least 20 schools.", false),
        ("It resulted in 3 accidents.", "It resulted in 50 accidents.", true),
        ("A double-blind trial of sleep.", "Sleep fell by 11 percent.", false),
        (
            "Sleep fell by 8 minutes.",
            "Sleep fell by 8 minutes at first and then fell by 41 minutes.",
            false,
        ),
    ];
    for (left, right, wanted) in rows {
        assert_eq!(clash(left, right).is_some(), wanted, "{left} / {right}");
        assert_eq!(clash(right, left).is_some(), wanted, "{right} / {left}");
    }
    let found = clash("Takings fell by 11 percent.", "Takings rose by 11 percent.");
    let found = found.expect("they clash");
    assert_eq!(
        (found.left.as_str(), found.right.as_str()),
        ("down by 11 percent", "up by 11 percent")
    );
}

#[test]
fn double_is_a_change_only_as_a_verb() {
    for text in [
        "A double-blind trial was held.",
        "It had double-digit growth.",
        "They took a double dose.",
        "Sales did not double.",
        "Sales have not doubled.",
        "A triple-blind trial was held.",
    ] {
        assert!(quantities(text).is_empty(), "{text}: {:?}", quantities(text));
    }
    for text in ["Sales doubled.", "Sales are expected to double.", "It was not so, sales doubled."]
    {
        assert_eq!((one(text).value, one(text).direction), (100.0, Some(Direction::Up)), "{text}");
    }
    assert_eq!(one("A double-blind 12-week trial was held.").direction, None);
}

#[test]
fn years_and_commas_swallow_no_number() {
    let values = |text: &str| quantities(text).iter().map(|q| q.value).collect::<Vec<_>>();
    assert_eq!(values("In 2019, 40 percent of workers slept less."), [40.0]);
    assert_eq!(values("It rose 5 percent in 2019 and 7 percent in 2020."), [5.0, 7.0]);
    assert_eq!(values("Of the first five, 40 percent slept less."), [40.0]);
    for text in [
        "from 2015 to 2019 it was held",
        "1900 to 2000 mg",
        "3 – 5 kg",
        "in 2015–2019 workers slept",
    ] {
        assert!(values(text).is_empty(), "{text}: {:?}", values(text));
    }
}

#[test]
fn a_measure_is_no_year_and_a_second_trial_no_span() {
    same(&["They took 2000 mg.", "They took 2 g."], &["They took 200 mg."]);
    assert!(quantities("It was seen in a second trial.").is_empty());
    assert_eq!(one("It was seen after a minute.").shown, "a minute");
}

proptest::proptest! {
    #[test]
    fn the_order_of_a_clash_does_not_matter(
        left in proptest::collection::vec((0usize..3, 1u32..5, 0usize..2), 1..4),
        right in proptest::collection::vec((0usize..3, 1u32..5, 0usize..2), 1..4),
    ) {
        let told = |parts: &[(usize, u32, usize)]| {
            let part = |(way, value, unit): &(usize, u32, usize)| {
                let way = ["fell by", "rose by", "took"][*way];
                format!("Sleep {way} {value} {}.", ["percent", "minutes"][*unit])
            };
            parts.iter().map(part).collect::<Vec<_>>().join(" ")
        };
        let (left, right) = (told(&left), told(&right));
        proptest::prop_assert_eq!(
            clash(&left, &right).is_some(), clash(&right, &left).is_some(), "{} / {}", left, right
        );
    }
}
