//! The whole node: durable accepts over HTTP, documents a minute end to end, memory, restart after SIGKILL,
//! and what the next document costs in a large corpus.
//!
//! `BENCH_DOCUMENTS` sets how many documents the end-to-end run has (default 1000).

mod measure;

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use measure::{resident_mb, wanted};
use serde_json::{Value, json};

struct Node {
    child: Child,
    url: String,
    agent: ureq::Agent,
}

impl Node {
    fn start(state: &Path) -> (Node, f64) {
        let begun = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_cns"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log-filter", "error", "--state"])
            .arg(state)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("a first line");
        let url = line[line.find("http://").expect("an address")..].trim().to_owned();
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let node = Node { child, url, agent };
        while node.get("/health/ready").0 != 200 {
            std::thread::yield_now();
        }
        (node, begun.elapsed().as_secs_f64())
    }

    fn get(&self, path: &str) -> (u16, Value) {
        match self.agent.get(format!("{}{path}", self.url)).call() {
            Ok(mut answer) => {
                let text = answer.body_mut().read_to_string().unwrap_or_default();
                (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::Null))
            }
            Err(_) => (0, Value::Null),
        }
    }

    fn submit(&self, corpus: &str, number: usize) -> String {
        let id = format!("{corpus}-{number}");
        let body = json!({"document_id": id, "corpus": corpus, "source": id, "text": text(number)});
        let request = self.agent.post(format!("{}/v1/documents", self.url));
        let sent = request.header("content-type", "application/json").send(body.to_string());
        let text = sent.expect("accepted").body_mut().read_to_string().expect("a body");
        let job: Value = serde_json::from_str(&text).expect("JSON");
        job["job_id"].as_str().expect("a job").to_owned()
    }

    fn settle(&self, job: &str) {
        let path = format!("/v1/jobs/{job}?wait=settled&timeout_ms=60000");
        while self.get(&path).1["settled"] != true {}
    }

    fn drained(&self) {
        loop {
            let status = self.get("/v1/status").1;
            let stages = status["stages"].as_array().cloned().unwrap_or_default();
            let behind: i64 = stages.iter().filter_map(|s| s["lag_records"].as_i64()).sum();
            if !stages.is_empty() && behind == 0 {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }
}

/// One page, its words drawn from the number: every document has its own topic and studies.
fn text(number: usize) -> String {
    let topics =
        ["coffee", "rye", "filters", "sleep", "traffic", "maize", "noise", "shade", "salt", "wool"];
    let topic = format!("{}-{}", topics[number % 10], number / 10 % 500);
    let mut text = format!(
        "We find that {topic} increases the output of plot {number} by {} percent [1].\n\n",
        number % 17
    );
    for line in 0..22 {
        text.push_str(&format!(
            "Measurement {line} of {topic} showed {} units in season {}, because plot {number} was {} [{}]. ",
            (number * 31 + line * 7) % 97, line % 4, ["shaded", "watered", "fenced", "tilled"][line % 4], line % 3 + 1,
        ));
    }
    text.push_str("\n\nReferences\n");
    for reference in 1..4 {
        text.push_str(&format!(
            "{reference}. Author A. Study of {topic}. 2020. doi:10.5555/bench.{}.{reference}\n",
            number / 10
        ));
    }
    text
}

fn accepts(node: &Node) -> f64 {
    const CLIENTS: usize = 16;
    const EACH: usize = 60;
    let next = AtomicUsize::new(0);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                for _ in 0..EACH {
                    node.submit("accepts", next.fetch_add(1, Ordering::SeqCst));
                }
            });
        }
    });
    (CLIENTS * EACH) as f64 / begun.elapsed().as_secs_f64()
}

fn main() {
    if !wanted() {
        return;
    }
    let documents: usize =
        std::env::var("BENCH_DOCUMENTS").ok().and_then(|n| n.parse().ok()).unwrap_or(1000);
    let state = tempfile::tempdir().expect("a directory");
    let (mut node, cold) = Node::start(state.path());
    println!("start on an empty state                  {cold:>8.2} s");
    println!(
        "resident memory, idle                    {:>8.0} MB   goal 150",
        resident_mb(node.child.id())
    );
    println!("durable accepts over HTTP, 16 clients    {:>8.0} /s", accepts(&node));
    node.drained();
    let begun = Instant::now();
    let jobs: Vec<String> =
        (0..documents).map(|n| node.submit(&format!("c{}", n % 8), n)).collect();
    for job in &jobs {
        node.settle(job);
    }
    let minutes = begun.elapsed().as_secs_f64() / 60.0;
    println!("documents a minute, end to end           {:>8.0}", documents as f64 / minutes);
    println!(
        "resident memory, full                    {:>8.0} MB   goal 512",
        resident_mb(node.child.id())
    );
    for size in [100, 1000, 3000] {
        let known: usize = if size == 100 {
            0
        } else if size == 1000 {
            100
        } else {
            1000
        };
        for number in known..size {
            node.submit("growing", number);
        }
        node.drained();
        let begun = Instant::now();
        for number in 0..20 {
            let job = node.submit("growing", 1_000_000 + size * 20 + number);
            node.settle(&job);
        }
        println!(
            "the next document among {size:>6}           {:>8.1} ms",
            begun.elapsed().as_secs_f64() * 50.0
        );
    }
    node.kill();
    let bytes = folder_bytes(state.path());
    let (mut again, warm) = Node::start(state.path());
    println!("restart after SIGKILL, {:>5} MB of state   {warm:>8.2} s    goal 2", bytes >> 20);
    again.kill();
}

fn folder_bytes(path: &Path) -> u64 {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(data) if data.is_dir() => folder_bytes(&entry.path()),
            Ok(data) => data.len(),
            Err(_) => 0,
        })
        .sum()
}
