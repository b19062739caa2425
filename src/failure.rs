//! Why a command ended without doing what was asked: one type, one exit code, one sentence, one way on.
//!
//! Nothing else in the binary decides an exit code.

use std::fmt;

use cns_state::CommitError;

/// What the process exits with. The numbers are a contract with scripts and never change meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Code {
    /// None of the others.
    Unexpected = 1,
    /// The command line or the input it names is wrong.
    Usage = 2,
    /// Settings are invalid.
    Config = 3,
    /// Something that the command needs cannot be had: a server, a port, a state directory.
    Dependency = 4,
    /// What was asked for is not there.
    NotFound = 5,
    /// A verification found a difference.
    #[allow(dead_code, reason = "the number is taken, so that no other failure gets it")]
    Verification = 6,
    /// It took longer than was allowed.
    Timeout = 7,
    /// A rule forbids it.
    Refused = 8,
}

/// A failure as the user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What the process exits with.
    pub code: Code,
    /// What went wrong, as a sentence or a short list.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Failure {
    /// A failure without a hint.
    pub fn new(code: Code, message: impl Into<String>) -> Failure {
        Failure { code, message: message.into(), hint: None }
    }

    /// The same with what to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  → {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

/// A [`Failure`] anywhere in the chain keeps its code; a port in use, a missing right, a state directory that
/// cannot be opened are dependencies; all else is unexpected.
impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Failure {
        for cause in error.chain() {
            if let Some(failure) = cause.downcast_ref::<Failure>() {
                return failure.clone();
            }
            if let Some(state) = cause.downcast_ref::<cns_state::Error>() {
                return Failure::new(code_of_state(state), format!("{error:#}"));
            }
            if let Some(commit) = cause.downcast_ref::<CommitError>() {
                let code = match commit {
                    CommitError::NotDone(state) | CommitError::Unknown(state) => {
                        code_of_state(state)
                    }
                    CommitError::Fenced(_) => Code::Unexpected,
                };
                return Failure::new(code, format!("{error:#}"));
            }
            if let Some(io) = cause.downcast_ref::<std::io::Error>() {
                let failure = Failure::new(code_of(io.kind()), format!("{error:#}"));
                return match io.kind() {
                    std::io::ErrorKind::AddrInUse => failure.hint(PORT_IN_USE),
                    _ => failure,
                };
            }
        }
        Failure::new(Code::Unexpected, format!("{error:#}"))
    }
}

const PORT_IN_USE: &str = "another server may be running there: `cns status` asks it; or choose another port with --listen";

fn code_of_state(error: &cns_state::Error) -> Code {
    use cns_state::Error::{Away, Corrupt, Fenced, Io, Locked, NewerFormat, OutOfRange};
    match error {
        Away { .. } | Locked { .. } | NewerFormat { .. } | Corrupt { .. } | Io { .. } => {
            Code::Dependency
        }
        OutOfRange { .. } | Fenced(_) => Code::Unexpected,
    }
}

fn code_of(kind: std::io::ErrorKind) -> Code {
    use std::io::ErrorKind::{
        AddrInUse, AddrNotAvailable, PermissionDenied, ReadOnlyFilesystem, StorageFull,
    };
    match kind {
        AddrInUse | AddrNotAvailable | PermissionDenied | ReadOnlyFilesystem | StorageFull => {
            Code::Dependency
        }
        _ => Code::Unexpected,
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn a_failure_keeps_its_code_through_anyhow() {
        let failure = Failure::new(Code::Config, "no such model").hint("cns config show");
        let wrapped: anyhow::Result<()> = Err(failure.clone()).context("starting");
        assert_eq!(Failure::from(wrapped.unwrap_err()), failure);
    }

    #[test]
    fn a_locked_state_directory_is_a_dependency() {
        let locked = cns_state::Error::Locked { path: ".cns".into(), owner: "17".into() };
        let failure = Failure::from(anyhow::Error::from(locked).context("opening the log"));
        assert_eq!(failure.code, Code::Dependency);
        assert!(failure.message.contains("process 17"), "{}", failure.message);
    }

    #[test]
    fn a_port_in_use_is_a_dependency() {
        let io = std::io::Error::from(std::io::ErrorKind::AddrInUse);
        let failure = Failure::from(anyhow::Error::from(io).context("listening at 127.0.0.1:8000"));
        assert_eq!(failure.code, Code::Dependency);
        assert!(failure.message.starts_with("listening at 127.0.0.1:8000"));
    }
}
