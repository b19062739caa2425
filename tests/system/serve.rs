//! A server as its users meet it: documents in, SNOs, conflicts and syntheses out, over HTTP.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    node::Node,
    papers::{
        self, SHARED, accepted, agreeing, commanding, con, elsewhere, got, listed, nearly_pro,
        paraphrase, pro, settled, submit, unfounded, words,
    },
};

/// A server on a state directory of its own, which lives as long as the first part.
fn server() -> (tempfile::TempDir, Node) {
    let state = tempfile::tempdir().unwrap();
    let node = Node::start(state.path());
    (state, node)
}

#[test]
fn a_document_becomes_an_sno_that_leads_back_to_it() {
    let (_state, node) = server();
    let job = accepted(&node, "coffee", "pro", &pro());
    let fresh = got(&node, &format!("/v1/jobs/{job}"));
    assert_eq!(fresh["job_id"], *job);
    let job = settled(&node, &job);
    assert_eq!((&job["status"], &job["document_id"]), (&json!("admitted"), &json!("pro")));
    let id = job["sno_id"].as_str().unwrap();

    let sno = got(&node, &format!("/v1/snos/{id}"));
    assert_eq!(sno["provenance"], "document");
    assert_eq!(sno["status"], "admitted");
    assert_eq!(sno["document_ids"], json!(["pro"]));
    assert!(sno["hypothesis"].as_str().unwrap().contains("afternoon coffee increases"), "{sno}");
    let evidence: BTreeSet<&str> =
        sno["evidence"].as_array().unwrap().iter().filter_map(identity).collect();
    assert_eq!(evidence, SHARED.into(), "{sno}");
    let text: Vec<char> = pro().chars().collect();
    for claim in sno["claims"].as_array().unwrap() {
        let at = |end: &str| claim["span"][end].as_u64().unwrap() as usize;
        let there: String = text[at("start")..at("end")].iter().collect();
        assert!(there.contains(claim["text"].as_str().unwrap()), "{claim} stands at `{there}`");
    }

    let lineage = got(&node, &format!("/v1/snos/{id}/lineage"));
    assert_eq!(lineage["sno"]["sno_id"], *id);
    assert_eq!(lineage["documents"][0]["document_id"], "pro");
    assert_eq!(lineage["truncated"], false);
    assert!(!lineage["made_by"].as_array().unwrap().is_empty(), "{lineage}");

    let document = got(&node, "/v1/documents/pro?corpus=coffee");
    assert_eq!(document["sno_id"], *id);
    assert_eq!(document["version"], 1);
    assert!(document["text"].as_str().unwrap().contains("afternoon coffee"), "{document}");
}

fn identity(evidence: &Value) -> Option<&str> {
    evidence["evidence_id"].as_str()
}

/// Trust of an SNO, recomputed from what it shows.
fn recomputed(sno: &Value) -> f64 {
    let reports = sno["reports"].as_array().unwrap();
    assert_eq!(reports.len(), 3, "{sno}");
    let part = |report: &Value, name: &str| report[name].as_f64().unwrap();
    let weights: f64 = reports.iter().map(|report| part(report, "weight")).sum();
    reports.iter().map(|report| part(report, "weight") * part(report, "score")).sum::<f64>()
        / weights
}

