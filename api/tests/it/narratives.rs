//! Conflicts, syntheses, lineage, and trust that a reader can compute again.

use axum::{
    body::Body,
    http::{Request, header},
};
use cns_schemas::{
    Answer, Claim, CriticReport, Evidence, Fact, Fault, FaultCode, Finding, Narrative, Outcome,
    PairDecided, PairFate, PairJudged, PairProposed, PairSide, Provenance, Quote, Relational,
    Retry, Scores, Section, Side, Sno, SnoDecided, SnoFate, SnoJudged, SnoProposed, Span, Stance,
    StatementPair, StatementVerdict,
};
use serde_json::{Value, json};

use crate::world::{World, cut, cut_version, fact, sent};

const CORPUS: &str = "coffee";

fn document_sno(document_id: &str) -> Sno {
    let span = Span { start: 5, end: 20 };
    let text = format!("{document_id} claims it");
    Sno {
        sno_id: format!("sno_{document_id}"),
        corpus: CORPUS.into(),
        document_ids: vec![document_id.into()],
        document_version: 1,
        hypothesis: format!("Hypothesis of {document_id}."),
        claims: vec![Claim {
            claim_id: "root".into(),
            text: text.clone(),
            document_id: document_id.into(),
            span,
            evidence_ids: vec!["doi:1".into()],
            ..Claim::default()
        }],
        evidence: vec![Evidence {
            evidence_id: "doi:1".into(),
            quotes: vec![Quote { document_id: document_id.into(), span, text }],
            ..Evidence::default()
        }],
        ..Sno::default()
    }
}

fn reports() -> Vec<CriticReport> {
    let report = |critic: &str, score| CriticReport {
        critic: critic.into(),
        score,
        ..CriticReport::default()
    };
    vec![report("grounding", 0.81), report("logic", 0.62), report("novelty", 0.37)]
}

fn trust(reports: &[CriticReport], weights: &[f64]) -> f64 {
    let sum: f64 = reports.iter().zip(weights).map(|(report, weight)| report.score * weight).sum();
    sum / weights.iter().sum::<f64>()
}

fn decision(sno: Sno, fate: SnoFate, reason: &str) -> SnoDecided {
    let (reports, weights) = (reports(), vec![0.4, 0.3, 0.3]);
    let trust = trust(&reports, &weights);
    let pair_id = (sno.provenance == Provenance::Synthesis).then(|| "pair_1".to_owned());
    SnoDecided {
        sno,
        fate,
        reason: reason.into(),
        trust,
        reports,
        weights,
        pair_id,
        ..SnoDecided::default()
    }
}

fn admitted(document_id: &str) -> Fact {
    let outputs =
        vec![sent("decision", "", &decision(document_sno(document_id), SnoFate::Admitted, ""))];
    Fact { outputs, ..fact("synthesize", &format!("job-{document_id}"), "verdict", CORPUS) }
}

fn side(document_id: &str) -> PairSide {
    PairSide {
        sno_id: format!("sno_{document_id}"),
        document_ids: vec![document_id.into()],
        hypothesis: format!("Hypothesis of {document_id}."),
        trust: 0.6,
        generation: 0,
    }
}

fn pair(opposition: f64) -> PairProposed {
    let statement = |n: u32| StatementPair {
        a_claim: "root".into(),
        a_text: format!("Coffee raises output {n}"),
        b_claim: "root".into(),
        b_text: format!("Coffee lowers output {n}"),
        ..StatementPair::default()
    };
    PairProposed {
        pair_id: "pair_1".into(),
        corpus: CORPUS.into(),
        a: side("d1"),
        b: side("d2"),
        shared_evidence: vec!["doi:1".into()],
        statements: (0..5).map(statement).collect(),
        relational: Relational { opposition, ..Relational::default() },
    }
}

fn pair_decided(fate: PairFate, opposition: f64) -> Fact {
    let verdict = |n: u32| StatementVerdict {
        forward: Scores { contradiction: n as f32 / 10.0, ..Scores::default() },
        ..StatementVerdict::default()
    };
    let mut outputs = Vec::new();
    let synthesis_id = (fate == PairFate::Synthesized).then(|| "sno_s".to_owned());
    let judged = PairJudged { pair: pair(opposition), verdicts: (0..5).map(verdict).collect() };
    let decided =
        PairDecided { judged, fate, reason: "why".into(), opposition_gate: 0.6, synthesis_id };
    outputs.push(sent("pair-decision", "", &decided));
    if fate == PairFate::Synthesized {
        let proposed = SnoProposed { sno: synthesis(), pair_id: Some("pair_1".into()) };
        outputs.push(sent("synthesis-candidate", "candidates", &proposed));
    }
    Fact { outputs, ..fact("synthesize", "job-d2", "pair-verdict", CORPUS) }
}

