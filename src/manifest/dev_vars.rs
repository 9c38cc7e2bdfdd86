//! Secrets for `dev`: `.dev.vars` and `.env`, found and merged as wrangler does.
//!
//! `.dev.vars.ENVIRONMENT` comes first, then `.dev.vars`; the first that is there is read alone. Without one, `.env`,
//! `.env.local`, `.env.ENVIRONMENT` and `.env.ENVIRONMENT.local` are merged, later ones winning. The environment of
//! the process is not looked at.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::dotenv::{self, Assigned};
use super::{Error, Position, Problem};
use crate::limits;

/// Values for a worker under development.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DevVars {
    /// By name.
    pub values: BTreeMap<String, String>,
    /// The files read, in the order in which they were read.
    pub files: Vec<PathBuf>,
    /// Every file that would be read if it were there: a watcher has to wait for these.
    pub looked_for: Vec<PathBuf>,
}

/// Every file that [`dev_vars`] would read if it were there.
pub fn dev_var_files(root: &Path, environment: Option<&str>) -> Vec<PathBuf> {
    let (alone, merged) = candidates(root, environment);
    alone.into_iter().chain(merged).collect()
}

/// Files of which the first that is there is read alone, and files that are merged if there is none of these.
fn candidates(root: &Path, environment: Option<&str>) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let alone = environment
        .map(|environment| format!(".dev.vars.{environment}"))
        .into_iter()
        .chain([".dev.vars".to_owned()])
        .map(|name| root.join(name))
        .collect();
    let mut merged = vec![root.join(".env"), root.join(".env.local")];
    if let Some(environment) = environment {
        merged.push(root.join(format!(".env.{environment}")));
        merged.push(root.join(format!(".env.{environment}.local")));
    }
    (alone, merged)
}

/// Reads the files beside the configuration of the project at `root`. `environment` is the one chosen, if any.
pub fn dev_vars(root: &Path, environment: Option<&str>) -> Result<DevVars, Error> {
    let (alone, merged) = candidates(root, environment);
    let looked_for = alone.iter().chain(&merged).cloned().collect();

    for file in alone {
        let Some(text) = read(&file)? else { continue };
        let assignments = parse(&file, &text)?;
        let mut values = BTreeMap::new();
        for (name, assigned) in assignments {
            check_size(&file, &name, &assigned)?;
            values.insert(name, assigned.value);
        }
        return Ok(DevVars { values, files: vec![file], looked_for });
    }

    let mut files = Vec::new();
    // In the order in which each name came first: a value may refer to those before it.
    let mut order: Vec<String> = Vec::new();
    let mut assigned: BTreeMap<String, (usize, Assigned)> = BTreeMap::new();
    for file in merged {
        let Some(text) = read(&file)? else { continue };
        for (name, value) in parse(&file, &text)? {
            if assigned.insert(name.clone(), (files.len(), value)).is_none() {
                order.push(name);
            }
        }
        files.push(file);
    }
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    let longest = limits::VARIABLE.maximum as usize;
    for name in order {
        let Some((file, mut value)) = assigned.remove(&name) else { continue };
        value.value = dotenv::expand(&value.value, longest, &|name| values.get(name).cloned());
        check_size(&files[file], &name, &value)?;
        values.insert(name, value.value);
    }
    Ok(DevVars { values, files, looked_for })
}

impl DevVars {
    /// What the worker gets: everything, or the `required` secrets alone when its manifest names some.
    pub fn secrets(&self, required: &[String]) -> BTreeMap<String, String> {
        let wanted = |name: &String| required.is_empty() || required.contains(name);
        self.values.iter().filter(|(name, _)| wanted(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// Those of the `required` secrets that no file has.
    pub fn missing(&self, required: &[String]) -> Vec<String> {
        required.iter().filter(|name| !self.values.contains_key(*name)).cloned().collect()
    }
}

/// The text of `file`, if it is there.
fn read(file: &Path) -> Result<Option<String>, Error> {
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        // A Python project may have a folder of this name.
        Err(cause) if cause.kind() == io::ErrorKind::IsADirectory => return Ok(None),
        Err(cause) => return Err(Error::Unreadable { path: file.to_owned(), cause }),
    };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(error) => {
            let end = error.utf8_error().valid_up_to();
            let valid = String::from_utf8_lossy(&error.as_bytes()[..end]).into_owned();
            Err(invalid(file, Position::of(&valid, end), "not UTF-8 text".to_owned(), None))
        }
    }
}

fn parse(file: &Path, text: &str) -> Result<dotenv::Assignments, Error> {
    dotenv::parse(text).map_err(|problems| Error::Variables { file: file.to_owned(), problems })
}

fn check_size(file: &Path, name: &str, assigned: &Assigned) -> Result<(), Error> {
    let (size, maximum) = (assigned.value.len() as u64, limits::VARIABLE.maximum);
    if size <= maximum {
        return Ok(());
    }
    let message = format!("`{name}` has {size} bytes, more than the {maximum} allowed");
    Err(invalid(file, assigned.position, message, Some(limits::VARIABLE.reason.to_owned())))
}

fn invalid(file: &Path, position: Position, message: String, hint: Option<String>) -> Error {
    let problems = vec![Problem { position: Some(position), message, hint }];
    Error::Variables { file: file.to_owned(), problems }
}