#[test]
fn opposition_over_shared_evidence_is_a_conflict_with_a_synthesis_that_cites_both() {
    let (_state, node) = server();
    submit(&node, "coffee", "pro", &pro());
    submit(&node, "coffee", "con", &con());
    let answer = got(&node, "/v1/conflicts?corpus=coffee");
    let items = answer["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{answer}");
    assert_eq!((&answer["compared"], &answer["note"]), (&json!(1), &Value::Null));
    let conflict = &items[0];
    let sides = [words(&conflict["a"]["document_ids"]), words(&conflict["b"]["document_ids"])];
    assert_eq!(sides.concat().into_iter().collect::<BTreeSet<_>>(), ["con", "pro"].into());
    assert_eq!(
        words(&conflict["shared_evidence"]).into_iter().collect::<BTreeSet<_>>(),
        SHARED.into()
    );
    let gate = conflict["opposition_gate"].as_f64().unwrap();
    assert!(conflict["opposition"].as_f64().unwrap() >= gate, "{conflict}");
    assert_eq!(conflict["status"], "synthesized");

    let id = conflict["synthesis_id"].as_str().unwrap();
    let synthesis = got(&node, &format!("/v1/syntheses/{id}"));
    assert_eq!(synthesis["pair_id"], conflict["pair_id"]);
    assert_eq!(words(&synthesis["document_ids"]), ["con", "pro"]);
    let section = |name: &str| synthesis["sections"][name].as_array().unwrap().clone();
    let findings = ["agreed", "resolved", "unresolved", "rejected"].map(section).concat();
    let cited: BTreeSet<&str> = findings
        .iter()
        .flat_map(|finding| finding["sides"].as_array().unwrap())
        .filter_map(|side| side["document_id"].as_str())
        .collect();
    assert_eq!(cited, ["con", "pro"].into(), "{synthesis}");
    assert!(!section("unresolved").is_empty(), "nothing decides between the two: {synthesis}");
    let evidence: BTreeSet<&str> =
        synthesis["evidence"].as_array().unwrap().iter().filter_map(identity).collect();
    assert_eq!(evidence, SHARED.into());
    assert_eq!(listed(&node, "/v1/syntheses?corpus=coffee").len(), 1);
    assert_eq!(
        got(&node, &format!("/v1/snos/{id}/lineage"))["documents"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn trust_can_be_recomputed_from_what_is_shown() {
    let (_state, node) = server();
    for (id, text) in [("pro", pro()), ("con", con()), ("elsewhere", elsewhere())] {
        submit(&node, "coffee", id, &text);
    }
    let items = listed(&node, "/v1/snos?limit=200");
    assert_eq!(items.len(), 4, "three documents and a synthesis: {items:?}");
    for item in items {
        let sno = got(&node, &format!("/v1/snos/{}", item["sno_id"].as_str().unwrap()));
        let (shown, again) = (sno["trust"].as_f64().unwrap(), recomputed(&sno));
        assert!((shown - again).abs() < 1e-9, "{shown} is not {again}: {sno}");
        assert_eq!(item["trust"], sno["trust"]);
    }
}

#[test]
fn a_repeated_text_is_a_duplicate_of_the_first() {
    let (_state, node) = server();
    let first = submit(&node, "coffee", "pro", &pro());
    let cases = [
        ("pro", pro(), None),
        ("copy", pro(), Some("exact_duplicate")),
        ("close", nearly_pro(), Some("near_duplicate")),
    ];
    for (id, text, flag) in cases {
        let job = submit(&node, "coffee", id, &text);
        assert_eq!(job["status"], "duplicate", "{id}: {job}");
        assert_eq!(job["duplicate_of"], "pro", "{id}: {job}");
        assert!(!job["reason"].as_str().unwrap().is_empty(), "{job}");
        let flags: Vec<&str> =
            job["flags"].as_array().unwrap().iter().filter_map(|f| f["code"].as_str()).collect();
        assert_eq!(flags, flag.into_iter().collect::<Vec<_>>(), "{id}");
    }
    let admitted = listed(&node, "/v1/snos?corpus=coffee&status=admitted");
    assert_eq!(admitted.len(), 1);
    assert_eq!(admitted[0]["sno_id"], first["sno_id"]);
    assert_eq!(got(&node, "/v1/documents/pro?corpus=coffee")["version"], 1);
}

#[test]
fn a_new_text_under_a_known_id_replaces_the_old_one() {
    let (_state, node) = server();
    let old = submit(&node, "coffee", "report", &pro());
    let new = submit(&node, "coffee", "report", &con());
    let replaced = got(&node, &format!("/v1/snos/{}", old["sno_id"].as_str().unwrap()));
    assert_eq!(replaced["status"], "superseded");
    assert_eq!(replaced["superseded_by"], new["sno_id"]);
    assert_eq!(got(&node, "/v1/documents/report?corpus=coffee")["version"], 2);
    assert_eq!(got(&node, "/v1/conflicts?corpus=coffee")["items"], json!([]));
}

#[test]
fn what_does_not_oppose_is_no_conflict_and_the_note_says_how_close_it_came() {
    let (_state, node) = server();
    let cases = [
        ("agreement", agreeing(), 1),
        ("paraphrase", paraphrase(), 1),
        ("unrelated", elsewhere(), 0),
    ];
    for (corpus, other, compared) in cases {
        submit(&node, corpus, "pro", &pro());
        let job = submit(&node, corpus, "other", &other);
        assert_eq!(job["status"], "admitted", "{corpus}: {job}");
        let answer = got(&node, &format!("/v1/conflicts?corpus={corpus}"));
        assert_eq!(answer["items"], json!([]), "{corpus}");
        assert_eq!(answer["compared"], compared, "{corpus}: {answer}");
        assert_eq!(listed(&node, &format!("/v1/syntheses?corpus={corpus}")).len(), 0);
        let note = answer["note"].as_str().unwrap();
        if compared == 0 {
            assert_eq!(note, "needs at least two narratives on the same topic");
            continue;
        }
        let closest = answer["closest"]["pair_id"].as_str().unwrap();
        for part in ["1 pair was compared", closest, "opposition 0.", "the gate is 0.60"] {
            assert!(note.contains(part), "`{part}` is not in `{note}`");
        }
        let all = listed(&node, &format!("/v1/conflicts?corpus={corpus}&all=true"));
        assert_eq!(all.len(), 1, "the pair itself can be seen");
        assert_eq!(all[0]["status"], "no_conflict");
    }
}

#[test]
fn corpora_never_mix() {
    let (_state, node) = server();
    submit(&node, "left", "paper", &pro());
    let other = submit(&node, "right", "paper", &con());
    assert_eq!(other["status"], "admitted", "no duplicate and no version of the other: {other}");
    // The same text again, but elsewhere, is no duplicate.
    let same = submit(&node, "third", "paper", &pro());
    assert_eq!((&same["status"], &same["duplicate_of"]), (&json!("admitted"), &Value::Null));
    let answer = got(&node, "/v1/conflicts");
    assert_eq!((&answer["items"], &answer["proposed"]), (&json!([]), &json!(0)), "{answer}");
    for corpus in ["left", "right", "third"] {
        let snos = listed(&node, &format!("/v1/snos?corpus={corpus}"));
        assert_eq!(snos.len(), 1, "{corpus}: {snos:?}");
        assert_eq!(snos[0]["corpus"], corpus);
    }
    let (status, problem) = node.get("/v1/documents/paper").unwrap();
    assert_eq!(status, 400, "the id alone is ambiguous: {problem}");
    assert!(problem["errors"][0]["message"].as_str().unwrap().contains("`left`"), "{problem}");
}

#[test]
fn what_a_reader_should_know_is_flagged() {
    let (_state, node) = server();
    for (code, text) in [("instruction_like_text", commanding()), ("cited_but_absent", unfounded())]
    {
        let job = submit(&node, code, "paper", &text);
        assert_eq!(job["status"], "admitted", "{job}");
        let sno = got(&node, &format!("/v1/snos/{}", job["sno_id"].as_str().unwrap()));
        for flags in [&job["flags"], &sno["flags"]] {
            let flags = flags.as_array().unwrap();
            assert!(flags.iter().any(|flag| flag["code"] == code), "{code} is not in {flags:?}");
        }
    }
    // What the text demands has no effect: the same text without the demand is trusted as much.
    submit(&node, "plain", "paper", &pro());
    let trust = |corpus: &str| {
        listed(&node, &format!("/v1/snos?corpus={corpus}"))[0]["trust"].as_f64().unwrap()
    };
    assert!(trust("instruction_like_text") <= trust("plain"), "the demand is not obeyed");
}

#[test]
fn the_short_form_takes_a_source_and_a_text() {
    let (_state, node) = server();
    let body = json!({ "source": "a reader", "text": pro() });
    let (status, answer) = node.post("/ingest", &body).unwrap();
    assert_eq!((status, &answer["message"]), (202, &json!("Ingestion task accepted")));
    let job = settled(&node, answer["task_id"].as_str().unwrap());
    assert_eq!((&job["status"], &job["corpus"]), (&json!("admitted"), &json!("default")));
    for body in
        [json!({"source": "", "text": "x"}), json!({"source": "x", "text": "  "}), json!({})]
    {
        let (status, problem) = node.post("/ingest", &body).unwrap();
        assert_eq!(status, 400, "{problem}");
        assert_eq!(problem["code"], "empty_field");
        assert_eq!(problem["detail"], "Source and text cannot be empty.");
    }
}

#[test]
fn a_job_that_was_handed_out_is_never_unknown() {
    let (_state, node) = server();
    let mut jobs = Vec::new();
    for number in 0..60 {
        let text = format!("{}\nThis is report {number}.", pro());
        jobs.push(accepted(&node, &format!("corpus-{}", number % 7), &format!("d{number}"), &text));
        for job in jobs.iter().rev().take(5) {
            let (status, answer) = node.get(&format!("/v1/jobs/{job}")).unwrap();
            assert_eq!(status, 200, "{answer}");
        }
    }
    for job in &jobs {
        settled(&node, job);
    }
    let (status, problem) = node.get("/v1/jobs/job_00000000000000000000000000000000").unwrap();
    assert_eq!((status, &problem["code"]), (404, &json!("job_not_found")));
}

#[test]
fn metrics_can_be_read_and_count_what_was_submitted() {
    let (_state, node) = server();
    for (id, text) in [("pro", pro()), ("con", con()), ("copy", pro())] {
        submit(&node, "coffee", id, &text);
    }
    let (status, text) = node.get("/metrics").unwrap();
    let text = text.as_str().unwrap();
    assert_eq!(status, 200);
    assert!(text.ends_with("# EOF\n"), "OpenMetrics ends so");
    let mut accepted = None;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        let value: f64 = value.parse().unwrap();
        assert!(name.starts_with("cns_") && value.is_finite() && value >= 0.0, "{line}");
        if name == "cns_documents_accepted_total" {
            accepted = Some(value);
        }
        // Ids never become labels: their number has no limit.
        assert!(!name.contains("job_") && !name.contains("coffee"), "{line}");
    }
    assert_eq!(accepted, Some(3.0));
    let posted = "cns_http_requests_total{route=\"/v1/documents\",status=\"202\"} 3";
    assert!(text.lines().any(|line| line == posted), "{posted} is not in\n{text}");
}

#[test]
fn a_restart_changes_no_answer() {
    let (state, node) = server();
    for (id, text) in [("pro", pro()), ("con", con()), ("agreeing", agreeing()), ("copy", pro())] {
        submit(&node, "coffee", id, &text);
    }
    let (before, config) = (answers(&node), config_hash(&node));
    assert!(before.iter().any(|answer| !answer["items"].as_array().unwrap().is_empty()));
    assert_eq!(node.terminate(), Some(0));
    // The second restart folds the views from the log alone.
    for views_removed in [false, true] {
        if views_removed {
            std::fs::remove_dir_all(state.path().join("views")).unwrap();
        }
        let node = Node::start(state.path());
        assert_eq!(answers(&node), before, "views removed: {views_removed}");
        assert_eq!(config_hash(&node), config);
        let again = submit(&node, "coffee", "con", &con());
        assert_eq!(again["status"], "duplicate", "the population is remembered: {again}");
        assert_eq!(node.terminate(), Some(0));
    }
}

fn config_hash(node: &Node) -> Value {
    got(node, "/v1/status")["config_hash"].clone()
}

/// What was found, without how old the answer is.
fn answers(node: &Node) -> Vec<Value> {
    ["/v1/snos?limit=200", "/v1/conflicts?all=true", "/v1/syntheses", "/v1/documents"]
        .map(|path| {
            let mut answer = papers::got(node, path);
            answer.as_object_mut().unwrap().remove("as_of");
            answer
        })
        .into()
}
