//! A view store: rows folded from a topic, with the positions they are folded up to in the same batch.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use rocksdb::{Cache, DB, DBRecoveryMode, Direction, IteratorMode, Options, WriteBatch};

use crate::{Change, Error, Rows, Table, blocks::blocks, log::Row};

/// How a view store is opened.
#[derive(Debug, Clone)]
pub struct ViewOptions {
    /// Memory for rows that are not yet in files.
    pub write_buffer_bytes: usize,
    /// Memory for blocks of files, with their indexes and filters.
    pub block_cache_bytes: usize,
    /// The version of the fold. A store of another version is thrown away and folded anew.
    pub version: u32,
}

/// Rows that can be folded again from the log at any time. Clones share the store.
#[derive(Clone)]
pub struct Views {
    db: Arc<DB>,
    name: Arc<str>,
}

const POSITION: &[u8] = b"p";
const VERSION: &[u8] = b"v";
const ROW: u8 = b'r';

impl Views {
    /// Opens the store in `path`, creating it when nothing is there. One of another version is removed
    /// first: it holds nothing that the log does not.
    ///
    /// # Errors
    /// [`Error::Corrupt`] names the store; removing its directory is safe, it is folded anew.
    pub fn open(path: &Path, options: &ViewOptions) -> Result<Views, Error> {
        let views = Self::open_any(path, options)?;
        let version = options.version.to_be_bytes();
        let stored = views.db.get(VERSION).map_err(|e| views.error(&e))?;
        if stored.as_deref() == Some(&version) {
            return Ok(views);
        }
        let views = if stored.is_some() {
            drop(views);
            let name = path.display().to_string();
            DB::destroy(&Options::default(), path).map_err(|e| Error::rocks(name, &e))?;
            Self::open_any(path, options)?
        } else {
            views
        };
        views.db.put(VERSION, version).map_err(|e| views.error(&e))?;
        Ok(views)
    }

    fn open_any(path: &Path, options: &ViewOptions) -> Result<Views, Error> {
        let name = path.display().to_string();
        let mut database = Options::default();
        database.create_if_missing(true);
        let cache = Cache::new_lru_cache(options.block_cache_bytes);
        database.set_block_based_table_factory(&blocks(&cache));
        database.set_write_buffer_size(options.write_buffer_bytes);
        // The WAL is not synced: what a crash takes is folded again. What is there must be whole.
        database.set_wal_recovery_mode(DBRecoveryMode::PointInTime);
        database.set_paranoid_checks(true);
        database.set_keep_log_file_num(2);
        database.set_compression_type(rocksdb::DBCompressionType::Lz4);
        let db = DB::open(&database, path).map_err(|error| Error::rocks(&name, &error))?;
        Ok(Views { db: Arc::new(db), name: name.into() })
    }

    /// Applies changes and the positions after them, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn apply(&self, changes: &[Change], positions: &[(u32, i64)]) -> Result<(), Error> {
        let mut batch = WriteBatch::default();
        for change in changes {
            let key = row_key(change.table, change.partition, &change.key);
            match &change.value {
                Some(value) => batch.put(key, value),
                None => batch.delete(key),
            }
        }
        for (partition, next) in positions {
            batch.put([POSITION, &partition.to_be_bytes()].concat(), next.to_be_bytes());
        }
        self.db.write(batch).map_err(|e| self.error(&e))
    }

    /// For each partition of the folded topic: the next offset to fold.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn positions(&self) -> Result<BTreeMap<u32, i64>, Error> {
        let mut positions = BTreeMap::new();
        for row in self.db.iterator(IteratorMode::From(POSITION, Direction::Forward)) {
            let (key, value) = row.map_err(|e| self.error(&e))?;
            let Some(partition) = key.strip_prefix(POSITION) else { break };
            let (Ok(partition), Ok(next)) = (partition.try_into(), value.as_ref().try_into())
            else {
                return Err(Error::Corrupt {
                    what: self.name.to_string(),
                    detail: "a position has not the length of one".into(),
                });
            };
            positions.insert(u32::from_be_bytes(partition), i64::from_be_bytes(next));
        }
        Ok(positions)
    }

    /// The store's path, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn error(&self, error: &rocksdb::Error) -> Error {
        Error::rocks(&*self.name, error)
    }
}

impl Rows for Views {
    fn get(&self, table: Table, partition: u32, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.db.get(row_key(table, partition, key)).map_err(|e| self.error(&e))
    }

    fn scan(
        &self,
        table: Table,
        partition: u32,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, Error> {
        let within = row_key(table, partition, prefix);
        let start = match after {
            Some(after) if after >= prefix => [row_key(table, partition, after), vec![0]].concat(),
            _ => within.clone(),
        };
        let mut rows = Vec::new();
        for row in self.db.iterator(IteratorMode::From(&start, Direction::Forward)).take(limit) {
            let (key, value) = row.map_err(|e| self.error(&e))?;
            if !key.starts_with(&within) {
                break;
            }
            rows.push((key[7..].to_vec(), value.into_vec()));
        }
        Ok(rows)
    }
}

fn row_key(table: Table, partition: u32, key: &[u8]) -> Vec<u8> {
    let mut bytes = vec![ROW];
    bytes.extend(table.number.to_be_bytes());
    bytes.extend(partition.to_be_bytes());
    bytes.extend(key);
    bytes
}
