//! The views: rows folded from the audit log, read back over HTTP.
//!
//! Invariants: a view is a pure function of the audit entries of each partition; nothing else is written to
//! it. To rebuild the views, stop the process, delete their directory and start again: they are folded anew
//! from the audit log, byte for byte the same.

mod ancestry;
mod chain;
mod draft;
mod error;
mod fold;
mod folder;
mod key;
mod listing;
mod progress;
mod reader;
mod searching;
mod shown;
pub mod tables;
mod telling;

pub use error::{FoldError, FolderError};
pub use fold::fold;
pub use folder::ViewFolder;
pub use key::Moment;
pub use listing::{Cursor, Filter, Listed};
pub use progress::Progress;
pub use reader::Reader;
pub use searching::{Found, Question};
pub use telling::Followed;

/// The version of the fold. Raise it with every change of `fold` or of a stored form: a store of another
/// version is thrown away when it is opened, and folded anew.
pub const VIEW_VERSION: u32 = 10;
