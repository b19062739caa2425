//! Ours: the member of a group on the Kafka log, each commit one transaction of outputs, rows and offsets.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use cns_schemas::Topic;
use cns_state::{
    Append, Change, Delivered, Kafka, KafkaOptions, Limit, Log, Member, Overlay, Partition, Polled,
    Record, Rows, Table, Transaction,
};

use crate::{
    GROUP,
    workload::{COMMIT_EACH, Watch, output, row, started_ms},
};

const TABLE: Table = Table { number: 900, name: "bench" };
const BATCH: Limit = Limit { records: 2048, bytes: 8 << 20 };

/// Works until all records are done or none came for a while.
pub fn run(options: &KafkaOptions) {
    let started = started_ms();
    let log = Kafka::open(options).expect("the log opens");
    let mut member = log.join(GROUP, Topic::Passages).expect("the member joins");
    let mut watch = Watch::new();
    loop {
        let (transaction, records) = gather(&mut *member, started);
        if records > 0 {
            member.commit(transaction).expect("the transaction is committed");
        }
        if !watch.goes_on(records) {
            break;
        }
    }
}

/// What comes until the next commit.
fn gather(member: &mut dyn Member, started: i64) -> (Transaction, usize) {
    let overlay = Arc::new(Overlay::new(member.rows()));
    let mut transaction = Transaction::default();
    let mut consumed = std::collections::BTreeMap::new();
    let until = Instant::now() + COMMIT_EACH;
    let mut records = 0;
    while Instant::now() < until {
        match member.poll(BATCH, Duration::from_millis(20)).expect("a poll") {
            Polled::Records(delivered) => {
                records += delivered.len();
                for delivered in delivered {
                    consumed.insert(delivered.partition.index, delivered.offset + 1);
                    transaction.appends.push(work(&overlay, delivered, started));
                }
            }
            Polled::Assigned(_) => {}
            Polled::Revoking(..) => panic!("there is no other member"),
        }
    }
    transaction.consumed = consumed.into_iter().collect();
    transaction.changes = overlay.take();
    (transaction, records)
}

fn work(overlay: &Overlay, delivered: Delivered, started: i64) -> Append {
    let Delivered {
        partition: Partition { index, .. },
        record: Record { key, value, at_ms, .. },
        ..
    } = delivered;
    let old = overlay.get(TABLE, index, &key).expect("a row");
    let new = row(&value, old.as_deref());
    let value = output(&value, &new, started);
    overlay.apply(vec![Change {
        table: TABLE,
        partition: index,
        key: key.clone(),
        value: Some(new),
    }]);
    let to = Partition { topic: Topic::Candidates, index };
    Append { to, record: Record { key, value, headers: Vec::new(), at_ms } }
}
