//! The RocksDB of the embedded log, and where each partition ends.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Condvar, Mutex, RwLock},
    time::Instant,
};

use cns_schemas::TOPICS;
use rocksdb::{
    Cache, ColumnFamily, ColumnFamilyDescriptor, DB, DBRecoveryMode, Direction, IteratorMode,
    Options, ReadOptions, WriteBatch, WriteOptions,
};

use super::{EmbeddedOptions, keys};
use crate::{Delivered, Error, Limit, Partition, Record, Rows, Table, blocks::blocks, log::Row};

pub struct Store {
    db: DB,
    name: String,
    partitions: u32,
    ends: RwLock<BTreeMap<Partition, i64>>,
    /// Guards nothing but the wait: a waiter re-reads `ends` under it.
    waiting: Mutex<()>,
    grown: Condvar,
    generations: Mutex<BTreeMap<String, u64>>,
}

impl Store {
    pub fn open(path: &Path, options: &EmbeddedOptions) -> Result<Store, Error> {
        let name = path.display().to_string();
        let cache = Cache::new_lru_cache(options.block_cache_bytes);
        let families = [keys::RECORDS, keys::ROWS, keys::META]
            .map(|family| ColumnFamilyDescriptor::new(family, tuned(options, &cache)));
        let mut database = tuned(options, &cache);
        database.create_if_missing(true);
        database.create_missing_column_families(true);
        database.set_db_write_buffer_size(options.write_buffer_bytes);
        // A torn last record is what a crash leaves; anything else that is damaged must be reported.
        database.set_wal_recovery_mode(DBRecoveryMode::TolerateCorruptedTailRecords);
        database.set_track_and_verify_wals_in_manifest(true);
        database.set_paranoid_checks(true);
        database.set_max_total_wal_size(2 * options.write_buffer_bytes as u64);
        database.set_keep_log_file_num(2);
        let db = DB::open_cf_descriptors(&database, path, families)
            .map_err(|error| Error::rocks(&name, &error))?;
        let mut store = Store {
            db,
            name,
            partitions: options.partitions.max(1),
            ends: RwLock::default(),
            waiting: Mutex::default(),
            grown: Condvar::new(),
            generations: Mutex::default(),
        };
        store.fix_partitions()?;
        store.find_ends()?;
        Ok(store)
    }

    /// The stored number of partitions wins: keys would move otherwise.
    fn fix_partitions(&mut self) -> Result<(), Error> {
        match self
            .db
            .get_cf(self.family(keys::META), keys::PARTITIONS)
            .map_err(|e| self.error(&e))?
        {
            Some(bytes) => {
                let bytes = <[u8; 4]>::try_from(bytes.as_slice())
                    .map_err(|_| self.corrupt("the number of partitions has not four bytes"))?;
                self.partitions = u32::from_be_bytes(bytes);
                Ok(())
            }
            None => {
                let mut batch = WriteBatch::default();
                batch.put_cf(
                    self.family(keys::META),
                    keys::PARTITIONS,
                    self.partitions.to_be_bytes(),
                );
                self.write(batch)
            }
        }
    }

    fn find_ends(&self) -> Result<(), Error> {
        let family = self.family(keys::RECORDS);
        let mut ends = BTreeMap::new();
        for (topic, ..) in TOPICS {
            for index in 0..self.partitions {
                let partition = Partition { topic, index };
                let after = keys::record(partition, i64::MAX);
                let mut last =
                    self.db.iterator_cf(family, IteratorMode::From(&after, Direction::Reverse));
                let Some(row) = last.next() else { continue };
                let (key, _) = row.map_err(|e| self.error(&e))?;
                if key.starts_with(&keys::partition(partition)) {
                    let offset = keys::offset(&key)
                        .ok_or_else(|| self.corrupt("a record key has not 14 bytes"))?;
                    ends.insert(partition, offset + 1);
                }
            }
        }
        *self.ends.write().expect("no holder of the lock panics") = ends;
        Ok(())
    }

    pub fn partitions(&self) -> u32 {
        self.partitions
    }

    pub fn end(&self, of: Partition) -> i64 {
        self.ends.read().expect("no holder of the lock panics").get(&of).copied().unwrap_or(0)
    }

    /// Makes committed records visible and wakes those who wait for them.
    pub fn publish(&self, ends: &BTreeMap<Partition, i64>) {
        self.ends.write().expect("no holder of the lock panics").extend(ends);
        drop(self.waiting.lock().expect("no holder of the lock panics"));
        self.grown.notify_all();
    }

