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
