//! Whose request it is. The door ([`super::access`]) says it, from the key alone; nothing else does.

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};

use super::Problem;
use crate::{access::Scope, state::ApiState};

/// Under which tenant records stand in which no tenant could be read.
pub const NOBODY: &str = "";
/// The tenant of an installation without keys.
const DEFAULT: &str = "default";

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its name: every row that is read and every record that is written is its own.
    pub name: String,
    /// It also sees records that belong to nobody, because nobody could be read in them.
    pub operator: bool,
    /// Who asks for it: the id of the key, or the tenant itself where there are no keys. Decisions are recorded with it.
    pub caller: String,
    /// The id of the key, where there are keys.
    pub key: Option<String>,
}

impl Tenant {
    /// Who asks where there are no keys: one tenant, who also runs the installation.
    pub fn sole() -> Tenant {
        Tenant { name: DEFAULT.into(), operator: true, caller: DEFAULT.into(), key: None }
    }

    /// Under whose name records of nobody are read.
    ///
    /// # Errors
    /// It does not run the installation.
    pub fn unowned(&self) -> Result<&'static str, Problem> {
        if self.operator {
            return Ok(NOBODY);
        }
        let detail = format!(
            "Records in which no tenant could be read need a key with the scope `{}`.",
            Scope::Admin
        );
        Err(Problem::new(StatusCode::FORBIDDEN, "scope_required", detail))
    }
}

impl FromRequestParts<ApiState> for Tenant {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Tenant, Problem> {
        let tenant = parts.extensions.get::<Tenant>().cloned();
        tenant.ok_or_else(|| {
            // A route that asks for a tenant and needs no key: a defect of the table of routes.
            tracing::error!("A route that needs no key asks for a tenant.");
            Problem::internal()
        })
    }
}
