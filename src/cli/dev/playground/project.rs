//! The project that `dev` serves, for the page to begin with.

use super::Options;
use crate::build::bundle::{self, BundleOptions};
use crate::manifest::{Entry, Manifest};
use anyhow::{Result, bail};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A file that is longer is none that somebody wrote.
const LONGEST_FILE: u64 = 256 << 10;

/// A worker's own sources.
#[derive(Debug, Serialize)]
pub(super) struct ProjectView {
    name: String,
    /// Text by path from the project's folder.
    files: BTreeMap<String, String>,
}

/// Reads what the worker is bundled from, packages left out.
pub(super) async fn read(options: &Options) -> Result<ProjectView> {
    let manifest = Manifest::load(&options.project, options.environment.as_deref())?;
    let Entry::Script(entry) = &manifest.entry else { bail!("the project is not made from a script") };
    let bundling = BundleOptions { rules: manifest.rules.clone(), node: manifest.node(), ..BundleOptions::default() };
    let inputs = match bundle::bundle(entry, &manifest.root, &bundling).await {
        Ok(bundle) => bundle.inputs,
        // What is there can be shown and mended.
        Err(error) => error.inputs,
    };
    let all: BTreeSet<PathBuf> = inputs.into_iter().chain(manifest.file.clone()).chain([entry.clone()]).collect();
    let files = all.iter().filter_map(|path| Some((name(path, &manifest.root)?, text(path)?))).collect();
    Ok(ProjectView { name: manifest.name, files })
}

/// The path within `root`, for files that are the author's.
fn name(path: &Path, root: &Path) -> Option<String> {
    let name = path.strip_prefix(root).ok()?;
    let hidden = name.components().any(|part| {
        let part = part.as_os_str().to_string_lossy();
        part == "node_modules" || part.starts_with('.')
    });
    if hidden { None } else { name.to_str().map(str::to_owned) }
}

fn text(path: &Path) -> Option<String> {
    let short = path.metadata().ok()?.len() <= LONGEST_FILE;
    if short { std::fs::read_to_string(path).ok() } else { None }
}
