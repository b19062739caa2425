//! The three critics and the trust that they add up to (CNS 2.0 developer's guide, ch. 3).
//!
//! Invariant: trust comes from critics alone; each score lies in [0, 1] and can be computed again from the
//! parts in its report. Deliberately absent: the entailment model. A critic says what to compare and reads the
//! answers. A claim that an SNO itself rejects is not asserted by it and is judged by no critic.

mod fallacy;
mod grounding;
mod logic;
mod novelty;
mod trust;

use cns_schemas::{Claim, ClaimStatus, Sno, SubScore};

pub use grounding::{
    GroundingPlan, SELF_REPORTED_GROUNDING, grounding, plan_grounding, set_claim_statuses,
};
pub use logic::{logic, logic_published};
pub use novelty::novelty;
pub use trust::trust;

/// The claims that the SNO asserts, with their places in it.
fn asserted(sno: &Sno) -> impl Iterator<Item = (usize, &Claim)> {
    sno.claims.iter().enumerate().filter(|(_, claim)| claim.status != ClaimStatus::Rejected)
}

fn sub_score(name: impl Into<String>, value: f64) -> SubScore {
    SubScore { name: name.into(), value }
}

/// Into [0, 1]; what is not a number counts as nothing.
fn unit(x: f64) -> f64 {
    if x.is_nan() { 0.0 } else { x.clamp(0.0, 1.0) }
}
