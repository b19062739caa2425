//! Bytes that were written once are read for ever. Each schema version has a golden file; a new version
//! adds one and never changes an old one. `CNS_UPDATE_GOLDEN=1` writes those that are missing.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::PathBuf};

use cns_schemas::*;
use proptest::prelude::*;

fn file(entry: &SchemaEntry) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(format!("{}.v{}.hex", entry.name, entry.version))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let text = text.trim();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// Encodes the sample, or holds the golden bytes against it: they must decode to the sample.
fn check<T: Recorded + PartialEq + std::fmt::Debug>(sample: T) {
    let entry = SCHEMAS.iter().rev().find(|entry| entry.name == T::NAME).unwrap();
    let path = file(entry);
    if !path.exists() && std::env::var_os("CNS_UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, hex(&Codec::encode(&sample)) + "\n").unwrap();
    }
    let golden = unhex(
        &fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is missing", path.display())),
    );
    assert_eq!(Codec::decode::<T>(&golden).unwrap(), sample, "{}", T::NAME);
    assert_eq!(
        hex(&Codec::encode(&sample)),
        hex(&golden),
        "{} is written differently now",
        T::NAME
    );
}

fn sno() -> Sno {
    Sno {
        sno_id: "sno_1".into(),
        corpus: "coffee".into(),
        provenance: Provenance::Synthesis,
        document_ids: vec!["a".into(), "b".into()],
        parent_ids: vec!["sno_2".into()],
        generation: 1,
        hypothesis: "Dose decides.".into(),
        claims: vec![Claim {
            claim_id: "root".into(),
            text: "Dose decides.".into(),
            claim_type: ClaimType::CentralHypothesis,
            status: ClaimStatus::Likely,
            document_id: "a".into(),
            span: Span { start: 3, end: 16 },
            evidence_ids: vec!["doi:10.5555/x".into()],
            hedged: true,
            attributed_to: Some("critics".into()),
        }],
        relations: vec![Relation {
            source: "c1".into(),
            target: "root".into(),
            relation_type: RelationType::Weakens,
        }],
        refused: vec![RefusedRelation { relation: Relation::default(), reason: "a circle".into() }],
        evidence: vec![Evidence {
            evidence_id: "doi:10.5555/x".into(),
            kind: EvidenceKind::Doi,
            reference: Some("Marlow 2019".into()),
            quotes: vec![Quote {
                document_id: "a".into(),
                span: Span { start: 0, end: 4 },
                text: "Dose".into(),
            }],
            doc_hash: "00ff".into(),
            resolved: true,
        }],
        vectors: vec![Vector { components: vec![1, 255, 127] }],
        signature: vec![-1, i64::MAX],
        content_hash: "ab".into(),
        flags: vec![Flag {
            code: FlagCode::CitedButAbsent,
            detail: "[7]".into(),
            span: Some(Span { start: 1, end: 2 }),
        }],
        narrative: Some(Narrative {
            summary: "s".into(),
            findings: vec![Finding {
                section: Section::Resolved,
                claim_id: "c1".into(),
                text: "t".into(),
                basis: "by dose".into(),
                sides: vec![Side {
                    stance: Stance::Opposes,
                    sno_id: "sno_2".into(),
                    ..Side::default()
                }],
            }],
            open_points: vec!["o".into()],
            prose: "p".into(),
        }),
        document_version: 0,
    }
}

fn pair() -> PairProposed {
    PairProposed {
        pair_id: "pair_1".into(),
        corpus: "coffee".into(),
        a: PairSide { sno_id: "sno_1".into(), trust: 0.5, ..PairSide::default() },
        b: PairSide { sno_id: "sno_2".into(), generation: 2, ..PairSide::default() },
        shared_evidence: vec!["doi:10.5555/x".into()],
        statements: vec![StatementPair {
            alignment: Alignment::Nearness,
            a_text: "x".into(),
            ..StatementPair::default()
        }],
        relational: Relational { cosine: 0.25, ..Relational::default() },
    }
}

