//! The author's file, checked.
//!
//! [`Manifest::load`] takes what was given on the command line (a script, a component, a configuration file or a
//! folder) and gives back one worker, ready to build. The files are `wrangler.toml`, `wrangler.json(c)` and
//! `glowplug.toml`, all with wrangler's schema.
//!
//! ## Why
//! Reading has two stages: `document` parses TOML or JSON into one tree that remembers positions, `wrangler` and
//! `validate` turn the tree into checked values. A serde mirror would be shorter, but it stops at the first error,
//! and cannot say where a key is that it has no field for.

mod compat;
mod discover;
mod document;
mod error;
mod rules;
mod suggest;
#[cfg(test)]
mod tests;
mod validate;
mod wrangler;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use compat::CompatibilityDate;
pub use discover::CONFIG_FILES;
pub use error::{Error, Position, Problem, Warning};
pub use rules::{ModuleKind, ModuleRule, kind_of_file};
pub(crate) use suggest::nearest;

use crate::limits::Limits;
use discover::Found;

/// One worker, as its author described it.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// Lower-case letters, digits, `-` and `_`.
    pub name: String,
    /// What to build.
    pub entry: Entry,
    /// The project's folder, absolute: imports and messages are relative to it.
    pub root: PathBuf,
    /// The configuration file read, if there is one.
    pub file: Option<PathBuf>,
    /// Behaviour of the runtime that the worker was written against.
    pub compatibility_date: CompatibilityDate,
    /// Exceptions from that date.
    pub compatibility_flags: Vec<String>,
    /// Plain-text and JSON variables: what the worker sees as `env`.
    pub env: BTreeMap<String, serde_json::Value>,
    /// What one invocation may use.
    pub limits: Limits,
    /// How files that are not JavaScript are imported; the defaults come last.
    pub rules: Vec<ModuleRule>,
    /// What the author should know and nothing fails for.
    pub warnings: Vec<Warning>,
}

/// What a worker is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A JavaScript or TypeScript module, absolute.
    Script(PathBuf),
    /// A component file, absolute.
    Component(PathBuf),
}

impl Entry {
    /// The file, whatever its kind.
    pub fn path(&self) -> &Path {
        match self {
            Self::Script(path) | Self::Component(path) => path,
        }
    }
}

impl Manifest {
    /// Reads the worker at `path`: a script, a component, a configuration file, or a folder with one of these.
    pub fn load(path: &Path) -> Result<Self, Error> {
        match discover::find(path)? {
            Found::Entry { entry, root } => Ok(Self::without_file(entry, root)),
            Found::Config { file, shadowed } => {
                let mut manifest = validate::read(&file)?;
                manifest.warnings.extend(shadowed.into_iter().map(|other| Warning {
                    file: other,
                    position: None,
                    message: format!("not read: `{}` comes first", discover::file_name(&file)),
                    hint: Some("keep one of them".to_owned()),
                }));
                Ok(manifest)
            }
        }
    }

    /// The worker of a file that has no configuration.
    fn without_file(entry: Entry, root: PathBuf) -> Self {
        Self {
            name: discover::name_of(&entry, &root),
            entry,
            root,
            file: None,
            compatibility_date: CompatibilityDate::LATEST,
            compatibility_flags: Vec::new(),
            env: BTreeMap::new(),
            limits: Limits::default(),
            rules: rules::defaults(),
            warnings: Vec::new(),
        }
    }
}