    /// Waits until one of the partitions has a record at its offset, or the deadline has passed.
    pub fn wait_past(&self, positions: &[(Partition, i64)], deadline: Instant) {
        let mut guard = self.waiting.lock().expect("no holder of the lock panics");
        while !positions.iter().any(|(partition, offset)| self.end(*partition) > *offset) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            guard = self.grown.wait_timeout(guard, left).expect("no holder of the lock panics").0;
        }
    }

    pub fn slice(
        &self,
        from: Partition,
        offset: i64,
        limit: Limit,
    ) -> Result<Vec<Delivered>, Error> {
        let end = self.end(from);
        if limit.records == 0 || offset >= end {
            return Ok(Vec::new());
        }
        let mut bounds = ReadOptions::default();
        bounds.set_iterate_upper_bound(keys::record(from, end));
        let start = keys::record(from, offset);
        let mode = IteratorMode::From(&start, Direction::Forward);
        let mut records = Vec::new();
        let mut bytes = 0;
        for row in self.db.iterator_cf_opt(self.family(keys::RECORDS), bounds, mode) {
            let (key, value) = row.map_err(|e| self.error(&e))?;
            bytes += value.len();
            if !records.is_empty() && bytes > limit.bytes {
                break;
            }
            records.push(self.delivered(from, &key, &value)?);
            if records.len() == limit.records {
                break;
            }
        }
        Ok(records)
    }

    fn delivered(
        &self,
        partition: Partition,
        key: &[u8],
        value: &[u8],
    ) -> Result<Delivered, Error> {
        let offset =
            keys::offset(key).ok_or_else(|| self.corrupt("a record key has not 14 bytes"))?;
        let record: Record = postcard::from_bytes(value)
            .map_err(|error| self.corrupt(&format!("record {partition}@{offset}: {error}")))?;
        Ok(Delivered { partition, offset, record })
    }

    pub fn committed(&self, group: &str, of: Partition) -> Result<i64, Error> {
        let key = keys::group(group, of);
        match self.db.get_pinned_cf(self.family(keys::META), key).map_err(|e| self.error(&e))? {
            None => Ok(0),
            Some(bytes) => {
                <[u8; 8]>::try_from(bytes.as_ref()).map(i64::from_be_bytes).map_err(|_| {
                    self.corrupt(&format!("the offset of {group} in {of} has not eight bytes"))
                })
            }
        }
    }

    /// Makes every earlier member of the group void.
    pub fn next_generation(&self, group: &str) -> u64 {
        let mut generations = self.generations.lock().expect("no holder of the lock panics");
        let generation = generations.entry(group.to_owned()).or_default();
        *generation += 1;
        *generation
    }

    pub fn owns(&self, group: &str, generation: u64) -> bool {
        self.generations.lock().expect("no holder of the lock panics").get(group)
            == Some(&generation)
    }

    pub fn family(&self, name: &str) -> &ColumnFamily {
        self.db.cf_handle(name).expect("the column family was created when the store was opened")
    }

    /// Writes a batch and waits until it is on the disk.
    pub fn write(&self, batch: WriteBatch) -> Result<(), Error> {
        let mut synced = WriteOptions::default();
        synced.set_sync(true);
        self.db.write_opt(batch, &synced).map_err(|e| self.error(&e))
    }

    fn error(&self, error: &rocksdb::Error) -> Error {
        Error::rocks(&self.name, error)
    }

    fn corrupt(&self, detail: &str) -> Error {
        Error::Corrupt { what: self.name.clone(), detail: detail.to_owned() }
    }
}

impl Rows for Store {
    fn get(&self, table: Table, partition: u32, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let key = keys::row(table.number, partition, key);
        self.db.get_cf(self.family(keys::ROWS), key).map_err(|e| self.error(&e))
    }

    fn scan(
        &self,
        table: Table,
        partition: u32,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, Error> {
        let within = keys::row(table.number, partition, prefix);
        let start = match after {
            // The least key that is greater than `after`.
            Some(after) if after >= prefix => {
                [keys::row(table.number, partition, after), vec![0]].concat()
            }
            _ => within.clone(),
        };
        let mut rows = Vec::new();
        let mode = IteratorMode::From(&start, Direction::Forward);
        for row in self.db.iterator_cf(self.family(keys::ROWS), mode).take(limit) {
            let (key, value) = row.map_err(|e| self.error(&e))?;
            if !key.starts_with(&within) {
                break;
            }
            rows.push((key[6..].to_vec(), value.into_vec()));
        }
        Ok(rows)
    }
}

fn tuned(options: &EmbeddedOptions, cache: &Cache) -> Options {
    let mut tuned = Options::default();
    tuned.set_block_based_table_factory(&blocks(cache));
    tuned.set_compression_type(rocksdb::DBCompressionType::Lz4);
    tuned.set_write_buffer_size(options.write_buffer_bytes / 4);
    tuned
}
