//! Which models this process uses: what the settings ask for, and what is here.
//!
//! `auto` takes the models that come with the project where the ONNX Runtime library and the model are found, and the
//! built-in ones otherwise; which it is, and why, is always said.

pub mod command;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use cns_processors::models::{
    Calibrated, Embedder, Entailment, Model, ModelSet, hashing,
    onnx::{Directory, LoadError, Manifest, OnnxEmbedder, OnnxEntailment, Runtime},
};
use cns_schemas::Models;

use crate::{
    failure::{Code, Failure},
    settings::{self, Settings},
};

/// Where the project's own models are kept.
const FOLDER: &str = "models";
/// The encoder that `auto` looks for.
const ENCODER: &str = "minilm-l6";
/// The entailment model that `auto` looks for.
const ENTAILMENT: &str = "minilm-l6-nli";
const AUTO: &str = "auto";
const BUILTIN: &str = "builtin";
/// What mends most faults of a model.
pub const FETCH: &str = "`make runtime` fetches the ONNX Runtime library; `models.embedder` and `models.entailment` = \"builtin\" do without";

/// The models of a process, and where they come from.
pub struct Chosen {
    /// The models themselves.
    pub set: ModelSet,
    /// Their names, with what each came from.
    pub named: Models,
    /// Why built-in models stand in for those of `auto`, when they do.
    pub fallback: Option<String>,
    /// How many numbers a vector has.
    dimension: usize,
    /// Where a calibration of the entailment model would be.
    calibration: Option<PathBuf>,
}

impl Chosen {
    /// One line for people: the models at work, and why no others.
    pub fn told(&self) -> String {
        let names = [&self.named.embedder, &self.named.entailment, &self.named.completer];
        let names = names.map(String::as_str).join(", ");
        match &self.fallback {
            None => names,
            Some(why) => format!("{names} (built-in: {why})"),
        }
    }
}

/// The file of a model's directory that corrects its scores.
const CALIBRATION: &str = "calibration.json";

/// Finds and loads the models.
///
/// # Errors
/// A model or a library that the settings name cannot be used, or one that `auto` found is damaged.
pub fn choose(settings: &Settings) -> Result<Chosen, Failure> {
    let mut chosen = uncalibrated(settings)?;
    let Some(path) = chosen.calibration.take().filter(|path| path.exists()) else {
        return Ok(chosen);
    };
    let unfit = |detail: String| {
        Failure::new(Code::Config, format!("{}: {detail}", path.display()))
            .hint("`cns eval DATA --calibrate FILE` makes another; without the file the model is used as it is")
    };
    let json = fs::read(&path).map_err(|error| unfit(error.to_string()))?;
    let calibrated = Calibrated::new(chosen.set.entailment.clone(), &json);
    let calibrated = calibrated.map_err(|error| unfit(error.to_string()))?;
    chosen.named.entailment = calibrated.name().to_owned();
    chosen.set.entailment = Arc::new(calibrated);
    Ok(chosen)
}

/// Refuses what the profile forbids.
///
/// # Errors
/// All that it forbids, at once.
pub fn permitted(settings: &Settings, chosen: &Chosen) -> Result<(), Failure> {
    let faults = settings::forbidden(settings, &chosen.named);
    if faults.is_empty() {
        return Ok(());
    }
    let message = format!("the profile prod refuses these settings:\n  {}", faults.join("\n  "));
    Err(Failure::new(Code::Config, message)
        .hint("mend them, or set profile = \"dev\" to do without"))
}

/// The same without the calibration of the entailment model.
///
/// # Errors
/// As [`choose`].
pub fn uncalibrated(settings: &Settings) -> Result<Chosen, Failure> {
    let wanted = &settings.models;
    let builtin = ModelSet::builtin();
    let both = [wanted.embedder.as_str(), wanted.entailment.as_str()];
    let needs = both.iter().any(|name| !is_builtin(name, &builtin));
    let runtime = if needs { runtime(settings)? } else { None };
    let mut chosen = Chosen {
        named: builtin.names(),
        set: builtin,
        fallback: None,
        dimension: hashing::DIMENSIONS,
        calibration: None,
    };
    chosen.embedder(&wanted.embedder, runtime.as_ref())?;
    chosen.has_dimension(wanted.dimension)?;
    chosen.entailment(&wanted.entailment, runtime.as_ref())?;
    chosen.named.completer.clone_from(&wanted.completer);
    Ok(chosen)
}

