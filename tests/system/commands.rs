//! The command line, with a server and without one: what it prints, and what it exits with.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use serde_json::Value;

use crate::{
    node::Node,
    papers::{agreeing, con, elsewhere, got, listed, pro, submit},
    run::{Ran, cns, command, finish, serve},
};

struct Desk {
    folder: tempfile::TempDir,
    node: Node,
}

impl Desk {
    fn new() -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let node = Node::start(&folder.path().join("state"));
        Desk { folder, node }
    }

    /// Writes a file and returns its path.
    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    fn cns(&self, arguments: &[&str]) -> Ran {
        self.with_input(arguments, b"")
    }

    fn with_input(&self, arguments: &[&str], input: &[u8]) -> Ran {
        finish(command().args(arguments).args(["--server", self.node.url()]), input)
    }
}

#[test]
fn a_file_a_folder_and_standard_input_are_submitted() {
    let desk = Desk::new();
    let file = desk.file("pro.md", pro());
    desk.cns(&["submit", &file]).went_well(&["pro.md", "admitted", "submitted 1   admitted 1"]);
    assert_eq!(got(&desk.node, "/v1/documents/pro.md")["corpus"], "default");

    for (name, text) in
        [("a.txt", pro()), ("deep/b.md", con()), ("c.html", elsewhere()), (".hidden.txt", con())]
    {
        desk.file(&format!("trials/{name}"), text);
    }
    desk.file("trials/scan.pdf", "%PDF");
    let folder = desk.folder.path().join("trials").display().to_string();
    let ran = desk.cns(&["submit", &folder]);
    ran.went_well(&["a.txt", "deep/b.md", "c.html", "submitted 3   admitted 3"]);
    assert!(ran.err.contains("skipped scan.pdf"), "{ran:?}");
    assert_eq!(listed(&desk.node, "/v1/documents?corpus=trials").len(), 3, "named by the folder");
    assert_eq!(listed(&desk.node, "/v1/conflicts?corpus=trials").len(), 1);
    desk.cns(&["document", "show", "deep/b.md"]).went_well(&["deep/b.md", "admitted"]);

    let arguments = ["submit", "-", "--document-id", "notes", "--corpus", "mine"];
    desk.with_input(&arguments, agreeing().as_bytes()).went_well(&["notes", "admitted"]);
    assert_eq!(got(&desk.node, "/v1/documents/notes?corpus=mine")["source"], "stdin");
    // The same text is recognized, also when it is named by its content alone.
    for status in ["admitted 1", "duplicate 1"] {
        desk.with_input(&["submit", "-"], elsewhere().as_bytes()).went_well(&[status]);
    }
}

fn line(id: &str, text: &str) -> String {
    serde_json::json!({ "document_id": id, "text": text }).to_string()
}

