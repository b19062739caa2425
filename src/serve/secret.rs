//! The key that job ids are made with, so that a process knows its own ids before a view does.

use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use anyhow::Context;

use crate::failure::{Code, Failure};

const KEY_BYTES: usize = 32;

/// Reads the key of this state directory, or makes one. Only its owner may read the file.
///
/// # Errors
/// A file that cannot be read or written, or has not the length of a key.
pub fn job_key(state: &Path) -> anyhow::Result<[u8; KEY_BYTES]> {
    let path = state.join("job.key");
    let what = || format!("the job key in {}", path.display());
    // An empty file is a start that was cut off before the key was in it: no id was made with it.
    if fs::metadata(&path).map_or(true, |found| found.len() == 0) {
        let mut key = [0; KEY_BYTES];
        getrandom::fill(&mut key).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
        let mut options = fs::OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)
            .with_context(what)?;
        file.write_all(&key).with_context(what)?;
        file.sync_all().with_context(what)?;
    }
    let bytes = fs::read(&path).with_context(what)?;
    bytes.try_into().map_err(|_| {
        let message = format!("{} has not {KEY_BYTES} bytes; restore it from a copy", what());
        Failure::new(Code::Dependency, message).into()
    })
}
