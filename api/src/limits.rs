//! Every limit of the API and the views, with its unit in the name.

use std::time::Duration;

use cns_state::Limit;

/// A document's text.
pub const DOCUMENT_BYTES_MAX: usize = 1 << 20;
/// The body of a request: a text of the largest size, escaped, and the fields beside it.
pub const BODY_BYTES_MAX: usize = 2 << 20;
/// What is read of a body that is refused, so that its sender gets to read why.
pub const BODY_DRAINED_BYTES_MAX: usize = 16 << 20;
/// How long a body may take to arrive.
pub const BODY_WAIT: Duration = Duration::from_secs(30);
/// How long the head of a request may take to arrive, and how long a connection may stand idle.
pub const HEADER_WAIT: Duration = Duration::from_secs(30);
/// Connections that are open at a time; the next ones wait to be let in.
pub const CONNECTIONS_MAX: usize = 4096;
/// How long a client may take nothing of an answer before its connection is closed.
pub const WRITE_WAIT: Duration = Duration::from_secs(60);
/// Bytes of an answer above which its tag is computed away from the threads that serve connections.
pub const TAGGED_AT_ONCE_BYTES_MAX: usize = 64 << 10;
/// What answering a request may take; longer than the longest `wait` after the slowest body.
pub const REQUEST_TIME_MAX: Duration = Duration::from_secs(180);
/// Characters of a document id, a corpus or a source.
pub const ID_CHARS_MAX: usize = 200;
/// Characters of the reason for a decision.
pub const REASON_CHARS_MAX: usize = 500;
/// Characters of a link to the original.
pub const URI_CHARS_MAX: usize = 2000;
/// Characters of a date as the producer writes it.
pub const DATE_CHARS_MAX: usize = 100;
/// Entries of a document's metadata.
pub const METADATA_ENTRIES_MAX: usize = 50;
/// Characters of a metadata key.
pub const METADATA_KEY_CHARS_MAX: usize = 100;
/// Characters of a metadata value.
pub const METADATA_VALUE_CHARS_MAX: usize = 2000;
/// Characters of a name that a request made up, where the answer names it.
pub const NAME_CHARS_SHOWN_MAX: usize = 60;
/// Faults of one request that are listed.
pub const FAULTS_SHOWN_MAX: usize = 50;
/// Characters of a request id that a caller may give.
pub const REQUEST_ID_CHARS_MAX: usize = 100;

/// Characters of an `Idempotency-Key`.
pub const IDEMPOTENCY_KEY_CHARS_MAX: usize = 200;
/// Requests that name different things and can be handled at a time, where those that name the same take turns.
pub const LANES: usize = 64;
/// Names that a lane remembers, until the views have long known them.
pub const LANE_REMEMBERED_MAX: usize = 1000;

/// Lines of a batch, blank ones included.
pub const BATCH_LINES_MAX: usize = 10_000;
/// Bytes of a batch.
pub const BATCH_BYTES_MAX: usize = 64 << 20;
/// Documents of a batch that are appended together.
pub const BATCH_GROUP_MAX: usize = 64;
/// Bytes of text after which a group of a batch is appended.
pub const BATCH_GROUP_BYTES_MAX: usize = 1 << 20;
/// Faults of one line of a batch that are listed.
pub const BATCH_LINE_FAULTS_SHOWN_MAX: usize = 5;

/// Characters of a question to the search.
pub const QUERY_CHARS_MAX: usize = 1000;
/// Words of a question that count.
pub const QUERY_WORDS_MAX: usize = 32;
/// What a search answers with when the caller does not say.
pub const TOP_K_DEFAULT: usize = 10;
/// What a search answers with.
pub const TOP_K_MAX: usize = 100;
/// Distinct words of one SNO that are indexed.
pub const SEARCH_WORDS_PER_SNO_MAX: usize = 500;
/// Characters of a word that is indexed; a longer one is left out.
pub const SEARCH_WORD_CHARS_MAX: usize = 60;
/// SNOs that one word of a question is looked up in, in each audit partition.
pub const SEARCH_POSTINGS_MAX: usize = 20_000;
/// SNOs that all words of a question together are looked up in.
pub const SEARCH_POSTINGS_ALL_MAX: usize = 100_000;
/// Searches at a time; the next is told to come back.
pub const SEARCHES_AT_ONCE_MAX: usize = 4;
/// SNOs that one search looks at to find those that pass its filter.
pub const SEARCH_LOOKS_MAX: usize = 1000;

/// Keys in a keys file.
pub const KEYS_MAX: usize = 10_000;
/// Bytes of a keys file.
pub const KEY_FILE_BYTES_MAX: u64 = 8 << 20;
/// How often a process looks whether the keys file has changed.
pub const KEYS_LOOK_EVERY: Duration = Duration::from_secs(1);
/// A key that expires within this is told of.
pub const KEY_EXPIRES_SOON: Duration = Duration::from_secs(14 * 24 * 3600);
/// Addresses without a valid key whose pace is remembered.
pub const ADDRESSES_PACED_MAX: usize = 10_000;

