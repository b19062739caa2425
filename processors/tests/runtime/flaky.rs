//! A remote model of all three kinds that fails before it answers.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use cns_processors::models::{Completer, Embedder, Entailment, Model, ModelError, ModelSet};
use cns_schemas::*;

/// Answers each so many-th call, and is overloaded for the others.
struct Flaky {
    calls: AtomicUsize,
    answers_after: usize,
}

impl Flaky {
    fn ask(&self) -> Result<(), ModelError> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        if call.is_multiple_of(self.answers_after) {
            Ok(())
        } else {
            Err(ModelError::Later("overloaded".into()))
        }
    }
}

impl Model for Flaky {
    fn name(&self) -> &str {
        "fake"
    }
    fn remote(&self) -> bool {
        true
    }
}
impl Embedder for Flaky {
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vector>, ModelError> {
        self.ask().map(|()| texts.iter().map(|_| Vector::default()).collect())
    }
}
impl Entailment for Flaky {
    fn entail(&self, pairs: &[(&str, &str)]) -> Result<Vec<Scores>, ModelError> {
        self.ask().map(|()| pairs.iter().map(|_| Scores::default()).collect())
    }
}
impl Completer for Flaky {
    fn complete(&self, brief: &str) -> Result<String, ModelError> {
        let loud = if brief.ends_with("shout") { Topic::Passages.record_bytes_max() } else { 0 };
        self.ask().map(|()| format!("said {brief}{}", "x".repeat(loud)))
    }
}

/// One model for all three ports.
pub fn models(answers_after: usize) -> ModelSet {
    let flaky = Arc::new(Flaky { calls: AtomicUsize::new(0), answers_after });
    ModelSet { embedder: flaky.clone(), entailment: flaky.clone(), completer: flaky }
}
