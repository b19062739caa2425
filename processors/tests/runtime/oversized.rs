//! A record that leads to more than a record may hold: no log could ever commit it.

use cns_processors::{runtime::Compute, topology::EMBED};
use cns_schemas::{FaultCode, Outcome};

use super::{bench, submit};

#[test]
fn what_does_not_fit_into_a_record_is_buried_and_decides_nothing() {
    let mut bench = bench(Compute::Threads(2), &EMBED, 1);
    submit(&bench.log, &[("a", "swell"), ("b", "")]);
    bench.run();
    let ids: Vec<_> = bench.proposed().into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["b"]);
    let letters = bench.letters();
    assert_eq!(letters.len(), 1);
    let fault = &letters[0].fault;
    assert_eq!(fault.code, FaultCode::DocumentTooLarge);
    assert!(fault.detail.contains("`candidates` has at most 8388608"), "{}", fault.detail);
    assert_eq!(bench.facts().len(), 2, "no trace of the decision that was not taken");
}

#[test]
fn an_answer_that_does_not_fit_into_a_record_is_a_failed_call() {
    let mut bench = bench(Compute::Threads(2), &EMBED, 1);
    submit(&bench.log, &[("a", "shout"), ("b", "ask")]);
    bench.run();
    let ids: Vec<_> = bench.proposed().into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["b"]);
    let letters = bench.letters();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].fault.code, FaultCode::ModelFailed);
    let answers = bench.facts().into_iter().filter(|fact| fact.stage == "performer");
    assert!(answers.clone().all(|fact| fact.outcome == Outcome::Done));
    let failed = answers.flat_map(|fact| fact.answers).filter(|answer| answer.failure.is_some());
    assert_eq!(failed.count(), 1);
}
