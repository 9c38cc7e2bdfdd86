//! The author's file, checked.
//!
//! [`Manifest::load`] takes what was given on the command line (a script, a component, a configuration file or a
//! folder) and gives back one worker, ready to build. The files are `wrangler.toml`, `wrangler.json(c)` and
//! `glowplug.toml`, all with wrangler's schema.
//!
//! What becomes of each key of wrangler's is in one table, `keys`.
//!
//! ## Why
//! Reading has stages: `document` parses TOML or JSON into one tree that remembers positions, `environments` picks from
//! it what holds in one environment, `wrangler` and `validate` turn that into checked values. A serde mirror would be shorter, but it stops at the first error,
//! and cannot say where a key is that it has no field for.

mod assets;
mod bindings;
mod compat;
mod dev_vars;
mod discover;
mod document;
mod dotenv;
mod environments;
mod error;
mod keys;
mod node;
mod reader;
mod routes;
mod rules;
mod suggest;
#[cfg(test)]
mod tests;
mod unsupported;
mod validate;
mod wrangler;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use assets::{Assets, HtmlHandling, NotFoundHandling, WorkerFirst};
pub use bindings::Binding;
pub use compat::CompatibilityDate;
pub use dev_vars::{DevVars, dev_var_files, dev_vars};
pub use discover::CONFIG_FILES;
pub use error::{Error, Position, Problem, Warning};
pub use node::{NodeCompat, NodeModules};
pub use routes::Route;
pub use rules::{ModuleKind, ModuleRule, kind_of_file};
pub(crate) use suggest::nearest;

use crate::limits::{Limits, Settings};
use discover::Found;

/// Characters in a worker's name: it may become a DNS label.
const LONGEST_NAME: usize = 63;

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
    /// The environment chosen; none for the top level.
    pub environment: Option<String>,
    /// All environments that the file has, in its order.
    pub environments: Vec<String>,
    /// Behaviour of the runtime that the worker was written against.
    pub compatibility_date: CompatibilityDate,
    /// Exceptions from that date.
    pub compatibility_flags: Vec<String>,
    /// Plain-text and JSON variables: what the worker sees as `env`.
    pub env: BTreeMap<String, serde_json::Value>,
    /// Everything else in the worker's `env` but secrets, by name.
    pub bindings: BTreeMap<String, Binding>,
    /// Secrets that must be there before the worker is deployed.
    pub required_secrets: Vec<String>,
    /// Static assets.
    pub assets: Option<Assets>,
    /// Where the worker is reached, besides its own subdomain.
    pub routes: Vec<Route>,
    /// Whether it is reached under its own subdomain; none if the file does not say (`workers_dev`).
    pub subdomain: Option<bool>,
    /// Whether its versions are reached under subdomains of theirs; none if the file does not say (`preview_urls`).
    pub previews: Option<bool>,
    /// Cron expressions that call its `scheduled` handler, in UTC.
    pub crons: Vec<String>,
    /// Names of workers that are told of its invocations.
    pub tail_consumers: Vec<String>,
    /// What one invocation may use.
    pub limits: Limits,
    /// The same as the file says it, without the defaults.
    pub limit_settings: Settings,
    /// How files that are not JavaScript are imported; the defaults come last.
    pub rules: Vec<ModuleRule>,
    /// What the author should know and nothing fails for.
    pub warnings: Vec<Warning>,
    /// What the worker asks for and does not get: bindings that do not exist here, and the like. It can be worked on
    /// without, and must not be deployed without: see [`Manifest::require_supported`].
    pub unsupported: Vec<Problem>,
}

/// What a worker is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A JavaScript or TypeScript module, absolute.
    Script(PathBuf),
    /// A component file, absolute.
    Component(PathBuf),
    /// Nothing: the worker is its static assets. [`Manifest::assets`] is there.
    AssetsOnly,
}

impl Entry {
    /// The file, if there is one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Script(path) | Self::Component(path) => Some(path),
            Self::AssetsOnly => None,
        }
    }
}

impl Manifest {
    /// What of Node.js the worker asked for.
    pub fn node(&self) -> NodeCompat {
        NodeCompat::of(self.compatibility_date, &self.compatibility_flags)
    }

    /// Reads the worker at `path`: a script, a component, a configuration file, or a folder with one of these; as
    /// `environment` changes it, if there is one.
    pub fn load(path: &Path, environment: Option<&str>) -> Result<Self, Error> {
        match (discover::find(path)?, environment) {
            (Found::Entry { .. }, Some(environment)) => {
                Err(Error::NoEnvironments { path: path.to_owned(), environment: environment.to_owned() })
            }
            (Found::Entry { entry, root }, None) => Ok(Self::without_file(entry, root)),
            (Found::Config { file, shadowed }, _) => {
                let mut manifest = validate::read(&file, environment)?;
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

    /// Fails if the worker asks for something that does not exist here.
    pub fn require_supported(&self) -> Result<(), Error> {
        match &self.file {
            Some(file) if !self.unsupported.is_empty() => {
                Err(Error::Invalid { file: file.clone(), problems: self.unsupported.clone() })
            }
            _ => Ok(()),
        }
    }

    /// What the worker asks for and does not get, for those who go on without it.
    pub fn unsupported_warnings(&self) -> Vec<Warning> {
        let file = self.file.clone().unwrap_or_default();
        self.unsupported.iter().map(|problem| problem.clone().into_warning(file.clone())).collect()
    }

    /// The worker of a file that has no configuration.
    fn without_file(entry: Entry, root: PathBuf) -> Self {
        Self {
            name: discover::name_of(&entry, &root),
            entry,
            root,
            file: None,
            environment: None,
            environments: Vec::new(),
            compatibility_date: CompatibilityDate::LATEST,
            compatibility_flags: Vec::new(),
            env: BTreeMap::new(),
            bindings: BTreeMap::new(),
            required_secrets: Vec::new(),
            assets: None,
            routes: Vec::new(),
            subdomain: None,
            previews: None,
            crons: Vec::new(),
            tail_consumers: Vec::new(),
            limits: Limits::default(),
            limit_settings: Settings::default(),
            rules: rules::defaults(),
            warnings: Vec::new(),
            unsupported: Vec::new(),
        }
    }
}
