//! The rows of this process: one RocksDB, a fold of the changelogs. What a batch writes and the place in the
//! changelog that it stands for are one write, so the two never disagree.

use std::{borrow::Cow, collections::BTreeMap, path::Path, sync::Arc};

use quick_cache::{Weighter, sync::Cache};
use rocksdb::{DB, DBRecoveryMode, Direction, IteratorMode, Options, WriteBatch};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use super::KafkaOptions;
use crate::{Change, Error, Rows, Table, blocks::blocks, log::Row};

/// Up to where the rows of one partition of a group are the fold of its changelog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The next offset of the changelog to apply.
    pub changelog: i64,
    /// The next offset of the inbox, as the transaction before said.
    pub input: i64,
    /// Sum of the hashes of all rows: the same for the same rows, in whatever order they came.
    pub rows_hash: u128,
    /// When it was written, milliseconds since 1970.
    pub at_ms: i64,
}

impl Place {
    /// Before the first transaction.
    pub const START: Place = Place { changelog: 0, input: 0, rows_hash: 0, at_ms: 0 };
}

/// The store as one group sees it. Clones share it.
#[derive(Clone)]
pub struct RowStore {
    db: Arc<DB>,
    /// Values of rows that were written lately: a stage mostly reads what it has written. Only writes fill it, so it
    /// never holds what a reader found before a write.
    written: Arc<Cache<Vec<u8>, Arc<[u8]>, Bytes>>,
    name: Arc<str>,
    group: Arc<str>,
}

/// What a row takes in the cache.
#[derive(Clone)]
struct Bytes;

impl Weighter<Vec<u8>, Arc<[u8]>> for Bytes {
    fn weight(&self, key: &Vec<u8>, value: &Arc<[u8]>) -> u64 {
        (key.len() + value.len() + ENTRY_BYTES) as u64
    }
}

/// The cache's own share of an entry.
const ENTRY_BYTES: usize = 96;
/// For how many rows the cache makes room at first.
const ENTRIES: usize = 1024;

const ROWS: u8 = b'r';
const PLACES: u8 = b'p';

impl RowStore {
    pub fn open(path: &Path, options: &KafkaOptions) -> Result<RowStore, Error> {
        let name = path.display().to_string();
        // One budget: half for rows as they are, half for blocks of files.
        let half = options.block_cache_bytes / 2;
        let cache = rocksdb::Cache::new_lru_cache(half);
        let mut database = Options::default();
        database.create_if_missing(true);
        database.set_block_based_table_factory(&blocks(&cache));
        database.set_db_write_buffer_size(options.write_buffer_bytes);
        // The changelog is the truth. What a crash of the machine takes from here is read from there again;
        // what is here has to be a beginning of what was written.
        database.set_wal_recovery_mode(DBRecoveryMode::PointInTime);
        database.set_paranoid_checks(true);
        database.set_keep_log_file_num(2);
        database.set_max_total_wal_size(2 * options.write_buffer_bytes as u64);
        database.set_compression_type(rocksdb::DBCompressionType::Lz4);
        let db = DB::open(&database, path).map_err(|error| Error::rocks(&name, &error))?;
        let written = Arc::new(Cache::with_weighter(ENTRIES, half as u64, Bytes));
        Ok(RowStore { db: Arc::new(db), written, name: name.into(), group: "".into() })
    }

    /// The rows of a group.
    pub fn of(&self, group: &str) -> RowStore {
        RowStore { group: group.into(), ..self.clone() }
    }

    pub fn place(&self, partition: u32) -> Result<Option<Place>, Error> {
        let Some(bytes) = self.db.get(self.place_key(partition)).map_err(|e| self.error(&e))?
        else {
            return Ok(None);
        };
        postcard::from_bytes(&bytes).map(Some).map_err(|error| Error::Corrupt {
            what: self.name.to_string(),
            detail: format!("the place of {}/{partition}: {error}", self.group),
        })
    }

    /// The hash of the rows of a partition after these changes.
    pub fn hash_after(&self, before: u128, changes: &[&Change]) -> Result<u128, Error> {
        let mut hash = before;
        for change in lasting(changes).iter() {
            let key = self.row_key(change.table, change.partition, &change.key);
            if let Some(old) = self.written.get(&key) {
                hash = hash.wrapping_sub(row_hash(&key, &old));
            } else if let Some(old) = self.db.get_pinned(&key).map_err(|e| self.error(&e))? {
                hash = hash.wrapping_sub(row_hash(&key, &old));
            }
            if let Some(new) = &change.value {
                hash = hash.wrapping_add(row_hash(&key, new));
            }
        }
        Ok(hash)
    }

