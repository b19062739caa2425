//! An empty state directory for a demo. It deletes, so it is careful: only what an earlier demo left, and
//! never under a server that runs.

use std::{
    fs::{self, File, TryLockError},
    io::ErrorKind,
    path::Path,
};

use crate::failure::{Code, Failure};

/// Files that only a state directory has.
const MARKS: [&str; 2] = ["LOCK", "FORMAT"];

/// Removes what an earlier demo left at `path`.
pub fn directory(path: &Path) -> Result<(), Failure> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries.count(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unusable(path, &error)),
    };
    if entries == 0 {
        return Ok(());
    }
    if !MARKS.iter().all(|mark| path.join(mark).is_file()) {
        let message = format!(
            "{} holds something that no demo left there; it is not deleted",
            path.display()
        );
        return Err(Failure::new(Code::Refused, message)
            .hint("move it away, or run the demo in another folder"));
    }
    let lock = File::open(path.join("LOCK")).map_err(|error| unusable(path, &error))?;
    match lock.try_lock() {
        // Held until the folder is gone, so that no server starts on it meanwhile.
        Ok(()) => fs::remove_dir_all(path).map_err(|error| unusable(path, &error)),
        Err(TryLockError::WouldBlock) => {
            let message = format!(
                "a server runs on {}, so the demo cannot begin afresh there",
                path.display()
            );
            Err(Failure::new(Code::Dependency, message).hint("stop that server first"))
        }
        Err(TryLockError::Error(error)) => Err(unusable(path, &error)),
    }
}

fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Code::Dependency, format!("cannot clear {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_demo_left_is_deleted() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("demo");
        directory(&path).unwrap();
        fs::create_dir(&path).unwrap();
        fs::write(path.join("thesis.txt"), "years of work").unwrap();
        assert_eq!(directory(&path).unwrap_err().code, Code::Refused);
        for mark in MARKS {
            fs::write(path.join(mark), "1\n").unwrap();
        }
        directory(&path).unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn nothing_is_deleted_under_a_running_server() {
        let root = tempfile::tempdir().unwrap();
        for mark in MARKS {
            fs::write(root.path().join(mark), "1\n").unwrap();
        }
        let server = File::open(root.path().join("LOCK")).unwrap();
        server.try_lock().unwrap();
        assert_eq!(directory(root.path()).unwrap_err().code, Code::Dependency);
        assert!(root.path().join("FORMAT").exists());
    }
}
