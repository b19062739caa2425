//! A stateful keyed stage (16-byte key, 1 KiB value, read and write of a 200-byte row, 300-byte output) in
//! records per CPU second, against the same reads and writes as bare RocksDB calls in the same run.
//!
//! Ours goes through the member of the embedded log with its transaction (outputs, rows and offsets); bare
//! is `get` for the input and the row, and one synced batch of row, output and offset for each 1024 records.

mod measure;

use std::{path::Path, sync::Arc, time::Duration};

use cns_schemas::Topic;
use cns_state::{
    Append, Change, Embedded, EmbeddedOptions, Limit, Log, Overlay, Partition, Polled, Record,
    Rows, Table, Transaction,
};
use measure::{median, row, spend, wanted};
use rocksdb::{DB, Options, WriteBatch, WriteOptions};

const RECORDS: usize = 200_000;
const KEYS: usize = 20_000;
const BATCH: Limit = Limit { records: 1024, bytes: 4 << 20 };
const TABLE: Table = Table { number: 900, name: "bench" };

fn key(n: usize) -> [u8; 16] {
    let mut key = [7; 16];
    key[8..].copy_from_slice(&((n * 7919 % KEYS) as u64).to_be_bytes());
    key
}

fn input(n: usize) -> Record {
    Record {
        key: key(n).to_vec(),
        value: vec![(n % 251) as u8; 1024],
        headers: Vec::new(),
        at_ms: 0,
    }
}

/// The work itself: what a stage would compute from input and old row.
fn work(value: &[u8], old: Option<&[u8]>) -> (Vec<u8>, Vec<u8>) {
    let mut new = old.map_or_else(|| vec![0; 200], <[u8]>::to_vec);
    new[0] = new[0].wrapping_add(value[0]);
    let mut output = value[..100].to_vec();
    output.extend_from_slice(&new);
    (new, output)
}

fn ours(path: &Path) -> f64 {
    let log =
        Embedded::open(path, &EmbeddedOptions { partitions: 1, ..EmbeddedOptions::standard() })
            .expect("open");
    let from = Partition { topic: Topic::Passages, index: 0 };
    let to = Partition { topic: Topic::Candidates, index: 0 };
    for chunk in 0..RECORDS / 1000 {
        let appends =
            (0..1000).map(|n| Append { to: from, record: input(chunk * 1000 + n) }).collect();
        log.append(appends).expect("append");
    }
    let mut member = log.join("bench", Topic::Passages).expect("join");
    let mut done = 0;
    let spent = spend(|| {
        while done < RECORDS {
            let Polled::Records(records) = member.poll(BATCH, Duration::ZERO).expect("poll") else {
                continue;
            };
            let overlay = Arc::new(Overlay::new(member.rows()));
            let mut transaction = Transaction::default();
            for delivered in records {
                let record = delivered.record;
                let old = overlay.get(TABLE, 0, &record.key).expect("get");
                let (new, output) = work(&record.value, old.as_deref());
                overlay.apply(vec![Change {
                    table: TABLE,
                    partition: 0,
                    key: record.key.clone(),
                    value: Some(new),
                }]);
                transaction.appends.push(Append { to, record: Record { value: output, ..record } });
                transaction.consumed = vec![(0, delivered.offset + 1)];
                done += 1;
            }
            transaction.changes = overlay.take();
            member.commit(transaction).expect("commit");
        }
    });
    RECORDS as f64 / spent.cpu
}

fn theirs(path: &Path) -> f64 {
    let mut options = Options::default();
    options.create_if_missing(true);
    options.set_compression_type(rocksdb::DBCompressionType::Lz4);
    let db = DB::open(&options, path).expect("open");
    for n in 0..RECORDS {
        db.put([b"in".as_slice(), &(n as u64).to_be_bytes()].concat(), input(n).value)
            .expect("put");
    }
    let spent = spend(|| {
        let mut from = 0;
        while from < RECORDS {
            let mut batch = WriteBatch::default();
            let until = (from + BATCH.records).min(RECORDS);
            for n in from..until {
                let value = db
                    .get([b"in".as_slice(), &(n as u64).to_be_bytes()].concat())
                    .expect("get")
                    .expect("there");
                let row_key = [b"row".as_slice(), &key(n)].concat();
                let old = db.get(&row_key).expect("get");
                let (new, output) = work(&value, old.as_deref());
                batch.put(row_key, new);
                batch.put([b"out".as_slice(), &(n as u64).to_be_bytes()].concat(), output);
            }
            batch.put(b"offset", (until as u64).to_be_bytes());
            let mut synced = WriteOptions::default();
            synced.set_sync(true);
            db.write_opt(batch, &synced).expect("write");
            from = until;
        }
    });
    RECORDS as f64 / spent.cpu
}

fn main() {
    if !wanted() {
        return;
    }
    let mut rounds: Vec<(f64, f64)> = Vec::new();
    for _ in 0..3 {
        let (a, b) =
            (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
        rounds.push((ours(a.path()), theirs(b.path())));
    }
    let ours = median(rounds.iter().map(|round| round.0).collect());
    let theirs = median(rounds.iter().map(|round| round.1).collect());
    row("stateful keyed stage, batches of 1024", ours, theirs, "records/CPU s", "0.50");
}
