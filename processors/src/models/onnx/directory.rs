//! What the files of a model say of it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{LoadError, Pooling};
use crate::limits::MODEL_TOKENS_MAX;

/// What a model is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Text → vector of this many dimensions.
    Encoder {
        /// From `hidden_size`.
        dimension: usize,
        /// From the pooling module.
        pooling: Pooling,
    },
    /// Premise and hypothesis → scores.
    Entailment(Labels),
}

/// Where the output of an entailment model has which label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Labels {
    /// The premise entails the hypothesis.
    pub entailment: usize,
    /// Neither.
    pub neutral: usize,
    /// The premise contradicts the hypothesis.
    pub contradiction: usize,
}

/// A directory of a model, read but for its weights.
#[derive(Debug, Clone)]
pub struct Directory {
    /// Where it is.
    pub path: PathBuf,
    /// The name of the directory.
    pub name: String,
    /// What it is for.
    pub kind: Kind,
    /// Tokens of an input, special ones included; what is longer is cut.
    pub tokens_max: usize,
    /// The token that fills a batch up.
    pub padding_id: u32,
    /// Each file that was read, and the SHA-256 of its bytes in hexadecimal, by name.
    pub files: Vec<(String, String)>,
    /// The file of the graph with its weights.
    pub(super) graph: PathBuf,
    /// Its bytes.
    pub(super) model: Vec<u8>,
    /// The bytes of the tokenizer.
    pub(super) tokenizer: Vec<u8>,
}

impl Directory {
    /// Reads all files.
    ///
    /// # Errors
    /// [`LoadError`], with the file and what is wrong with it.
    pub fn open(path: &Path) -> Result<Directory, LoadError> {
        let mut files = Files { root: path.to_owned(), read: Vec::new() };
        let config = files.json("config.json")?;
        let tokenizer = files.bytes("tokenizer.json")?;
        let graph = ["model.onnx", "onnx/model.onnx"].into_iter().find(|n| path.join(n).exists());
        let graph = graph.unwrap_or("model.onnx");
        let model = files.bytes(graph)?;
        let sentence = files.json_if_there("sentence_bert_config.json")?;
        let unfit = |detail: String| LoadError::Unfit { path: path.to_owned(), detail };
        let kind = match labels_of(&config) {
            Some(named) => Kind::Entailment(Labels::of(&named).map_err(unfit)?),
            None => Kind::Encoder {
                dimension: whole(&config, "hidden_size").ok_or_else(|| {
                    unfit("config.json names no hidden_size, so the dimension is unknown".into())
                })?,
                pooling: pooling(&mut files)?,
            },
        };
        let own = sentence.as_ref().and_then(|file| whole(file, "max_seq_length"));
        let positions = whole(&config, "max_position_embeddings");
        let tokens_max = [own, positions].into_iter().flatten().fold(MODEL_TOKENS_MAX, usize::min);
        let resolved = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let name = resolved.file_name().map(|name| name.to_string_lossy().into_owned());
        files.read.sort();
        Ok(Directory {
            path: path.to_owned(),
            name: name.unwrap_or_else(|| "model".into()),
            kind,
            tokens_max,
            padding_id: whole(&config, "pad_token_id").unwrap_or(0) as u32,
            files: files.read,
            graph: path.join(graph),
            model,
            tokenizer,
        })
    }
}

/// The labels of a classifier by their place. Configurations of encoders carry the two `LABEL_n` that the library
/// writes for every model, which name nothing.
fn labels_of(config: &Value) -> Option<Vec<(usize, String)>> {
    let classifier = config["architectures"].as_array().is_some_and(|all| {
        all.iter().filter_map(Value::as_str).any(|name| name.ends_with("ForSequenceClassification"))
    });
    let named = config["id2label"].as_object()?;
    let labels = named.iter().filter_map(|(id, label)| {
        Some((id.parse().ok()?, label.as_str().unwrap_or_default().to_lowercase()))
    });
    let labels: Vec<(usize, String)> = labels.collect();
    let generic = labels.iter().all(|(_, label)| label.starts_with("label_"));
    (classifier || !generic).then_some(labels)
}

impl Labels {
    fn of(named: &[(usize, String)]) -> Result<Labels, String> {
        let place = |names: &[&str]| {
            named.iter().find(|(_, label)| names.contains(&label.as_str())).map(|(id, _)| *id)
        };
        let entailment = place(&["entailment", "entail", "entails", "supports"]);
        let neutral = place(&["neutral", "not_enough_info"]);
        let contradiction = place(&["contradiction", "contradict", "contradicts", "refutes"]);
        match (named.len(), entailment, neutral, contradiction) {
            (3, Some(entailment), Some(neutral), Some(contradiction))
                if [entailment, neutral, contradiction].iter().all(|place| *place < 3) =>
            {
                Ok(Labels { entailment, neutral, contradiction })
            }
            _ => {
                let names: Vec<&str> = named.iter().map(|(_, label)| label.as_str()).collect();
                Err(format!(
                    "config.json has the labels {}; id2label has to name entailment, neutral and contradiction",
                    if names.is_empty() { "none".into() } else { names.join(", ") }
                ))
            }
        }
    }
}

/// The pooling module that `modules.json` names; without one the mean of all tokens, as sentence-transformers does.
fn pooling(files: &mut Files) -> Result<Pooling, LoadError> {
    let modules = files.json_if_there("modules.json")?.unwrap_or_default();
    let mut folder = None;
    for module in modules.as_array().into_iter().flatten() {
        let kind = module["type"].as_str().unwrap_or_default();
        match kind.rsplit('.').next().unwrap_or_default() {
            "Pooling" => folder = module["path"].as_str(),
            "Transformer" | "Normalize" => {}
            other => {
                let detail = format!(
                    "the module {other} is not supported: without it the vectors would be others"
                );
                return Err(LoadError::Unfit { path: files.root.join("modules.json"), detail });
            }
        }
    }
    let Some(folder) = folder else { return Ok(Pooling::Mean) };
    let name = format!("{folder}/config.json");
    let config = files.json(&name)?;
    Pooling::of(&config).map_err(|detail| LoadError::Unfit { path: files.root.join(name), detail })
}

fn whole(config: &Value, name: &str) -> Option<usize> {
    config[name].as_u64().and_then(|number| usize::try_from(number).ok())
}

/// Reads files and notes what was read.
struct Files {
    root: PathBuf,
    read: Vec<(String, String)>,
}

impl Files {
    fn bytes(&mut self, name: &str) -> Result<Vec<u8>, LoadError> {
        let path = self.root.join(name);
        let bytes = fs::read(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => LoadError::Missing { path },
            _ => LoadError::Unfit { path, detail: format!("it cannot be read: {error}") },
        })?;
        let sha256 = Sha256::digest(&bytes);
        self.read.push((name.to_owned(), sha256.iter().map(|b| format!("{b:02x}")).collect()));
        Ok(bytes)
    }

    fn json(&mut self, name: &str) -> Result<Value, LoadError> {
        let bytes = self.bytes(name)?;
        serde_json::from_slice(&bytes).map_err(|error| LoadError::Corrupt {
            path: self.root.join(name),
            expected: "JSON",
            detail: error.to_string(),
        })
    }

    fn json_if_there(&mut self, name: &str) -> Result<Option<Value>, LoadError> {
        if self.root.join(name).exists() { self.json(name).map(Some) } else { Ok(None) }
    }
}
