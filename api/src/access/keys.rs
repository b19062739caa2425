//! The keys at work: read from their file, and read again when it has changed.

use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::{Duration, Instant},
};

use thiserror::Error;

use super::{ApiKey, KeyEntry, KeyFile, Rate, Scope, pace::Bucket};
use crate::limits::{KEY_FILE_BYTES_MAX, KEYS_LOOK_EVERY};

/// Why keys cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the keys file {} {fault}", path.display())]
pub struct KeysError {
    path: PathBuf,
    fault: String,
}

/// Who has shown a valid key.
#[derive(Clone)]
pub struct Holder {
    /// The key's entry.
    pub entry: Arc<KeyEntry>,
    bucket: Arc<Bucket>,
}

impl Holder {
    /// Whether the key allows it.
    pub fn may(&self, scope: Scope) -> bool {
        self.entry.scopes.contains(&scope)
    }

    /// One request.
    ///
    /// # Errors
    /// In how many seconds the next one is let in.
    pub(crate) fn take(&self) -> Result<(), u32> {
        self.bucket.take()
    }
}

/// How many keys there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyCounts {
    /// In the file.
    pub all: usize,
    /// Neither revoked nor expired.
    pub valid: usize,
}

/// Entries with a state of the file.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: (i64, i64),
    inode: u64,
    bytes: u64,
}

/// What was found when the file was looked at.
#[derive(Clone)]
struct Found {
    /// By id.
    holders: Arc<BTreeMap<String, Holder>>,
    stamp: Option<Stamp>,
    /// Why the file could not be read the last time; the entries before are still at work.
    fault: Option<String>,
}

/// The keys at work.
pub struct Keys {
    path: PathBuf,
    standard: Rate,
    every: Duration,
    found: RwLock<Found>,
    /// When the file was looked at; held while somebody does.
    looked: Mutex<Instant>,
}

impl Keys {
    /// Reads a keys file.
    ///
    /// # Errors
    /// It cannot be read, is no keys file, or others than its owner may write it.
    pub fn open(path: &Path, standard: Rate) -> Result<Keys, KeysError> {
        Keys::looking_every(path, standard, KEYS_LOOK_EVERY)
    }

    /// As [`Keys::open`], and looks so often whether the file has changed.
    ///
    /// # Errors
    /// As for [`Keys::open`].
    pub fn looking_every(path: &Path, standard: Rate, every: Duration) -> Result<Keys, KeysError> {
        let none = BTreeMap::new();
        let (stamp, holders) = stamp(path)
            .and_then(|stamp| Ok((stamp, read(path, standard, &none)?)))
            .map_err(|fault| KeysError { path: path.to_owned(), fault })?;
        let found = Found { holders: Arc::new(holders), stamp: Some(stamp), fault: None };
        Ok(Keys {
            path: path.to_owned(),
            standard,
            every,
            found: RwLock::new(found),
            looked: Mutex::new(Instant::now()),
        })
    }

    /// How fast a caller may ask whose entry says nothing else.
    pub fn rate(&self) -> Rate {
        self.standard
    }

    /// Whether it is time to look at the file, and nobody does.
    pub fn is_due(&self) -> bool {
        self.looked.try_lock().is_ok_and(|looked| looked.elapsed() >= self.every)
    }

    /// Reads the file again if it has changed. Blocks, so it is called where that is allowed.
    pub fn look(&self) {
        let Some(mut looked) = self.claim() else { return };
        let before = self.found();
        match stamp(&self.path) {
            Ok(stamp) if before.stamp == Some(stamp) && before.fault.is_none() => {}
            Ok(stamp) => self.reread(stamp, &before),
            Err(fault) => self.keep(&before, fault),
        }
        *looked = Instant::now();
    }

    /// Whose key it is, when it is a valid one.
    pub fn holder(&self, key: &ApiKey, now_ms: i64) -> Option<Holder> {
        let holders = self.found().holders;
        let holder = holders.get(key.id())?;
        (key.is_of(&holder.entry.sha256) && holder.entry.is_valid(now_ms)).then(|| holder.clone())
    }

