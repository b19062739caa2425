//! Records that were in work when a process died run alone, and still in their order.

use std::sync::Arc;

use cns_processors::runtime::Compute;
use cns_schemas::{Codec, SnoProposed, Topic};
use cns_state::{Log, Memory};

use super::{KEYED, bench_after, submit};

/// What each record found, in the order in which the records came.
fn found(documents: &[(&str, &str)], suspect: usize) -> Vec<(String, String)> {
    let left = tempfile::tempdir().unwrap().keep().join("inwork");
    let log: Arc<dyn Log> = Arc::new(Memory::new(1));
    std::fs::write(&left, format!("1 passages/0@{suspect}\n")).unwrap();
    let mut bench = bench_after(Some(left), log.clone(), Compute::Threads(1), &KEYED, 1);
    submit(&log, documents);
    bench.run();
    let proposed = bench.records(Topic::Candidates);
    let proposed = proposed.iter().map(|value| Codec::decode::<SnoProposed>(value).unwrap());
    proposed.map(|p| (p.sno.sno_id, p.sno.hypothesis)).collect()
}

fn each(found: &[(&str, &str)]) -> Vec<(String, String)> {
    found.iter().map(|(id, said)| ((*id).to_owned(), (*said).to_owned())).collect()
}

#[test]
fn a_suspect_sees_the_rows_of_the_records_before_it() {
    let documents = [("a", ""), ("b", ""), ("c", "")];
    for suspect in 0..3 {
        let found = found(&documents, suspect);
        assert_eq!(found, each(&[("a", "after 0"), ("b", "after 1"), ("c", "after 2")]));
    }
}

#[test]
fn a_record_behind_a_slow_suspect_of_its_key_waits_for_it() {
    let found = found(&[("a", "slow"), ("a", ""), ("b", "")], 0);
    let ids: Vec<&str> = found.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["b", "a", "a"], "the other key goes on meanwhile");
}
