//! The three model ports, and the set that a process has loaded.

mod builtin;
mod calibrated;
pub mod calibration;
pub mod extractive;
pub mod features;
pub mod hashing;
pub mod lexical;
pub mod onnx;

use std::sync::Arc;

use cns_schemas::{Answer, Call, Configured, Models, Port, Scores, Vector};

pub use builtin::{ExtractiveCompleter, HashingEmbedder, LexicalEntailment};
pub use calibrated::Calibrated;

/// Why a model gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// It may answer when asked again.
    #[error("{0}")]
    Later(String),
    /// It will not answer this call.
    #[error("{0}")]
    Never(String),
}

/// What every port says of its model.
pub trait Model: Send + Sync {
    /// Name with version; in every recorded result.
    fn name(&self) -> &str;

    /// What its results depend on, less what may differ and leaves them as they are, such as the build of a runtime: what a
    /// calibration is fitted for.
    fn identity(&self) -> &str {
        self.name()
    }

    /// Whether it is slow or paid: then calls go through the performer instead of a compute thread.
    fn remote(&self) -> bool {
        false
    }
}

/// Text → unit vector.
pub trait Embedder: Model {
    /// One vector for each text, all of one dimension.
    ///
    /// # Errors
    /// [`ModelError`].
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vector>, ModelError>;
}

/// Premise, hypothesis → probabilities.
pub trait Entailment: Model {
    /// One result for each pair.
    ///
    /// # Errors
    /// [`ModelError`].
    fn entail(&self, pairs: &[(&str, &str)]) -> Result<Vec<Scores>, ModelError>;
}

/// Brief → text.
pub trait Completer: Model {
    /// The text for a brief, which is the JSON that `cns_narrative::brief` makes.
    ///
    /// # Errors
    /// [`ModelError`].
    fn complete(&self, brief: &str) -> Result<String, ModelError>;
}

/// The models of a process.
#[derive(Clone)]
pub struct ModelSet {
    /// Text → vector.
    pub embedder: Arc<dyn Embedder>,
    /// Premise, hypothesis → scores.
    pub entailment: Arc<dyn Entailment>,
    /// Brief → text.
    pub completer: Arc<dyn Completer>,
}

impl ModelSet {
    /// The models that need nothing.
    pub fn builtin() -> ModelSet {
        ModelSet {
            embedder: Arc::new(HashingEmbedder),
            entailment: Arc::new(LexicalEntailment),
            completer: Arc::new(ExtractiveCompleter),
        }
    }

    /// Their names.
    pub fn names(&self) -> Models {
        Models {
            embedder: self.embedder.name().to_owned(),
            entailment: self.entailment.name().to_owned(),
            completer: self.completer.name().to_owned(),
            manifests: Vec::new(),
        }
    }

    /// Whether a configuration can be decided under with these models.
    ///
    /// # Errors
    /// Names the model that is asked for and the one that is here.
    pub fn check(&self, config: &Configured) -> Result<(), String> {
        let (wanted, here) = (&config.models, self.names());
        let rows = [
            ("embedder", &wanted.embedder, &here.embedder),
            ("entailment", &wanted.entailment, &here.entailment),
            ("completer", &wanted.completer, &here.completer),
        ];
        match rows.iter().find(|(_, wanted, here)| wanted != here) {
            None => Ok(()),
            Some((port, wanted, here)) => Err(format!(
                "the configuration asks for the {port} `{wanted}`, this process has `{here}`"
            )),
        }
    }

    /// Whether calls of this port go through the performer.
    pub fn remote(&self, port: Port) -> bool {
        match port {
            Port::Embedder => self.embedder.remote(),
            Port::Entailment => self.entailment.remote(),
            Port::Completer => self.completer.remote(),
        }
    }

    /// Makes a call and checks that the answer fits it.
    ///
    /// # Errors
    /// [`ModelError`]; an answer of the wrong shape is `Never`.
    pub fn answer(&self, call: &Call) -> Result<Answer, ModelError> {
        let mut answer =
            Answer { effect: call.key(), model: call.model.clone(), ..Answer::default() };
        let texts: Vec<&str> = call.texts.iter().map(String::as_str).collect();
        let (got, wanted) = match call.port {
            Port::Embedder => {
                answer.vectors = self.embedder.embed(&texts)?;
                (answer.vectors.len(), texts.len())
            }
            Port::Entailment => {
                let text = |index: u32| texts.get(index as usize).copied();
                let pairs: Option<Vec<_>> = call
                    .pairs
                    .iter()
                    .map(|p| Some((text(p.premise)?, text(p.hypothesis)?)))
                    .collect();
                let pairs = pairs.ok_or_else(|| {
                    ModelError::Never("a pair names a text that is not there".into())
                })?;
                answer.scores = self.entailment.entail(&pairs)?;
                (answer.scores.len(), pairs.len())
            }
            Port::Completer => {
                answer.text =
                    self.completer.complete(texts.first().copied().unwrap_or_default())?;
                (1, texts.len())
            }
        };
        if got != wanted {
            return Err(ModelError::Never(format!(
                "{} gave {got} results for {wanted} inputs",
                call.model
            )));
        }
        Ok(answer)
    }
}
