//! What waits for its schema is not passed over, whatever happens beside it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{Duration, Instant};

use cns_schemas::Topic;
use cns_state::{
    Append, CommitError, Delivered, Limit, Log, Member, Partition, Polled, Record, Transaction,
};

use crate::cluster::Cluster;

const ALL: Limit = Limit { records: 100, bytes: 1 << 20 };
const KEY: &[u8] = b"k";
const TURN: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(60);

fn append(log: &dyn Log, index: u32, value: &[u8]) -> i64 {
    let record = Record { key: KEY.to_vec(), value: value.to_vec(), headers: Vec::new(), at_ms: 1 };
    let to = Partition { topic: Topic::Documents, index };
    log.append(vec![Append { to, record }]).unwrap()[0]
}

/// Records of this test; the settings in force come as well.
fn some(member: &mut dyn Member) -> Vec<Delivered> {
    let Polled::Records(mut records) = member.poll(ALL, TURN).unwrap() else { return Vec::new() };
    records.retain(|delivered| delivered.record.key == KEY);
    records
}

/// Polls until a record of the value comes; partition 0 gives nothing meanwhile.
fn until(member: &mut dyn Member, value: &[u8]) -> Delivered {
    let end = Instant::now() + PATIENCE;
    loop {
        for delivered in some(member) {
            assert_ne!(delivered.partition.index, 0, "{delivered:?} stands behind one that waits");
            if delivered.record.value == value {
                return delivered;
            }
        }
        assert!(Instant::now() < end, "the record does not come");
    }
}

#[test]
fn a_refused_commit_does_not_pass_over_what_waits_for_a_schema() {
    let Some(cluster) = Cluster::fresh() else { return };
    let log = cluster.log();
    let unknown = [&[0], 999_999_u32.to_be_bytes().as_slice(), &[2]].concat();
    let held = append(&*log, 0, &unknown);
    append(&*log, 0, b"behind it");
    let mut member = log.join("chunk", Topic::Documents).unwrap();
    append(&*log, 1, b"first");
    let first = until(&mut *member, b"first");

    // What comes before it is done: the partition stands at its committed offset.
    let before = Transaction { consumed: vec![(0, held)], ..Transaction::default() };
    member.commit(before).unwrap();
    let too_large = Record { value: vec![1; 64 << 20], ..first.record.clone() };
    let refused = Transaction {
        appends: vec![Append { to: first.partition, record: too_large }],
        consumed: vec![(1, first.offset + 1)],
        ..Transaction::default()
    };
    let refused = member.commit(refused);
    assert!(matches!(refused, Err(CommitError::NotDone(_))), "{refused:?}");
    assert_eq!(until(&mut *member, b"first").offset, first.offset, "it comes again");

    append(&*log, 0, b"later");
    append(&*log, 1, b"second");
    until(&mut *member, b"second");
    for _ in 0..20 {
        let none = some(&mut *member);
        assert!(none.is_empty(), "{none:?}");
    }
}
