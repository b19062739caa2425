//! Models in ONNX form, through the edge that the rest of the project uses: tiny models are written on the spot.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod any_text;
mod errors;
mod graph;
mod labels;
mod lengths;
mod provenance;
mod tiny;
mod vectors;

use cns_processors::models::onnx::Runtime;

/// Where this says `required`, tests that need the library fail without it.
const RULE: &str = "TEST_RUNTIME";

/// The ONNX Runtime; where it is missing, the test says so and ends.
fn runtime() -> Option<Runtime> {
    let runtime = Runtime::load(None).unwrap();
    if runtime.is_none() {
        let required = std::env::var(RULE).is_ok_and(|rule| rule == "required");
        assert!(!required, "the ONNX Runtime library is not here; `make runtime` fetches it");
        println!("Not tried: the ONNX Runtime library is not here; `make runtime` fetches it.");
    }
    runtime
}
