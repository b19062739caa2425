//! Settings of `cns serve` and `cns demo`: defaults, then a file, then `CNS_*` variables, then flags.
//!
//! [`key::KEYS`] is the one table of all settings; reading, checking, `cns config` and the example file
//! follow from it. A key that is not in it is refused, never ignored.

mod alias;
mod environment;
mod example;
mod file;
mod kafka;
mod key;
mod load;
mod profile;
mod reference;
mod value;
mod yaml;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use cns_schemas::{Configured, Gates, Models, Weights};

pub use example::example;
pub use kafka::Kafka;
pub use key::KEYS;
pub use load::{Loaded, Sources, load};
pub use profile::{Profile, forbidden};
pub use reference::reference;
pub use value::{Given, Origin, Raw};

use crate::failure::{Code, Failure};

/// All that can be set. Which values are allowed stands in [`KEYS`].
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// What the process is for, and so what it refuses.
    pub profile: Profile,
    /// The folder of everything that survives a restart.
    pub state: PathBuf,
    /// Where HTTP is served.
    pub listen: SocketAddr,
    /// The stages that this process runs: `all`, `none`, or some of them.
    pub stages: String,
    /// Diagnostics on standard error.
    pub log: Log,
    /// Where traces go.
    pub otlp: Otlp,
    /// Where the log is when it is not embedded.
    pub kafka: Kafka,
    /// How much each critic counts.
    pub weights: Weights,
    /// Thresholds and limits of decisions.
    pub gates: Gates,
    /// Which models are asked.
    pub models: ModelSettings,
    /// Who may ask over HTTP.
    pub access: AccessSettings,
    /// Memory, disk and queue of this process.
    pub limits: Limits,
}

/// Which models are asked, before they are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelSettings {
    /// `auto`, `builtin` or a directory.
    pub embedder: String,
    /// The same.
    pub entailment: String,
    /// How many numbers a vector must have; 0 asks for nothing.
    pub dimension: u32,
    /// The name of a completer.
    pub completer: String,
    /// The ONNX Runtime library; empty means that it is looked for.
    pub runtime: String,
}

/// Who may ask over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessSettings {
    /// The file of the keys; empty: no keys, and only loopback addresses are served.
    pub keys: String,
}

/// Diagnostics on standard error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// How a line looks.
    pub format: LogFormat,
    /// Which lines are written, in the syntax of `tracing`.
    pub filter: String,
}

/// Where traces go.
#[derive(Debug, Clone, PartialEq)]
pub struct Otlp {
    /// Base URL of a collector; empty means nowhere, unless OpenTelemetry's own variable names one.
    pub endpoint: String,
    /// The share of the traces that begin here and are kept.
    pub sample_share: f64,
}

/// How a line of the diagnostics looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    Auto,
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Memory, disk and queue of this process. None of them changes a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Documents that may wait; further ones are answered with 429.
    pub queue_records_max: u64,
    /// HTTP requests that are answered at a time.
    pub requests_at_once_max: u32,
    /// Requests in a second that a key may make, and an address without one.
    pub requests_per_second: u32,
    /// How many of them may come at once after a pause.
    pub burst: u32,
    /// A commit that would leave less than this free is refused.
    pub disk_headroom_bytes: u64,
    /// Memory for blocks read from disk.
    pub block_cache_bytes: u64,
    /// Memory for rows that are not yet in files.
    pub write_buffer_bytes: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            profile: Profile::Dev,
            state: PathBuf::from(".cns"),
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8000),
            stages: "all".into(),
            log: Log { format: LogFormat::Auto, filter: "info".into() },
            otlp: Otlp { endpoint: String::new(), sample_share: 1.0 },
            kafka: Kafka::default(),
            weights: Weights::default(),
            gates: Gates::default(),
            models: ModelSettings {
                embedder: "auto".into(),
                entailment: "auto".into(),
                dimension: 0,
                completer: Models::default().completer,
                runtime: String::new(),
            },
            access: AccessSettings { keys: String::new() },
            limits: Limits {
                queue_records_max: 50_000,
                requests_at_once_max: 2000,
                requests_per_second: 100,
                burst: 500,
                disk_headroom_bytes: 256 << 20,
                block_cache_bytes: 64 << 20,
                write_buffer_bytes: 64 << 20,
            },
        }
    }
}

impl Settings {
    /// The part that decisions depend on, as it is recorded, with the models that were found.
    pub fn configured(&self, models: &Models) -> Configured {
        Configured {
            weights: self.weights.clone(),
            gates: self.gates.clone(),
            models: models.clone(),
        }
    }

    /// Refuses an address that other machines reach, where there are no keys: whoever reached the port could read and
    /// write everything.
    pub fn refuse_open_address(&self) -> Result<(), Failure> {
        if self.listen.ip().to_canonical().is_loopback() || !self.access.keys.is_empty() {
            return Ok(());
        }
        let message = format!(
            "refusing to listen at {}: other machines could reach it, and there are no keys, so anyone there could \
             read and write everything",
            self.listen
        );
        Err(Failure::new(Code::Config, message).hint(
            "set access.keys (CNS_ACCESS_KEYS) to a file and make a key with `cns keys create`, or listen at 127.0.0.1",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_keys_only_loopback_addresses_are_served() {
        let at = |listen: &str| Settings { listen: listen.parse().unwrap(), ..Settings::default() };
        for address in ["127.0.0.1:8000", "[::1]:0", "127.8.8.8:1"] {
            assert_eq!(at(address).refuse_open_address(), Ok(()));
        }
        for address in ["0.0.0.0:8000", "192.168.1.4:80", "[::]:8000"] {
            let open = at(address);
            assert_eq!(open.refuse_open_address().unwrap_err().code, Code::Config);
            let access = AccessSettings { keys: "keys.json".into() };
            assert_eq!(Settings { access, ..open }.refuse_open_address(), Ok(()));
        }
    }
}
