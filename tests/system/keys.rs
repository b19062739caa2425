//! Keys as those who run a server and those who ask it meet them; and that a key is found nowhere afterwards.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use cns_api::{Need, ROUTES};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    node::{Node, PATIENCE},
    papers::pro,
    run::{Ran, command, finish},
};

/// A folder with a keys file.
struct Ring {
    dir: TempDir,
}

impl Ring {
    fn new() -> Ring {
        Ring { dir: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("keys.json")
    }

    fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    fn keys(&self, arguments: &[&str]) -> Ran {
        finish(command().env("CNS_ACCESS_KEYS", self.file()).arg("keys").args(arguments), b"")
    }

    fn create(&self, tenant: &str, scopes: &str) -> String {
        let made =
            self.keys(&["create", "--tenant", tenant, "--scope", scopes, "--name", "a test"]);
        made.went_well(&["cns_"]);
        assert!(made.err.contains("only time"), "{made:?}");
        let key = made.out.trim().to_owned();
        // The one thing on standard output, so that it can be piped into a file.
        assert_eq!((key.len(), made.out.lines().count()), (81, 1), "{made:?}");
        assert!(!made.err.contains(&key[17..]));
        key
    }

    fn node(&self, filter: &str) -> Node {
        let file = self.file();
        let keys = ("CNS_ACCESS_KEYS", file.to_str().unwrap());
        Node::start_with(&self.state(), &[keys, ("CNS_LOG_FILTER", filter)])
    }
}

/// Asks with a key; status, head and body as text.
fn ask(node: &Node, method: &str, path: &str, head: &[(&str, &str)]) -> (u16, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(PATIENCE))
        .build()
        .into();
    let mut request =
        ureq::http::Request::builder().method(method).uri(format!("{}{path}", node.url()));
    for (name, value) in head {
        request = request.header(*name, *value);
    }
    let mut answer = agent.run(request.body(Vec::new()).unwrap()).unwrap();
    if path.ends_with("/events") && answer.status() == 200 {
        // A stream does not end; what it tells is what the views show elsewhere.
        return (200, format!("{:?}", answer.headers()));
    }
    let body = answer.body_mut().read_to_string().unwrap();
    (answer.status().as_u16(), format!("{:?}\n{body}", answer.headers()))
}

fn client(node: &Node, key: &str, arguments: &[&str]) -> Ran {
    finish(command().args(arguments).args(["--server", node.url()]).env("CNS_API_KEY", key), b"")
}

fn bearer(key: &str) -> String {
    format!("Bearer {key}")
}

#[test]
fn keys_are_made_and_revoked_while_the_server_runs() {
    let ring = Ring::new();
    let first = ring.create("acme", "read");
    let node = ring.node("warn");
    client(&node, &first, &["status"]).went_well(&["STAGE"]);
    client(&node, "", &["status"]).failed(8, &["missing_api_key", "CNS_API_KEY", "--key-file"]);
    let wrong = client(&node, "cns_nonsense", &["status"]);
    wrong.failed(2, &["CNS_API_KEY is not a key"]);
    assert!(!wrong.err.contains("nonsense"));

    let second = ring.create("acme", "ingest,read");
    let kept = ring.dir.path().join("key");
    fs::write(&kept, format!("{second}\n")).unwrap();
    let file = ["--key-file", kept.to_str().unwrap()];
    let until = |arguments: &[&str], code: i32| {
        let end = Instant::now() + PATIENCE;
        loop {
            let ran = client(&node, "", &[arguments, &file[..]].concat());
            if ran.code == Some(code) {
                return ran;
            }
            assert!(Instant::now() < end, "{ran:?}");
        }
    };
    until(&["status"], 0);
    let note = ring.dir.path().join("note.txt");
    fs::write(&note, pro()).unwrap();
    let submit = ["submit", note.to_str().unwrap(), "--corpus", "coffee"];
    client(&node, &first, &submit).failed(8, &["scope_required", "`ingest`"]);
    client(&node, "", &[&submit[..], &file[..]].concat()).went_well(&["admitted"]);

    let listed = ring.keys(&["list", "--json"]);
    let keys: Value = serde_json::from_str(&listed.out).unwrap();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
    assert!(!listed.out.contains("sha256") && !listed.out.contains(&first[17..]));
    let id = &second[4..16];
    ring.keys(&["list"]).went_well(&[id, "acme", "ingest,read", "valid", "a test"]);
    ring.keys(&["revoke", id]).went_well(&[id]);
    until(&["status"], 8).failed(8, &["invalid_api_key"]);
    client(&node, &first, &["status"]).went_well(&[]);
    ring.keys(&["revoke", "0123"]).failed(5, &["no key of this id"]);
    ring.keys(&["list"]).went_well(&["revoked"]);
}

