//! Where the settings of a server are named on the command line.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::settings::{Given, Origin, Raw, Sources};

/// Where a server's settings come from.
#[derive(Debug, Clone, Default, Args)]
pub struct ServerArgs {
    /// Settings file, TOML or YAML; of several the later one wins. Default: cns.toml, if there is one.
    #[arg(long, env = "CNS_CONFIG", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Vec<PathBuf>,
    /// Folder of everything that survives a restart [default: .cns].
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub state: Option<String>,
    /// Where HTTP is served; without keys a loopback address [default: 127.0.0.1:8000].
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    /// Brokers of a Kafka cluster that has the log, instead of the state folder.
    #[arg(long, value_name = "HOST:PORT,…")]
    pub kafka_brokers: Option<String>,
    /// URL of the schema registry; needed with --kafka-brokers.
    #[arg(long, value_name = "URL")]
    pub kafka_registry: Option<String>,
    /// The stages that this process runs: all, none, or for example embed,critique [default: all].
    #[arg(long, value_name = "STAGES")]
    pub stages: Option<String>,
    /// Diagnostics: auto, text or json.
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<String>,
    /// Which diagnostics, for example `warn` or `info,cns_state=debug`.
    #[arg(long, value_name = "FILTER")]
    pub log_filter: Option<String>,
}

impl ServerArgs {
    /// All sources of settings, the environment of this process included.
    pub fn sources(self) -> Sources {
        let flags = [
            ("state", "--state", self.state),
            ("listen", "--listen", self.listen),
            ("kafka.brokers", "--kafka-brokers", self.kafka_brokers),
            ("kafka.registry", "--kafka-registry", self.kafka_registry),
            ("stages", "--stages", self.stages),
            ("log.format", "--log-format", self.log_format),
            ("log.filter", "--log-filter", self.log_filter),
        ];
        let given = |(path, flag, value): (&str, &'static str, Option<String>)| {
            value.map(|value| Given {
                path: path.into(),
                value: Raw::Unquoted(value),
                origin: Origin::Flag(flag),
            })
        };
        // A variable that is not Unicode cannot be one of ours: our names and values are plain text.
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Sources {
            files: self.config,
            variables: variables.collect(),
            flags: flags.into_iter().filter_map(given).collect(),
        }
    }
}
