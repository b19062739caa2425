//! The whole topology on one screen.

use cns_schemas::Topic;
use cns_state::Table;

/// What a stage reads and keeps. Where it sends is in the events themselves.
#[derive(Debug, Clone, Copy)]
pub struct StageSpec {
    /// A verb; also the name of its consumer group.
    pub name: &'static str,
    /// The one topic that it reads.
    pub inbox: Topic,
    /// Whether its records are handled side by side (no state of its own) or one after another.
    pub parallel: bool,
    /// Whether it is the entrance, which waits when what lies behind it is full.
    pub entrance: bool,
    /// The version of its decisions, named in facts. Raised with every change of what it decides.
    pub logic_version: &'static str,
    /// The configuration in force. Key: `current`.
    pub configs: Table,
    /// Records that wait. Key: order key, 0, offset.
    pub parked: Table,
}

/// Cuts documents into passages; recognizes what was sent before.
pub const CHUNK: StageSpec = stage(0, "chunk", Topic::Documents, false, true, "chunk-1");
/// Extracts an SNO and embeds its claims.
pub const EMBED: StageSpec = stage(1, "embed", Topic::Passages, true, false, "embed-2");
/// Judges SNOs (grounding, logic) and pairs (opposition): all entailment work.
pub const CRITIQUE: StageSpec = stage(2, "critique", Topic::Candidates, true, false, "critique-2");
/// Keeps the population; admits, pairs, synthesizes.
pub const SYNTHESIZE: StageSpec =
    stage(3, "synthesize", Topic::Verdicts, false, false, "synthesize-2");
/// Chains every fact.
pub const AUDIT: StageSpec = stage(4, "audit", Topic::Facts, false, false, "audit-1");
/// The performer is no fold and no stage, but reads a topic as a group like one.
pub const PERFORM: StageSpec = stage(5, "performer", Topic::Requests, true, false, "performer-1");

/// The five stages in the order of the flow.
pub const STAGES: [&StageSpec; 5] = [&CHUNK, &EMBED, &CRITIQUE, &SYNTHESIZE, &AUDIT];

const fn stage(
    number: u16,
    name: &'static str,
    inbox: Topic,
    parallel: bool,
    entrance: bool,
    logic_version: &'static str,
) -> StageSpec {
    // Groups share one key space of rows, so each stage has tables of its own.
    let configs = Table { number: 100 + number, name: "configs" };
    let parked = Table { number: 200 + number, name: "parked" };
    StageSpec { name, inbox, parallel, entrance, logic_version, configs, parked }
}

/// Tables of keyed state beside those of every stage (from 100 and from 200 on). A number is never used again for something else.
pub mod tables {
    use super::Table;

    /// `performer`: requests in work. Key: effect, 0, request's event id.
    pub const REQUESTS: Table = Table { number: 3, name: "requests" };
    /// `chunk`: what is known of a document id. Key: tenant/corpus/document.
    pub const VERSIONS: Table = Table { number: 10, name: "versions" };
    /// `synthesize`: the population. Key: corpus, SNO.
    pub const SNOS: Table = Table { number: 20, name: "snos" };
    /// `synthesize`: the newest version of a document, with SNO and text. Key: corpus, document.
    pub const DOCUMENTS: Table = Table { number: 21, name: "documents" };
    /// `synthesize`: exact texts. Key: corpus, content hash.
    pub const TEXTS: Table = Table { number: 22, name: "texts" };
    /// `synthesize`: signature bands, for near-duplicates. Key: corpus, band, SNO.
    pub const BANDS: Table = Table { number: 23, name: "bands" };
    /// `synthesize`: who cites what. Key: corpus, evidence, SNO.
    pub const EVIDENCE: Table = Table { number: 24, name: "evidence" };
    /// `synthesize`: vector buckets with the vector of the hypothesis. Key: corpus, bucket, SNO.
    pub const BUCKETS: Table = Table { number: 25, name: "buckets" };
    /// `synthesize`: who was compared with whom, under both. Key: corpus, SNO, other SNO.
    pub const PAIRS: Table = Table { number: 26, name: "pairs" };
    /// `synthesize`: what rests on an SNO. Key: corpus, parent, child.
    pub const CHILDREN: Table = Table { number: 27, name: "children" };
    /// `synthesize`: what of an SNO is looked at to choose whom to compare. Key: corpus, SNO.
    pub const CARDS: Table = Table { number: 28, name: "cards" };
    /// `audit`: the end of the chain. Key: `head`.
    pub const HEADS: Table = Table { number: 30, name: "heads" };
}
