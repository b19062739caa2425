//! The built-in models behind their ports. They need nothing, are deterministic, and say what they are.

use std::collections::HashMap;

use cns_schemas::{Scores, Vector};

use super::{Completer, Embedder, Entailment, Model, ModelError, extractive, hashing, lexical};

/// A hashing encoder: word overlap as a vector.
pub struct HashingEmbedder;

impl Model for HashingEmbedder {
    fn name(&self) -> &str {
        "hashing-encoder-1"
    }
}

impl Embedder for HashingEmbedder {
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vector>, ModelError> {
        Ok(texts.iter().map(|text| hashing::embed(text)).collect())
    }
}

/// Entailment by words: negation, antonyms, numbers, directions.
pub struct LexicalEntailment;

impl Model for LexicalEntailment {
    fn name(&self) -> &str {
        "lexical-entailment-1"
    }
}

impl Entailment for LexicalEntailment {
    fn entail(&self, pairs: &[(&str, &str)]) -> Result<Vec<Scores>, ModelError> {
        // A text stands in many pairs.
        let mut read: HashMap<&str, lexical::Statement> = HashMap::new();
        for text in pairs.iter().flat_map(|(premise, hypothesis)| [*premise, *hypothesis]) {
            read.entry(text).or_insert_with(|| lexical::Statement::read(text));
        }
        Ok(pairs
            .iter()
            .map(|(premise, hypothesis)| read[premise].entails(&read[hypothesis]))
            .collect())
    }
}

/// Prose from the statements themselves, without a language model.
pub struct ExtractiveCompleter;

impl Model for ExtractiveCompleter {
    fn name(&self) -> &str {
        "extractive-1"
    }
}

impl Completer for ExtractiveCompleter {
    fn complete(&self, brief: &str) -> Result<String, ModelError> {
        extractive::complete(brief).map_err(ModelError::Never)
    }
}
