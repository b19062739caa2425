//! The golden text of a synthesis.

use serde_json::json;

use super::*;

fn side(stance: &str, document: &str, text: &str, evidence: &[&str]) -> Value {
    json!({"stance": stance, "sno_id": "sno_a", "document_id": document, "text": text,
        "span": {"start": 120, "end": 171}, "evidence_ids": evidence})
}

fn synthesis() -> Value {
    let agreed = json!({"section": "agreed", "claim_id": "c1", "text": "Coffee raises alertness.", "basis": "both sides say it",
        "sides": [side("supports", "boost.txt", "Coffee raises alertness.", &["doi:10.5555/jws.2019.014"])]});
    let unresolved = json!({"section": "unresolved", "claim_id": "c6", "text": "Coffee raises output over a week.",
        "basis": "no evidence decides", "contradiction_type": "causal_attribution",
        "contradiction_basis": "the cause is at issue (“because”)", "sides": [
            side("supports", "boost.txt", "Output rises by six percent.", &["doi:10.5555/jws.2019.014"]),
            side("opposes", "sleep.md", "Over a week nothing is gained.", &[])]});
    json!({
        "sno_id": "sno_e4", "corpus": "coffee", "status": "accepted", "reason": "", "trust": 0.714, "generation": 1,
        "hypothesis": "Coffee raises short-term alertness; what it does to productivity depends on dose and sleep.",
        "summary": "", "pair_id": "pair_90", "prose": "Both sides agree.",
        "reports": [{"critic": "grounding", "score": 0.81}, {"critic": "logic", "score": 1}],
        "sections": {"agreed": [agreed], "resolved": [], "unresolved": [unresolved], "rejected": []},
        "open_points": ["A trial over more than three weeks."],
        "flags": [{"code": "cited_but_absent", "detail": "One source is not in its list."}],
        "parents": [
            {"sno_id": "sno_7c", "document_ids": ["boost.txt"]},
            {"sno_id": "sno_1a", "document_ids": ["sleep.md"]}],
        "lineage": {"made_by": [
            {"models": ["lexical-entailment-1"], "config_hash": "5f1c", "logic_version": "1"},
            {"models": ["lexical-entailment-1", "extractive-1"], "config_hash": "5f1c", "logic_version": "1"}]},
    })
}

#[test]
fn a_synthesis_reads_like_a_page() {
    let expected = "\
sno_e4   accepted   trust 0.71 (grounding 0.81, logic 1.00)   generation 1

HYPOTHESIS  Coffee raises short-term alertness; what it does to
            productivity depends on dose and sleep.
ONE SIDE    [c1] Coffee raises alertness. – both sides say it
              for boost.txt 120–171 (doi:10.5555/jws.2019.014)
UNRESOLVED  [c6] Coffee raises output over a week. – no evidence
            decides
              causal attribution contradiction: the cause is at
                  issue (“because”)
              for boost.txt 120–171 (doi:10.5555/jws.2019.014):
                  “Output rises by six percent.”
              against sleep.md 120–171 (no evidence): “Over a
                  week nothing is gained.”
OPEN        A trial over more than three weeks.
FLAGS       cited_but_absent: One source is not in its list.
LINEAGE     boost.txt → sno_7c ┐
            sleep.md → sno_1a  ┴→ pair_90 → sno_e4
            models lexical-entailment-1, extractive-1;
            configuration 5f1c; logic 1";
    assert_eq!(one(&synthesis(), 64), expected);
}

#[test]
fn a_synthesis_that_is_not_accepted_says_why() {
    let mut value = synthesis();
    value["status"] = "archived".into();
    value["reason"] = "grounding 0.31 is below 0.50".into();
    let shown = one(&value, 80);
    assert!(shown.contains("\nWHY         grounding 0.31 is below 0.50\n"), "{shown}");
}

#[test]
fn a_narrow_terminal_gets_the_target_on_a_line_of_its_own() {
    let mut value = synthesis();
    value["parents"][0]["document_ids"] = json!(["boost.txt", "wire.txt"]);
    let under = "\
LINEAGE     boost.txt + wire.txt → sno_7c  ┐
            sleep.md → sno_1a              ┤
            pair_90 → sno_e4              ←┘
";
    let shown = one(&value, 46);
    assert!(shown.contains(under), "{shown}");
    let listed = "\
LINEAGE     boost.txt + wire.txt →
            sno_7c
            sleep.md → sno_1a
            → pair_90 → sno_e4
";
    let shown = one(&value, 34);
    assert!(shown.contains(listed), "{shown}");
}

#[test]
fn an_answer_of_another_version_is_shown_as_far_as_it_goes() {
    let shown = one(&json!({"sno_id": "sno_1"}), 80);
    assert!(shown.starts_with("sno_1"), "{shown}");
}