fn synthesis() -> Sno {
    let saying = |document_id: &str| Side {
        sno_id: format!("sno_{document_id}"),
        document_id: document_id.into(),
        text: "as *said*".into(),
        span: Span { start: 7, end: 16 },
        ..Side::default()
    };
    let told_once = Finding {
        section: Section::Agreed,
        claim_id: "c2".into(),
        text: "It is told once.".into(),
        sides: vec![saying("d1")],
        ..Finding::default()
    };
    let finding = Finding {
        section: Section::Unresolved,
        claim_id: "c1".into(),
        text: "It is open.".into(),
        basis: "no evidence decides".into(),
        sides: vec![saying("d1"), Side { stance: Stance::Opposes, ..saying("d2") }],
    };
    Sno {
        sno_id: "sno_s".into(),
        corpus: CORPUS.into(),
        provenance: Provenance::Synthesis,
        document_ids: vec!["d1".into(), "d2".into()],
        parent_ids: vec!["sno_d1".into(), "sno_d2".into()],
        generation: 1,
        hypothesis: "Both, by dose.".into(),
        narrative: Some(Narrative {
            summary: "A summary.".into(),
            findings: vec![finding, told_once],
            open_points: vec!["a trial".into()],
            prose: "Both, by dose.\n\n## Unresolved\n\nIt is open.".into(),
        }),
        ..Sno::default()
    }
}

fn synthesis_judged() -> Fact {
    let judged =
        SnoJudged { sno: synthesis(), pair_id: Some("pair_1".into()), ..SnoJudged::default() };
    let answers = vec![Answer { model: "lexical-1".into(), ..Answer::default() }];
    let outputs = vec![sent("synthesis-verdict", "verdicts", &judged)];
    Fact { outputs, answers, ..fact("critique", "job-d2", "synthesis-candidate", CORPUS) }
}

fn synthesis_decided(fate: SnoFate, reason: &str) -> Fact {
    let outputs = vec![sent("decision", "", &decision(synthesis(), fate, reason))];
    Fact { outputs, ..fact("synthesize", "job-d2", "synthesis-verdict", CORPUS) }
}

fn two_documents() -> World {
    let mut world = World::new();
    for document_id in ["d1", "d2"] {
        world.happens(cut(&format!("job-{document_id}"), document_id, CORPUS));
        world.happens(admitted(document_id));
    }
    world
}

#[tokio::test]
async fn trust_can_be_computed_again_from_what_is_shown() {
    let world = two_documents();
    let sno = world.seen("/v1/snos/sno_d1").await;
    let number = |value: &Value| value.as_f64().unwrap();
    let shown = sno["reports"].as_array().unwrap();
    let sum: f64 =
        shown.iter().map(|report| number(&report["score"]) * number(&report["weight"])).sum();
    let weights: f64 = shown.iter().map(|report| number(&report["weight"])).sum();
    assert_eq!(number(&sno["trust"]), sum / weights);
    assert_eq!(sno["claims"][0]["span"], json!({"start": 5, "end": 20}));
    assert_eq!(sno["evidence"][0]["quotes"][0]["document_id"], "d1");
}

#[tokio::test]
async fn no_conflict_says_why() {
    let mut world = World::new();
    let none = world.seen("/v1/conflicts?corpus=coffee").await;
    assert_eq!((&none["items"], &none["compared"]), (&json!([]), &json!(0)));
    assert_eq!(none["note"], "needs at least two narratives on the same topic");
    world.happens(Fact {
        outputs: vec![sent("p", "candidates", &pair(0.0))],
        ..fact("synthesize", "job-d2", "verdict", CORPUS)
    });
    let waiting = world.seen("/v1/conflicts").await;
    assert_eq!(waiting["note"], "no pair is compared yet; 1 more pair is being compared");
    world.happens(pair_decided(PairFate::NoConflict, 0.41));
    let compared = world.seen("/v1/conflicts?corpus=coffee").await;
    assert_eq!(
        compared["note"],
        "1 pair was compared; the closest is pair_1 with opposition 0.41, the gate is 0.60"
    );
    assert_eq!(
        compared["closest"],
        json!({"pair_id": "pair_1", "opposition": 0.41, "opposition_gate": 0.6})
    );
    assert_eq!(world.seen("/v1/conflicts?all=true").await["items"][0]["status"], "no_conflict");
    assert_eq!(world.seen("/v1/conflicts/pair_1").await["reason"], "why");
    let elsewhere = world.seen("/v1/conflicts?corpus=tea").await;
    assert_eq!(elsewhere["compared"], 0);
}

