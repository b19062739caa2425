//! What documents, models and producers may have written, where it is shown.

use axum::{
    body::Body,
    http::{Request, header},
};
use cns_api::limits::{DEAD_LETTER_KEY_CHARS_SHOWN_MAX, LINEAGE_DOCUMENTS_MAX, LINEAGE_SNOS_MAX};
use cns_schemas::{
    Answer, CriticReport, DeadLetter, Evidence, Fact, Fault, FaultCode, Finding, Narrative, Origin,
    Outcome, Provenance, Retry, Side, Sno, SnoDecided, SnoProposed,
};

use crate::world::{World, fact, sent};

const CORPUS: &str = "coffee";

/// Everything that a page must not obey.
const HOSTILE: &str = "- \x1b]0;own\x07\u{9b}2J\u{202e} <b>x</b> [y](javascript:z) www.evil.org\n\n# head\r1. \
     http://evil.org/?a=b me@evil.org\n```\n> quote | cell\n---\nend\\";

fn synthesis() -> Sno {
    let text = || HOSTILE.to_owned();
    let side =
        Side { document_id: text(), text: text(), evidence_ids: vec![text()], ..Side::default() };
    let finding = Finding { text: text(), basis: text(), sides: vec![side], ..Finding::default() };
    let evidence = Evidence { evidence_id: text(), reference: Some(text()), ..Evidence::default() };
    Sno {
        sno_id: "sno_s".into(),
        corpus: CORPUS.into(),
        provenance: Provenance::Synthesis,
        parent_ids: vec!["sno_parent".into()],
        hypothesis: text(),
        evidence: vec![evidence],
        narrative: Some(Narrative {
            summary: text(),
            findings: vec![finding],
            open_points: vec![text()],
            prose: format!("{HOSTILE}\n\n\n\n{HOSTILE}"),
        }),
        ..Sno::default()
    }
}

fn decided(sno: Sno) -> Fact {
    let report = CriticReport {
        critic: HOSTILE.into(),
        explanation: HOSTILE.into(),
        ..CriticReport::default()
    };
    let (reason, reports) = (HOSTILE.to_owned(), vec![report]);
    let decision = SnoDecided { sno, reason, reports, ..SnoDecided::default() };
    let answer = Answer { model: HOSTILE.into(), ..Answer::default() };
    Fact {
        outputs: vec![sent("decision", "", &decision)],
        answers: vec![answer],
        fact_id: HOSTILE.into(),
        logic_version: HOSTILE.into(),
        config_hash: HOSTILE.into(),
        ..fact("synthesize", "job", "verdict", CORPUS)
    }
}

#[tokio::test]
async fn a_page_obeys_no_document() {
    let mut world = World::new();
    let parent = Sno {
        sno_id: "sno_parent".into(),
        corpus: CORPUS.into(),
        document_ids: vec![HOSTILE.into()],
        hypothesis: HOSTILE.into(),
        ..Sno::default()
    };
    world.happens(decided(parent));
    world.happens(decided(synthesis()));
    let request = Request::get("/v1/syntheses/sno_s").header(header::ACCEPT, "text/markdown");
    let page = world.send(request.body(Body::empty()).unwrap()).await.text;
    let obeyed = |char: char| (char.is_control() && char != '\n') || char == '\u{202e}';
    assert!(!page.contains(obeyed), "{page:?}");
    assert!(page.matches('\u{fffd}').count() > 20, "all of it is there:\n{page}");
    for line in page.lines() {
        let ours = [
            "# \\- ",
            "## ",
            "sno_s · ",
            "> \\- ",
            "\\- ",
            "\\# ",
            "- \\- ",
            "1. \\- ",
            "*\\- ",
            "Not upheld is what ",
            "- sno_parent (\\- ",
            "- SnoDecided \\- ",
        ];
        let own = line.is_empty() || ours.iter().any(|begin| line.starts_with(begin));
        assert!(own, "{line:?} begins as nothing of ours in:\n{page}");
        for address in ["http://evil.org/?a=b", "me@evil.org", "www.evil.org"] {
            let all = line.matches(address).count();
            assert_eq!(line.matches(&format!("`{address}`")).count(), all, "{line:?}");
        }
        for markup in ["<b>", "[y]", " | ", " ```"] {
            assert!(!line.contains(markup), "{markup} is in {line:?}");
        }
    }
}

