//! The binary as a command: run to its end, with its exit code and all that it said.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs::File,
    io::{Read, Seek, Write},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use cns_processors::models::onnx::Runtime;
use serde_json::Value;

use crate::node::PATIENCE;

/// How a command ended, and what it said.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Every line of standard output as JSON.
    pub fn json_lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The exit code, and every part somewhere in what was said on standard error.
    #[track_caller]
    pub fn failed(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for part in parts {
            assert!(self.err.contains(part), "`{part}` is not in {self:?}");
        }
    }

    /// It went well, and every part is somewhere in standard output.
    #[track_caller]
    pub fn went_well(&self, parts: &[&str]) {
        assert_eq!(self.code, Some(0), "{self:?}");
        for part in parts {
            assert!(self.out.contains(part), "`{part}` is not in {self:?}");
        }
    }
}

/// The binary, without the settings of whoever runs the tests, with the built-in models: they are quick, and the same
/// on every machine.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cns"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CNS_") {
            command.env_remove(name);
        }
    }
    command.envs([("CNS_MODELS_EMBEDDER", "builtin"), ("CNS_MODELS_ENTAILMENT", "builtin")]);
    command
}

/// Runs the binary with these arguments.
pub fn cns(arguments: &[&str]) -> Ran {
    finish(command().args(arguments), b"")
}

/// The same with settings in environment variables.
#[allow(dead_code, reason = "each test binary uses its own part")]
pub fn cns_with(variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
    finish(command().envs(variables.iter().copied()).args(arguments), b"")
}

/// Runs `cns serve` on a state directory; for starts that fail.
pub fn serve(state: &Path, arguments: &[&str]) -> Ran {
    let mut command = command();
    command.args(["serve", "--log-filter", "warn", "--state"]).arg(state);
    if !arguments.contains(&"--listen") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    finish(command.args(arguments), b"")
}

/// Runs a command to its end. One that does not end is killed, and fails the test.
pub fn finish(command: &mut Command, input: &[u8]) -> Ran {
    let (mut stdin, mut out, mut err) = (file(), file(), file());
    stdin.write_all(input).unwrap();
    stdin.rewind().unwrap();
    command.stdin(stdin).stdout(out.try_clone().unwrap()).stderr(err.try_clone().unwrap());
    let mut child = command.spawn().unwrap();
    let end = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if Instant::now() > end {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let ran = Ran {
        code: status.and_then(|status| status.code()),
        out: text(&mut out),
        err: text(&mut err),
    };
    assert!(status.is_some(), "{command:?} does not end: {ran:?}");
    ran
}

fn file() -> File {
    tempfile::tempfile().unwrap()
}

fn text(file: &mut File) -> String {
    let mut text = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut text).unwrap();
    text
}

/// Whether the ONNX Runtime library is here. With `TEST_RUNTIME=required` it has to be.
#[allow(dead_code, reason = "each test binary uses its own part")]
pub fn runtime_is_here() -> bool {
    let found = Runtime::load(None).unwrap().is_some();
    let required = std::env::var("TEST_RUNTIME").is_ok_and(|value| value == "required");
    assert!(found || !required, "the ONNX Runtime library is not here: `make runtime`");
    if !found {
        eprintln!("Not tried: the ONNX Runtime library is not here (`make runtime`).");
    }
    found
}
