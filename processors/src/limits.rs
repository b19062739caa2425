//! Every limit of the runtime and the stages, with its unit in the name.

use std::time::Duration;

use cns_state::Limit;

/// One poll, and so one transaction, takes at most this.
pub const BATCH: Limit = Limit { records: 256, bytes: 4 << 20 };
/// How long a step should last: long enough that its commit costs little, short enough that nobody waits for it.
pub const STEP_TARGET: Duration = Duration::from_secs(1);
/// Records of a worker's first step, before it knows what they cost.
pub const FIRST_STEP_RECORDS: usize = 8;
/// How long an idle worker waits for records before it looks whether it should stop.
pub const POLL_WAIT: Duration = Duration::from_millis(200);
/// A record that takes longer is parked, so that the others go on.
pub const SLOW_AFTER: Duration = Duration::from_millis(1500);
/// A record that asks a local model may wait for it so long before it counts as slow, and as its own defect only after
/// [`COMPUTE_DEADLINE`] more: cores are shared, and models are larger or smaller.
pub const MODEL_SLOW_AFTER: Duration = Duration::from_secs(120);
/// A record that takes longer goes to the dead letters.
pub const COMPUTE_DEADLINE: Duration = Duration::from_secs(30);
/// How long a worker pauses after a commit that was refused.
pub const NOT_DONE_PAUSE: Duration = Duration::from_millis(200);
/// How long a worker waits before it asks again for a log that is away.
pub const AWAY_PAUSE: Duration = Duration::from_secs(1);
/// Threads that may be lost to records that never end; then the process has to be started again.
pub const LOST_THREADS_MAX: usize = 4;
/// Rounds of asking that one record may take.
pub const ASK_ROUNDS_MAX: usize = 8;
/// A record found in work after this many deaths of the process goes to the dead letters.
pub const DEATHS_MAX: u32 = 3;
/// Unknown outcomes in a row after which a worker gives up.
pub const UNKNOWN_IN_A_ROW_MAX: u32 = 3;
/// Records behind the entrance, parked ones included, beyond which it waits.
pub const LAG_MAX_RECORDS: i64 = 20_000;
/// Records of the entrance beyond which the API refuses new documents.
pub const QUEUE_MAX_RECORDS: i64 = 50_000;
/// A document's text.
pub const DOCUMENT_BYTES_MAX: usize = 1 << 20;
/// Jobs whose document's source is kept in memory, to be logged when their SNO is decided.
pub const SOURCES_KNOWN_MAX: usize = 10_000;
/// Characters of a document id, a corpus or a source.
pub const NAME_CHARS_MAX: usize = 200;
/// How long tries of a remote call may go on after the first.
pub const REQUEST_PATIENCE: Duration = Duration::from_secs(120);
/// Calls of one remote model at a time.
pub const REMOTE_CALLS_MAX: usize = 8;
/// Tries of one remote call.
pub const REMOTE_TRIES_MAX: u32 = 5;
/// Failures in a row after which a provider is left alone for [`BREAKER_PAUSE`].
pub const BREAKER_FAILURES: u32 = 5;
/// How long a failing provider is left alone.
pub const BREAKER_PAUSE: Duration = Duration::from_secs(10);
/// SNOs looked at for one band, bucket or piece of evidence.
pub const INDEX_SCAN_MAX: usize = 48;
/// Syntheses that go with a document that is replaced; each step of the way up is one look-up.
pub const WITHDRAWN_MAX: usize = 200;
/// SNOs looked at in full when pairs are chosen.
pub const PAIR_CANDIDATES_MAX: usize = 48;
/// Pairs forgotten with an SNO that is replaced.
pub const PAIRS_FORGOTTEN_MAX: usize = 10_000;
/// Tokens of a text, or of premise and hypothesis together, that a local model reads; what is longer is cut.
pub const MODEL_TOKENS_MAX: usize = 256;
/// Tokens, padding included, that a local model is given at a time: enough to keep it busy, little memory.
pub const MODEL_BATCH_TOKENS_MAX: usize = 2_048;
/// Threads of one run of a local model.
pub const MODEL_THREADS_MAX: usize = 8;
