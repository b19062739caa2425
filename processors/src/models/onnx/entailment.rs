//! A cross-encoder that says whether one text follows from another.

use cns_schemas::Scores;

use super::{
    Directory, Kind, LoadError, Manifest, Runtime, directory::Labels, session, tokens::Tokens,
};
use crate::models::{Entailment, Model, ModelError};

/// Premise, hypothesis → probabilities, by a sequence classifier.
pub struct OnnxEntailment {
    manifest: Manifest,
    name: String,
    identity: String,
    model: session::Model,
    tokens: Tokens,
    padding_id: u32,
    labels: Labels,
}

/// Outputs of a model: the labels, in the order of its `id2label`.
const CLASSES: usize = 3;

impl OnnxEntailment {
    /// Loads a classifier and tries it on a pair.
    ///
    /// # Errors
    /// [`LoadError`]: it is none, or its labels cannot be mapped.
    pub fn load(runtime: &Runtime, directory: &Directory) -> Result<OnnxEntailment, LoadError> {
        let unfit = |detail: String| LoadError::Unfit { path: directory.path.clone(), detail };
        let Kind::Entailment(labels) = directory.kind else {
            return Err(unfit(
                "config.json names no labels; an entailment model has id2label with entailment, neutral and contradiction".into(),
            ));
        };
        let Labels { entailment, neutral, contradiction } = labels;
        let how = format!(
            "entailment, neutral and contradiction in places {entailment}, {neutral} and {contradiction}"
        );
        let manifest = Manifest::of(directory, &runtime.version, &how);
        let entailment = OnnxEntailment {
            name: manifest.name(),
            identity: manifest.identity(),
            manifest,
            model: session::Model::load(runtime, directory, &["logits"])?,
            tokens: Tokens::of(directory)?,
            padding_id: directory.padding_id,
            labels,
        };
        entailment
            .entail(&[("One sentence.", "Another sentence.")])
            .map_err(|error| unfit(error.to_string()))?;
        Ok(entailment)
    }

    /// What its results come from.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Softmax over the three outputs of a row.
    fn scores(&self, logits: &[f32]) -> Result<Scores, ModelError> {
        let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        // libm, so that every machine gives the same bits for the same outputs.
        let exps: Vec<f32> = logits.iter().map(|logit| libm::expf(logit - highest)).collect();
        let sum: f32 = exps.iter().sum();
        if !sum.is_finite() {
            return Err(ModelError::Never("the model gives scores that are no numbers".into()));
        }
        let part = |place: usize| exps[place] / sum;
        Ok(Scores {
            entailment: part(self.labels.entailment),
            neutral: part(self.labels.neutral),
            contradiction: part(self.labels.contradiction),
        })
    }
}

impl Model for OnnxEntailment {
    fn name(&self) -> &str {
        &self.name
    }

    fn identity(&self) -> &str {
        &self.identity
    }
}

impl Entailment for OnnxEntailment {
    fn entail(&self, pairs: &[(&str, &str)]) -> Result<Vec<Scores>, ModelError> {
        let mut scores = vec![None; pairs.len()];
        for batch in self.tokens.batches(pairs.to_vec(), self.padding_id)? {
            let given = self.model.run(&batch)?;
            if given.shape != [batch.places.len(), CLASSES] {
                return Err(ModelError::Never(format!(
                    "the model gives {:?}; a row of {CLASSES} labels for each pair is expected",
                    given.shape
                )));
            }
            for (place, logits) in batch.places.iter().zip(given.values.chunks_exact(CLASSES)) {
                scores[*place] = Some(self.scores(logits)?);
            }
        }
        Ok(scores.into_iter().map(|scores| scores.expect("each pair is in one batch")).collect())
    }
}
