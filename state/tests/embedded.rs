//! What the embedded log does when a process dies, a disk is full or bytes are damaged.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path, sync::Arc, time::Duration};

use cns_schemas::Topic;
use cns_state::{
    Append, Change, CommitError, Embedded, EmbeddedOptions, Error, Limit, Log, Overlay, Partition,
    Polled, Record, Rows, Table, Transaction,
};

const TABLE: Table = Table { number: 900, name: "test" };
const ALL: Limit = Limit { records: 1000, bytes: 1 << 20 };
const AT: Partition = Partition { topic: Topic::Documents, index: 0 };

fn open(path: &Path) -> Result<Embedded, Error> {
    Embedded::open(path, &EmbeddedOptions::standard())
}

fn append(text: &[u8]) -> Vec<Append> {
    vec![Append { to: AT, record: Record { value: text.to_vec(), ..Record::default() } }]
}

#[test]
fn reopening_finds_records_rows_and_offsets() {
    let directory = tempfile::tempdir().unwrap();
    {
        let log = open(directory.path()).unwrap();
        log.append(append(b"one")).unwrap();
        let mut member = log.join("g", Topic::Documents).unwrap();
        assert!(matches!(member.poll(ALL, Duration::ZERO), Ok(Polled::Assigned(_))));
        let change =
            Change { table: TABLE, partition: 0, key: b"k".to_vec(), value: Some(b"v".to_vec()) };
        member
            .commit(Transaction {
                changes: vec![change],
                consumed: vec![(0, 1)],
                ..Transaction::default()
            })
            .unwrap();
    }
    let log = open(directory.path()).unwrap();
    assert_eq!(log.end(AT).unwrap(), 1);
    assert_eq!(log.committed("g", AT).unwrap(), 1);
    assert_eq!(log.append(append(b"two")).unwrap(), [1]);
    assert_eq!(log.read(AT, 0, ALL, Duration::ZERO).unwrap().len(), 2);
    let member = log.join("g", Topic::Documents).unwrap();
    assert_eq!(member.rows().get(TABLE, 0, b"k").unwrap(), Some(b"v".to_vec()));
}

#[test]
fn a_second_process_is_told_who_holds_the_directory() {
    let directory = tempfile::tempdir().unwrap();
    let _held = open(directory.path()).unwrap();
    let Err(Error::Locked { owner, .. }) = open(directory.path()).map(drop) else {
        panic!("locked")
    };
    assert_eq!(owner, std::process::id().to_string());
}

#[test]
fn a_newer_format_and_a_damaged_one_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    drop(open(directory.path()).unwrap());
    fs::write(directory.path().join("FORMAT"), "99\n").unwrap();
    assert!(
        matches!(open(directory.path()), Err(Error::NewerFormat { found, .. }) if found == "99")
    );
    fs::write(directory.path().join("FORMAT"), "what\n").unwrap();
    assert!(
        matches!(open(directory.path()), Err(Error::Corrupt { what, .. }) if what.ends_with("FORMAT"))
    );
}

#[test]
fn partitions_are_fixed_by_the_first_opening() {
    let directory = tempfile::tempdir().unwrap();
    drop(open(directory.path()).unwrap());
    let options = EmbeddedOptions { partitions: 7, ..EmbeddedOptions::standard() };
    let log = Embedded::open(directory.path(), &options).unwrap();
    assert_eq!(log.partitions(Topic::Facts), EmbeddedOptions::standard().partitions);
}

#[test]
fn a_full_disk_refuses_before_anything_is_written_and_recovers() {
    let directory = tempfile::tempdir().unwrap();
    let full = EmbeddedOptions { disk_headroom_bytes: u64::MAX / 2, ..EmbeddedOptions::standard() };
    {
        let log = Embedded::open(directory.path(), &full).unwrap();
        let Err(CommitError::NotDone(error)) = log.append(append(b"x")) else { panic!("refused") };
        assert!(error.to_string().contains("bytes free"), "{error}");
        assert_eq!(log.end(AT).unwrap(), 0);
    }
    let log = open(directory.path()).unwrap();
    assert_eq!(log.append(append(b"x")).unwrap(), [0]);
}

