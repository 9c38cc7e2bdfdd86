//! Reading a folder of assets, on the machine of its author.

use super::bounds;
use super::error::{Error, PathProblem};
use super::headers_file;
use super::index::{File, Files, Index};
use super::path::AssetPath;
use super::redirects_file;
use super::settings::Settings;
use crate::digest::Digest;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

const IGNORE_FILE: &str = ".assetsignore";
const HEADERS_FILE: &str = "_headers";
const REDIRECTS_FILE: &str = "_redirects";
const PAGES_WORKER: &str = "_worker.js";

/// Folders that hardly anybody means to publish. Cloudflare publishes them too, so a word is all that is said.
const UNLIKELY_FOLDERS: &[&str] = &[".git", "node_modules"];

/// Secrets and local state, which lie in the folder when that is the project's own.
const NEVER_MEANT: &[&str] = &[".dev.vars", ".dev.vars.*", ".env", ".env.*", ".glowplug/", ".wrangler/"];

/// What a folder holds.
#[derive(Debug)]
pub struct Collected {
    /// Stored as a blob, it is what [`Assets`](super::Assets) are made from.
    pub index: Index,
    /// A file with the bytes of each of the index's digests.
    pub files: BTreeMap<Digest, PathBuf>,
    /// What the author should know, each with file and line where there is one.
    pub warnings: Vec<String>,
}

/// Reads all files in `directory` and below, but those that `.assetsignore` (in the syntax of `.gitignore`) names,
/// and the rules in `_headers` and `_redirects`.
pub fn collect(directory: &Path, settings: Settings) -> Result<Collected, Error> {
    collect_within(directory, settings, bounds::FILES.maximum)
}

/// As [`collect`], with at most `most` files.
pub(super) fn collect_within(directory: &Path, settings: Settings, most: u64) -> Result<Collected, Error> {
    settings.check()?;
    if !directory.is_dir() {
        return Err(Error::NotAFolder { path: directory.to_owned() });
    }
    let root = directory.canonicalize().map_err(|cause| unreadable(directory, cause))?;
    let mut folder = Folder {
        directory,
        root: root.clone(),
        ignore: Gitignore::empty(),
        has_ignore_file: false,
        most,
        paths: Files::new(),
        files: BTreeMap::new(),
        warnings: Vec::new(),
    };
    folder.read_ignore_file()?;
    folder.walk(directory, "", &mut vec![root])?;

    let (headers, problems) = headers_file::parse(&folder.read_rules(HEADERS_FILE)?);
    folder.warn_of(HEADERS_FILE, problems);
    let (redirects, problems) = redirects_file::parse(&folder.read_rules(REDIRECTS_FILE)?, settings.html_handling);
    folder.warn_of(REDIRECTS_FILE, problems);

    let index = Index::new(settings, folder.paths, headers, redirects)?;
    Ok(Collected { index, files: folder.files, warnings: folder.warnings })
}

struct Folder<'a> {
    directory: &'a Path,
    /// The same without symbolic links.
    root: PathBuf,
    ignore: Gitignore,
    has_ignore_file: bool,
    most: u64,
    paths: Files,
    files: BTreeMap<Digest, PathBuf>,
    warnings: Vec<String>,
}

