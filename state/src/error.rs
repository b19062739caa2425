//! What can go wrong, by what the caller has to do about it.

use std::path::PathBuf;

use crate::Partition;

/// A failure to read, or to open.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Another process holds the state directory. Stop it, or use another directory.
    #[error(
        "{path} is in use by process {owner}; stop that process or choose another --state directory"
    )]
    Locked {
        /// The state directory.
        path: PathBuf,
        /// The process id that its lock file names, or `?`.
        owner: String,
    },
    /// The directory was written by a newer version. Use that version.
    #[error(
        "{path} has state format {found}, this version reads up to {supported}; use a newer cns"
    )]
    NewerFormat {
        /// The state directory.
        path: PathBuf,
        /// The format that it names.
        found: String,
        /// The newest that this version reads.
        supported: u32,
    },
    /// Stored bytes are damaged. They are not served; restore the directory from a copy.
    #[error("{what} is corrupt: {detail}; nothing of it is served, restore {what} from a copy")]
    Corrupt {
        /// Which store, with its path.
        what: String,
        /// What the check found.
        detail: String,
    },
    /// The offset was never written, or is trimmed.
    #[error("{partition} holds offsets {first} to {end}; {offset} is not among them")]
    OutOfRange {
        /// Where.
        partition: Partition,
        /// What was asked for.
        offset: i64,
        /// The first that is there.
        first: i64,
        /// One past the last.
        end: i64,
    },
    /// The membership is over: join again.
    #[error("this member of group {0} was replaced; join again")]
    Fenced(String),
    /// The brokers, or the schema registry, cannot be reached for now. Try again; nothing else helps.
    #[error("{what} failed, for now: {detail}")]
    Away {
        /// Which operation.
        what: String,
        /// What the client says.
        detail: String,
    },
    /// The disk failed, or what was asked for is refused. Stop.
    #[error("{what} failed: {detail}")]
    Io {
        /// Which operation, with its path.
        what: String,
        /// What the system says.
        detail: String,
    },
}

/// How a commit ended when it is not done. The three need different answers, so they are in the type.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommitError {
    /// Certainly nothing of it was written. The member is back at its committed offsets: poll again.
    #[error("nothing was committed: {0}")]
    NotDone(Error),
    /// It may be written or not. Drop the member, join again, and read which it was.
    #[error("whether it was committed is unknown: {0}")]
    Unknown(Error),
    /// Another member has taken over. Nothing was written. Drop the member.
    #[error("another member of group {0} has taken over")]
    Fenced(String),
}

impl Error {
    /// The error of a RocksDB call on `what`.
    pub(crate) fn rocks(what: impl Into<String>, error: &rocksdb::Error) -> Error {
        let (what, detail) = (what.into(), error.to_string());
        match error.kind() {
            rocksdb::ErrorKind::Corruption => Error::Corrupt { what, detail },
            _ => Error::Io { what, detail },
        }
    }
}
