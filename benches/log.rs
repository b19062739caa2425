//! Appending and reading 1 KiB records on the embedded log, against a bare synced RocksDB `WriteBatch` of
//! the same bytes in the same run.

mod measure;

use std::{path::Path, time::Duration};

use cns_schemas::Topic;
use cns_state::{Append, Embedded, EmbeddedOptions, Limit, Log, Partition, Record};
use measure::{median, row, spend, wanted};
use rocksdb::{DB, IteratorMode, Options, WriteBatch, WriteOptions};

const AT: Partition = Partition { topic: Topic::Documents, index: 0 };
const ROUNDS: usize = 5;

fn record(n: usize) -> Record {
    let value: Vec<u8> = (0..1024).map(|byte| (byte * 31 + n * 7) as u8).collect();
    Record { key: n.to_be_bytes().repeat(2), value, headers: Vec::new(), at_ms: 0 }
}

fn ours(path: &Path, batches: usize, size: usize) -> (f64, f64) {
    let log = Embedded::open(path, &EmbeddedOptions::standard()).expect("open");
    let records: Vec<Record> = (0..size).map(record).collect();
    let appended = spend(|| {
        for _ in 0..batches {
            let appends =
                records.iter().map(|record| Append { to: AT, record: record.clone() }).collect();
            log.append(appends).expect("append");
        }
    });
    let mut read = 0;
    let scanned = spend(|| {
        let limit = Limit { records: 1000, bytes: 4 << 20 };
        while read < batches * size {
            read += log.read(AT, read as i64, limit, Duration::ZERO).expect("read").len();
        }
    });
    let count = (batches * size) as f64;
    (count / appended.wall, count / scanned.wall)
}

fn theirs(path: &Path, batches: usize, size: usize) -> (f64, f64) {
    let mut options = Options::default();
    options.create_if_missing(true);
    options.set_compression_type(rocksdb::DBCompressionType::Lz4);
    options.set_write_buffer_size(EmbeddedOptions::standard().write_buffer_bytes);
    let db = DB::open(&options, path).expect("open");
    let records: Vec<Record> = (0..size).map(record).collect();
    let mut next = 0u64;
    let appended = spend(|| {
        for _ in 0..batches {
            let mut batch = WriteBatch::default();
            for record in &records {
                batch.put(next.to_be_bytes(), [record.key.as_slice(), &record.value].concat());
                next += 1;
            }
            let mut synced = WriteOptions::default();
            synced.set_sync(true);
            db.write_opt(batch, &synced).expect("write");
        }
    });
    let mut read = 0;
    let scanned =
        spend(|| read = db.iterator(IteratorMode::Start).filter(|row| row.is_ok()).count());
    assert_eq!(read, batches * size);
    let count = (batches * size) as f64;
    (count / appended.wall, count / scanned.wall)
}

fn main() {
    if !wanted() {
        return;
    }
    println!(
        "{:<44} {:>12} {:>12} {:<14} {:>6}",
        "embedded log, 1 KiB records", "ours", "bare", "", "ratio"
    );
    for (size, batches) in [(1, 1500), (100, 300), (1000, 60)] {
        let mut rounds: Vec<[f64; 4]> = Vec::new();
        for _ in 0..ROUNDS {
            let (a, b) = (
                tempfile::tempdir().expect("a directory"),
                tempfile::tempdir().expect("a directory"),
            );
            let (ours, theirs) = (ours(a.path(), batches, size), theirs(b.path(), batches, size));
            rounds.push([ours.0, theirs.0, ours.1, theirs.1]);
        }
        let middle = |index: usize| median(rounds.iter().map(|round| round[index]).collect());
        row(
            &format!("append, synced, batches of {size}"),
            middle(0),
            middle(1),
            "records/s",
            "0.70",
        );
        row(
            &format!("read what batches of {size} wrote"),
            middle(2),
            middle(3),
            "records/s",
            "0.70",
        );
    }
}
