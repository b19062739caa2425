//! Settings as their users meet them: profiles, names used elsewhere, what is refused and how it is told; and what is made
//! from the command line.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::run::{cns, cns_with, command, finish, runtime_is_here};

const DEV: &str = "config/dev.yaml";
const PROD: &str = "config/prod.yaml";

#[test]
fn the_profile_for_trying_does_without_models() {
    cns(&["config", "check", "--config", DEV]).went_well(&["Nothing is wrong", "profile dev"]);
}

#[test]
fn production_refuses_built_in_models_when_checked_and_when_started() {
    let builtin = [("CNS_EMBEDDING_DIM", "0")];
    let refused = ["models.embedder: hashing-encoder-1", "models.entailment: lexical-entailment-1"];
    cns_with(&builtin, &["config", "check", "--config", PROD]).failed(3, &refused);
    let state = tempfile::tempdir().unwrap();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--config", PROD, "--state"];
    let arguments = [&serve[..], &[state.path().to_str().unwrap()]].concat();
    cns_with(&builtin, &arguments).failed(3, &refused);
    assert_eq!(state.path().read_dir().unwrap().count(), 0, "nothing was begun");
}

#[test]
fn production_takes_the_models_of_the_project() {
    if !runtime_is_here() {
        return;
    }
    let mut command = command();
    command.env_remove("CNS_MODELS_EMBEDDER").env_remove("CNS_MODELS_ENTAILMENT");
    let ran = finish(command.args(["config", "check", "--config", PROD, "--json"]), b"");
    ran.went_well(&["minilm-l6@", "minilm-l6-nli@", "configuration_hash"]);
}

#[test]
fn production_refuses_brokers_that_are_not_verified_and_single_copies() {
    let folder = tempfile::tempdir().unwrap();
    let properties = folder.path().join("kafka.properties");
    std::fs::write(
        &properties,
        "enable.ssl.certificate.verification=FALSE\nsasl.password=geheim\n",
    )
    .unwrap();
    let set = [
        ("CNS_PROFILE", "prod"),
        ("CNS_KAFKA_PROPERTIES", properties.to_str().unwrap()),
        ("CNS_KAFKA_BROKERS", "b:9092"),
        ("CNS_KAFKA_REGISTRY", "http://r"),
        ("CNS_KAFKA_REPLICATION", "1"),
    ];
    let ran = cns_with(&set, &["config", "check"]);
    ran.failed(3, &["lets anybody pose as the brokers", "kafka.replication: one copy"]);
    assert!(!ran.err.contains("geheim"), "{}", ran.err);
}

#[test]
fn a_dimension_that_the_model_does_not_have_is_refused_by_name() {
    for variable in ["CNS_EMBEDDING_DIM", "CNS_MODELS_DIMENSION"] {
        let said = ["models.dimension is 768", "hashing-encoder-1 makes vectors of 256 numbers"];
        cns_with(&[(variable, "768")], &["config", "check"]).failed(3, &said);
        cns_with(&[(variable, "256")], &["config", "check"]).went_well(&[]);
    }
    cns_with(&[("CNS_EMBEDDING_DIM", "many")], &["config", "check"])
        .failed(3, &["CNS_EMBEDDING_DIM: models.dimension is `many`; a whole number"]);
}

#[test]
fn weights_in_json_are_read_and_their_faults_have_a_column() {
    let shown = |weights: &str| cns_with(&[("CNS_CRITIC_WEIGHTS", weights)], &["config", "show"]);
    shown("{grounding:.4}").failed(3, &["CNS_CRITIC_WEIGHTS: is not JSON at column 2"]);
    shown(r#"{"truth": 1}"#).failed(3, &["no critic `truth`; there are grounding, logic, novelty"]);
    shown(r#"{"grounding": 0.6, "logic": -1}"#).failed(3, &["weights.logic is -1"]);
    let ran = shown(r#"{"grounding": 0.6, "logic": 0.2, "novelty": 0.2}"#);
    ran.went_well(&[]);
    let row = ran.out.lines().find(|line| line.starts_with("weights.grounding")).unwrap();
    assert!(row.contains("0.6") && row.ends_with("CNS_CRITIC_WEIGHTS"), "{row}");
}

#[test]
fn a_shell_learns_all_commands_and_each_has_a_page_in_the_manual() {
    for shell in ["bash", "zsh", "fish"] {
        cns(&["completions", shell]).went_well(&["submit", "--kafka-brokers"]);
    }
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    cns(&["man", pages.to_str().unwrap()]).went_well(&["man1"]);
    for (page, said) in [("cns.1", "Exit codes"), ("cns-submit.1", "examples/coffee")] {
        let page = std::fs::read_to_string(pages.join(page)).unwrap();
        assert!(page.contains(said), "{page}");
    }
    let taken = folder.path().join("taken");
    std::fs::write(&taken, "").unwrap();
    cns(&["man", taken.to_str().unwrap()]).failed(2, &["cannot write to"]);
}
