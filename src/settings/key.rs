//! The table of all settings: name, meaning, and which values are allowed.

use std::{net::SocketAddr, path::PathBuf};

use super::{LogFormat, Profile, Settings};

/// One setting.
pub struct Key {
    /// Its name in the file, sections with a point.
    pub path: &'static str,
    /// What it does, for the example file.
    pub meaning: &'static str,
    /// Where it is kept, and which values are allowed.
    pub field: Field,
}

/// A place in [`Settings`]; the variant says which values are allowed.
pub enum Field {
    /// `dev` or `prod`.
    Profile(fn(&mut Settings) -> &mut Profile),
    /// A path that is not empty.
    Path(fn(&mut Settings) -> &mut PathBuf),
    /// An IP address with a port.
    Address(fn(&mut Settings) -> &mut SocketAddr),
    /// `auto`, `text` or `json`.
    Format(fn(&mut Settings) -> &mut LogFormat),
    /// A filter that `tracing` understands.
    Filter(fn(&mut Settings) -> &mut String),
    /// A name that is not empty.
    Name(fn(&mut Settings) -> &mut String),
    /// Any text, also an empty one.
    Text(fn(&mut Settings) -> &mut String),
    /// A number from 0 on.
    Weight(fn(&mut Settings) -> &mut f64),
    /// A number from 0 to 1.
    Share(fn(&mut Settings) -> &mut f64),
    /// A whole number from 0 on, where 0 stands for none.
    OrNone(fn(&mut Settings) -> &mut u32),
    /// A whole number from 1 on.
    Count(fn(&mut Settings) -> &mut u32),
    /// A whole number from 1 on, of any size.
    Records(fn(&mut Settings) -> &mut u64),
    /// A number of bytes, or a text such as "64MiB".
    Bytes(fn(&mut Settings) -> &mut u64),
}

const fn key(path: &'static str, field: Field, meaning: &'static str) -> Key {
    Key { path, meaning, field }
}

