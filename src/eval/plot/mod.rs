//! Reports as pictures, in SVG.

mod charts;
mod svg;

use std::{collections::BTreeSet, fs, path::Path};

use super::report::Report;
use crate::failure::{Code, Failure};

/// Writes the pictures of all reports into a folder, which is made if need be; gives their names.
pub fn write(folder: &Path, reports: &[Report]) -> Result<Vec<String>, Failure> {
    let failed = |path: &Path, error: std::io::Error| {
        Failure::new(Code::Dependency, format!("{} cannot be written: {error}", path.display()))
    };
    fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let mut written = Vec::new();
    let mut taken = BTreeSet::new();
    for report in reports {
        let stem = stem(&report.name, &mut taken);
        for (what, svg) in charts::all(report) {
            let name = format!("{stem}-{what}.svg");
            let path = folder.join(&name);
            fs::write(&path, svg).map_err(|error| failed(&path, error))?;
            written.push(name);
        }
    }
    Ok(written)
}

/// The file's name without its ending; a second file of that name gets a number.
fn stem(name: &str, taken: &mut BTreeSet<String>) -> String {
    let stem = Path::new(name).file_stem().map_or(name.into(), |stem| stem.to_string_lossy());
    let numbered = (2..).map(|number: u32| format!("{stem}-{number}"));
    let free = std::iter::once(stem.to_string()).chain(numbered).find(|name| !taken.contains(name));
    let free = free.unwrap_or_default();
    taken.insert(free.clone());
    free
}