    /// Why the file could not be read the last time.
    pub fn fault(&self) -> Option<String> {
        self.found().fault
    }

    /// Whether the key of an id is still valid, and still reads what is a tenant's.
    pub fn still_reads(&self, id: &str, tenant: &str, now_ms: i64) -> bool {
        self.found().holders.get(id).is_some_and(|holder| {
            let entry = &holder.entry;
            entry.is_valid(now_ms) && entry.tenant == tenant && holder.may(Scope::Read)
        })
    }

    /// How many there are.
    pub fn counts(&self, now_ms: i64) -> KeyCounts {
        let holders = self.found().holders;
        let valid = holders.values().filter(|holder| holder.entry.is_valid(now_ms)).count();
        KeyCounts { all: holders.len(), valid }
    }

    /// The ids of those that are valid, and not for so long any more.
    pub fn expiring(&self, now_ms: i64, soon: Duration) -> Vec<String> {
        let soon_ms = now_ms.saturating_add(i64::try_from(soon.as_millis()).unwrap_or(i64::MAX));
        let holders = self.found().holders;
        let expiring = holders.values().map(|holder| &holder.entry);
        expiring
            .filter(|entry| entry.is_valid(now_ms) && !entry.is_valid(soon_ms))
            .map(|entry| entry.id.clone())
            .collect()
    }

    fn claim(&self) -> Option<MutexGuard<'_, Instant>> {
        self.looked.try_lock().ok().filter(|looked| looked.elapsed() >= self.every)
    }

    fn found(&self) -> Found {
        self.found.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, found: Found) {
        *self.found.write().unwrap_or_else(PoisonError::into_inner) = found;
    }

    fn reread(&self, stamp: Stamp, before: &Found) {
        match read(&self.path, self.standard, &before.holders) {
            Ok(holders) => {
                tracing::info!(file = %self.path.display(), keys = holders.len(), "Read the keys again.");
                self.set(Found { holders: Arc::new(holders), stamp: Some(stamp), fault: None });
            }
            Err(fault) => self.keep(before, fault),
        }
    }

    /// The last good entries stay at work; the fault is told once.
    fn keep(&self, before: &Found, fault: String) {
        if before.fault.as_ref() != Some(&fault) {
            tracing::error!(
                file = %self.path.display(),
                fault,
                "The keys cannot be read again; those from before are still at work."
            );
            self.set(Found { fault: Some(fault), ..before.clone() });
        }
    }
}

fn stamp(path: &Path) -> Result<Stamp, String> {
    let found = fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?;
    if !found.is_file() {
        return Err("is no file".into());
    }
    if found.mode() & 0o022 != 0 {
        return Err("can be written by others than its owner, who could give themselves a key; `chmod 600` mends it".into());
    }
    if found.len() > KEY_FILE_BYTES_MAX {
        return Err(format!("has {} bytes; the limit is {KEY_FILE_BYTES_MAX}", found.len()));
    }
    let modified = (found.mtime(), found.mtime_nsec());
    Ok(Stamp { modified, inode: found.ino(), bytes: found.len() })
}

/// The entries of a file; one that was there before goes on at its pace.
fn read(
    path: &Path,
    standard: Rate,
    before: &BTreeMap<String, Holder>,
) -> Result<BTreeMap<String, Holder>, String> {
    let mut text = String::new();
    fs::File::open(path)
        .and_then(|file| file.take(KEY_FILE_BYTES_MAX).read_to_string(&mut text))
        .map_err(|error| format!("cannot be read: {error}"))?;
    let file = KeyFile::read(&text).map_err(|fault| format!("is not usable: {fault}"))?;
    let holder = |entry: KeyEntry| {
        let rate = entry.rate(standard);
        let same = before.get(&entry.id).filter(|holder| holder.bucket.rate == rate);
        let bucket = same.map_or_else(|| Arc::new(Bucket::new(rate)), |same| same.bucket.clone());
        (entry.id.clone(), Holder { entry: Arc::new(entry), bucket })
    };
    Ok(file.keys.into_iter().map(holder).collect())
}
