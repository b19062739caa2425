//! Starting and stopping when something is wrong: what is taken, newer, damaged or full is named, nothing
//! is served from it, and nothing is lost.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::json;

use crate::{
    node::Node,
    papers::{accepted, body, con, got, listed, pro, settled, submit},
    run::serve,
};

/// More than any disk has.
const FULL: [(&str, &str); 1] = [("CNS_LIMITS_DISK_HEADROOM_BYTES", "1000000GiB")];

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// A state directory with a conflict in it, of a server that was stopped. Its log has files of every kind.
fn used_state() -> tempfile::TempDir {
    let state = folder();
    let node = Node::start(state.path());
    submit(&node, "coffee", "pro", &pro());
    assert_eq!(node.terminate(), Some(0));
    let node = Node::start(state.path());
    submit(&node, "coffee", "con", &con());
    assert_eq!(node.terminate(), Some(0));
    state
}

#[test]
fn a_port_in_use_is_told_with_a_way_on() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let state = folder();
    let ran = serve(&state.path().join("new"), &["--listen", &address]);
    ran.failed(4, &[&address, "in use", "cns status", "--listen"]);
    assert!(!state.path().join("new").exists(), "nothing was begun");
}

#[test]
fn a_state_directory_has_one_server() {
    let state = folder();
    let node = Node::start(state.path());
    let ran = serve(state.path(), &[]);
    let owner = format!("process {}", node.pid());
    ran.failed(4, &[&owner, &state.path().display().to_string(), "--state"]);
    assert_eq!(submit(&node, "coffee", "pro", &pro())["status"], "admitted");
    // The lock goes with the process, however it ends.
    node.kill();
    assert_eq!(listed(&Node::start(state.path()), "/v1/snos").len(), 1);
}

#[test]
fn a_newer_format_is_left_alone() {
    let state = used_state();
    let format = state.path().join("FORMAT");
    fs::write(&format, "99\n").unwrap();
    serve(state.path(), &[]).failed(4, &["state format 99", "reads up to 1", "newer cns"]);
    assert_eq!(fs::read_to_string(&format).unwrap(), "99\n");
    fs::write(&format, "one\n").unwrap();
    serve(state.path(), &[]).failed(4, &["FORMAT", "`one` is not a format number"]);
    fs::write(&format, "1\n").unwrap();
    assert_eq!(listed(&Node::start(state.path()), "/v1/conflicts").len(), 1);
}

#[test]
fn a_first_start_that_was_cut_off_can_be_repeated() {
    let state = folder();
    for name in ["FORMAT", "job.key"] {
        fs::write(state.path().join(name), "").unwrap();
    }
    let node = Node::start(state.path());
    assert_eq!(submit(&node, "coffee", "pro", &pro())["status"], "admitted");
}

#[test]
fn a_damaged_job_key_is_named() {
    let state = used_state();
    fs::write(state.path().join("job.key"), "short").unwrap();
    serve(state.path(), &[]).failed(4, &["job.key", "32 bytes", "copy"]);
}

fn files(store: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(store).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> =
        entries.filter(|path| wanted(path.file_name().unwrap().to_str().unwrap())).collect();
    found.sort();
    found
}

