//! Sends documents and follows their jobs. A server that is busy is asked again, for as long as the user has
//! patience; sending a document twice does no harm, it is recognized.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    outcome::Outcome,
    read::{Content, Item},
};
use crate::{
    client::{Answer, Client, escaped},
    failure::{Code, Failure},
    progress::Progress,
};

/// One question for a job waits at the server for at most this.
const WAIT: Duration = Duration::from_secs(20);
/// Pauses between tries, when the server does not say how long: doubled from the first to the last.
const PAUSE: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(10));

/// How long a user waits.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    until: Instant,
    seconds: u64,
}

impl Patience {
    /// Patience that begins now.
    pub fn lasting(duration: Duration) -> Patience {
        Patience { until: Instant::now() + duration, seconds: duration.as_secs() }
    }

    fn left(self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }
}

/// Sends, then waits. What was sent is kept in order.
pub struct Sender<'a> {
    client: &'a Client,
    patience: Patience,
    title: String,
    in_turn: bool,
    outcomes: Vec<Outcome>,
}

impl<'a> Sender<'a> {
    /// A sender that has sent nothing.
    pub fn new(client: &'a Client, patience: Patience) -> Sender<'a> {
        Sender { client, patience, title: String::new(), in_turn: false, outcomes: Vec::new() }
    }

    /// The same, with what stands before its progress.
    pub fn titled(self, title: &str) -> Sender<'a> {
        Sender { title: format!("{title}: "), ..self }
    }

    /// The same, but each document is sent only when everything that follows from the one before is done:
    /// slower, and what comes out does not depend on which of them is decided first.
    pub fn in_turn(self) -> Sender<'a> {
        Sender { in_turn: true, ..self }
    }

    /// Sends all documents; those that cannot be sent, or are refused at the door, have their outcome.
    pub fn send_all(&mut self, items: impl Iterator<Item = Item>) -> Result<(), Failure> {
        let mut progress = Progress::start(format!("{}sent", self.title), None);
        for item in items {
            let Item { label, content } = item;
            let outcome = match content {
                Content::Skipped => {
                    progress.note(&format!("skipped {label}: not a kind of file that is read"));
                    continue;
                }
                Content::Refused(why) => Outcome::refused_here(&label, &why),
                Content::Document(document) => self.send(&label, &document, &progress)?,
            };
            let outcome = if self.in_turn { self.settled(outcome, &progress)? } else { outcome };
            self.outcomes.push(outcome);
            progress.step(&label);
        }
        progress.finish();
        Ok(())
    }

    /// What is known without waiting.
    pub fn unsettled(self) -> Vec<Outcome> {
        self.outcomes
    }

    /// Waits until everything that follows from the documents is done.
    pub fn settle(mut self) -> Result<Vec<Outcome>, Failure> {
        let open = self.outcomes.iter().filter(|outcome| outcome.job_id().is_some()).count();
        let mut progress = Progress::start(format!("{}settled", self.title), Some(open as u64));
        for at in 0..self.outcomes.len() {
            if self.outcomes[at].job_id().is_none() {
                continue;
            }
            self.outcomes[at] = self.settled(self.outcomes[at].clone(), &progress)?;
            progress.step(&self.outcomes[at].label);
        }
        progress.finish();
        Ok(self.outcomes)
    }

    /// The same outcome, once everything that follows from it is done.
    fn settled(&self, mut outcome: Outcome, progress: &Progress) -> Result<Outcome, Failure> {
        if let Some(job_id) = outcome.job_id().map(str::to_owned) {
            outcome.settled(self.follow(&job_id, progress)?);
        }
        Ok(outcome)
    }

    fn send(&self, label: &str, document: &Value, progress: &Progress) -> Result<Outcome, Failure> {
        let mut pause = PAUSE.0;
        loop {
            let sent = self
                .client
                .post("/v1/documents", document)
                .map_err(|failure| self.broken(failure))?;
            if sent.is_ok() {
                return Ok(Outcome::accepted(label, sent.value));
            }
            match sent.status {
                429 | 503 => self.rest(&sent, &mut pause, progress)?,
                400 | 409 | 413 | 415 | 422 => {
                    return Ok(Outcome::refused_there(label, document, &sent));
                }
                _ => return Err(self.broken(sent.problem())),
            }
        }
    }

    /// The job, once nothing of it is open any more.
    fn follow(&self, job_id: &str, progress: &Progress) -> Result<Value, Failure> {
        let mut pause = PAUSE.0;
        loop {
            let wait = self.patience.left().min(WAIT).as_millis();
            let path =
                format!("/v1/jobs/{}?wait=settled&timeout_ms={}", escaped(job_id), wait.max(1));
            let job = self.client.get(&path)?;
            match job.status {
                _ if job.is_ok() && job.value["settled"] == true => return Ok(job.value),
                // The server may answer before all is settled; it is asked again, but not in a hurry.
                200..300 | 504 if self.patience.left().is_zero() => return Err(self.tired(job_id)),
                200..300 => thread::sleep(PAUSE.0),
                504 => {}
                429 | 503 => self.rest(&job, &mut pause, progress)?,
                _ => return Err(self.broken(job.problem())),
            }
        }
    }

    /// Waits as long as a busy server asks, and says so.
    fn rest(
        &self,
        busy: &Answer,
        pause: &mut Duration,
        progress: &Progress,
    ) -> Result<(), Failure> {
        let wait = busy.retry_after.unwrap_or(*pause).max(PAUSE.0);
        *pause = (*pause * 2).min(PAUSE.1);
        if self.patience.left() < wait {
            let failure = busy.problem();
            return Err(self.broken(Failure::new(Code::Timeout, failure.message)));
        }
        progress.note(&format!(
            "the server takes nothing now ({}); trying again in {:.1} s",
            busy.problem_code(),
            wait.as_secs_f64()
        ));
        thread::sleep(wait);
        Ok(())
    }

    fn tired(&self, job_id: &str) -> Failure {
        let message = format!(
            "not everything was settled after {} s; the server goes on with it",
            self.patience.seconds
        );
        Failure::new(Code::Timeout, message)
            .hint(format!("cns job show {job_id}, or wait longer with --timeout"))
    }

    /// A failure in the midst of sending says how far it came.
    fn broken(&self, failure: Failure) -> Failure {
        let sent = self.outcomes.iter().filter(|outcome| outcome.job_id().is_some()).count();
        if sent == 0 {
            return failure;
        }
        let message = format!(
            "{}\n{sent} documents were sent before; sending them again does no harm",
            failure.message
        );
        Failure { message, ..failure }
    }
}