impl Folder<'_> {
    fn read_ignore_file(&mut self) -> Result<(), Error> {
        let path = self.directory.join(IGNORE_FILE);
        let text = self.read_text(&path)?;
        self.has_ignore_file = text.is_some();
        let mut patterns = GitignoreBuilder::new("");
        // Ahead of the author's, so that these can be taken back.
        let own = [IGNORE_FILE, HEADERS_FILE, REDIRECTS_FILE].map(|name| (None, format!("/{name}")));
        let own = own.into_iter().chain(NEVER_MEANT.iter().map(|pattern| (None, (*pattern).to_owned())));
        let written = text.as_deref().unwrap_or_default().lines().enumerate();
        let lines = own.chain(written.map(|(index, line)| (Some(index + 1), line.to_owned())));
        for (number, line) in lines {
            if let (Err(error), Some(number)) = (patterns.add_line(None, &line), number) {
                self.warnings.push(format!("{}:{number}: {error}; the line is left out", path.display()));
            }
        }
        match patterns.build() {
            Ok(ignore) => self.ignore = ignore,
            // Publishing what was meant to be left out would be worse than not publishing.
            Err(error) => return Err(unreadable(&path, io::Error::new(io::ErrorKind::InvalidData, error))),
        }
        Ok(())
    }

    /// Takes all files of `folder`, whose path as an asset is `prefix`. `above` are the real paths of the folders that
    /// lead here, this one included.
    fn walk(&mut self, folder: &Path, prefix: &str, above: &mut Vec<PathBuf>) -> Result<(), Error> {
        let entries = fs::read_dir(folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
        let mut entries = entries.map_err(|cause| unreadable(folder, cause))?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let (path, name) = (entry.path(), entry.file_name());
            let kind = entry.file_type().map_err(|cause| unreadable(&path, cause))?;
            // A link to a folder counts as a folder for patterns that end with a slash.
            let is_folder = kind.is_dir() || (kind.is_symlink() && path.is_dir());
            let from_root = Path::new(prefix.trim_start_matches('/')).join(&name);
            if self.ignore.matched(from_root, is_folder).is_ignore() {
                continue;
            }
            let real = if kind.is_symlink() { self.follow(&path)? } else { path.clone() };
            let Some(name) = name.to_str() else {
                return Err(Error::BadName { path, problem: PathProblem::NotUnicode });
            };
            if prefix.is_empty() && name.starts_with(PAGES_WORKER) && !self.has_ignore_file {
                return Err(Error::PagesWorker { path });
            }
            let asset = format!("{prefix}/{name}");
            if is_folder {
                if UNLIKELY_FOLDERS.contains(&name) {
                    let shown = path.display();
                    self.warnings.push(format!(
                        "`{shown}` will be published\nhint: a line `{name}` in `.assetsignore` leaves it out"
                    ));
                }
                let real = real.canonicalize().map_err(|cause| unreadable(&path, cause))?;
                if above.contains(&real) {
                    return Err(Error::LinkLoop { link: path });
                }
                above.push(real);
                self.walk(&path, &asset, above)?;
                above.pop();
            } else {
                self.take(path, asset)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, path: PathBuf, asset: String) -> Result<(), Error> {
        let asset = match AssetPath::new(asset) {
            Ok(asset) => asset,
            Err(problem) => return Err(Error::BadName { path, problem }),
        };
        if self.paths.len() as u64 >= self.most {
            return Err(Error::TooManyFiles { folder: self.directory.to_owned(), limit: self.most, first_over: path });
        }
        let bytes = read(&path)?;
        let digest = Digest::of(&bytes);
        self.paths.insert(asset, File { digest, size: bytes.len() as u64 });
        self.files.entry(digest).or_insert(path);
        Ok(())
    }

    /// The real path of a symbolic link, which must be in the folder.
    fn follow(&self, link: &Path) -> Result<PathBuf, Error> {
        let target = link.canonicalize().map_err(|cause| unreadable(link, cause))?;
        if target.starts_with(&self.root) {
            Ok(target)
        } else {
            Err(Error::LinkOutside { link: link.to_owned(), target })
        }
    }

    /// The text of a file with rules; none if it is not there.
    fn read_rules(&self, name: &str) -> Result<String, Error> {
        Ok(self.read_text(&self.directory.join(name))?.unwrap_or_default())
    }

    fn read_text(&self, path: &Path) -> Result<Option<String>, Error> {
        let found = match fs::symlink_metadata(path) {
            Ok(found) => found,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(unreadable(path, cause)),
        };
        if found.is_symlink() {
            self.follow(path)?;
        }
        let text = String::from_utf8(read(path)?);
        let text = text.map_err(|error| unreadable(path, io::Error::new(io::ErrorKind::InvalidData, error)))?;
        Ok(Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)))
    }

    fn warn_of<P: fmt::Display>(&mut self, name: &str, problems: Vec<(usize, P)>) {
        let path = self.directory.join(name);
        let said = problems.into_iter().map(|(line, problem)| format!("{}:{line}: {problem}", path.display()));
        self.warnings.extend(said);
    }
}

/// Reads a regular file that is not too large.
fn read(path: &Path) -> Result<Vec<u8>, Error> {
    // Asked first: opening a pipe would wait for a writer.
    let found = fs::metadata(path).map_err(|cause| unreadable(path, cause))?;
    if !found.is_file() {
        return Err(Error::NotAFile { path: path.to_owned() });
    }
    let most = bounds::FILE.maximum;
    let mut bytes = Vec::new();
    if found.len() <= most {
        let file = fs::File::open(path).map_err(|cause| unreadable(path, cause))?;
        // One byte more than allowed shows a file that grows meanwhile.
        file.take(most + 1).read_to_end(&mut bytes).map_err(|cause| unreadable(path, cause))?;
    }
    let size = found.len().max(bytes.len() as u64);
    if size > most { Err(Error::TooLarge { path: path.to_owned(), size }) } else { Ok(bytes) }
}

fn unreadable(path: &Path, cause: io::Error) -> Error {
    Error::Unreadable { path: path.to_owned(), cause }
}
