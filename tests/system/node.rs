//! A `cns serve` of its own: started, asked, stopped, killed.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Seek},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A running server.
pub struct Node {
    child: Child,
    diagnostics: File,
    url: String,
    agent: ureq::Agent,
}

impl Node {
    /// Starts a server on the state directory and waits until it is ready.
    pub fn start(state: &Path) -> Node {
        Node::start_with(state, &[])
    }

    /// The same with settings in environment variables.
    pub fn start_with(state: &Path, variables: &[(&str, &str)]) -> Node {
        let node = Node::spawn_with(state, variables);
        let end = Instant::now() + PATIENCE;
        while node.get("/health/ready").is_none_or(|(status, _)| status != 200) {
            assert!(Instant::now() < end, "the server does not become ready");
            std::thread::yield_now();
        }
        node
    }

    /// Starts a server and waits until it says where it listens.
    pub fn spawn(state: &Path) -> Node {
        Node::spawn_with(state, &[])
    }

    fn spawn_with(state: &Path, variables: &[(&str, &str)]) -> Node {
        match Node::try_spawn(state, variables) {
            Ok(node) => node,
            Err(said) => panic!("the server did not start: {said}"),
        }
    }

    /// Starts a server, or returns what it said when it did not start.
    pub fn try_spawn(state: &Path, variables: &[(&str, &str)]) -> Result<Node, String> {
        // A file, not a pipe: nobody reads while the server runs, and a full pipe would stop it.
        let mut diagnostics = tempfile::tempfile().unwrap();
        // `TEST_LOG_FILTER` shows more of what a server that does not go on was doing.
        let set = variables.iter().find(|(name, _)| *name == "CNS_LOG_FILTER");
        let filter = set.map(|(_, filter)| (*filter).to_owned());
        let filter = filter.or_else(|| std::env::var("TEST_LOG_FILTER").ok());
        let filter = filter.unwrap_or_else(|| "warn".into());
        let mut child = crate::run::command()
            .envs(variables.iter().copied())
            .args(["serve", "--listen", "127.0.0.1:0", "--log-filter", &filter, "--state"])
            .arg(state)
            .stdout(Stdio::piped())
            .stderr(diagnostics.try_clone().unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some(at) = line.find("http://") else {
            child.wait().unwrap();
            return Err(format!("{line}{}", whole(&mut diagnostics)));
        };
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .build()
            .into();
        Ok(Node { child, diagnostics, url: line[at..].trim().to_owned(), agent })
    }

    /// The server's address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Status and body; `None` when no answer came.
    pub fn get(&self, path: &str) -> Option<(u16, Value)> {
        read(self.agent.get(format!("{}{path}", self.url)).call())
    }

    /// A body that is not JSON.
    pub fn text(&self, path: &str) -> Option<String> {
        self.agent.get(format!("{}{path}", self.url)).call().ok()?.body_mut().read_to_string().ok()
    }

    /// The same for a POST of JSON.
    pub fn post(&self, path: &str, body: &Value) -> Option<(u16, Value)> {
        let request = self.agent.post(format!("{}{path}", self.url));
        read(request.header("content-type", "application/json").send(body.to_string()))
    }

    /// What it has written on standard error so far.
    pub fn said(&self) -> String {
        whole(&mut self.diagnostics.try_clone().unwrap())
    }

    /// Ends it as the kernel would: at once, with nothing said.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, as a supervisor does, and returns its exit code.
    pub fn terminate(self) -> Option<i32> {
        self.end().0
    }

    /// The same, with what it wrote on standard error in its life.
    pub fn end(mut self) -> (Option<i32>, String) {
        Command::new("kill").args(["-TERM", &self.pid().to_string()]).status().unwrap();
        let code = self.child.wait().unwrap().code();
        (code, whole(&mut self.diagnostics))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Already gone when the test has stopped it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn whole(file: &mut File) -> String {
    let mut text = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut text).unwrap();
    text
}

fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Option<(u16, Value)> {
    let mut answer = answer.ok()?;
    let text = answer.body_mut().read_to_string().ok()?;
    Some((answer.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::String(text))))
}