#[test]
fn every_line_of_a_file_has_its_own_outcome() {
    let desk = Desk::new();
    let unknown = serde_json::json!({ "document_id": "u", "text": "some text", "txet": 1 });
    let lines = [
        line("good", &pro()),
        "{not json".into(),
        String::new(),
        line("blank", "  "),
        unknown.to_string(),
        "[1]".into(),
        line("also-good", &con()),
    ];
    let file = desk.file("batch.jsonl", lines.join("\n"));
    let ran = desk.cns(&["submit", &file, "--json", "--corpus", "batch"]);
    ran.failed(1, &["4 documents were rejected"]);
    let outcomes = ran.json_lines();
    let statuses: Vec<&str> = outcomes.iter().map(|o| o["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["admitted", "rejected", "rejected", "rejected", "rejected", "admitted"]);
    let said = |at: usize| outcomes[at]["error"]["detail"].as_str().unwrap().to_owned();
    for (at, part) in [(1, "not JSON"), (2, "empty"), (3, "/txet"), (4, "no JSON object")] {
        assert!(said(at).contains(part), "{}", outcomes[at]);
    }
    assert_eq!(outcomes[1]["label"], "batch.jsonl#2", "the line is named");
    assert_eq!(listed(&desk.node, "/v1/documents?corpus=batch").len(), 2);

    let both = format!("[{},{}]", line("one", &pro()), line("two", &con()));
    let array = desk.file("both.json", both);
    desk.cns(&["submit", &array, "--corpus", "array"]).went_well(&["one", "two", "admitted 2"]);
    let single = desk.file("single.json", line("single", &pro()));
    desk.cns(&["submit", &single, "--corpus", "one"]).went_well(&["single", "admitted 1"]);
    let broken = desk.file("broken.json", "[{]");
    desk.cns(&["submit", &broken]).failed(1, &["1 document was rejected"]);
}

#[test]
fn what_cannot_be_a_document_is_told_and_mended() {
    let desk = Desk::new();
    let cases: [(&str, Vec<u8>, &str); 5] = [
        ("empty.txt", Vec::new(), "is empty"),
        ("blank.txt", b" \n\t".to_vec(), "is empty"),
        ("latin.txt", b"caf\xe9 au lait".to_vec(), "is not UTF-8 (byte 3)"),
        ("wide.txt", b"\xff\xfea\0".to_vec(), "is UTF-16"),
        ("large.txt", vec![b'x'; (1 << 20) + 1], "has 1048577 bytes"),
    ];
    for (name, bytes, part) in cases {
        let file = desk.file(name, bytes);
        let ran = desk.cns(&["submit", &file]);
        ran.failed(1, &["1 document was rejected"]);
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words(&ran.out).contains(part), "{name}: {ran:?}");
    }
    assert_eq!(listed(&desk.node, "/v1/jobs").len(), 0, "none of them was sent");
    let large = vec![b'x'; (1 << 20) + 1];
    desk.with_input(&["submit", "-"], &large).failed(1, &["1 document was rejected"]);
    let folder = desk.folder.path().join("nothing");
    fs::create_dir(&folder).unwrap();
    let ran = desk.cns(&["submit", folder.to_str().unwrap()]);
    ran.failed(2, &["no document was found", ".jsonl"]);
    assert!(ran.out.is_empty(), "nothing stands in a table: {ran:?}");
    desk.cns(&["submit", &desk.file("scan.pdf", "%PDF")])
        .failed(2, &["not a kind of file", ".txt"]);
    desk.cns(&["submit", "/nowhere/at/all"]).failed(5, &["cannot read /nowhere/at/all"]);
}

#[test]
fn a_submission_need_not_be_waited_for() {
    let desk = Desk::new();
    let file = desk.file("pro.md", pro());
    let ran = desk.cns(&["submit", &file, "--no-wait"]);
    ran.went_well(&["queued", "job_", "cns job show"]);
    let job = ran.out.split_whitespace().find(|word| word.starts_with("job_")).unwrap();
    desk.cns(&["job", "show", job]).went_well(&[job]);
}

#[test]
fn what_the_server_knows_is_listed_and_shown() {
    let desk = Desk::new();
    let empty = desk.cns(&["conflict", "list"]);
    empty.went_well(&["No conflicts.", "needs at least two narratives"]);
    desk.cns(&["dead-letter", "list"]).went_well(&["No dead letters"]);
    let job = submit(&desk.node, "coffee", "pro", &pro());
    submit(&desk.node, "coffee", "con", &con());
    let conflict = listed(&desk.node, "/v1/conflicts").remove(0);
    let id = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
    let (job_id, sno) = (id(&job, "job_id"), id(&job, "sno_id"));
    let (pair, synthesis) = (id(&conflict, "pair_id"), id(&conflict, "synthesis_id"));
    let shown: [(&[&str], &[&str]); 13] = [
        (&["job", "list"], &[&job_id, "coffee", "admitted"]),
        (&["job", "show", &job_id], &[&job_id, "settled", &sno]),
        (&["sno", "list", "--corpus", "coffee"], &[&sno, &synthesis, "synthesis of 2"]),
        (&["sno", "show", &sno], &[&sno, "afternoon coffee increases"]),
        (&["conflict", "list"], &[&pair, "synthesized", "logical", "“We find that"]),
        (
            &["conflict", "show", &pair],
            &[
                &pair,
                "pro",
                "con",
                "0.97",
                "logical contradiction: one denies what the other states",
            ],
        ),
        (&["synthesis", "list"], &[&synthesis, "accepted"]),
        (&["synthesis", "show", &synthesis], &[&synthesis, "pro", "con", "logical contradiction:"]),
        (&["document", "show", "pro", "--corpus", "coffee"], &["pro", &sno, &pair, &synthesis]),
        (&["document", "list"], &["pro", "con", "coffee", &sno]),
        (&["document", "list", "--status", "rejected"], &["No documents"]),
        (&["dead-letter", "list"], &["No dead letters"]),
        (&["status"], &["chunk", "synthesize", "coffee"]),
    ];
    for (arguments, parts) in shown {
        desk.cns(arguments).went_well(parts);
        let json = desk.cns(&[arguments, &["--json"]].concat());
        assert_eq!((json.code, json.json_lines().len()), (Some(0), 1), "{json:?}");
    }
    let page = desk.cns(&["sno", "list", "--limit", "1"]);
    let cursor = page.out.split("--cursor ").nth(1).unwrap().trim();
    let next = desk.cns(&["sno", "list", "--limit", "1", "--cursor", cursor]);
    next.went_well(&["sno_"]);
    assert_ne!(page.out.lines().nth(1), next.out.lines().nth(1));
}

#[test]
fn what_the_user_mistook_is_told_once_with_what_would_do() {
    let desk = Desk::new();
    submit(&desk.node, "coffee", "pro", &pro());
    for noun in ["sno", "conflict", "document"] {
        let ran = desk.cns(&[noun, "list", "--corpus", "cofee"]);
        ran.went_well(&["There is no corpus cofee; there are: coffee."]);
    }
    let file = desk.file("con.md", con());
    let ran = desk.cns(&["submit", &file, &file, "--corpus", "my/topic"]);
    ran.failed(2, &["--corpus my/topic holds a slash", "--corpus my-topic"]);
    assert_eq!(listed(&desk.node, "/v1/jobs").len(), 1, "nothing was sent");
    submit(&desk.node, "tea", "pro", &pro());
    desk.cns(&["document", "show", "pro"]).failed(2, &["--corpus", "`coffee`", "`tea`"]);
}

#[test]
fn a_document_without_a_statement_is_rejected_and_its_job_found() {
    let desk = Desk::new();
    let file = desk.file("empty-talk.md", "We find that …");
    desk.cns(&["submit", &file]).failed(1, &["1 document was rejected"]);
    let job = listed(&desk.node, "/v1/jobs").remove(0);
    assert_eq!(job["error"]["code"], "no_extractable_text");
    let job_id = job["job_id"].as_str().unwrap();
    let reason = job["error"]["detail"].as_str().unwrap();
    desk.cns(&["document", "show", "empty-talk.md"]).went_well(&["rejected", &reason[..20]]);
    desk.cns(&["document", "list", "--status", "rejected"]).went_well(&["empty-talk.md"]);
    desk.cns(&["job", "show", job_id]).went_well(&["no_extractable_text"]);
}

#[test]
fn nobody_to_tell_is_no_failure() {
    let closed = |arguments: &[&str]| {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = command();
        command.args(arguments).stdout(writer.try_clone().unwrap()).stderr(writer);
        command.status().unwrap().code()
    };
    assert_eq!(closed(&["config", "example"]), Some(0));
    assert_eq!(closed(&["submit", "/nowhere/at/all"]), Some(5));
}

#[test]
fn what_is_not_there_exits_with_5() {
    let desk = Desk::new();
    for noun in ["job", "sno", "conflict", "synthesis", "document", "dead-letter"] {
        let ran = desk.cns(&[noun, "show", "no/such\u{e9}"]);
        ran.failed(5, &["There is no", "404 Not Found"]);
        let ran = desk.cns(&[noun, "show", "nothing", "--json"]);
        assert_eq!((ran.code, ran.json_lines()[0]["status"].as_u64()), (Some(5), Some(404)));
    }
}

#[test]
fn without_a_server_every_command_names_the_address() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{gone}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pro.md");
    fs::write(&file, pro()).unwrap();
    let submit = ["submit", file.to_str().unwrap()];
    let questions: [&[&str]; 5] =
        [&submit, &["status"], &["job", "list"], &["sno", "show", "x"], &["document", "show", "x"]];
    for arguments in questions {
        cns(&[arguments, &["--server", &url]].concat())
            .failed(4, &[&url, "cns serve", "CNS_SERVER"]);
        let ran = finish(command().args(arguments).env("CNS_SERVER", &url), b"");
        ran.failed(4, &[&url]);
    }
    cns(&["status", "--server", "ftp://x"]).failed(2, &["ftp://x"]);
}

