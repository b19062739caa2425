//! What a model's results came from, so that they can be told from those of any other.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Directory;

/// A model with everything that its results depend on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Manifest {
    /// The name of its directory.
    pub model: String,
    /// Each file with the SHA-256 of its bytes.
    pub files: Vec<(String, String)>,
    /// The library that runs it.
    pub runtime: String,
    /// How it is run.
    pub options: String,
}

/// Hexadecimal digits of the manifest's SHA-256 in a model's name.
const DIGITS: usize = 12;

impl Manifest {
    pub(super) fn of(directory: &Directory, runtime: &str, how: &str) -> Manifest {
        Manifest {
            model: directory.name.clone(),
            files: directory.files.clone(),
            runtime: runtime.to_owned(),
            options: format!("float32 on CPU, at most {} tokens, {how}", directory.tokens_max),
        }
    }

    /// The manifest as JSON.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("strings are JSON")
    }

    /// The directory, and the beginning of the SHA-256 over its files: what gives the same scores wherever it runs.
    pub fn identity(&self) -> String {
        let mut digest = Sha256::new();
        for (file, sha256) in &self.files {
            digest.update(format!("{file} {sha256}\n"));
        }
        named(&self.model, &digest.finalize())
    }

    /// The model's name in results: its directory, and the beginning of the SHA-256 of [`text`](Self::text).
    pub fn name(&self) -> String {
        named(&self.model, &Sha256::digest(self.text()))
    }
}

fn named(model: &str, digest: &[u8]) -> String {
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{model}@{}", &digest[..DIGITS])
}
