//! The ONNX Runtime library: where it may be, and loading it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use ort::environment::Environment;

use super::LoadError;

/// The loaded library. A process loads one.
#[derive(Clone)]
pub struct Runtime {
    pub(super) environment: std::sync::Arc<Environment>,
    /// The build of the library.
    pub version: String,
    /// Where it was found.
    pub path: PathBuf,
}

static LOADED: Mutex<Option<Runtime>> = Mutex::new(None);

/// Names the library for every program that uses `ort`.
const VARIABLE: &str = "ORT_DYLIB_PATH";

impl Runtime {
    /// Loads the library at `path`, or the first in [`places`](Self::places) that fits. `None` when there is none.
    ///
    /// # Errors
    /// The library that is named cannot be loaded, or is of another version than this program needs.
    pub fn load(path: Option<&Path>) -> Result<Option<Runtime>, LoadError> {
        let mut loaded = LOADED.lock().expect("no holder of the lock panics");
        if let Some(loaded) = &*loaded {
            return Ok(Some(loaded.clone()));
        }
        if let Some(path) = path {
            return Ok(Some(loaded.insert(Runtime::open(path)?).clone()));
        }
        for path in found() {
            match Runtime::open(&path) {
                Ok(runtime) => return Ok(Some(loaded.insert(runtime).clone())),
                // One that a system has for other programs may be too old for us.
                Err(error) => tracing::warn!(%error, "Looking for another one."),
            }
        }
        Ok(None)
    }

    fn open(path: &Path) -> Result<Runtime, LoadError> {
        // The loader would look for a relative path beside the program first.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let failed = |detail: String| LoadError::Runtime { path: path.clone(), detail };
        if !path.is_file() {
            return Err(failed("there is no such file".into()));
        }
        let builder = ort::init_from(&path).map_err(|error| failed(error.to_string()))?;
        let environment = builder
            .with_name("cns")
            .with_telemetry(false)
            .build()
            .map_err(|error| failed(error.to_string()))?;
        Ok(Runtime {
            environment: std::sync::Arc::new(environment),
            version: format!("ONNX Runtime {}", commit(ort::info())),
            path: path.clone(),
        })
    }

    /// The folders in which the library is looked for, in this order.
    pub fn places() -> Vec<PathBuf> {
        let beside = std::env::current_exe().ok();
        let beside = beside.as_deref().and_then(Path::parent);
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| home.map(|home| home.join(".cache")));
        let own = beside.into_iter().flat_map(|here| [here.to_owned(), here.join("../lib")]);
        let cached = cache.map(|cache| cache.join("cns/onnxruntime"));
        let system = ["/usr/local/lib", "/usr/lib", "/usr/lib64", "/opt/homebrew/lib"];
        let multiarch = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
        let system = system.into_iter().map(PathBuf::from).chain([PathBuf::from(multiarch)]);
        own.chain(cached).chain(system).collect()
    }
}

/// The library that the variable names, then those of all places.
fn found() -> Vec<PathBuf> {
    let named = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
    named.into_iter().chain(Runtime::places().iter().flat_map(|folder| in_folder(folder))).collect()
}

/// The libraries of a folder, the newest version first: `libonnxruntime.so.1.31.1` as well as `libonnxruntime.so`.
fn in_folder(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let named = |path: PathBuf| {
        let name = path.file_name()?.to_string_lossy().into_owned();
        Some((version_of(&name)?, path))
    };
    let mut libraries: Vec<(Vec<u32>, PathBuf)> =
        files.filter_map(|entry| named(entry.path())).collect();
    libraries.sort();
    libraries.into_iter().rev().map(|(_, path)| path).collect()
}

/// The version in the name of the library: empty where it has none, `None` for any other file.
fn version_of(name: &str) -> Option<Vec<u32>> {
    let rest = name.strip_prefix("libonnxruntime")?;
    let version = match cfg!(target_os = "macos") {
        true => rest.strip_suffix(".dylib")?,
        false => rest.strip_prefix(".so")?,
    };
    let numbers = version.split('.').filter(|part| !part.is_empty());
    numbers.map(|part| part.parse().ok()).collect()
}

/// The commit out of the library's own description of its build.
fn commit(build: &str) -> String {
    let found = build.split("git-commit-id=").nth(1).and_then(|rest| rest.split(',').next());
    found.map_or_else(|| build.to_owned(), |commit| format!("({})", commit.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn versions_are_numbers_and_other_files_are_none() {
        assert_eq!(version_of("libonnxruntime.so"), Some(vec![]));
        assert!(version_of("libonnxruntime.so.1.31.1") > version_of("libonnxruntime.so.1.9"));
        for other in ["libonnxruntime_providers_shared.so", "libonnxruntime.so.1.31.1.part", "x.so"]
        {
            assert_eq!(version_of(other), None, "{other}");
        }
    }
}
