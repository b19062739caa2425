//! What a statement measures: numbers with their units, bounds and directions.
//!
//! Invariant: one quantity has one form, however it is written: "6 months", "six months" and "half a year" are equal, and
//! so are "half" and "50 percent". A range ("two to five") and a year ("2019") are no quantity.

mod reading;
mod unit;

use crate::direction::Direction;
pub(crate) use reading::single as number;
pub use unit::Unit;

/// How a number is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// "11 percent".
    Exact,
    /// "about 11 percent", "a third".
    About,
    /// "at least 11 percent".
    AtLeast,
    /// "more than 11 percent".
    MoreThan,
    /// "at most 11 percent".
    AtMost,
    /// "less than 11 percent".
    LessThan,
}

/// A number with its unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// In the unit: 0.5 years are 6 months.
    pub value: f64,
    /// What is counted.
    pub unit: Unit,
    /// How the number is meant.
    pub bound: Bound,
    /// Which way something went by this much.
    pub direction: Option<Direction>,
    /// It counts where something was found: "in 3 towns".
    pub places: bool,
    /// As it is written.
    pub shown: String,
}

/// How far apart two exact numbers may lie and be one: writers round.
const ROUNDED: f64 = 0.005;
/// How far a number reaches that is meant roughly; also what weeks are allowed to differ from months.
const ROUGHLY: f64 = 0.1;

/// The quantities of a statement, in its order.
pub fn quantities(text: &str) -> Vec<Quantity> {
    reading::read(text)
}

/// Two quantities that cannot both be true of one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Clash {
    /// What the first says.
    pub left: String,
    /// What the second says.
    pub right: String,
}

/// The first quantity of each that the other denies: the same unit, another value or another direction, and nothing of
/// this unit in the one that would fit anything in the other, so that the order does not matter. Where, how long, how many
/// people and when are conditions and deny nothing.
pub fn clash(left: &str, right: &str) -> Option<Clash> {
    clash_of(&quantities(left), &quantities(right))
}

/// [`clash`] of quantities that are known already.
pub fn clash_of(left: &[Quantity], right: &[Quantity]) -> Option<Clash> {
    left.iter().filter(|x| x.is_result()).find_map(|x| {
        let comparable = |y: &&Quantity| y.is_result() && y.unit == x.unit;
        let against = right.iter().find(comparable)?;
        let own = left.iter().filter(comparable);
        let fits = own.into_iter().any(|l| right.iter().filter(comparable).any(|r| l.fits(r)));
        let shown = |q: &Quantity| q.told();
        (!fits).then(|| Clash { left: shown(x), right: shown(against) })
    })
}

impl Quantity {
    /// Whether it can be what was found, and is not what it was found for.
    fn is_result(&self) -> bool {
        match &self.unit {
            Unit::Day | Unit::Month => self.direction.is_some(),
            unit => !unit.is_people() && !self.places,
        }
    }

    /// Whether both can be true of one thing. Where only one says which way it went, nothing is denied.
    fn fits(&self, other: &Quantity) -> bool {
        match (self.direction, other.direction) {
            (Some(x), Some(y)) if x != y => return false,
            (Some(_), None) | (None, Some(_)) => return true,
            _ => {}
        }
        let ((low, high), (least, most)) = (self.range(), other.range());
        low <= most && least <= high
    }

    /// Whether both are the same span or amount. Months and weeks are no multiples of each other, so "12 weeks" is "three
    /// months".
    pub fn same(&self, other: &Quantity) -> bool {
        let near = |x: f64, y: f64, slack: f64| (x - y).abs() <= slack * x.abs().max(y.abs());
        match (self.unit.days(), other.unit.days()) {
            (Some(_), Some(_)) if self.unit == other.unit => near(self.value, other.value, ROUNDED),
            (Some(x), Some(y)) => near(self.value * x, other.value * y, ROUGHLY),
            _ => self.unit == other.unit && near(self.value, other.value, ROUNDED),
        }
    }

    /// The least and the most that it can stand for.
    fn range(&self) -> (f64, f64) {
        let around = |slack: f64| {
            let width = slack * self.value.abs();
            (self.value - width, self.value + width)
        };
        let (low, high) = around(ROUNDED);
        match self.bound {
            Bound::Exact => (low, high),
            Bound::About => around(ROUGHLY),
            Bound::AtLeast => (low, f64::INFINITY),
            Bound::MoreThan => (high.next_up(), f64::INFINITY),
            Bound::AtMost => (f64::NEG_INFINITY, high),
            Bound::LessThan => (f64::NEG_INFINITY, low.next_down()),
        }
    }

    /// As it is told: with its direction.
    fn told(&self) -> String {
        match self.direction {
            Some(Direction::Up) => format!("up by {}", self.shown),
            Some(Direction::Down) => format!("down by {}", self.shown),
            None => self.shown.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
