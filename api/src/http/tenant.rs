//! Whose request it is: the one place that knows.
//!
//! Until keys exist there is one tenant, who also runs the installation.

use axum::{extract::FromRequestParts, http::request::Parts};

use super::Problem;
use crate::state::ApiState;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its name: every row that is read and every record that is written is its own.
    pub name: String,
    /// It also sees records that belong to nobody, because nobody could be read in them.
    pub operator: bool,
}

impl FromRequestParts<ApiState> for Tenant {
    type Rejection = Problem;

    async fn from_request_parts(_: &mut Parts, _: &ApiState) -> Result<Tenant, Problem> {
        Ok(Tenant { name: "default".into(), operator: true })
    }
}
