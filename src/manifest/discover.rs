//! From the path on the command line to the files of one worker.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Entry, Error};

/// Names of configuration files, in the order in which they are looked for.
pub const CONFIG_FILES: [&str; 4] = ["glowplug.toml", "wrangler.json", "wrangler.jsonc", "wrangler.toml"];

const SCRIPT_EXTENSIONS: [&str; 8] = ["js", "mjs", "cjs", "ts", "mts", "cts", "jsx", "tsx"];

/// Scripts looked for in a folder without a configuration file that names one.
const USUAL_STEMS: [&str; 4] = ["index", "worker", "src/index", "src/worker"];
const USUAL_EXTENSIONS: [&str; 5] = ["ts", "tsx", "js", "mjs", "jsx"];

/// Names that say nothing about a worker; its folder's name says more.
const GENERIC_NAMES: [&str; 5] = ["index", "worker", "main", "mod", "src"];

/// What a path led to.
pub(super) enum Found {
    /// A script or component, without a configuration file.
    Entry { entry: Entry, root: PathBuf },
    /// A configuration file, and those beside it that it hides.
    Config { file: PathBuf, shadowed: Vec<PathBuf> },
}

/// Finds out what `path` is.
pub(super) fn find(path: &Path) -> Result<Found, Error> {
    let metadata = fs::metadata(path).map_err(|cause| error_of(path, cause))?;
    if metadata.is_dir() {
        return find_in_folder(path);
    }
    if CONFIG_FILES.contains(&file_name(path).as_str()) {
        return Ok(Found::Config { file: path.to_owned(), shadowed: Vec::new() });
    }
    let absolute = absolute(path)?;
    let entry = entry_of(absolute).ok_or_else(|| Error::UnknownKind { path: path.to_owned() })?;
    Ok(with_root(entry))
}

fn find_in_folder(folder: &Path) -> Result<Found, Error> {
    // So that messages say `wrangler.toml` and not `./wrangler.toml`.
    let shown = folder.strip_prefix(".").unwrap_or(folder);
    let mut present = CONFIG_FILES.iter().map(|name| shown.join(name)).filter(|file| file.is_file());
    if let Some(file) = present.next() {
        return Ok(Found::Config { file, shadowed: present.collect() });
    }
    match usual_entry(folder)? {
        Some(entry) => Ok(Found::Entry { entry, root: absolute(folder)? }),
        None => Err(Error::NothingInFolder { folder: folder.to_owned(), looked_for: looked_for() }),
    }
}

/// The script with a usual name in `folder`.
pub(super) fn usual_entry(folder: &Path) -> Result<Option<Entry>, Error> {
    for stem in USUAL_STEMS {
        for extension in USUAL_EXTENSIONS {
            let file = folder.join(format!("{stem}.{extension}"));
            if file.is_file() {
                return Ok(entry_of(absolute(&file)?));
            }
        }
    }
    Ok(None)
}

/// What `find` and `usual_entry` look for in a folder, in words.
pub(super) fn looked_for() -> Vec<String> {
    let scripts = USUAL_STEMS.map(|stem| format!("{stem}.{{{}}}", USUAL_EXTENSIONS.join(",")));
    CONFIG_FILES.iter().map(|name| (*name).to_owned()).chain(scripts).collect()
}

/// The kind of entry that a file is by its extension.
pub(super) fn entry_of(file: PathBuf) -> Option<Entry> {
    let extension = file.extension()?.to_str()?.to_ascii_lowercase();
    match extension.as_str() {
        "wasm" => Some(Entry::Component(file)),
        other if SCRIPT_EXTENSIONS.contains(&other) => Some(Entry::Script(file)),
        _ => None,
    }
}

/// A file beside `missing` with the same name and another script extension, as it would be written in its place.
pub(super) fn sibling_of(missing: &Path) -> Option<String> {
    SCRIPT_EXTENSIONS
        .iter()
        .map(|extension| missing.with_extension(extension))
        .find(|file| file.is_file())
        .map(|file| file_name(&file))
}

/// A worker's name from its file or folder, for one that names itself nowhere.
pub(super) fn name_of(entry: &Entry, root: &Path) -> String {
    let stem = entry.path().and_then(Path::file_stem);
    let stem = stem.map(|stem| sanitised(&stem.to_string_lossy())).unwrap_or_default();
    if !stem.is_empty() && !GENERIC_NAMES.contains(&stem.as_str()) {
        return stem;
    }
    folder_name(root)
}

/// A worker's name from its folder.
pub(super) fn folder_name(folder: &Path) -> String {
    folder
        .ancestors()
        .filter_map(|folder| folder.file_name())
        .map(|name| sanitised(&name.to_string_lossy()))
        .find(|name| !name.is_empty() && !GENERIC_NAMES.contains(&name.as_str()))
        .unwrap_or_else(|| "worker".to_owned())
}

/// `text` with everything replaced that may not be in a worker's name.
pub(super) fn sanitised(text: &str) -> String {
    let mut name = String::new();
    for character in text.chars().flat_map(char::to_lowercase) {
        match character {
            'a'..='z' | '0'..='9' | '_' => name.push(character),
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    name.truncate(super::LONGEST_NAME);
    name.trim_end_matches('-').to_owned()
}

/// `path` without symbolic links or dots.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, Error> {
    fs::canonicalize(path).map_err(|cause| error_of(path, cause))
}

/// The error for a file that could not be opened.
pub(super) fn error_of(path: &Path, cause: io::Error) -> Error {
    match cause.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Error::NotFound { path: path.to_owned() },
        _ => Error::Unreadable { path: path.to_owned(), cause },
    }
}

/// The last part of a path, for messages.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn with_root(entry: Entry) -> Found {
    let root = entry.path().and_then(Path::parent).unwrap_or(Path::new("/")).to_owned();
    Found::Entry { entry, root }
}

/// What the system says about a file that could not be opened, without its error number.
pub(super) fn error_text(cause: &io::Error) -> String {
    match cause.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => cause.to_string(),
    }
}
