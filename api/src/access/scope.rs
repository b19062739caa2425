//! What a key allows.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What a key allows. No scope contains another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Sending documents.
    Ingest,
    /// Reading what became of them.
    Read,
    /// Running the installation: what changes its work, and records that belong to no tenant.
    Admin,
    /// Reading the metrics, which are of all tenants together.
    Metrics,
}

impl Scope {
    /// All of them.
    pub const ALL: [Scope; 4] = [Scope::Ingest, Scope::Read, Scope::Admin, Scope::Metrics];

    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Ingest => "ingest",
            Scope::Read => "read",
            Scope::Admin => "admin",
            Scope::Metrics => "metrics",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Scope, String> {
        let known = Scope::ALL.into_iter().find(|scope| scope.name() == text);
        let names = Scope::ALL.map(Scope::name).join(", ");
        known.ok_or_else(|| format!("there is no scope `{text}`; one of {names} is expected"))
    }
}
