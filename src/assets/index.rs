//! The index of a version's assets: which path has which file, and the rules.
//!
//! An [`Index`] is valid by construction: its parts are parsed into types that cannot hold what is wrong, and counts
//! and sums are checked by [`Index::new`], whether it comes from a folder or from an upload.

use super::bounds;
use super::error::Error;
use super::headers_file::HeaderRule;
use super::path::AssetPath;
use super::redirects_file::{RedirectRule, count_static};
use super::settings::Settings;
use crate::digest::Digest;
use crate::limits;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The version of the format that is written and read.
const FORMAT: u64 = 1;

/// Files by path.
pub(super) type Files = BTreeMap<AssetPath, File>;

/// One file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The blob with its bytes.
    pub digest: Digest,
    /// How many bytes these are.
    pub size: u64,
}

/// Which path has which file, and how paths are answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    pub(super) settings: Settings,
    pub(super) files: Files,
    pub(super) headers: Vec<HeaderRule>,
    pub(super) redirects: Vec<RedirectRule>,
}

/// An index as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: u64,
    settings: Settings,
    files: Files,
    headers: Vec<HeaderRule>,
    redirects: Vec<RedirectRule>,
}

impl Index {
    /// Puts an index together; refuses one over a limit.
    pub(super) fn new(
        settings: Settings,
        files: Files,
        headers: Vec<HeaderRule>,
        redirects: Vec<RedirectRule>,
    ) -> Result<Self, Error> {
        let index = Self { settings, files, headers, redirects };
        index.settings.check()?;
        index.check_files()?;
        index.check_rules()?;
        Ok(index)
    }

    /// Reads an index that anybody may have written.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Head {
            format: u64,
        }
        let bad = |error: serde_json::Error| bad_index(error.to_string());
        at_most(&bounds::INDEX, json.len())?;
        let Head { format } = serde_json::from_slice(json).map_err(bad)?;
        if format != FORMAT {
            return Err(Error::UnknownFormat { found: format });
        }
        let Document { settings, files, headers, redirects, .. } = serde_json::from_slice(json).map_err(bad)?;
        Self::new(settings, files, headers, redirects)
    }

    /// The index as JSON, the same for equal indexes.
    pub fn to_json(&self) -> Vec<u8> {
        let document = Document {
            format: FORMAT,
            settings: self.settings.clone(),
            files: self.files.clone(),
            headers: self.headers.clone(),
            redirects: self.redirects.clone(),
        };
        serde_json::to_vec(&document).expect("texts and numbers, with texts for keys, can be JSON")
    }

    /// How paths are answered.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// All files with their paths, in the order of the paths.
    pub fn files(&self) -> impl Iterator<Item = (&str, &File)> {
        self.files.iter().map(|(path, file)| (path.as_str(), file))
    }

    /// The blobs that must be stored for this index to be served.
    pub fn digests(&self) -> BTreeSet<Digest> {
        self.files.values().map(|file| file.digest).collect()
    }

    fn check_files(&self) -> Result<(), Error> {
        at_most(&bounds::FILES, self.files.len())?;
        let mut sizes = HashMap::new();
        for (path, file) in self.files() {
            if file.size > bounds::FILE.maximum {
                let limit = bounds::FILE.maximum;
                return Err(bad_index(format!("`{path}` has {} bytes, but {limit} are the most", file.size)));
            }
            if *sizes.entry(file.digest).or_insert(file.size) != file.size {
                return Err(bad_index(format!("`{path}` has another size than a file with the same digest")));
            }
        }
        Ok(())
    }

    fn check_rules(&self) -> Result<(), Error> {
        at_most(&bounds::HEADER_RULES, self.headers.len())?;
        for rule in &self.headers {
            let bytes: usize = rule.set.iter().map(|(name, value)| name.0.as_str().len() + value.0.len()).sum();
            if bytes as u64 > limits::HEADERS.maximum {
                let limit = limits::HEADERS.maximum;
                return Err(bad_index(format!(
                    "the rule for `{}` in `_headers` sets {bytes} bytes of headers, but {limit} are the most",
                    rule.path.text()
                )));
            }
        }
        let statics = count_static(&self.redirects);
        at_most(&bounds::STATIC_REDIRECTS, statics)?;
        at_most(&bounds::DYNAMIC_REDIRECTS, self.redirects.len() - statics)
    }
}

fn at_most(limit: &limits::Limit, found: usize) -> Result<(), Error> {
    if found as u64 <= limit.maximum {
        return Ok(());
    }
    Err(bad_index(format!("{}: {found}, but {} is the most", limit.name, limit.maximum)))
}

fn bad_index(message: String) -> Error {
    Error::BadIndex { message }
}
