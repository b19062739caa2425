//! SIGKILL at random times under load. Afterwards no document is lost, none is there twice, and each inbox
//! replayed into an empty store gives the same facts and rows.
//!
//! `TEST_KILLS` sets how often (default 200), `TEST_KILL_SEED` the seed, which is printed.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::Duration,
};

use cns_processors::models::ModelSet;
use cns_schemas::{Codec, Outcome};
use cns_state::{Embedded, EmbeddedOptions, Log};
use serde_json::json;

use crate::{
    node::Node,
    world::{texts, verify},
};

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Documents that were answered with 202, by document and job.
type Accepted = Arc<Mutex<Vec<(String, String)>>>;

/// More would only make the test longer.
const DOCUMENTS_PER_SERVER: usize = 4;

/// Submits documents to whatever server is there, until told to stop. One without an answer is sent
/// again under the same id, as the API says that a client may.
fn load(servers: &mpsc::Receiver<String>, stop: &AtomicBool, seed: u64, accepted: &Accepted) {
    let mut random = fastrand::Rng::with_seed(seed);
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(5)))
        .build()
        .into();
    let mut server = servers.recv().unwrap();
    for number in 0.. {
        if number % DOCUMENTS_PER_SERVER == DOCUMENTS_PER_SERVER - 1 {
            // Enough to have every stage at work when the kill comes.
            let Ok(next) = servers.recv() else { return };
            server = next;
        }
        let document_id = format!("d{number}");
        let corpus = format!("corpus-{}", number % 40);
        let body = json!({
            "document_id": document_id, "corpus": corpus, "source": format!("{document_id}.txt"),
            "text": format!("{}\n\nReport {number} of the series.", texts::text(&mut random)),
        });
        loop {
            if stop.load(Ordering::SeqCst) {
                return;
            }
            let request = agent.post(format!("{server}/v1/documents"));
            let answer = request.header("content-type", "application/json").send(body.to_string());
            if let Ok(mut answer) = answer
                && answer.status() == 202
                && let Ok(text) = answer.body_mut().read_to_string()
            {
                let job: serde_json::Value = serde_json::from_str(&text).unwrap();
                let job = job["job_id"].as_str().unwrap().to_owned();
                accepted.lock().unwrap().push((document_id, job));
                break;
            }
            match servers.recv_timeout(Duration::from_millis(500)) {
                Ok(next) => server = next,
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}

#[test]
fn two_hundred_kills_lose_nothing_and_double_nothing() {
    let kills = setting("TEST_KILLS", 200);
    let seed = setting("TEST_KILL_SEED", u64::from(std::process::id()));
    println!("{kills} kills with TEST_KILL_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let state = tempfile::tempdir().unwrap();
    let accepted = Accepted::default();
    let (announce, servers) = mpsc::channel();
    let stop = Arc::new(AtomicBool::new(false));
    let loader = {
        let (stop, accepted) = (stop.clone(), accepted.clone());
        std::thread::spawn(move || load(&servers, &stop, seed, &accepted))
    };
    let (_never, clock) = mpsc::channel::<()>();
    for _ in 0..kills {
        let node = Node::spawn(state.path());
        announce.send(node.url().to_owned()).unwrap();
        // A random moment is the point here, not a wait for something.
        let _ = clock.recv_timeout(Duration::from_millis(random.u64(5..250)));
        node.kill();
    }
    let node = Node::start(state.path());
    announce.send(node.url().to_owned()).unwrap();
    stop.store(true, Ordering::SeqCst);
    drop(announce);
    loader.join().unwrap();
    let accepted = accepted.lock().unwrap().clone();
    let unknown: Vec<_> = accepted.iter().filter(|(_, job)| !settles(&node, job)).collect();
    assert!(unknown.is_empty(), "not settled: {unknown:?}");
    assert_eq!(node.terminate(), Some(0));
    verify_log(state.path(), &accepted);
    println!("{} documents accepted", accepted.len());
}

/// The view knows the job as settled, with a fate.
fn settles(node: &Node, job: &str) -> bool {
    let path = format!("/v1/jobs/{job}?wait=settled&timeout_ms=60000");
    let Some((200, job)) = node.get(&path) else { return false };
    job["settled"] == true
        && matches!(
            job["status"].as_str(),
            Some("admitted" | "archived" | "duplicate" | "rejected")
        )
}

/// What only the log itself can show.
fn verify_log(state: &std::path::Path, accepted: &[(String, String)]) {
    let log: Arc<dyn Log> = Arc::new(Embedded::open(state, &EmbeddedOptions::standard()).unwrap());
    let jobs: Vec<String> = accepted.iter().map(|(_, job)| job.clone()).collect();
    verify::check(&log, &jobs, &ModelSet::builtin());
    // A document that was sent twice because its first answer was lost is new once and repeated once.
    let mut firsts = std::collections::BTreeMap::new();
    for fact in verify::facts(&log) {
        for sent in fact.outputs.iter().filter(|sent| sent.event_type == "DocumentChunked") {
            assert_eq!(fact.outcome, Outcome::Done);
            let chunked: cns_schemas::DocumentChunked = Codec::decode(sent.content.open()).unwrap();
            *firsts.entry(chunked.document_id).or_insert(0) += 1;
        }
    }
    for (document_id, _) in accepted {
        assert_eq!(firsts.get(document_id), Some(&1), "{document_id} was taken in so often");
    }
}
