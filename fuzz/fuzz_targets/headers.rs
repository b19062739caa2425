//! Any bytes as the headers of a foreign producer.
#![no_main]

use cns_schemas::Headers;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|pairs: Vec<(String, Vec<u8>)>| {
    if let Ok(headers) = Headers::from_pairs(&pairs) {
        assert_eq!(Headers::from_pairs(&headers.to_pairs()), Ok(headers));
    }
});