#[tokio::test]
async fn a_conflict_names_both_sides_and_its_synthesis() {
    let mut world = two_documents();
    world.happens(pair_decided(PairFate::Synthesized, 0.9));
    let page = world.seen("/v1/conflicts?corpus=coffee").await;
    assert_eq!(page["note"], json!(null));
    let conflict = &page["items"][0];
    assert_eq!(
        (&conflict["status"], &conflict["opposition"]),
        (&json!("synthesized"), &json!(0.9))
    );
    assert_eq!(
        (&conflict["a"]["document_ids"], &conflict["b"]["hypothesis"]),
        (&json!(["d1"]), &json!("Hypothesis of d2."))
    );
    assert_eq!(conflict["a"]["status"], "admitted");
    assert_eq!(conflict["shared_evidence"], json!(["doi:1"]));
    let contradictions: Vec<f64> = conflict["statements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["contradiction"].as_f64().unwrap())
        .collect();
    assert_eq!(contradictions.len(), 3);
    // The mean of both directions; the model of this test looks one way.
    assert!((contradictions[0] - 0.2).abs() < 1e-6, "{contradictions:?}");
    assert!(contradictions.is_sorted_by(|x, y| x >= y), "{contradictions:?}");
    let document = world.seen("/v1/documents/d1").await;
    assert_eq!(document["conflicts"][0]["pair_id"], "pair_1");
    assert_eq!(document["conflicts"][0]["against"], json!(["d2"]));
    assert_eq!(document["syntheses"][0]["sno_id"], "sno_s");
    assert_eq!(
        (&conflict["synthesis"]["sno_id"], &conflict["synthesis"]["status"]),
        (&json!("sno_s"), &json!("pending"))
    );
    assert_eq!(world.seen("/v1/syntheses?status=pending").await["items"][0]["sno_id"], "sno_s");
    assert_eq!(world.seen("/v1/snos").await["items"].as_array().unwrap().len(), 2);

    world.happens(synthesis_judged());
    world.happens(synthesis_decided(SnoFate::Archived, "grounding 0.31 is below 0.50"));
    let synthesis = &world.seen("/v1/conflicts/pair_1").await["synthesis"];
    assert_eq!(
        (&synthesis["status"], &synthesis["reason"]),
        (&json!("archived"), &json!("grounding 0.31 is below 0.50"))
    );
    assert_eq!(world.seen("/v1/syntheses?status=pending").await["items"], json!([]));
    assert_eq!(
        world.seen("/v1/syntheses?status=archived").await["items"][0]["summary"],
        "A summary."
    );
    let counts = &world.seen("/v1/status").await["counts"];
    assert_eq!((&counts["conflicts"], &counts["syntheses"]), (&json!(1), &json!(1)));
    assert_eq!(
        counts["snos"],
        json!({
            "proposed": 0, "admitted": 2, "archived": 1, "duplicate": 0, "superseded": 0, "failed": 0,
        })
    );
}

#[tokio::test]
async fn a_synthesis_is_read_by_sections_and_as_markdown() {
    let mut world = two_documents();
    world.happens(pair_decided(PairFate::Synthesized, 0.9));
    world.happens(synthesis_judged());
    world.happens(synthesis_decided(SnoFate::Admitted, ""));
    let synthesis = world.seen("/v1/syntheses/sno_s").await;
    assert_eq!(synthesis["status"], "accepted");
    assert_eq!(synthesis["sections"]["unresolved"][0]["basis"], "no evidence decides");
    assert_eq!(synthesis["sections"]["agreed"][0]["claim_id"], "c2");
    assert_eq!(synthesis["parents"][1]["sno_id"], "sno_d2");
    assert_eq!(synthesis["pair"]["pair_id"], "pair_1");
    assert_eq!(synthesis["reports"][0]["weight"], 0.4);
    let request = Request::get("/v1/syntheses/sno_s").header(header::ACCEPT, "text/markdown");
    let answer = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], "text/markdown; charset=utf-8");
    assert!(
        answer
            .text
            .starts_with("# Both, by dose.\n\nsno_s · accepted · trust 0.62 · generation 1\n"),
        "{}",
        answer.text
    );
    let open = "## Unresolved\n\n*d1* states: “as \\*said\\*” (no evidence named; note 2). *d2* holds the opposite: “as \\*said\\*” (no evidence named; note 3). Neither view has more documents behind it. The contradiction is evidential: the findings differ. It stays open: no evidence decides.\n";
    assert!(answer.text.contains(open), "{}", answer.text);
    assert!(answer.text.contains("\n2. d1, characters 7–16: “as \\*said\\*”\n"));
    assert!(answer.text.contains("## What would change this\n\na trial\n\n## Notes"));
    assert!(!answer.text.contains("## Narrative"), "a text in sections repeats the page");
    assert!(!answer.text.contains("## Agreed"), "one side alone agrees with nobody");
    assert!(answer.text.contains(
        "## Reported by one side alone\n\n*d1* reports: It is told once (no evidence named; note 1).\n"
    ));
    let conflict = &world.seen("/v1/conflicts").await["items"][0];
    assert_eq!(conflict["contradiction_type"], "evidential");
    assert_eq!(conflict["contradiction_basis"], "“raises” against “lowers”");
    assert_eq!(synthesis["sections"]["unresolved"][0]["contradiction_type"], "evidential");
    assert_eq!(synthesis["sections"]["agreed"][0]["contradiction_type"], Value::Null);
    assert_eq!(world.get("/v1/syntheses/sno_d1").await.status.as_u16(), 404);
}

