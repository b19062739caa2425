//! Any two texts as premise and hypothesis.
#![no_main]

use cns_processors::models::lexical::entail;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|texts: (String, String)| {
    let scores = entail(&texts.0, &texts.1);
    let sum = scores.entailment + scores.neutral + scores.contradiction;
    assert!((sum - 1.0).abs() < 1e-6, "{scores:?}");
});