fn judged() -> PairJudged {
    let scores = Scores { entailment: 0.25, neutral: 0.25, contradiction: 0.5 };
    PairJudged {
        pair: pair(),
        verdicts: vec![StatementVerdict { forward: scores, backward: Scores::default() }],
    }
}

fn report() -> CriticReport {
    let sub_scores = vec![SubScore { name: "root".into(), value: 0.5 }];
    CriticReport {
        critic: "logic".into(),
        score: 0.75,
        confidence: 0.9,
        explanation: "e".into(),
        sub_scores,
    }
}

fn call() -> Call {
    Call {
        port: Port::Entailment,
        model: "m".into(),
        texts: vec!["a".into()],
        pairs: vec![PairIndex { premise: 0, hypothesis: 1 }],
    }
}

fn answer() -> Answer {
    Answer {
        effect: "e".into(),
        model: "m".into(),
        failure: Some("f".into()),
        scores: vec![Scores::default()],
        ..Answer::default()
    }
}

fn origin() -> Origin {
    Origin { topic: "documents".into(), partition: 3, offset: 91_827 }
}

fn fault() -> Fault {
    Fault {
        code: FaultCode::SchemaIncompatible,
        detail: "d".into(),
        mend: "m".into(),
        retry: Retry::Never,
    }
}

fn sealed() -> Sealed {
    Sealed::plain(vec!["acme/coffee/a".into()], vec![0, 1, 255])
}

#[test]
fn golden_documents_are_read_and_written_for_ever() {
    check(DocumentSubmitted {
        document_id: "doc-42".into(),
        corpus: "coffee".into(),
        source: "doc1.pdf".into(),
        text: "Naïve café.".into(),
        source_uri: Some("https://example.org/1".into()),
        metadata: [("lang".to_owned(), "en".to_owned())].into(),
        ..DocumentSubmitted::default()
    });
    check(DocumentChunked {
        document_id: "doc-42".into(),
        version: 2,
        rendition: Rendition {
            runs: vec![RenditionRun { plain: 0, submitted: 4, length: 7 }],
            submitted_chars: 11,
        },
        passages: vec![Passage { index: 0, span: Span { start: 0, end: 7 } }],
        flags: sno().flags,
        ..DocumentChunked::default()
    });
    check(DocumentFailed { document_id: "d".into(), corpus: "c".into(), version: 2 });
    check(DocumentRepeated {
        document_id: "doc-42".into(),
        version: 1,
        first_job: "job_1".into(),
        ..DocumentRepeated::default()
    });
}

#[test]
fn golden_verdicts_are_read_and_written_for_ever() {
    check(SnoProposed { sno: sno(), pair_id: Some("pair_1".into()) });
    check(SnoJudged { sno: sno(), pair_id: None, reports: vec![report()] });
    check(SnoDecided {
        sno: sno(),
        fate: SnoFate::Duplicate,
        reason: "r".into(),
        trust: 0.5,
        reports: vec![report()],
        weights: vec![0.4, 0.3, 0.3],
        duplicate_of: Some("a".into()),
        supersedes: vec!["sno_0".into()],
        pair_id: None,
    });
    check(pair());
    check(judged());
    check(PairDecided {
        judged: judged(),
        fate: PairFate::Unsynthesized,
        reason: "r".into(),
        opposition_gate: 0.6,
        synthesis_id: Some("sno_3".into()),
    });
}

