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
    /// File and build of the library.
    pub version: String,
    /// Where it was found.
    pub path: PathBuf,
}

static LOADED: Mutex<Option<Runtime>> = Mutex::new(None);

const LIBRARY: &str =
    if cfg!(target_os = "macos") { "libonnxruntime" } else { "libonnxruntime.so" };
/// Names the library for every program that uses `ort`.
const VARIABLE: &str = "ORT_DYLIB_PATH";

impl Runtime {
    /// Loads the library at `path`, or the first that is found in [`places`](Self::places). `None` when there is none.
    ///
    /// # Errors
    /// The library that is named or found cannot be loaded, or is of another version than this program needs.
    pub fn load(path: Option<&Path>) -> Result<Option<Runtime>, LoadError> {
        let mut loaded = LOADED.lock().expect("no holder of the lock panics");
        if let Some(loaded) = &*loaded {
            return Ok(Some(loaded.clone()));
        }
        let Some(path) = path.map(Path::to_owned).or_else(find) else { return Ok(None) };
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
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let runtime = Runtime {
            environment: std::sync::Arc::new(environment),
            version: format!("{} {}", file.unwrap_or_default(), commit(ort::info())),
            path: path.clone(),
        };
        Ok(Some(loaded.insert(runtime).clone()))
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

fn find() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
        return Some(named.into());
    }
    Runtime::places().iter().find_map(|folder| in_folder(folder))
}

/// The library of the highest name, so that `libonnxruntime.so.1.31.1` is found as well as `libonnxruntime.so`.
fn in_folder(folder: &Path) -> Option<PathBuf> {
    let files = fs::read_dir(folder).ok()?.filter_map(Result::ok).map(|entry| entry.path());
    let named = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        name.is_some_and(|name| name.starts_with(LIBRARY))
    };
    files.filter(named).max()
}

/// The commit out of the library's own description of its build.
fn commit(build: &str) -> String {
    let found = build.split("git-commit-id=").nth(1).and_then(|rest| rest.split(',').next());
    found.map_or_else(|| build.to_owned(), |commit| format!("({})", commit.trim()))
}
