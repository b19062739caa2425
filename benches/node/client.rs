//! A running server and a client of it.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::measure;

/// A server of its own, killed when it goes out of scope.
pub struct Node {
    child: Child,
    url: String,
    agent: ureq::Agent,
}

impl Drop for Node {
    fn drop(&mut self) {
        // One that has ended by itself needs no kill.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Node {
    /// Starts it on a state directory, and says how many seconds it took until it was ready.
    pub fn start(state: &Path) -> (Node, f64) {
        let begun = Instant::now();
        let models = std::env::var("BENCH_MODELS").unwrap_or_else(|_| "builtin".into());
        let mut child = Command::new(env!("CARGO_BIN_EXE_cns"))
            .env("CNS_MODELS_EMBEDDER", &models)
            .env("CNS_MODELS_ENTAILMENT", &models)
            .args(["serve", "--listen", "127.0.0.1:0", "--log-filter", "error", "--state"])
            .arg(state)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("a first line");
        let url = line[line.find("http://").expect("an address")..].trim().to_owned();
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let node = Node { child, url, agent };
        while node.get("/health/ready").is_none() {
            std::thread::yield_now();
        }
        (node, begun.elapsed().as_secs_f64())
    }

    /// The body of an answer with status 200.
    pub fn get(&self, path: &str) -> Option<String> {
        let mut answer = self.agent.get(format!("{}{path}", self.url)).call().ok()?;
        let text = answer.body_mut().read_to_string().ok()?;
        (answer.status() == 200).then_some(text)
    }

    /// Submits a document and gives its job.
    pub fn submit(&self, corpus: &str, document_id: &str, text: &str) -> String {
        let body = json!({"document_id": document_id, "corpus": corpus, "source": document_id, "text": text});
        loop {
            let request = self.agent.post(format!("{}/v1/documents", self.url));
            let request = request.header("content-type", "application/json");
            let mut answer = request.send(body.to_string()).expect("an answer");
            let text = answer.body_mut().read_to_string().expect("a body");
            if answer.status() == 503 || answer.status() == 429 {
                std::thread::sleep(Duration::from_millis(50));
                continue;
            }
            let job: Value = serde_json::from_str(&text).expect("JSON");
            return job["job_id"].as_str().unwrap_or_else(|| panic!("{text}")).to_owned();
        }
    }

    /// Submits many from sixteen clients at once; the seconds until all are accepted.
    pub fn submit_all(
        &self,
        corpus: &str,
        numbers: std::ops::Range<usize>,
        text: fn(usize) -> String,
    ) -> f64 {
        let next = AtomicUsize::new(numbers.start);
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::SeqCst);
                        if number >= numbers.end {
                            return;
                        }
                        self.submit(corpus, &format!("{corpus}-{number}"), &text(number));
                    }
                });
            }
        });
        begun.elapsed().as_secs_f64()
    }

    /// Waits until everything that follows from a job is done.
    pub fn settle(&self, job: &str) {
        let path = format!("/v1/jobs/{job}?wait=settled&timeout_ms=60000");
        while self.get(&path).is_none() {}
    }

    /// Waits until no stage is behind.
    pub fn drained(&self) {
        loop {
            let text = self.get("/v1/status").expect("a status");
            let status: Value = serde_json::from_str(&text).expect("JSON");
            let stages = status["stages"].as_array().expect("stages");
            let behind = |stage: &Value| stage["lag_records"].as_i64().expect("a lag");
            if stages.iter().map(behind).sum::<i64>() == 0 {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The value of a metric, by its line's beginning.
    pub fn metric(&self, name: &str) -> f64 {
        let text = self.get("/metrics").expect("metrics");
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or(0.0)
    }

    /// CPU seconds that the server has used.
    pub fn cpu_seconds(&self) -> f64 {
        measure::cpu_seconds(self.child.id())
    }

    /// Its resident memory in MB.
    pub fn resident_mb(&self) -> f64 {
        measure::resident_mb(self.child.id())
    }
}