#[test]
fn damaged_files_are_named_and_never_served() {
    let directory = tempfile::tempdir().unwrap();
    let values: Vec<Vec<u8>> =
        (0..2000u32).map(|n| format!("record {n} {}", "x".repeat(500)).into_bytes()).collect();
    {
        // A small buffer, so that the records are in table files.
        let small = EmbeddedOptions { write_buffer_bytes: 1 << 18, ..EmbeddedOptions::standard() };
        let log = Embedded::open(directory.path(), &small).unwrap();
        for value in &values {
            log.append(append(value)).unwrap();
        }
    }
    let mut flipped = 0;
    for entry in fs::read_dir(directory.path().join("log")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "sst") {
            let mut bytes = fs::read(&path).unwrap();
            let middle = bytes.len() / 3;
            bytes[middle] ^= 0x40;
            fs::write(&path, bytes).unwrap();
            flipped += 1;
        }
    }
    assert!(flipped > 0, "records are in table files");
    let log = match open(directory.path()) {
        Err(error) => return assert!(matches!(error, Error::Corrupt { .. }), "{error}"),
        Ok(log) => log,
    };
    let mut offset = 0;
    loop {
        match log.read(AT, offset, ALL, Duration::ZERO) {
            Err(Error::Corrupt { what, .. }) => break assert!(what.contains("log")),
            Err(other) => panic!("corruption is reported as such, not as {other}"),
            Ok(records) => {
                assert!(!records.is_empty(), "the damage is found before the end");
                for record in records {
                    assert_eq!(
                        record.record.value, values[record.offset as usize],
                        "damaged bytes are served"
                    );
                    offset = record.offset + 1;
                }
            }
        }
    }
}

#[test]
fn overlay_shows_what_a_commit_would_write() {
    use proptest::prelude::*;
    let changes = proptest::collection::vec((0u8..12, proptest::option::of(0u8..4)), 0..40);
    let mut runner = proptest::test_runner::TestRunner::default();
    runner
        .run(&(changes, 0usize..41, 1usize..8), |(changes, split, limit)| {
            let log = cns_state::Memory::new(1);
            let mut member = log.join("g", Topic::Documents).unwrap();
            member.poll(ALL, Duration::ZERO).unwrap();
            let change = |(key, value): &(u8, Option<u8>)| Change {
                table: TABLE,
                partition: 0,
                key: vec![key / 4, *key],
                value: value.map(|v| vec![v]),
            };
            let split = split.min(changes.len());
            let (before, after) = changes.split_at(split);
            let commit = |changes: Vec<Change>| Transaction { changes, ..Transaction::default() };
            member.commit(commit(before.iter().map(change).collect())).unwrap();
            let overlay = Overlay::new(member.rows());
            overlay.apply(after.iter().map(change).collect());
            let seen = |rows: &dyn Rows| {
                let prefixes: [&[u8]; 4] = [&[], &[0], &[1], &[2]];
                let afters: [Option<&[u8]>; 2] = [None, Some(&[1, 5])];
                let scans: Vec<_> = prefixes
                    .iter()
                    .flat_map(|p| afters.iter().map(move |a| (p, a)))
                    .map(|(p, a)| rows.scan(TABLE, 0, p, *a, limit).unwrap())
                    .collect();
                let gets: Vec<_> =
                    (0u8..12).map(|k| rows.get(TABLE, 0, &[k / 4, k]).unwrap()).collect();
                (scans, gets)
            };
            let drafted = seen(&overlay);
            member.commit(commit(overlay.take())).unwrap();
            let applied = seen(&*(member.rows() as Arc<dyn Rows>));
            prop_assert_eq!(drafted, applied);
            Ok(())
        })
        .unwrap();
}
