//! Which worker a command is about.

use crate::manifest::{self, Manifest};
use crate::registry::WorkerName;
use anyhow::{Result, anyhow};
use clap::Args;
use std::path::Path;

/// The flags of commands about one worker.
#[derive(Debug, Clone, Args)]
pub struct WorkerArgs {
    /// Name of the worker [default: that of the project in this folder]
    #[arg(long, value_name = "WORKER")]
    pub name: Option<String>,

    /// Environment of the project's configuration file
    #[arg(short, long, value_name = "NAME", conflicts_with = "name")]
    pub env: Option<String>,
}

impl WorkerArgs {
    /// The name, given or of the project in this folder.
    pub fn resolve(&self) -> Result<WorkerName> {
        match &self.name {
            Some(name) => worker_name(name),
            None => worker_name(&project(self.env.as_deref())?.name),
        }
    }
}

/// The project in this folder.
pub fn project(environment: Option<&str>) -> Result<Manifest> {
    Manifest::load(Path::new("."), environment).map_err(|error| match error {
        manifest::Error::NothingInFolder { .. } => anyhow!(
            "no worker is named, and this folder has no project\n\
             hint: name the worker with `--name`, or run this in the project's folder"
        ),
        error => anyhow!(error).context("no worker is named, and the project in this folder does not tell"),
    })
}

/// A checked name.
pub fn worker_name(name: &str) -> Result<WorkerName> {
    name.parse().map_err(|why: String| anyhow!("`{name}` is no name: {why}"))
}