/// Items of a page when the caller does not say.
pub const PAGE_ITEMS_DEFAULT: usize = 50;
/// Items of a page.
pub const PAGE_ITEMS_MAX: usize = 200;
/// Rows of a list that one page looks at; a page of a rare filter can be short and still have a next one.
pub const PAGE_ROWS_READ_MAX: usize = 5000;
/// How often a page reads on for rows of a kind that its list cannot be filtered by.
pub const PAGE_READS_MAX: usize = 20;
/// Rows of a list that are read at a time.
pub const PAGE_ROWS_READ_AT_ONCE: usize = 256;
/// Bytes of an id in a cursor: an id of the longest kind in the widest characters. A foreign producer's can
/// be longer; it is cut.
pub const CURSOR_ID_BYTES_MAX: usize = 4 * ID_CHARS_MAX;
/// Characters of a cursor: a place and such an id, in base64.
pub const CURSOR_CHARS_MAX: usize = 1100;

/// How long a `wait` lasts when the caller does not say.
pub const WAIT_DEFAULT: Duration = Duration::from_secs(30);
/// How long a `wait` may last.
pub const WAIT_MAX: Duration = Duration::from_secs(120);
/// How long a request with `X-Consistency: latest` waits.
pub const CONSISTENCY_WAIT: Duration = Duration::from_secs(10);
/// How long a decision waits until the views show it.
pub const DECISION_WAIT: Duration = Duration::from_secs(10);
/// How long one record of the log may take to be read.
pub const LOG_READ_WAIT: Duration = Duration::from_millis(500);
/// How long one that waits pauses between two looks, while the views move on.
pub const WAIT_LOOK_EVERY: Duration = Duration::from_millis(20);
/// Requests that wait at a time; the next is told to come back.
pub const WAITING_REQUESTS_MAX: usize = 1000;

/// Streams of events at a time; the next is told to come back.
pub const EVENT_STREAMS_MAX: usize = 500;
/// Events of one stream that wait for its reader.
pub const EVENTS_BUFFERED_MAX: usize = 64;
/// Events that a stream reads from the views at a time.
pub const EVENTS_READ_AT_ONCE: usize = 64;
/// How long the events of a stream may wait for a reader that takes none, before the stream is closed.
pub const EVENTS_STALL_MAX: Duration = Duration::from_secs(30);
/// How often a stream that has nothing to tell says that it is alive.
pub const EVENTS_HEARTBEAT: Duration = Duration::from_secs(15);
/// How often a stream looks, at the least, whether its key is still valid.
pub const EVENTS_KEY_LOOK_EVERY: Duration = Duration::from_secs(15);
/// Characters of a `Last-Event-ID`.
pub const EVENT_ID_CHARS_MAX: usize = 2000;

/// Events of a job that are kept.
pub const JOB_EVENTS_SHOWN_MAX: usize = 50;
/// Versions of a document that are kept.
pub const DOCUMENT_VERSIONS_SHOWN_MAX: usize = 20;
/// Statements of a pair that are kept, those that count first.
pub const PAIR_STATEMENTS_SHOWN_MAX: usize = 10;
/// Conflicts, and syntheses, that are named of a document.
pub const DOCUMENT_RESTING_SHOWN_MAX: usize = 50;
/// Statements of a pair in a list.
pub const CONFLICT_STATEMENTS_SHOWN_MAX: usize = 3;
/// Facts that made an SNO that are kept.
pub const MAKINGS_SHOWN_MAX: usize = 20;
/// First bytes of a dead letter that are kept for a look.
pub const DEAD_LETTER_BYTES_SHOWN_MAX: usize = 16;
/// Characters of a dead letter's key that are kept.
pub const DEAD_LETTER_KEY_CHARS_SHOWN_MAX: usize = 1000;
/// SNOs above, and SNOs below, in one lineage; also the parents of one synthesis that are looked up.
pub const LINEAGE_SNOS_MAX: usize = 64;
/// Documents at the ground of one lineage.
pub const LINEAGE_DOCUMENTS_MAX: usize = 64;
/// Corpora that `/v1/status` lists; the numbers beside the list are over all of them.
pub const CORPORA_SHOWN_MAX: usize = 1000;

/// One step of the fold takes at most this from each audit partition.
pub const FOLD_BATCH: Limit = Limit { records: 256, bytes: 8 << 20 };
/// How long the fold waits on one audit partition before it looks at the others.
pub const FOLD_TURN: Duration = Duration::from_millis(20);
/// How long the fold pauses after a failure that can pass.
pub const FOLD_RETRY: Duration = Duration::from_millis(500);
/// What a caller is told to wait when the log cannot be reached.
pub const RETRY_AFTER_SECONDS: u32 = 5;
