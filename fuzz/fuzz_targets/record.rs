//! Any bytes as a record of an inbox, as rows, as a fact.
#![no_main]

use cns_schemas::{AuditEntry, Codec, DeadLetter, Fact, OpenRequest, Parked};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(body) = Codec::decode_body(bytes) {
        // What is read can be written, and reads the same.
        let again = Codec::encode_body(&body);
        assert!(again.is_empty() || Codec::decode_body(&again).is_ok());
    }
    drop(Codec::decode::<Fact>(bytes));
    drop(Codec::decode::<AuditEntry>(bytes));
    drop(Codec::decode::<Parked>(bytes));
    drop(Codec::decode::<OpenRequest>(bytes));
    drop(Codec::decode::<DeadLetter>(bytes));
});