    /// Applies committed changes and the places after them, whole or not at all.
    pub fn apply<'a>(
        &self,
        changes: impl IntoIterator<Item = &'a Change>,
        places: &[(u32, Place)],
    ) -> Result<(), Error> {
        let mut batch = WriteBatch::default();
        let mut rows: Vec<(Vec<u8>, Option<&Vec<u8>>)> = Vec::new();
        for change in changes {
            let key = self.row_key(change.table, change.partition, &change.key);
            match &change.value {
                Some(value) => batch.put(&key, value),
                None => batch.delete(&key),
            }
            rows.push((key, change.value.as_ref()));
        }
        for (partition, place) in places {
            let value = postcard::to_stdvec(place).expect("a place is plain data");
            batch.put(self.place_key(*partition), value);
        }
        self.db.write(batch).map_err(|e| self.error(&e))?;
        for (key, value) in rows {
            match value {
                Some(value) => self.written.insert(key, value.as_slice().into()),
                None => drop(self.written.remove(&key)),
            }
        }
        Ok(())
    }

    /// Throws the rows of a partition away, with the place.
    pub fn clear(&self, partition: u32) -> Result<(), Error> {
        let mut batch = WriteBatch::default();
        batch.delete_range(self.prefix(ROWS, partition), self.prefix(ROWS, partition + 1));
        batch.delete(self.place_key(partition));
        self.db.write(batch).map_err(|e| self.error(&e))?;
        self.written.clear();
        Ok(())
    }

    fn prefix(&self, tag: u8, partition: u32) -> Vec<u8> {
        let group = self.group.as_bytes();
        let mut bytes = Vec::with_capacity(64);
        bytes.push(tag);
        bytes.extend(group);
        bytes.push(0);
        bytes.extend(partition.to_be_bytes());
        bytes
    }

    fn place_key(&self, partition: u32) -> Vec<u8> {
        self.prefix(PLACES, partition)
    }

    fn row_key(&self, table: Table, partition: u32, key: &[u8]) -> Vec<u8> {
        let mut bytes = self.prefix(ROWS, partition);
        bytes.extend(table.number.to_be_bytes());
        bytes.extend(key);
        bytes
    }

    fn error(&self, error: &rocksdb::Error) -> Error {
        Error::rocks(&*self.name, error)
    }
}

impl Rows for RowStore {
    fn get(&self, table: Table, partition: u32, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let key = self.row_key(table, partition, key);
        if let Some(value) = self.written.get(&key) {
            return Ok(Some(value.to_vec()));
        }
        self.db.get(key).map_err(|e| self.error(&e))
    }

    fn scan(
        &self,
        table: Table,
        partition: u32,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, Error> {
        let within = self.row_key(table, partition, prefix);
        let start = match after {
            // The least key that is greater than `after`.
            Some(after) if after >= prefix => {
                [self.row_key(table, partition, after), vec![0]].concat()
            }
            _ => within.clone(),
        };
        let before = within.len() - prefix.len();
        let mut rows = Vec::new();
        for row in self.db.iterator(IteratorMode::From(&start, Direction::Forward)).take(limit) {
            let (key, value) = row.map_err(|e| self.error(&e))?;
            if !key.starts_with(&within) {
                break;
            }
            rows.push((key[before..].to_vec(), value.into_vec()));
        }
        Ok(rows)
    }
}

/// Of several changes of one row in one transaction only the last stays. An overlay gives each row once, in order.
fn lasting<'a, 'c>(changes: &'a [&'c Change]) -> Cow<'a, [&'c Change]> {
    let row = |change: &&'c Change| (change.table.number, &change.key);
    if changes.is_sorted_by(|one, next| row(one) < row(next)) {
        return Cow::Borrowed(changes);
    }
    let last: BTreeMap<_, _> = changes.iter().map(|change| (row(change), *change)).collect();
    Cow::Owned(last.into_values().collect())
}

fn row_hash(key: &[u8], value: &[u8]) -> u128 {
    let mut hash = Xxh3::new();
    hash.update(&(key.len() as u64).to_be_bytes());
    hash.update(key);
    hash.update(value);
    hash.digest128()
}
