//! Any text as a document: rendered, cut, extracted, judged.
#![no_main]

use cns_narrative as narrative;
use cns_schemas::DocumentSubmitted;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: String| {
    let chars = text.chars().count() as u32;
    let document = DocumentSubmitted {
        document_id: "d".into(),
        corpus: "c".into(),
        source: "s".into(),
        text,
        ..DocumentSubmitted::default()
    };
    let Ok(chunked) = narrative::chunk(&document, 1) else { return };
    let Ok(sno) = narrative::extract("t", &chunked) else { return };
    for claim in &sno.claims {
        assert!(claim.span.start <= claim.span.end && claim.span.end <= chars);
    }
    let report = narrative::critic::logic(&sno);
    assert!((0.0..=1.0).contains(&report.score));
    drop(narrative::critic::plan_grounding(&sno));
});