#[test]
fn settings_and_doctor_tell_of_keys_and_never_their_hashes() {
    let ring = Ring::new();
    let with = |arguments: &[&str]| {
        finish(command().args(arguments).env("CNS_ACCESS_KEYS", ring.file()), b"")
    };
    with(&["doctor"]).failed(6, &["1 of "]);
    assert!(with(&["doctor"]).out.contains("keys create"));
    let started =
        with(&["serve", "--listen", "127.0.0.1:0", "--state", ring.state().to_str().unwrap()]);
    started.failed(3, &["keys.json", "cns keys create"]);
    assert!(!ring.state().exists());

    let key = ring.create("acme", "read");
    ring.keys(&["create", "--tenant", "acme", "--scope", "read", "--expires", "3d"]).went_well(&[]);
    let text = fs::read_to_string(ring.file()).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    for told in [with(&["doctor"]), with(&["config", "show"]), with(&["config", "show", "--json"])]
    {
        let expiring = file["keys"][1]["id"].as_str().unwrap();
        told.went_well(&["2 valid of 2", expiring]);
        let hash = file["keys"][0]["sha256"].as_str().unwrap();
        assert!(!told.out.contains(hash) && !told.out.contains(&key[17..]), "{told:?}");
    }
    assert!(!text.contains(&key[17..]));
    for wrong in ["read,write", "", "read,"] {
        ring.keys(&["create", "--tenant", "acme", "--scope", wrong]).failed(2, &["scope"]);
    }
    ring.keys(&["create", "--tenant", "a/b", "--scope", "read"]).failed(2, &["slashes"]);
    assert_eq!(fs::read_to_string(ring.file()).unwrap(), text);
}

/// Every file below a folder, with what is in it.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push((path.clone(), fs::read(path).unwrap())),
        }
    }
    found
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn a_known_key_is_found_nowhere() {
    let ring = Ring::new();
    let key = ring.create("acme", "ingest,read,admin,metrics");
    let revoked = ring.create("acme", "read");
    ring.keys(&["revoke", &revoked[4..16]]).went_well(&[]);
    let node = ring.node("trace");
    let note = ring.dir.path().join("note.txt");
    fs::write(&note, format!("{} The word is findable-zymurgy.", pro())).unwrap();
    let submitted = client(&node, &key, &["submit", note.to_str().unwrap(), "--corpus", "coffee"]);
    submitted.went_well(&["admitted"]);
    let mut told = vec![submitted.out, submitted.err];
    for route in ROUTES {
        let path = route.path.split('/').map(|part| if part.starts_with('{') { "1" } else { part });
        let path = path.collect::<Vec<_>>().join("/");
        for text in [&key, &revoked, &format!("{}{}", &key[..17], &revoked[17..])] {
            let heads = [[("authorization", bearer(text))], [("x-api-key", text.clone())]];
            for [(name, value)] in heads {
                let (status, text) = ask(&node, route.method, &path, &[(name, &value)]);
                assert!(status != 500, "{path}: {text}");
                told.push(text);
            }
        }
        let (status, _) = ask(&node, route.method, &path, &[("authorization", &bearer(&revoked))]);
        let open = matches!(route.need, Need::Nothing | Need::Watching);
        assert_eq!(status == 401, !open, "{path}");
    }
    let (status, metrics) = ask(&node, "GET", "/metrics", &[("authorization", &bearer(&key))]);
    assert_eq!(status, 200);
    told.push(metrics);
    let state = ring.state();
    let (code, said) = node.end();
    assert_eq!(code, Some(0));
    // What is looked for would be found: the log names keys by their ids, and the state has the documents.
    assert!(said.contains(&key[4..16]), "the log does not name the key");
    let files = files(&state);
    assert!(files.iter().any(|(_, bytes)| holds(bytes, "findable-zymurgy")));
    for secret in [&key[17..], &revoked[17..]] {
        assert!(!said.contains(secret), "it is in the log");
        assert!(told.iter().all(|text| !text.contains(secret)), "it is in an answer");
        for (path, bytes) in &files {
            assert!(!holds(bytes, secret), "it is in {}", path.display());
        }
    }
}

#[test]
fn a_key_is_no_argument() {
    for command in ["status", "submit", "job", "keys"] {
        let help = finish(&mut help(command), b"");
        assert!(!help.out.contains("--api-key") && !help.out.contains("--key "), "{}", help.out);
    }
}

fn help(name: &str) -> Command {
    let mut command = command();
    command.args([name, "--help"]);
    command
}