#[test]
fn golden_facts_and_rows_are_read_and_written_for_ever() {
    let models = Models { manifests: vec!["{}".into()], ..Models::default() };
    check(Configured { models, ..Configured::default() });
    check(ModelRequested {
        effect: "e".into(),
        call: call(),
        reply_topic: "candidates".into(),
        reply_partition: 1,
        order_key: "k".into(),
        patience_ms: 5,
    });
    check(ModelReplied { order_key: "k".into(), answer: answer() });
    check(Fact {
        fact_id: "ev_1".into(),
        origin: origin(),
        outcome: Outcome::DeadLettered,
        fault: Some(fault()),
        outputs: vec![Sent {
            event_id: "ev_2".into(),
            event_type: "SnoProposed".into(),
            topic: String::new(),
            content: sealed(),
        }],
        answers: vec![answer()],
        at_ms: -1,
        ..Fact::default()
    });
    check(AuditEntry {
        sequence: 7,
        previous_hash: "0".repeat(64),
        hash: "f".repeat(64),
        fact: vec![0, 9],
    });
    check(DeadLetter {
        dead_letter_id: "dl_1".into(),
        stage: "chunk".into(),
        origin: origin(),
        fault: fault(),
        key: vec![1],
        value: vec![0xff],
    });
    check(DeadLetterDecided {
        dead_letter_id: "dl_1".into(),
        corpus: "c".into(),
        unowned: true,
        decision: LetterDecision::Dropped,
        reason: "sent anew".into(),
        by: "acme".into(),
        job: Some("job_1".into()),
    });
    check(DocumentVersion { version: 3, content_hash: "h".into(), job: "job_1".into() });
    check(Parked {
        origin: origin(),
        key: vec![1],
        value: vec![2],
        headers: vec!["tenant".into(), "t".into()],
        at_ms: 3,
        times: 2,
        asked: vec![ParkedAnswer { effect: "e".into(), answer: Some(answer()) }],
    });
    check(OpenRequest { value: vec![3], headers: vec![], origin: origin() });
    check(ChainHead { next_sequence: 9, hash: "0".repeat(64) });
}

#[test]
fn settings_of_before_manifests_are_read() {
    let old = fs::read_to_string(file(&SCHEMAS[0])).unwrap();
    assert_eq!((SCHEMAS[0].name, SCHEMAS[0].version), (Configured::NAME, 1));
    assert_eq!(Codec::decode::<Configured>(&unhex(&old)).unwrap(), Configured::default());
}

#[test]
fn every_schema_version_has_its_golden_file() {
    for entry in SCHEMAS {
        assert!(file(entry).exists(), "{} is missing", file(entry).display());
    }
}

#[test]
fn bytes_that_are_no_record_are_refused_with_their_reason() {
    let cases: [(&[u8], FaultCode, &str); 6] = [
        (b"", FaultCode::NotConfluentFramed, "empty"),
        (b"{\"a\":1}", FaultCode::NotConfluentFramed, "JSON"),
        (b"\x00\x00", FaultCode::NotConfluentFramed, "2 bytes"),
        (b"\x07\x00\x00\x00\x01", FaultCode::NotConfluentFramed, "0x07"),
        (b"\x00\x00\x00\xff\xff\x00", FaultCode::UnknownSchemaId, "65535"),
        (b"\x00\x00\x00\x00\x0c\x01", FaultCode::UnexpectedRecord, "Fact"),
    ];
    for (bytes, code, words) in cases {
        let error = Codec::decode::<DocumentSubmitted>(bytes).unwrap_err();
        assert_eq!(error.code(), code, "{bytes:?}");
        assert!(error.to_string().contains(words), "{error}");
    }
    let mut long = Codec::encode(&DocumentSubmitted::default());
    long.push(0);
    assert_eq!(
        Codec::decode::<DocumentSubmitted>(&long).unwrap_err().code(),
        FaultCode::SchemaIncompatible
    );
}

proptest! {
    #[test]
    fn a_document_round_trips(document_id in ".{0,20}", text in ".*", uri in proptest::option::of(".{0,20}"), metadata in proptest::collection::btree_map(".{0,5}", ".{0,5}", 0..4)) {
        let document = DocumentSubmitted { document_id, text, source_uri: uri, metadata, ..DocumentSubmitted::default() };
        prop_assert_eq!(Codec::decode::<DocumentSubmitted>(&Codec::encode(&document)).unwrap(), document);
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(id in 0u32..26, rest in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut bytes = vec![0];
        bytes.extend(id.to_be_bytes());
        bytes.extend(rest);
        drop(Codec::decode_body(&bytes));
        drop(Codec::decode::<Fact>(&bytes));
        drop(Codec::decode::<Parked>(&bytes));
    }
}
