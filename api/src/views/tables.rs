//! Every view table in one place. A number is never used again for something else.

use cns_state::Table;

use super::key::RANK_BYTES;

/// The end of the chain that was folded. Key: `head`.
pub const HEADS: Table = Table { number: 100, name: "view-heads" };
/// A job's part in this audit partition. Key: tenant, job.
pub const JOBS: Table = Table { number: 101, name: "view-jobs" };
/// A document with its newest text. Key: tenant, document, corpus.
pub const DOCUMENTS: Table = Table { number: 102, name: "view-documents" };
/// An SNO. Key: tenant, SNO.
pub const SNOS: Table = Table { number: 103, name: "view-snos" };
/// A compared pair. Key: tenant, pair.
pub const PAIRS: Table = Table { number: 104, name: "view-pairs" };
/// A record that could not be handled. Key: tenant, dead letter.
pub const DEAD_LETTERS: Table = Table { number: 105, name: "view-dead-letters" };
/// What a corpus holds. Key: tenant, corpus.
pub const CORPORA: Table = Table { number: 106, name: "view-corpora" };
/// The facts that made an SNO. Key: tenant, SNO.
pub const MAKINGS: Table = Table { number: 107, name: "view-makings" };
/// What was synthesized from an SNO. Key: tenant, parent, child.
pub const CHILDREN: Table = Table { number: 108, name: "view-children" };
/// Synthesis candidates that no stage has answered yet. Key: tenant, event.
pub const IN_FLIGHT: Table = Table { number: 109, name: "view-in-flight" };
/// What all corpora of a tenant hold together. Key: tenant.
pub const TOTALS: Table = Table { number: 110, name: "view-totals" };
/// Pairs in conflict that an SNO is a side of. Key: tenant, SNO, pair.
pub const SNO_CONFLICTS: Table = Table { number: 111, name: "view-sno-conflicts" };

/// What the followers of a job are told. Key: tenant, job, sequence, number in the fact.
pub const JOB_EVENTS: Table = Table { number: 112, name: "view-job-events" };
/// What the followers of a corpus are told. Key: tenant, corpus, sequence, number in the fact.
pub const CORPUS_EVENTS: Table = Table { number: 113, name: "view-corpus-events" };

/// What was decided about dead letters. Key: tenant (empty: nobody's), dead letter.
pub const DECISIONS: Table = Table { number: 114, name: "view-decisions" };
/// Postings of the search index. Key: tenant, corpus, word, SNO.
pub const WORDS: Table = Table { number: 115, name: "view-words" };
/// How much text the search index holds. Key: tenant, corpus.
pub const INDEXED: Table = Table { number: 116, name: "view-indexed" };

/// Jobs, newest first. Key of every list: tenant, corpus (empty: all), place, id.
pub const JOB_LIST: Table = Table { number: 120, name: "view-job-list" };
/// Documents, newest first.
pub const DOCUMENT_LIST: Table = Table { number: 121, name: "view-document-list" };
/// Decided SNOs, newest first.
pub const SNO_LIST: Table = Table { number: 122, name: "view-sno-list" };
/// Compared pairs, newest first.
pub const PAIR_LIST: Table = Table { number: 123, name: "view-pair-list" };
/// Pairs in conflict, newest first.
pub const CONFLICT_LIST: Table = Table { number: 124, name: "view-conflict-list" };
/// Syntheses, newest proposal first.
pub const SYNTHESIS_LIST: Table = Table { number: 125, name: "view-synthesis-list" };
/// Dead letters, newest first.
pub const DEAD_LETTER_LIST: Table = Table { number: 126, name: "view-dead-letter-list" };

/// Decided SNOs, the highest trust first. Key of every sorted list: tenant, corpus (empty: all), rank, place, id.
pub const SNO_BY_TRUST: Table = Table { number: 127, name: "view-sno-by-trust" };
/// Syntheses, the highest trust first.
pub const SYNTHESIS_BY_TRUST: Table = Table { number: 128, name: "view-synthesis-by-trust" };
/// Pairs in conflict, the highest opposition first.
pub const CONFLICT_BY_OPPOSITION: Table =
    Table { number: 129, name: "view-conflict-by-opposition" };
/// Compared pairs, the highest opposition first.
pub const PAIR_BY_OPPOSITION: Table = Table { number: 130, name: "view-pair-by-opposition" };

/// How many bytes stand before the place in a list's keys.
pub fn rank_bytes(table: Table) -> usize {
    let sorted = [SNO_BY_TRUST, SYNTHESIS_BY_TRUST, CONFLICT_BY_OPPOSITION, PAIR_BY_OPPOSITION];
    if sorted.iter().any(|list| list.number == table.number) { RANK_BYTES } else { 0 }
}

/// All of them, for what has to look at every row (tests, checks).
pub const ALL: [Table; 28] = [
    HEADS,
    JOBS,
    DOCUMENTS,
    SNOS,
    PAIRS,
    DEAD_LETTERS,
    CORPORA,
    MAKINGS,
    CHILDREN,
    IN_FLIGHT,
    TOTALS,
    SNO_CONFLICTS,
    JOB_EVENTS,
    CORPUS_EVENTS,
    DECISIONS,
    WORDS,
    INDEXED,
    JOB_LIST,
    DOCUMENT_LIST,
    SNO_LIST,
    PAIR_LIST,
    CONFLICT_LIST,
    SYNTHESIS_LIST,
    DEAD_LETTER_LIST,
    SNO_BY_TRUST,
    SYNTHESIS_BY_TRUST,
    CONFLICT_BY_OPPOSITION,
    PAIR_BY_OPPOSITION,
];
