//! A sentence encoder.

use cns_schemas::Vector;

use super::{
    Directory, Kind, LoadError, Manifest, Pooling, Runtime, session,
    tokens::{Batch, Tokens},
};
use crate::models::{Embedder, Model, ModelError};

/// Text → unit vector, by a sentence-transformer.
pub struct OnnxEmbedder {
    manifest: Manifest,
    name: String,
    identity: String,
    model: session::Model,
    tokens: Tokens,
    padding_id: u32,
    pooling: Pooling,
    dimension: usize,
}

impl OnnxEmbedder {
    /// Loads an encoder and tries it on a sentence.
    ///
    /// # Errors
    /// [`LoadError`]: it is none, or gives vectors of another dimension than its files say.
    pub fn load(runtime: &Runtime, directory: &Directory) -> Result<OnnxEmbedder, LoadError> {
        let unfit = |detail: String| LoadError::Unfit { path: directory.path.clone(), detail };
        let Kind::Encoder { dimension, pooling } = directory.kind else {
            return Err(unfit("this is a classifier; an encoder has no id2label".into()));
        };
        let outputs = ["last_hidden_state", "token_embeddings", "sentence_embedding"];
        let how = format!("{} pooling, unit length", pooling.name());
        let manifest = Manifest::of(directory, &runtime.version, &how);
        let embedder = OnnxEmbedder {
            name: manifest.name(),
            identity: manifest.identity(),
            manifest,
            model: session::Model::load(runtime, directory, &outputs)?,
            tokens: Tokens::of(directory)?,
            padding_id: directory.padding_id,
            pooling,
            dimension,
        };
        embedder.embed(&["One sentence."]).map_err(|error| unfit(error.to_string()))?;
        Ok(embedder)
    }

    /// What its results come from.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Numbers of each vector.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The rows of a run as vectors; a model that pools by itself gives them as they are.
    fn pooled(&self, given: &session::Given, batch: &Batch) -> Result<Vec<Vec<f32>>, ModelError> {
        let wrong = || {
            ModelError::Never(format!(
                "config.json says hidden_size {}, the model gives {:?} for {} rows of {} tokens",
                self.dimension,
                given.shape,
                batch.lengths.len(),
                batch.width
            ))
        };
        if given.shape.last() != Some(&self.dimension) || given.shape[0] != batch.lengths.len() {
            return Err(wrong());
        }
        match given.shape.as_slice() {
            [_, width, dimension] if *width == batch.width => {
                let texts = given.values.chunks_exact(width * dimension).zip(&batch.lengths);
                Ok(texts
                    .map(|(rows, length)| {
                        self.pooling.pool(&rows[..length * dimension], *dimension)
                    })
                    .collect())
            }
            [_, dimension] => {
                Ok(given.values.chunks_exact(*dimension).map(<[f32]>::to_vec).collect())
            }
            _ => Err(wrong()),
        }
    }
}

impl Model for OnnxEmbedder {
    fn name(&self) -> &str {
        &self.name
    }

    fn identity(&self) -> &str {
        &self.identity
    }
}

impl Embedder for OnnxEmbedder {
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vector>, ModelError> {
        let mut vectors = vec![None; texts.len()];
        for batch in self.tokens.batches(texts.to_vec(), self.padding_id)? {
            let given = self.model.run(&batch)?;
            for (place, values) in batch.places.iter().zip(self.pooled(&given, &batch)?) {
                if values.iter().any(|value| !value.is_finite()) {
                    return Err(ModelError::Never(
                        "the model gives a vector that is no number".into(),
                    ));
                }
                vectors[*place] = Some(Vector::from_floats(&values));
            }
        }
        Ok(vectors.into_iter().map(|vector| vector.expect("each text is in one batch")).collect())
    }
}
