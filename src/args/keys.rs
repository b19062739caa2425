//! How `cns keys` is called.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand, ValueHint};
use cns_api::access::Scope;

use super::ServerArgs;

/// `cns keys`.
#[derive(Debug, Args)]
pub struct KeysArgs {
    #[command(subcommand)]
    pub action: KeysAction,
    /// The keys file. Default: the setting access.keys.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, global = true)]
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub server: ServerArgs,
}

/// What can be done with keys.
#[derive(Debug, Clone, Subcommand)]
pub enum KeysAction {
    /// Make a key and print it, this once.
    Create {
        /// Whose documents it sends and reads.
        #[arg(long, value_name = "NAME")]
        tenant: String,
        /// What it allows: ingest, read, admin, metrics; several after commas.
        #[arg(long, value_name = "SCOPES", required = true, value_delimiter = ',')]
        scope: Vec<Scope>,
        /// What it is for.
        #[arg(long, value_name = "TEXT", default_value = "")]
        name: String,
        /// For how long it is valid, for example 90d or 12h. Default: until it is revoked.
        #[arg(long, value_name = "TIME", value_parser = duration)]
        expires: Option<Duration>,
        /// Requests in a second, instead of limits.requests_per_second.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        requests_per_second: Option<u32>,
        /// Requests at once after a pause, instead of limits.burst.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        burst: Option<u32>,
    },
    /// List the keys: all that is known of them, which is not their text.
    List {
        /// Print it as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Refuse a key from now on.
    Revoke {
        /// Its id, as `list` prints it.
        id: String,
    },
}

fn duration(text: &str) -> Result<Duration, String> {
    const EXPECTED: &str =
        "a number of days, hours or minutes is expected, such as 90d, 12h or 30m";
    const UNITS: [(char, u64); 3] = [('d', 24 * 3600), ('h', 3600), ('m', 60)];
    let unit = UNITS.iter().find(|(unit, _)| text.ends_with(*unit)).ok_or(EXPECTED)?;
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| EXPECTED)?;
    let seconds = number.checked_mul(unit.1).filter(|seconds| (1..=1 << 40).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(|| EXPECTED.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_days_hours_or_minutes() {
        assert_eq!(duration("90d"), Ok(Duration::from_secs(90 * 24 * 3600)));
        assert_eq!(duration("30m"), Ok(Duration::from_secs(1800)));
        for wrong in ["", "d", "90", "0d", "-1d", "1.5d", "1y", "99999999999999d", "1é"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
