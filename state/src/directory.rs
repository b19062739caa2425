//! The state directory: one process at a time, and a format that is understood.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
};

use crate::Error;

/// The newest layout of the directory that this version reads and writes.
pub const FORMAT_VERSION: u32 = 1;

/// A locked state directory. The lock goes with the process, however it ends.
pub struct Directory {
    _lock: File,
}

impl Directory {
    /// Creates the directory when it is not there, takes its lock, checks its format.
    pub fn lock(path: &Path) -> Result<Directory, Error> {
        let failed = |what: &str| {
            let what = format!("{what} {}", path.display());
            move |error: std::io::Error| Error::Io { what: what.clone(), detail: error.to_string() }
        };
        fs::create_dir_all(path).map_err(failed("creating"))?;
        let lock = take_lock(path, failed("locking"))?;
        let format = path.join("FORMAT");
        match fs::read_to_string(&format) {
            // The first start was cut off between making the file and writing it: nothing else is there.
            Ok(found) if found.is_empty() && !path.join("log").exists() => {
                write_format(&format).map_err(failed("writing FORMAT in"))?;
            }
            Ok(found) => check_format(path, found.trim())?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                write_format(&format).map_err(failed("writing FORMAT in"))?;
            }
            Err(error) => return Err(failed("reading FORMAT in")(error)),
        }
        Ok(Directory { _lock: lock })
    }
}

fn write_format(format: &Path) -> std::io::Result<()> {
    fs::write(format, format!("{FORMAT_VERSION}\n"))
}

fn take_lock(path: &Path, failed: impl Fn(std::io::Error) -> Error) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    let mut lock = options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path.join("LOCK"))
        .map_err(&failed)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut owner = String::new();
            // The owner is told for convenience; the lock itself is what counts.
            drop(lock.read_to_string(&mut owner));
            let owner = if owner.trim().is_empty() { "?".into() } else { owner.trim().to_owned() };
            return Err(Error::Locked { path: path.to_owned(), owner });
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    lock.set_len(0).map_err(&failed)?;
    lock.seek(SeekFrom::Start(0)).map_err(&failed)?;
    writeln!(lock, "{}", std::process::id()).map_err(&failed)?;
    Ok(lock)
}

fn check_format(path: &Path, found: &str) -> Result<(), Error> {
    match found.parse::<u32>() {
        Ok(version) if version <= FORMAT_VERSION => Ok(()),
        Ok(_) => Err(Error::NewerFormat {
            path: path.to_owned(),
            found: found.to_owned(),
            supported: FORMAT_VERSION,
        }),
        Err(_) => Err(Error::Corrupt {
            what: path.join("FORMAT").display().to_string(),
            detail: format!("`{found}` is not a format number"),
        }),
    }
}