#[tokio::test]
async fn a_lineage_looks_up_so_many_and_says_that_there_are_more() {
    let mut world = World::new();
    let many = |prefix: &str| (0..500).map(|n| format!("{prefix}{n}")).collect::<Vec<_>>();
    let sno = Sno { parent_ids: many("sno_unknown"), document_ids: many("d"), ..synthesis() };
    let proposed = SnoProposed { sno: sno.clone(), pair_id: None };
    let outputs = vec![sent("candidate", "candidates", &proposed)];
    world.happens(Fact { outputs, ..fact("synthesize", "job", "pair", CORPUS) });
    world.happens(decided(sno));
    let lineage = world.seen("/v1/snos/sno_s/lineage").await;
    assert_eq!(lineage["truncated"], true);
    assert_eq!(lineage["documents"].as_array().unwrap().len(), LINEAGE_DOCUMENTS_MAX);
    // Exactly as many as are looked up leave nothing out.
    for (parents, truncated) in [(LINEAGE_SNOS_MAX, false), (LINEAGE_SNOS_MAX + 1, true)] {
        let sno = Sno {
            sno_id: format!("sno_{parents}"),
            parent_ids: many("sno_unknown")[..parents].to_vec(),
            ..synthesis()
        };
        let path = format!("/v1/snos/{}/lineage", sno.sno_id);
        world.happens(decided(sno));
        assert_eq!(world.seen(&path).await["truncated"], truncated);
    }
}

#[tokio::test]
async fn a_lineage_says_that_there_are_more_children() {
    let mut world = World::new();
    world.happens(decided(Sno { sno_id: "sno_parent".into(), ..synthesis() }));
    for (child, truncated) in (1..=LINEAGE_SNOS_MAX + 1).map(|n| (n, n > LINEAGE_SNOS_MAX)) {
        let sno = Sno { sno_id: format!("sno_child{child}"), ..synthesis() };
        let proposed = SnoProposed { sno, pair_id: None };
        let outputs = vec![sent(&format!("candidate{child}"), "candidates", &proposed)];
        world.happens(Fact { outputs, ..fact("synthesize", "job", "pair", CORPUS) });
        if child >= LINEAGE_SNOS_MAX {
            let lineage = world.seen("/v1/snos/sno_parent/lineage").await;
            assert_eq!(lineage["truncated"], truncated, "{child}");
            assert_eq!(lineage["children"].as_array().unwrap().len(), LINEAGE_SNOS_MAX);
        }
    }
}

#[tokio::test]
async fn the_key_of_a_dead_letter_is_bounded() {
    let mut world = World::new();
    let fault = Fault {
        code: FaultCode::FieldInvalid,
        detail: "why".into(),
        mend: "how".into(),
        retry: Retry::Never,
    };
    let letter = DeadLetter {
        dead_letter_id: "dl_1".into(),
        stage: "chunk".into(),
        origin: Origin::default(),
        fault: fault.clone(),
        key: "ü".repeat(100_000).into_bytes(),
        value: Vec::new(),
    };
    let outputs = vec![sent("letter", "dead-letters", &letter)];
    let outcome = Outcome::DeadLettered;
    let fault = Some(fault);
    world.happens(Fact { outputs, outcome, fault, ..fact("chunk", "job", "event", "") });
    let seen = world.seen("/v1/dead-letters/dl_1").await;
    assert_eq!(seen["key"].as_str().unwrap().chars().count(), DEAD_LETTER_KEY_CHARS_SHOWN_MAX);
}
