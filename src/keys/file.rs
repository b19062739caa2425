//! Reads and changes a keys file. Invariant: whoever reads it finds the old text or the new one, whole; two
//! changes at the same time both stand.

use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown},
    path::{Path, PathBuf},
};

use cns_api::access::{KeyEntry, KeyFile};

use crate::failure::{Code, Failure};

/// The entries of a file.
///
/// # Errors
/// It is not there, cannot be read, or is no keys file.
pub fn read(path: &Path) -> Result<Vec<KeyEntry>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(parsed(&text, path)?.keys),
        Err(error) => Err(failed("read", path, &error).hint("`cns keys create` makes it")),
    }
}

/// Changes a file, which may not be there yet.
///
/// # Errors
/// Those of `change`; it cannot be read or written, or is no keys file. It is unchanged then.
pub fn change(
    path: &Path,
    change: impl FnOnce(&mut Vec<KeyEntry>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    // Where a link leads is replaced, not the link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let failed = |error: io::Error| failed("change", &path, &error);
    let _lock = lock(&path).map_err(failed)?;
    let mut file = match fs::read_to_string(&path) {
        Ok(text) => parsed(&text, &path)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => KeyFile::default(),
        Err(error) => return Err(failed(error)),
    };
    change(&mut file.keys)?;
    let text = file.written();
    // What a server would refuse to read is not written.
    parsed(&text, &path)?;
    replace(&path, &text).map_err(failed)
}

fn parsed(text: &str, path: &Path) -> Result<KeyFile, Failure> {
    KeyFile::read(text).map_err(|fault| {
        let message = format!("the keys file {} is not usable: {fault}", path.display());
        Failure::new(Code::Config, message)
    })
}

/// Held until it is dropped. The keys file itself is replaced, so it cannot be what is locked.
fn lock(path: &Path) -> io::Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let mut options = File::options();
    let file =
        options.write(true).create(true).truncate(false).mode(0o600).open(PathBuf::from(name))?;
    file.lock()?;
    Ok(file)
}

/// Writes beside it and renames. Owner and rights stay as they are; a new file is its owner's alone.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut new = tempfile::Builder::new().prefix(".keys-").tempfile_in(folder)?;
    if let Ok(before) = fs::metadata(path) {
        let made = new.as_file().metadata()?;
        if (made.uid(), made.gid()) != (before.uid(), before.gid()) {
            fchown(new.as_file(), Some(before.uid()), Some(before.gid()))?;
        }
        // Whoever else could write it could give himself a key.
        let rights = fs::Permissions::from_mode(before.mode() & 0o755);
        new.as_file().set_permissions(rights)?;
    }
    new.write_all(text.as_bytes())?;
    new.as_file().sync_all()?;
    new.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

fn failed(what: &str, path: &Path, error: &io::Error) -> Failure {
    let message = format!("cannot {what} the keys file {}: {error}", path.display());
    Failure::new(Code::Dependency, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: usize) -> KeyEntry {
        KeyEntry {
            id: format!("{number:012x}"),
            name: String::new(),
            tenant: "acme".into(),
            scopes: [cns_api::access::Scope::Read].into(),
            sha256: "0".repeat(64),
            created_at_ms: 1,
            expires_at_ms: None,
            revoked_at_ms: None,
            requests_per_second: None,
            burst: None,
        }
    }

    fn add(path: &Path, number: usize) {
        change(path, |keys| {
            keys.push(entry(number));
            Ok(())
        })
        .unwrap();
    }

    #[test]
    fn changes_at_the_same_time_all_stand() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys.json");
        std::thread::scope(|scope| {
            for number in 0..20 {
                let path = &path;
                scope.spawn(move || add(path, number));
            }
        });
        let ids: std::collections::BTreeSet<String> =
            read(&path).unwrap().into_iter().map(|entry| entry.id).collect();
        assert_eq!(ids.len(), 20);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        // Nothing is left beside it but the lock.
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_link_stays_one_and_rights_stay_but_for_those_of_writers() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("real.json"), dir.path().join("link.json"));
        add(&file, 1);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o664)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        add(&link, 2);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(read(&file).unwrap().len(), 2);
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o644);
    }

    #[test]
    fn what_cannot_be_read_is_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys.json");
        fs::write(&path, "my notes").unwrap();
        let failure = change(&path, |_| Ok(())).unwrap_err();
        assert_eq!(failure.code, Code::Config);
        assert_eq!(fs::read_to_string(&path).unwrap(), "my notes");
        assert!(!failure.message.contains("my notes"));
    }
}
