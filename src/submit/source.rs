//! Finds documents in files, folders and standard input, one at a time: never more than one file or line is
//! in memory, save for a `.json` array.

use std::{
    ffi::OsStr,
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use cns_processors::limits::DOCUMENT_BYTES_MAX;

use super::read;
pub use super::read::{Defaults, Item};
use crate::failure::{Code, Failure};

/// Folders inside folders; deeper ones are a circle of links, or a mistake.
const DEPTH_MAX: usize = 32;

/// A file that holds documents, or standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// Where it is; `None` is standard input.
    pub path: Option<PathBuf>,
    /// What its documents are called when they have no id: the path below the folder that was named.
    pub name: String,
    /// The collection of its documents when nothing else says it.
    pub corpus: String,
    /// What kind of file it is.
    pub kind: Kind,
}

/// How documents stand in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The file is one document.
    Text,
    /// One document, or an array of them.
    Json,
    /// One document a line.
    Lines,
    /// Not for us; said, and skipped.
    Foreign,
}

/// The files that a path of the command line stands for, in sorted order.
pub fn locate(path: &Path) -> Result<Vec<Located>, Failure> {
    if path == Path::new("-") {
        let stdin = Located {
            path: None,
            name: "stdin".into(),
            corpus: "default".into(),
            kind: Kind::Text,
        };
        return Ok(vec![stdin]);
    }
    let found = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if found.is_dir() {
        let mut files = Vec::new();
        walk(path, "", &corpus_of(path), 0, &mut files)?;
        return Ok(files);
    }
    let kind = kind_of(path);
    if kind == Kind::Foreign {
        let message = format!("{} is not a kind of file that is read", path.display());
        return Err(Failure::new(Code::Usage, message)
            .hint("make it a .txt, .md, .html, .json or .jsonl file; `cns submit -` reads text from standard input"));
    }
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok(vec![Located { path: Some(path.into()), name, corpus: "default".into(), kind }])
}

/// The documents of a file.
pub fn read(file: &Located, defaults: &Defaults) -> Box<dyn Iterator<Item = Item>> {
    let Some(path) = &file.path else {
        let mut bytes = Vec::new();
        // One byte more than a document may have tells that it is too long.
        let limit = DOCUMENT_BYTES_MAX as u64 + 1;
        return match std::io::stdin().lock().take(limit).read_to_end(&mut bytes) {
            Ok(_) => Box::new(std::iter::once(read::text(file, bytes, defaults))),
            Err(error) => Box::new(std::iter::once(Item::refused(
                &file.name,
                format!("cannot be read: {error}"),
            ))),
        };
    };
    match file.kind {
        Kind::Text => Box::new(std::iter::once(read::text_file(file, path, defaults))),
        Kind::Json => Box::new(read::json_file(file, path, defaults).into_iter()),
        Kind::Lines => read::lines_file(file, path, defaults),
        Kind::Foreign => Box::new(std::iter::once(Item::skipped(&file.name))),
    }
}

fn walk(
    folder: &Path,
    prefix: &str,
    corpus: &str,
    depth: usize,
    files: &mut Vec<Located>,
) -> Result<(), Failure> {
    if depth > DEPTH_MAX {
        let message = format!("{} is more than {DEPTH_MAX} folders deep", folder.display());
        return Err(
            Failure::new(Code::Usage, message).hint("is there a link that leads in a circle?")
        );
    }
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut entries = entries.map_err(|error| unreadable(folder, &error))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, file_name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if file_name.starts_with('.') {
            continue;
        }
        let name = format!("{prefix}{file_name}");
        if path.is_dir() {
            walk(&path, &format!("{name}/"), corpus, depth + 1, files)?;
        } else {
            let kind = kind_of(&path);
            files.push(Located { path: Some(path), name, corpus: corpus.into(), kind });
        }
    }
    Ok(())
}

/// A folder's own name; that of `.` is the name of the folder that it stands for.
fn corpus_of(folder: &Path) -> String {
    let absolute = fs::canonicalize(folder).unwrap_or_else(|_| folder.into());
    absolute
        .file_name()
        .map_or_else(|| "default".into(), |name| name.to_string_lossy().into_owned())
}

fn kind_of(path: &Path) -> Kind {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default().to_lowercase();
    match extension.as_str() {
        "txt" | "md" | "markdown" | "html" | "htm" => Kind::Text,
        "json" => Kind::Json,
        "jsonl" | "ndjson" => Kind::Lines,
        _ => Kind::Foreign,
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    let code =
        if error.kind() == std::io::ErrorKind::NotFound { Code::NotFound } else { Code::Usage };
    Failure::new(code, format!("cannot read {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::submit::read::Content;

    #[test]
    fn folders_are_walked_in_order_and_name_the_corpus() {
        let root = tempfile::tempdir().unwrap();
        let corpus = root.path().join("trials");
        fs::create_dir_all(corpus.join("b")).unwrap();
        for (name, text) in
            [("z.txt", "z"), ("b/a.md", "a"), ("c.pdf", "%PDF"), (".hidden.txt", "no")]
        {
            fs::write(corpus.join(name), text).unwrap();
        }
        let files = locate(&corpus).unwrap();
        let names: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.kind)).collect();
        assert_eq!(
            names,
            [("b/a.md", Kind::Text), ("c.pdf", Kind::Foreign), ("z.txt", Kind::Text)]
        );
        assert!(files.iter().all(|file| file.corpus == "trials"));
        let items: Vec<Item> =
            files.iter().flat_map(|file| read(file, &Defaults::default())).collect();
        assert!(matches!(items[1].content, Content::Skipped));
        let Content::Document(document) = &items[0].content else { panic!("{items:?}") };
        assert_eq!(document["document_id"], "b/a.md");
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert_eq!(locate(Path::new("/nowhere/at/all")).unwrap_err().code, Code::NotFound);
        let pdf = tempfile::Builder::new().suffix(".pdf").tempfile().unwrap();
        assert_eq!(locate(pdf.path()).unwrap_err().code, Code::Usage);
    }
}
