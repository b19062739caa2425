//! The contract of [`Log`] as functions over the interface. Every implementation runs all of them.

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use cns_schemas::Topic;

use crate::{
    Append, Change, CommitError, Delivered, Error, Limit, Log, Member, Partition, Polled, Record,
    Table, Transaction,
};

/// A rule by name, and its check on a fresh, empty log.
pub type Rule = (&'static str, fn(Arc<dyn Log>));

/// All rules.
pub const RULES: &[Rule] = &[
    ("records come in order, each once, from every reader", records_come_in_order_each_once),
    ("a read waits for the next record and no longer", a_read_waits_and_no_longer),
    ("a read past the end is an error", a_read_past_the_end_is_an_error),
    ("a limit is kept and one record always comes", a_limit_is_kept),
    ("appends, rows and offsets are committed together", everything_is_committed_together),
    ("what is not committed is delivered again", what_is_not_committed_is_delivered_again),
    ("a replaced member is fenced and writes nothing", a_replaced_member_is_fenced),
    ("groups do not disturb each other", groups_do_not_disturb_each_other),
    ("a later change of a row wins, and removal removes", a_later_change_wins),
    (
        "a scan is ordered, bounded and kept to its table and partition",
        a_scan_is_ordered_and_bounded,
    ),
    ("concurrent appends get offsets of their own", concurrent_appends_get_their_own_offsets),
    ("a poll of nothing keeps the membership alive", a_poll_of_nothing_brings_nothing),
];

/// Runs every rule, each on a log of its own, and gives the names of those that are broken.
pub fn broken_rules(make: impl Fn() -> Arc<dyn Log>) -> Vec<&'static str> {
    let holds = |rule: fn(Arc<dyn Log>)| catch_unwind(AssertUnwindSafe(|| rule(make()))).is_ok();
    RULES.iter().filter(|(_, rule)| !holds(*rule)).map(|(name, _)| *name).collect()
}

const ALL: Limit = Limit { records: 1000, bytes: 1 << 20 };
const NOTHING: Limit = Limit { records: 0, bytes: 0 };
const NOW: Duration = Duration::ZERO;
const SHORT: Duration = Duration::from_millis(20);
const SOON: Duration = Duration::from_secs(10);
const TABLE: Table = Table { number: 900, name: "conformance" };
const OTHER_TABLE: Table = Table { number: 901, name: "other" };

fn at(index: u32) -> Partition {
    Partition { topic: Topic::Passages, index }
}

fn record(text: &str) -> Record {
    let headers = vec![("tenant".to_owned(), b"t".to_vec())];
    Record { key: b"key".to_vec(), value: text.as_bytes().to_vec(), headers, at_ms: 5 }
}

fn append(log: &dyn Log, index: u32, texts: &[&str]) {
    let appends = texts.iter().map(|text| Append { to: at(index), record: record(text) }).collect();
    log.append(appends).expect("append");
}

fn texts(delivered: &[Delivered]) -> Vec<String> {
    delivered.iter().map(|d| String::from_utf8_lossy(&d.record.value).into_owned()).collect()
}

/// Records from `offset` on, so many as are expected: a log far away gives them in pieces.
fn read(log: &dyn Log, from: Partition, offset: i64, count: usize) -> Vec<Delivered> {
    let deadline = Instant::now() + SOON;
    let mut records: Vec<Delivered> = Vec::new();
    while records.len() < count && Instant::now() < deadline {
        let next = records.last().map_or(offset, |last| last.offset + 1);
        records.extend(log.read(from, next, ALL, SHORT).expect("read"));
    }
    records
}

/// A member that has been told its partitions.
fn join(log: &dyn Log, group: &str) -> Box<dyn Member> {
    let mut member = log.join(group, Topic::Passages).expect("join");
    let deadline = Instant::now() + SOON;
    let mut owned = BTreeSet::new();
    while owned.len() < log.partitions(Topic::Passages) as usize {
        assert!(Instant::now() < deadline, "the only member owns all, not {owned:?}");
        match member.poll(NOTHING, SHORT).expect("poll") {
            Polled::Assigned(partitions) => owned.extend(partitions),
            Polled::Records(records) => assert!(records.is_empty(), "none were asked for"),
            other => panic!("nothing is revoked from the only member: {other:?}"),
        }
    }
    member
}

/// The records that a member gets, so many as are expected.
fn poll(member: &mut dyn Member, count: usize) -> Vec<Delivered> {
    let deadline = Instant::now() + SOON;
    let mut found = Vec::new();
    while found.len() < count && Instant::now() < deadline {
        found.extend(records(member, SHORT));
    }
    found
}