#[tokio::test]
async fn a_replaced_version_reads_superseded() {
    let mut world = two_documents();
    world.happens(cut_version("job-d1-2", "d1", CORPUS, 2));
    let mut newer = decision(document_sno("d1"), SnoFate::Admitted, "");
    newer.sno.sno_id = "sno_d1_2".into();
    newer.sno.document_version = 2;
    newer.supersedes = vec!["sno_d1".into()];
    let outputs = vec![sent("decision", "", &newer)];
    world.happens(Fact { outputs, ..fact("synthesize", "job-d1-2", "verdict", CORPUS) });
    let document = world.seen("/v1/documents/d1").await;
    let versions = document["versions"].as_array().unwrap();
    let statuses: Vec<&Value> = versions.iter().map(|version| &version["status"]).collect();
    assert_eq!(statuses, ["admitted", "superseded"]);
}

#[tokio::test]
async fn the_root_says_what_is_there() {
    let world = World::new();
    let root = world.seen("/").await;
    assert_eq!(root["name"], "cns");
    for link in root["links"].as_object().unwrap().values() {
        let path = link.as_str().unwrap();
        assert_ne!(world.get(path).await.status.as_u16(), 404, "{path}");
    }
}

#[tokio::test]
async fn lineage_goes_both_ways() {
    let mut world = two_documents();
    world.happens(pair_decided(PairFate::Synthesized, 0.9));
    world.happens(synthesis_judged());
    world.happens(synthesis_decided(SnoFate::Admitted, ""));
    let down = world.seen("/v1/snos/sno_s/lineage").await;
    assert_eq!(down["parents"].as_array().unwrap().len(), 2);
    assert_eq!(down["documents"][0]["document_id"], "d1");
    assert_eq!(down["documents"][0]["source"], "d1.pdf");
    assert_eq!(down["documents"][0]["sno_id"], "sno_d1");
    assert_eq!(down["documents"][0]["spans"][0]["span"], json!({"start": 7, "end": 16}));
    assert_eq!(down["pair"]["opposition"], 0.9);
    let made: Vec<&str> = down["made_by"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["event_type"].as_str().unwrap())
        .collect();
    assert_eq!(made, ["SnoProposed", "SnoJudged", "SnoDecided"]);
    assert_eq!(down["made_by"][1]["models"], json!(["lexical-1"]));
    assert_eq!(down["made_by"][1]["config_hash"], "c0ffee");
    let up = world.seen("/v1/snos/sno_d1/lineage").await;
    assert_eq!(up["children"][0]["sno_id"], "sno_s");
    assert_eq!(up["children"][0]["distance"], 1);
    assert_eq!(up["documents"][0]["quotes"][0]["text"], "d1 claims it");
}

#[tokio::test]
async fn a_synthesis_that_cannot_be_judged_has_failed() {
    let mut world = two_documents();
    world.happens(pair_decided(PairFate::Synthesized, 0.9));
    let fault = Fault {
        code: FaultCode::ModelFailed,
        detail: "the model gave no answer".into(),
        mend: "try later".into(),
        retry: Retry::Later,
    };
    let base = fact("critique", "job-d2", "synthesis-candidate", CORPUS);
    world.happens(Fact { outcome: Outcome::DeadLettered, fault: Some(fault), ..base });
    let synthesis = &world.seen("/v1/conflicts/pair_1").await["synthesis"];
    assert_eq!(
        (&synthesis["status"], &synthesis["reason"]),
        (&json!("failed"), &json!("the model gave no answer"))
    );
    let job = world.seen("/v1/jobs/job-d2").await;
    assert_eq!((&job["status"], &job["error"]), (&json!("admitted"), &json!(null)));
}

#[tokio::test]
async fn a_number_that_json_cannot_say_stops_nothing() {
    let mut world = two_documents();
    world.happens(pair_decided(PairFate::Unsynthesized, f64::NAN));
    world.happens(pair_decided(PairFate::NoConflict, f64::INFINITY));
    world.happens(pair_decided(PairFate::Unsynthesized, f64::NAN));
    assert_eq!(world.seen("/v1/conflicts").await["items"][0]["opposition"], json!(null));
    assert_eq!(world.seen("/v1/status").await["counts"]["conflicts"], 1);
}