/// Flips all bits of one byte, so far into the file.
fn flip(path: &Path, permille: usize) {
    let mut bytes = fs::read(path).unwrap();
    assert!(!bytes.is_empty(), "{} is empty", path.display());
    let at = (bytes.len() - 1) * permille / 1000;
    bytes[at] ^= 0xff;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_damaged_log_is_named_and_not_served() {
    let state = used_state();
    type Kind = (&'static str, fn(&str) -> bool);
    let kinds: [Kind; 3] = [
        ("CURRENT", |name| name == "CURRENT"),
        ("MANIFEST", |name| name.starts_with("MANIFEST")),
        ("the write-ahead log", |name| name.ends_with(".log")),
    ];
    for (kind, wanted) in kinds {
        for permille in [0, 250, 500, 750, 1000] {
            let copy = folder();
            copied(state.path(), copy.path());
            let log = copy.path().join("log");
            let found = files(&log, wanted).into_iter();
            let largest = found.max_by_key(|path| fs::metadata(path).unwrap().len());
            flip(&largest.unwrap_or_else(|| panic!("{kind} is not there")), permille);
            let ran = serve(copy.path(), &[]);
            assert_eq!(ran.code, Some(4), "{kind} at {permille}: {ran:?}");
            ran.failed(4, &[&log.display().to_string()]);
        }
    }
    let node = Node::start(state.path());
    assert_eq!(listed(&node, "/v1/conflicts").len(), 1, "the original is whole");
}

/// A table is read where it is needed. Whatever is damaged in it: an answer is the right one or none.
#[test]
fn a_damaged_table_gives_no_wrong_answer() {
    let state = used_state();
    let paths = ["/v1/conflicts?all=true", "/v1/snos", "/v1/documents", "/v1/syntheses"];
    // An answer says how much of the log is not in it; only one that misses nothing has to be right.
    let answers = |node: &Node| {
        paths.map(|path| {
            let (status, answer) = node.get(path)?;
            let whole = status == 200 && answer["as_of"]["lag_records"] == 0;
            whole.then(|| answer["items"].clone())
        })
    };
    let node = Node::start(state.path());
    let right = answers(&node);
    assert!(right.iter().all(Option::is_some), "{right:?}");
    assert_eq!(node.terminate(), Some(0));
    let is_table = |name: &str| name.ends_with(".sst");
    let tables = files(&state.path().join("log"), is_table).len();
    assert!(tables > 0, "there is a table");
    let mut found = 0;
    for (table, permille) in
        (0..tables).flat_map(|table| [0, 250, 500, 750, 1000].map(|p| (table, p)))
    {
        let copy = folder();
        copied(state.path(), copy.path());
        let log = copy.path().join("log");
        flip(&files(&log, is_table)[table], permille);
        // The views are folded from the damaged log.
        fs::remove_dir_all(copy.path().join("views")).unwrap();
        let (code, said) = match Node::try_spawn(copy.path(), &[]) {
            Err(said) => (Some(4), said),
            Ok(node) => {
                for (answer, right) in answers_when_ready(&node, answers).iter().zip(&right) {
                    assert!(answer.is_none() || answer == right, "{answer:?} is not {right:?}");
                }
                node.end()
            }
        };
        if code != Some(0) {
            let named = said.contains(&log.display().to_string()) && said.contains("is corrupt");
            assert!(named, "table {table} at {permille}: {said}");
            found += 1;
        }
    }
    assert!(found >= tables, "only {found} of {} faults were found", tables * 5);
}

/// The answers of a server that is ready, or that has given up.
fn answers_when_ready<T>(node: &Node, answers: impl Fn(&Node) -> T) -> T {
    let end = std::time::Instant::now() + crate::node::PATIENCE;
    while node
        .get("/health/ready")
        .is_some_and(|(status, problem)| status != 200 && problem["code"] != "views_stopped")
    {
        assert!(std::time::Instant::now() < end, "neither ready nor gone");
    }
    answers(node)
}

fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copied(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_damaged_view_is_named_and_can_be_folded_anew() {
    let state = used_state();
    let views = state.path().join("views");
    let manifest = files(&views, |name| name.starts_with("MANIFEST"));
    for path in [views.join("CURRENT"), manifest[0].clone()] {
        let whole = fs::read(&path).unwrap();
        flip(&path, 500);
        let ran = serve(state.path(), &[]);
        ran.failed(4, &[&views.display().to_string()]);
        fs::write(&path, &whole).unwrap();
    }
    fs::remove_dir_all(&views).unwrap();
    let node = Node::start(state.path());
    assert_eq!(listed(&node, "/v1/conflicts").len(), 1, "the log has all of it");
}

#[test]
fn a_stop_loses_no_accepted_document() {
    let state = folder();
    let node = Node::start(state.path());
    let jobs: Vec<String> = (0..40)
        .map(|n| {
            accepted(&node, &format!("c{}", n % 3), &format!("d{n}"), &format!("{} {n}.", pro()))
        })
        .collect();
    assert_eq!(node.terminate(), Some(0));
    let node = Node::start(state.path());
    for job in &jobs {
        settled(&node, job);
    }
    assert_eq!(listed(&node, "/v1/dead-letters").len(), 0);
    assert_eq!(node.terminate(), Some(0));
}

#[test]
fn a_full_disk_stops_a_first_start() {
    for headroom in [FULL[0].1, "18446744073709551615"] {
        let state = folder();
        let mut command = crate::run::command();
        command.env(FULL[0].0, headroom).args(["serve", "--listen", "127.0.0.1:0", "--state"]);
        let ran = crate::run::finish(command.arg(state.path()), b"");
        let at = state.path().display().to_string();
        ran.failed(4, &["recording the settings", &at, "free some space"]);
        let node = Node::start(state.path());
        assert_eq!(submit(&node, "coffee", "pro", &pro())["status"], "admitted");
    }
}

#[test]
fn a_full_disk_stops_writing_and_not_reading() {
    let state = used_state();
    let node = Node::start_with(state.path(), &FULL);
    let (status, problem) = node.post("/v1/documents", &body("coffee", "late", &pro())).unwrap();
    assert_eq!((status, &problem["code"]), (503, &json!("log_unavailable")), "{problem}");
    assert_eq!(problem["retryable"], true);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("Nothing was written") && detail.contains("again later"), "{detail}");
    assert_eq!(listed(&node, "/v1/conflicts").len(), 1);
    assert_eq!(got(&node, "/health/live")["status"], "live");
    assert_eq!(node.terminate(), Some(0));
    let node = Node::start(state.path());
    assert_eq!(node.get("/v1/documents/late?corpus=coffee").unwrap().0, 404, "as it was said");
    assert_eq!(submit(&node, "tea", "late", &pro())["status"], "admitted");
}

#[test]
fn work_that_a_full_disk_stopped_goes_on_when_there_is_space() {
    let state = folder();
    let node = Node::start(state.path());
    let jobs: Vec<String> = (0..40)
        .map(|n| {
            accepted(&node, &format!("c{}", n % 3), &format!("d{n}"), &format!("{} {n}.", pro()))
        })
        .collect();
    node.kill();
    let node = Node::start_with(state.path(), &FULL);
    for job in &jobs {
        assert_eq!(node.get(&format!("/v1/jobs/{job}")).unwrap().0, 200);
    }
    assert_eq!(node.terminate(), Some(0));
    let node = Node::start(state.path());
    for job in &jobs {
        settled(&node, job);
    }
    assert_eq!(listed(&node, "/v1/dead-letters").len(), 0, "a full disk is nobody's fault");
}