fn records(member: &mut dyn Member, wait: Duration) -> Vec<Delivered> {
    match member.poll(ALL, wait).expect("poll") {
        Polled::Records(records) => records,
        other => panic!("expected records, got {other:?}"),
    }
}

/// Nothing more comes.
fn nothing(member: &mut dyn Member) -> bool {
    records(member, SHORT).is_empty()
}

/// What others see of a commit may come a moment later.
fn comes(mut shown: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + SOON;
    while Instant::now() < deadline {
        if shown() {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

fn put(key: &[u8], value: &[u8]) -> Change {
    Change { table: TABLE, partition: 0, key: key.to_vec(), value: Some(value.to_vec()) }
}

fn records_come_in_order_each_once(log: Arc<dyn Log>) {
    append(&*log, 0, &["a", "b"]);
    append(&*log, 0, &["c"]);
    append(&*log, 1, &["x"]);
    let first = read(&*log, at(0), 0, 3);
    assert_eq!(texts(&first), ["a", "b", "c"]);
    assert_eq!(first[0].record, record("a"), "key, headers and time come back");
    assert!(first.windows(2).all(|pair| pair[0].offset < pair[1].offset));
    let rest = read(&*log, at(0), first[1].offset, 2);
    assert_eq!(texts(&rest), ["b", "c"]);
    assert!(log.end(at(0)).expect("end") > first[2].offset);
    let mut member = join(&*log, "g");
    let polled = poll(&mut *member, 4);
    let of = |index| {
        polled.iter().filter(move |d| d.partition == at(index)).cloned().collect::<Vec<_>>()
    };
    assert_eq!(texts(&of(0)), ["a", "b", "c"]);
    assert_eq!(texts(&of(1)), ["x"]);
    assert!(nothing(&mut *member), "nothing is delivered twice");
}

fn a_read_waits_and_no_longer(log: Arc<dyn Log>) {
    let end = log.end(at(0)).expect("end");
    assert!(log.read(at(0), end, ALL, Duration::from_millis(5)).expect("read").is_empty());
    let writer = log.clone();
    let thread = std::thread::spawn(move || append(&*writer, 0, &["late"]));
    let found = log.read(at(0), end, ALL, SOON).expect("read");
    thread.join().expect("the writer does not panic");
    assert_eq!(texts(&found), ["late"]);
}

fn a_read_past_the_end_is_an_error(log: Arc<dyn Log>) {
    append(&*log, 0, &["a"]);
    let end = log.end(at(0)).expect("end");
    assert!(matches!(log.read(at(0), end + 1, ALL, NOW), Err(Error::OutOfRange { .. })));
    assert!(matches!(log.read(at(0), -1, ALL, NOW), Err(Error::OutOfRange { .. })));
}

fn a_limit_is_kept(log: Arc<dyn Log>) {
    append(&*log, 0, &["aaaa", "bbbb", "cccc"]);
    let two = Limit { records: 2, ..ALL };
    assert_eq!(log.read(at(0), 0, two, SOON).expect("read").len(), 2);
    let tiny = Limit { records: 1000, bytes: 1 };
    assert_eq!(log.read(at(0), 0, tiny, SOON).expect("read").len(), 1);
}

fn everything_is_committed_together(log: Arc<dyn Log>) {
    append(&*log, 0, &["in"]);
    let mut member = join(&*log, "g");
    let input = poll(&mut *member, 1);
    let out = Partition { topic: Topic::Facts, index: 0 };
    let transaction = Transaction {
        appends: vec![Append { to: out, record: record("out") }],
        changes: vec![put(b"k", b"v")],
        consumed: vec![(0, input[0].offset + 1)],
    };
    assert_eq!(log.end(out).expect("end"), 0, "nothing is visible before the commit");
    assert_eq!(member.rows().get(TABLE, 0, b"k").expect("get"), None);
    let offsets = member.commit(transaction).expect("commit");
    assert_eq!(texts(&read(&*log, out, offsets[0], 1)), ["out"]);
    assert_eq!(member.rows().get(TABLE, 0, b"k").expect("get"), Some(b"v".to_vec()));
    let shown = || log.committed("g", at(0)).expect("committed") == input[0].offset + 1;
    assert!(comes(shown), "the committed offset is shown");
    drop(member);
    let mut next = join(&*log, "g");
    assert!(nothing(&mut *next), "what was consumed is not delivered again");
    assert_eq!(next.rows().get(TABLE, 0, b"k").expect("get"), Some(b"v".to_vec()));
}

fn what_is_not_committed_is_delivered_again(log: Arc<dyn Log>) {
    append(&*log, 0, &["a", "b"]);
    let mut member = join(&*log, "g");
    let input = poll(&mut *member, 2);
    let half = Transaction { consumed: vec![(0, input[0].offset + 1)], ..Transaction::default() };
    member.commit(half).expect("commit");
    drop(member);
    let mut next = join(&*log, "g");
    assert_eq!(texts(&poll(&mut *next, 1)), ["b"]);
}

fn a_replaced_member_is_fenced(log: Arc<dyn Log>) {
    append(&*log, 0, &["a"]);
    let mut old = join(&*log, "g");
    let input = poll(&mut *old, 1);
    let mut new = join(&*log, "g");
    let transaction = Transaction {
        appends: vec![Append { to: at(1), record: record("zombie") }],
        changes: vec![put(b"zombie", b"1")],
        consumed: vec![(0, input[0].offset + 1)],
    };
    assert!(matches!(old.commit(transaction), Err(CommitError::Fenced(_))));
    assert_eq!(log.end(at(1)).expect("end"), 0);
    assert_eq!(new.rows().get(TABLE, 0, b"zombie").expect("get"), None);
    assert_eq!(
        texts(&poll(&mut *new, 1)),
        ["a"],
        "the new member gets what the old one had in work"
    );
    assert!(matches!(old.poll(ALL, NOW), Err(Error::Fenced(_))));
}

fn groups_do_not_disturb_each_other(log: Arc<dyn Log>) {
    append(&*log, 0, &["a"]);
    let (mut one, mut two) = (join(&*log, "one"), join(&*log, "two"));
    let input = poll(&mut *one, 1);
    one.commit(Transaction { consumed: vec![(0, input[0].offset + 1)], ..Transaction::default() })
        .expect("commit");
    assert_eq!(texts(&poll(&mut *two, 1)), ["a"]);
    assert_eq!(log.committed("two", at(0)).expect("committed"), 0);
}

fn a_later_change_wins(log: Arc<dyn Log>) {
    let mut member = join(&*log, "g");
    let remove = |key: &[u8]| Change { value: None, ..put(key, b"") };
    let changes = vec![
        put(b"k", b"1"),
        put(b"k", b"2"),
        put(b"gone", b"1"),
        remove(b"gone"),
        remove(b"never"),
    ];
    member.commit(Transaction { changes, ..Transaction::default() }).expect("commit");
    assert_eq!(member.rows().get(TABLE, 0, b"k").expect("get"), Some(b"2".to_vec()));
    assert_eq!(member.rows().get(TABLE, 0, b"gone").expect("get"), None);
}

fn a_scan_is_ordered_and_bounded(log: Arc<dyn Log>) {
    let mut member = join(&*log, "g");
    let mut changes: Vec<Change> =
        [b"a2".as_slice(), b"a1", b"b1", b"a", b"a\xff"].iter().map(|key| put(key, key)).collect();
    changes.push(Change { table: OTHER_TABLE, ..put(b"a0", b"") });
    changes.push(Change { partition: 1, ..put(b"a3", b"") });
    member.commit(Transaction { changes, ..Transaction::default() }).expect("commit");
    let rows = member.rows();
    let keys = |prefix: &[u8], after: Option<&[u8]>, limit| {
        let found = rows.scan(TABLE, 0, prefix, after, limit).expect("scan");
        found.into_iter().map(|(key, _)| key).collect::<Vec<_>>()
    };
    assert_eq!(
        keys(b"a", None, 10),
        [b"a".to_vec(), b"a1".to_vec(), b"a2".to_vec(), b"a\xff".to_vec()]
    );
    assert_eq!(keys(b"a", Some(b"a1"), 1), [b"a2".to_vec()]);
    assert_eq!(keys(b"", None, 2), [b"a".to_vec(), b"a1".to_vec()]);
    assert!(keys(b"c", None, 10).is_empty());
}

fn concurrent_appends_get_their_own_offsets(log: Arc<dyn Log>) {
    let write = |name: usize| {
        let log = log.clone();
        std::thread::spawn(move || {
            for index in 0..25 {
                append(&*log, 0, &[&format!("{name}-{index:02}")]);
            }
        })
    };
    let threads: Vec<_> = (0..4).map(write).collect();
    for thread in threads {
        thread.join().expect("a writer does not panic");
    }
    let found = texts(&read(&*log, at(0), 0, 100));
    assert_eq!(found.len(), 100);
    for name in 0..4 {
        let own: Vec<_> =
            found.iter().filter(|text| text.starts_with(&format!("{name}-"))).collect();
        assert!(own.len() == 25 && own.is_sorted(), "each writer's records are in its order");
    }
}

fn a_poll_of_nothing_brings_nothing(log: Arc<dyn Log>) {
    append(&*log, 0, &["a"]);
    let mut member = join(&*log, "g");
    assert_eq!(member.poll(NOTHING, NOW).expect("poll"), Polled::Records(Vec::new()));
    assert_eq!(texts(&poll(&mut *member, 1)), ["a"]);
}