/// All settings, in the order of the example file: those without a section first, sections together.
#[rustfmt::skip]
pub const KEYS: &[Key] = &[
    key("profile", Field::Profile(|s| &mut s.profile),
        "What the process is for: dev, or prod, which refuses built-in models, clients that do not verify the brokers, and single copies."),
    key("state", Field::Path(|s| &mut s.state),
        "Folder of everything that survives a restart."),
    key("listen", Field::Address(|s| &mut s.listen),
        "Where HTTP is served. Without keys (access.keys) only loopback addresses are allowed."),
    key("stages", Field::Name(|s| &mut s.stages),
        "The stages that this process runs: all, none (HTTP only), or some of chunk, embed, critique, synthesize, audit, performer. Some: only on Kafka."),
    key("log.format", Field::Format(|s| &mut s.log.format),
        "How diagnostics on standard error look: auto (text on a terminal, JSON otherwise), text or json."),
    key("log.filter", Field::Filter(|s| &mut s.log.filter),
        "Which diagnostics are written: error, warn, info, debug, trace, or one for each module."),
    key("otlp.endpoint", Field::Text(|s| &mut s.otlp.endpoint),
        "Collector that traces are sent to (OTLP over HTTP, protobuf), such as http://127.0.0.1:4318. Empty: OTEL_EXPORTER_OTLP_ENDPOINT; without either no traces."),
    key("otlp.sample_share", Field::Share(|s| &mut s.otlp.sample_share),
        "Share of the traces that are kept, from 0 to 1; a trace that a caller has begun is kept when the caller keeps it."),
    key("kafka.brokers", Field::Text(|s| &mut s.kafka.brokers),
        "Brokers, host:port and more after commas. Empty: the log is the embedded one, in the state folder."),
    key("kafka.registry", Field::Text(|s| &mut s.kafka.registry),
        "URL of the schema registry, with or without a path."),
    key("kafka.namespace", Field::Name(|s| &mut s.kafka.namespace),
        "What topics, groups and transactional ids begin with; two namespaces share a cluster without meeting."),
    key("kafka.properties", Field::Text(|s| &mut s.kafka.properties),
        "File with further settings of the clients (security, for example), name = value on each line."),
    key("kafka.protocol", Field::Name(|s| &mut s.kafka.protocol),
        "How processes share partitions: classic, or consumer (KIP-848, brokers from 4.0 on)."),
    key("kafka.session_timeout_ms", Field::Count(|s| &mut s.kafka.session_timeout_ms),
        "A process that was not heard of for so long loses its partitions, milliseconds."),
    key("kafka.transaction_timeout_ms", Field::Count(|s| &mut s.kafka.transaction_timeout_ms),
        "A transaction that is open for so long is given up, milliseconds."),
    key("kafka.partitions", Field::Count(|s| &mut s.kafka.partitions),
        "Partitions of each topic that `cns topics apply` creates. Fixed from then on."),
    key("kafka.replication", Field::Count(|s| &mut s.kafka.replication),
        "Copies of each partition."),
    key("kafka.retention_hours", Field::Count(|s| &mut s.kafka.retention_hours),
        "How long topics between stages keep their records, hours. Audit and dead letters are kept for ever."),
    key("weights.grounding", Field::Weight(|s| &mut s.weights.grounding),
        "How much the critic of grounding counts in trust. The three are divided by their sum."),
    key("weights.logic", Field::Weight(|s| &mut s.weights.logic),
        "How much the critic of logic counts in trust."),
    key("weights.novelty", Field::Weight(|s| &mut s.weights.novelty),
        "How much the critic of novelty counts in trust."),
    key("gates.admit_trust", Field::Share(|s| &mut s.gates.admit_trust),
        "The SNO of a document is admitted above this trust, otherwise archived."),
    key("gates.synthesis_trust", Field::Share(|s| &mut s.gates.synthesis_trust),
        "A synthesis is accepted from this trust on."),
    key("gates.opposition", Field::Share(|s| &mut s.gates.opposition),
        "Two SNOs conflict from this opposition on."),
    key("gates.near_duplicate", Field::Share(|s| &mut s.gates.near_duplicate),
        "Two texts are near-duplicates from this similarity of their words on."),
    key("gates.neighbours_max", Field::Count(|s| &mut s.gates.neighbours_max),
        "Near neighbours looked up for each SNO."),
    key("gates.pairs_per_sno_max", Field::Count(|s| &mut s.gates.pairs_per_sno_max),
        "Pairs proposed for each SNO."),
    key("gates.generation_max", Field::Count(|s| &mut s.gates.generation_max),
        "A synthesis of this generation is not synthesized further."),
    key("models.embedder", Field::Name(|s| &mut s.models.embedder),
        "Model that turns text into vectors: a directory with an ONNX model, builtin, or auto (minilm-l6 where it and the ONNX Runtime library are found)."),
    key("models.entailment", Field::Name(|s| &mut s.models.entailment),
        "Model that says whether one sentence follows from another, or contradicts it: a directory, builtin, or auto (minilm-l6-nli)."),
    key("models.dimension", Field::OrNone(|s| &mut s.models.dimension),
        "How many numbers a vector has: the start is refused when the model makes others. 0: as many as the model makes."),
    key("models.completer", Field::Name(|s| &mut s.models.completer),
        "Model that writes the running text of a synthesis."),
    key("models.runtime", Field::Text(|s| &mut s.models.runtime),
        "File of the ONNX Runtime library. Empty: ORT_DYLIB_PATH, beside the program, in the user's cache, in the system's libraries."),
    key("access.keys", Field::Text(|s| &mut s.access.keys),
        "File of the keys that callers over HTTP need (see `cns keys`). Empty: no keys, whoever reaches the port may do everything."),
    key("limits.queue_records_max", Field::Records(|s| &mut s.limits.queue_records_max),
        "Documents that may wait for the first stage; further ones are answered with 429."),
    key("limits.requests_at_once_max", Field::Count(|s| &mut s.limits.requests_at_once_max),
        "HTTP requests that are answered at a time, those included that wait for a job; further ones are answered with 503."),
    key("limits.requests_per_second", Field::Count(|s| &mut s.limits.requests_per_second),
        "HTTP requests in a second that a key may make, and an address without one; further ones are answered with 429. Without access.keys nobody is counted."),
    key("limits.burst", Field::Count(|s| &mut s.limits.burst),
        "How many of them may come at once after a pause."),
    key("limits.disk_headroom_bytes", Field::Bytes(|s| &mut s.limits.disk_headroom_bytes),
        "Disk space that is always left free; a commit that would use it is refused."),
    key("limits.block_cache_bytes", Field::Bytes(|s| &mut s.limits.block_cache_bytes),
        "Memory for blocks read from disk."),
    key("limits.write_buffer_bytes", Field::Bytes(|s| &mut s.limits.write_buffer_bytes),
        "Memory for rows that are not yet in files."),
];

/// The key with this path.
pub fn find(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path)
}

impl Key {
    /// The environment variable that sets it.
    pub fn variable(&self) -> String {
        format!("CNS_{}", self.path.replace('.', "_").to_uppercase())
    }
}

/// The candidate most like `name`, when one is like it at all.
pub fn nearest<S: AsRef<str>>(name: &str, candidates: impl Iterator<Item = S>) -> Option<String> {
    const ALIKE: f64 = 0.7;
    candidates
        .map(|candidate| {
            (strsim::normalized_damerau_levenshtein(name, candidate.as_ref()), candidate)
        })
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.as_ref().to_owned())
}

#[cfg(test)]
mod tests {
    use cns_schemas::Models;

    use super::*;

    /// What is recorded can be set: a field added to the schemas without a key fails here.
    #[test]
    fn every_recorded_setting_has_a_key() {
        let settings = Settings::default();
        let recorded = serde_json::to_value(settings.configured(&Models::default())).unwrap();
        let sections = recorded.as_object().unwrap();
        for (section, fields) in sections {
            // What the models came from is found, not set.
            for field in fields.as_object().unwrap().keys().filter(|field| *field != "manifests") {
                let path = format!("{section}.{field}");
                assert!(find(&path).is_some(), "{path} has no key");
            }
        }
    }

    #[test]
    fn keys_are_unique_and_sections_stand_together() {
        let mut sections: Vec<&str> = Vec::new();
        for (index, key) in KEYS.iter().enumerate() {
            assert!(KEYS[..index].iter().all(|other| other.path != key.path), "{} twice", key.path);
            let section = key.path.rsplit_once('.').map_or("", |(section, _)| section);
            if sections.last() != Some(&section) {
                assert!(!sections.contains(&section), "section {section} is split");
                sections.push(section);
            }
        }
    }
}