#[test]
fn wrong_usage_exits_with_2() {
    let cases: [(&[&str], &str); 7] = [
        (&["sumbit", "x"], "submit"),
        (&["submit"], "required"),
        (&["sno"], "Usage"),
        (&["sno", "show"], "<ID>"),
        (&["sno", "list", "--limit", "0"], "1..=200"),
        (&["serve", "--port", "1"], "--port"),
        (&["job", "list", "--corpse", "x"], "--corpus"),
    ];
    for (arguments, part) in cases {
        cns(arguments).failed(2, &[part]);
    }
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.txt", "b.txt"] {
        fs::write(folder.path().join(name), "text").unwrap();
    }
    let ran = cns(&["submit", folder.path().to_str().unwrap(), "--document-id", "one"]);
    ran.failed(2, &["--document-id", "2 files"]);
}

fn with_config(text: &str) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cns.toml");
    fs::write(&file, text).unwrap();
    serve(&folder.path().join("state"), &["--config", file.to_str().unwrap()])
}

#[test]
fn wrong_settings_exit_with_3_and_name_every_fault() {
    let cases: [(&str, &[&str]); 4] = [
        ("[gates]\nopositon = 0.7\n", &["cns.toml:2", "did you mean gates.opposition?"]),
        ("[gates]\nopposition = \"high\"\n", &["cns.toml:2", "gates.opposition", "a number"]),
        ("listen = 8000\n[gates]\nopposition = 3\n", &["2 faults", "toml:1", "toml:3"]),
        ("[models]\ncompleter = \"other-1\"\n", &["other-1"]),
    ];
    for (text, parts) in cases {
        with_config(text).failed(3, parts);
    }
    let ran = finish(command().args(["config", "show"]).env("CNS_GATE_OPPOSITION", "1"), b"");
    ran.failed(3, &["CNS_GATE_OPPOSITION", "CNS_GATES_OPPOSITION"]);
    cns(&["serve", "--config", "/nowhere/cns.toml"]).failed(3, &["/nowhere/cns.toml"]);
}

