//! One remote call: tries with growing pauses, a deadline, and a breaker for each kind of model.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Mutex,
    time::{Duration, Instant},
};

use cns_schemas::{Answer, ModelRequested, Port};

use crate::{
    limits,
    models::{ModelError, ModelSet},
    runtime::metrics::CallMetrics,
};

/// Providers that have failed too often lately.
#[derive(Default)]
pub struct Breakers {
    ports: Mutex<BTreeMap<Port, Breaker>>,
}

#[derive(Default, Clone, Copy)]
struct Breaker {
    failures_in_a_row: u32,
    open_until: Option<Instant>,
}

impl Breakers {
    /// How long the provider is still left alone.
    fn pause(&self, port: Port) -> Duration {
        let ports = self.ports.lock().expect("no holder of the lock panics");
        let until = ports.get(&port).and_then(|breaker| breaker.open_until);
        until.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()))
    }

    /// Whether the provider is to be left alone from now on.
    fn note(&self, port: Port, success: bool) -> bool {
        let mut ports = self.ports.lock().expect("no holder of the lock panics");
        let breaker = ports.entry(port).or_default();
        if success {
            *breaker = Breaker::default();
            return false;
        }
        breaker.failures_in_a_row += 1;
        if breaker.failures_in_a_row >= limits::BREAKER_FAILURES {
            breaker.open_until = Some(Instant::now() + limits::BREAKER_PAUSE);
        }
        breaker.open_until.is_some()
    }
}

/// Makes the call until it is answered, refused for good, or tried long enough. A failure is an answer too.
///
/// `pause` is off in simulations: then tries follow each other at once and the breaker is not asked.
pub fn perform(
    models: &ModelSet,
    request: &ModelRequested,
    breakers: &Breakers,
    counted: &CallMetrics,
    pause: bool,
) -> Answer {
    let call = &request.call;
    let (begun, patience) =
        (Instant::now(), Duration::from_millis(request.patience_ms.max(0) as u64));
    let mut last = String::from("it was not tried");
    for attempt in 0..limits::REMOTE_TRIES_MAX {
        if pause {
            std::thread::sleep(breakers.pause(call.port) + backoff(attempt));
        }
        if begun.elapsed() > patience {
            break;
        }
        if attempt > 0 {
            counted.retried(call.port);
        }
        let asked = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| models.answer(call)))
            .unwrap_or_else(|_| Err(ModelError::Never("the model client panicked".into())));
        counted.called(call, outcome.is_ok(), asked.elapsed());
        counted.circuit(call.port, breakers.note(call.port, outcome.is_ok()));
        match outcome {
            Ok(answer) => return answer,
            Err(ModelError::Later(why)) => last = format!("after {} tries: {why}", attempt + 1),
            Err(ModelError::Never(why)) => {
                last = why;
                break;
            }
        }
    }
    Answer {
        effect: request.effect.clone(),
        model: call.model.clone(),
        failure: Some(format!("{}: {last}", call.model)),
        ..Answer::default()
    }
}

/// 0, then 100 ms doubled with each try, less up to half at random, so that many do not come back at once.
fn backoff(attempt: u32) -> Duration {
    if attempt == 0 {
        return Duration::ZERO;
    }
    let full = 100u64 << attempt.min(8);
    Duration::from_millis(full - fastrand::u64(0..=full / 2))
}