fn is_builtin(name: &str, builtin: &ModelSet) -> bool {
    let names = builtin.names();
    [BUILTIN, &names.embedder, &names.entailment].contains(&name)
}

impl Chosen {
    /// The setting is an assertion: the dimension is a property of the model.
    fn has_dimension(&self, wanted: u32) -> Result<(), Failure> {
        if wanted == 0 || self.dimension == wanted as usize {
            return Ok(());
        }
        let message = format!(
            "models.dimension is {wanted}, but {} makes vectors of {} numbers",
            self.named.embedder, self.dimension
        );
        let hint = format!("set it to {}, or to 0, or name another model", self.dimension);
        Err(Failure::new(Code::Config, message).hint(hint))
    }

    fn embedder(&mut self, wanted: &str, runtime: Option<&Runtime>) -> Result<(), Failure> {
        if is_builtin(wanted, &self.set) {
            return Ok(());
        }
        let Some((runtime, directory)) = self.found(wanted, ENCODER, runtime)? else {
            return Ok(());
        };
        let embedder = OnnxEmbedder::load(runtime, &directory).map_err(failure)?;
        self.dimension = embedder.dimension();
        self.note(embedder.manifest());
        self.named.embedder = embedder.name().to_owned();
        self.set.embedder = Arc::new(embedder) as Arc<dyn Embedder>;
        Ok(())
    }

    fn entailment(&mut self, wanted: &str, runtime: Option<&Runtime>) -> Result<(), Failure> {
        if is_builtin(wanted, &self.set) {
            return Ok(());
        }
        let found = self.found(wanted, ENTAILMENT, runtime)?;
        let Some((runtime, directory)) = found else { return Ok(()) };
        let entailment = OnnxEntailment::load(runtime, &directory).map_err(failure)?;
        self.note(entailment.manifest());
        self.calibration = Some(directory.path.join(CALIBRATION));
        self.named.entailment = entailment.name().to_owned();
        self.set.entailment = Arc::new(entailment) as Arc<dyn Entailment>;
        Ok(())
    }

    fn note(&mut self, manifest: &Manifest) {
        self.named.manifests.push(manifest.text());
    }

    /// The runtime and the model's directory. `None` when `auto` has to do without, which is noted.
    fn found<'r>(
        &mut self,
        wanted: &str,
        own: &str,
        runtime: Option<&'r Runtime>,
    ) -> Result<Option<(&'r Runtime, Directory)>, Failure> {
        let path = match wanted {
            AUTO => locate(own),
            // The name of a model that is kept where those of the project are, or a path.
            named if Path::new(named).exists() => Some(PathBuf::from(named)),
            named => Some(locate(named).unwrap_or_else(|| PathBuf::from(named))),
        };
        let missing = match (runtime, path) {
            (Some(runtime), Some(path)) => {
                return Ok(Some((runtime, Directory::open(&path).map_err(failure)?)));
            }
            (None, _) => {
                "the ONNX Runtime library is not here; `make runtime` fetches it".to_owned()
            }
            (_, None) => {
                format!("the model {own} is not here; it is in the folder {FOLDER} of the project")
            }
        };
        if wanted != AUTO {
            return Err(Failure::new(
                Code::Config,
                format!("cannot use the model {wanted}: {missing}"),
            ));
        }
        self.fallback.get_or_insert(missing);
        Ok(None)
    }
}

/// The library that the settings name, or the first that is found.
pub fn runtime(settings: &Settings) -> Result<Option<Runtime>, Failure> {
    let named = Some(settings.models.runtime.as_str()).filter(|path| !path.is_empty());
    Runtime::load(named.map(Path::new)).map_err(failure)
}

/// A model of the project, looked for beside the program, in the user's data, and in the working directory.
pub fn locate(name: &str) -> Option<PathBuf> {
    let beside = std::env::current_exe().ok();
    let beside = beside.as_deref().and_then(Path::parent);
    let data = std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share")));
    let installed = beside.map(|here| here.join("../share/cns").join(FOLDER));
    let places = [beside.map(|here| here.join(FOLDER)), installed];
    let places = places.into_iter().flatten().chain(data.map(|data| data.join("cns").join(FOLDER)));
    // The working directory is last: an installed program keeps to its own models wherever it is started.
    let places = places.chain([PathBuf::from(FOLDER)]);
    places.map(|place| place.join(name)).find(|path| path.is_dir())
}

/// A model that cannot be used is a fault of the settings.
pub fn failure(error: LoadError) -> Failure {
    Failure::new(Code::Config, error.to_string()).hint(FETCH)
}
