//! Models in ONNX form, as sentence-transformers and Hugging Face lay their directories out.
//!
//! Invariant: nothing of a model is assumed. Pooling, dimension, maximum length and the order of labels come from its
//! own files, and what the files say is held against what the model gives before it is used.

mod directory;
mod embedder;
mod entailment;
mod manifest;
mod pooling;
mod runtime;
mod session;
mod tokens;

pub use directory::{Directory, Kind};
pub use embedder::OnnxEmbedder;
pub use entailment::OnnxEntailment;
pub use manifest::Manifest;
pub use pooling::Pooling;
pub use runtime::Runtime;

use std::path::PathBuf;

/// Why a model cannot be used. Each says what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The library that runs models is not there or does not fit.
    #[error("the ONNX Runtime library {path} cannot be loaded: {detail}", path = path.display())]
    Runtime {
        /// Which one.
        path: PathBuf,
        /// What the loader says.
        detail: String,
    },
    /// A file that every model has.
    #[error("{path} is missing; a model directory has model.onnx (or onnx/model.onnx), config.json and tokenizer.json", path = path.display())]
    Missing {
        /// Which one.
        path: PathBuf,
    },
    /// A file that cannot be read for what it should be.
    #[error("{path} is no {expected}: {detail}; fetch the model again", path = path.display())]
    Corrupt {
        /// Which one.
        path: PathBuf,
        /// What it should be.
        expected: &'static str,
        /// What is wrong.
        detail: String,
    },
    /// What the files say and what the model gives do not agree, or is not supported.
    #[error("{path}: {detail}", path = path.display())]
    Unfit {
        /// The model's directory.
        path: PathBuf,
        /// What does not fit.
        detail: String,
    },
}
