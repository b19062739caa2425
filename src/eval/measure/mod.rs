//! Measures of what was said against what is so. Every row has a weight, so that a resample is the same rows
//! with other weights.

mod auc;
mod bootstrap;
mod confusion;
mod groups;
mod reliability;

pub use auc::Ranking;
pub use bootstrap::{Measure, Resampling};
pub use confusion::Confusion;
pub use groups::Groups;
pub use reliability::{BINS, Reliability};