#[test]
fn settings_are_shown_with_their_origin() {
    let folder = tempfile::tempdir().unwrap();
    let example = cns(&["config", "example"]);
    example.went_well(&["[gates]", "opposition"]);
    let file = folder.path().join("cns.toml");
    fs::write(&file, &example.out).unwrap();
    let arguments = ["config", "show", "--config", file.to_str().unwrap()];
    let ran = finish(command().args(arguments).env("CNS_GATES_OPPOSITION", "0.75"), b"");
    ran.went_well(&["gates.opposition", "0.75", "CNS_GATES_OPPOSITION"]);
    let json = cns(&[&arguments[..], &["--json"]].concat());
    assert!(serde_json::from_str::<Value>(&json.out).unwrap().is_object(), "{json:?}");
}

#[test]
fn an_address_that_others_reach_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    for address in ["0.0.0.0:0", "[::]:0"] {
        serve(&state, &["--listen", address]).failed(3, &[address, "127.0.0.1", "cns keys create"]);
    }
    assert!(!Path::new(&state).exists());
}

#[test]
fn every_command_has_an_example() {
    let help = cns(&["--help"]);
    help.went_well(&["First steps", "Exit codes"]);
    let commands = help.out.split("Commands:").nth(1).unwrap().lines();
    let names: Vec<&str> = commands
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(names.len() >= 11 && names.contains(&"dead-letter"), "{names:?}");
    for name in names {
        cns(&[name, "--help"]).went_well(&["Example", "cns "]);
    }
}

#[test]
fn a_job_is_watched_to_its_end_and_its_corpus_is_shown() {
    let desk = Desk::new();
    let (one, two) = (desk.file("pro.md", pro()), desk.file("con.md", con()));
    desk.cns(&["corpus", "list"]).went_well(&["No corpora"]);
    desk.cns(&["submit", &one, "--corpus", "trials"]).went_well(&["admitted"]);
    let alone = "needs at least two narratives on the same topic";
    desk.cns(&["corpus", "show", "trials"]).went_well(&["trials", "1: admitted 1", alone]);
    let ran = desk.cns(&["submit", &two, "--corpus", "trials", "--no-wait"]);
    let job = ran.out.split_whitespace().find(|word| word.starts_with("job_")).unwrap();
    let watched = desk.cns(&["job", "watch", job]);
    watched.went_well(&["chunked", "embedded", "scored", "conflict_found", "synthesized"]);
    assert!(watched.out.lines().last().unwrap().starts_with("settled"), "{watched:?}");
    // Again, in JSON, from the beginning: the same.
    let again = desk.cns(&["job", "watch", job, "--json"]).json_lines();
    assert_eq!(again.len(), watched.out.lines().count());
    assert_eq!(again[0]["event"], "chunked");
    desk.cns(&["corpus", "list"]).went_well(&["CORPUS", "trials"]);
    desk.cns(&["corpus", "show", "nothing"]).failed(5, &["no corpus `nothing`"]);
    desk.cns(&["job", "watch", "job_none"]).failed(5, &["job_not_found"]);
}

#[test]
fn a_corpus_is_searched_and_a_dead_letter_is_decided_about_once() {
    let desk = Desk::new();
    desk.cns(&["submit", &desk.file("pro.md", pro()), "--corpus", "trials"])
        .went_well(&["admitted"]);
    let found = desk.cns(&["search", "output of offices", "--corpus", "trials"]);
    found.went_well(&["SCORE", "sno_", "admitted"]);
    desk.cns(&["search", "walrus", "--corpus", "trials"]).went_well(&["Nothing found"]);
    desk.cns(&["dead-letter", "list", "--status", "open"]).went_well(&["No dead letters"]);
    desk.cns(&["dead-letter", "list", "--status", "new"]).failed(2, &["open, retried, dropped"]);
    let arguments = ["dead-letter", "retry", "dl_none", "--reason", "r", "--dry-run"];
    desk.cns(&arguments).failed(5, &["no dead letter `dl_none`"]);
}
