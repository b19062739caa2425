//! One model, loaded: batches in, numbers out.

use std::{
    num::NonZero,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use ort::{
    session::{Session, SessionInputValue, builder::GraphOptimizationLevel},
    value::TensorRef,
};

use super::{Directory, LoadError, Runtime, tokens::Batch};
use crate::{limits::MODEL_THREADS_MAX, models::ModelError};

/// A session of the runtime. Its weights are large, so there is one for each model, whose runs use all cores.
pub struct Model {
    session: Mutex<Session>,
    inputs: Vec<Input>,
    output: String,
}

/// An input that models of this kind have.
#[derive(Clone, Copy)]
enum Input {
    Ids,
    Mask,
    Types,
}

/// The numbers that a batch gave: `shape[0]` is the number of rows.
pub struct Given {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

impl Model {
    /// Loads the weights. The output is the first of `outputs` that the model has, or else its first one.
    pub fn load(
        runtime: &Runtime,
        directory: &Directory,
        outputs: &[&str],
    ) -> Result<Model, LoadError> {
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        let build = || -> Result<Session, ort::Error> {
            Session::builder(&runtime.environment)?
                .with_optimization_level(GraphOptimizationLevel::All)?
                .with_intra_threads(threads.min(MODEL_THREADS_MAX))?
                // Cores are shared with the other stages: waiting must not burn them.
                .with_intra_op_spinning(false)?
                .with_memory_pattern(false)?
                .commit_from_memory(&directory.model)
        };
        let session = build().map_err(|error| LoadError::Corrupt {
            path: directory.graph.clone(),
            expected: "ONNX model that this runtime can run",
            detail: error.to_string(),
        })?;
        let unfit = |detail: String| LoadError::Unfit { path: directory.path.clone(), detail };
        let input = |name: &str| match name {
            "input_ids" => Ok(Input::Ids),
            "attention_mask" => Ok(Input::Mask),
            "token_type_ids" => Ok(Input::Types),
            other => Err(unfit(format!(
                "the model wants the input {other}; input_ids, attention_mask and token_type_ids are known"
            ))),
        };
        let inputs = session.inputs().iter().map(|i| input(i.name())).collect::<Result<_, _>>()?;
        let names: Vec<&str> = session.outputs().iter().map(|output| output.name()).collect();
        let wanted = outputs.iter().find(|name| names.contains(name)).or_else(|| names.first());
        let output = wanted.ok_or_else(|| unfit("the model has no output".into()))?.to_string();
        Ok(Model { session: Mutex::new(session), inputs, output })
    }

    /// Runs a batch.
    ///
    /// # Errors
    /// What the runtime says; another try may go well.
    pub fn run(&self, batch: &Batch) -> Result<Given, ModelError> {
        // A panic inside the runtime's binding leaves nothing half done: a run has no state.
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let begun = Instant::now();
        let given = self.run_on(&mut session, batch);
        tracing::debug!(rows = batch.places.len(), width = batch.width, took = ?begun.elapsed(), "A model ran.");
        given.map_err(|error| ModelError::Later(format!("the ONNX Runtime failed: {error}")))
    }

    fn run_on(&self, session: &mut Session, batch: &Batch) -> Result<Given, ort::Error> {
        let shape = [batch.places.len() as i64, batch.width as i64];
        let mut values: Vec<SessionInputValue<'_>> = Vec::with_capacity(self.inputs.len());
        for input in &self.inputs {
            let data = match input {
                Input::Ids => &batch.ids,
                Input::Mask => &batch.mask,
                Input::Types => &batch.types,
            };
            values.push(TensorRef::from_array_view((shape, data.as_slice()))?.into());
        }
        let outputs = session.run(values.as_slice())?;
        let (shape, values) = outputs[self.output.as_str()].try_extract_tensor::<f32>()?;
        let shape = shape.iter().map(|side| usize::try_from(*side).unwrap_or(0)).collect();
        Ok(Given { shape, values: values.to_vec() })
    }
}
