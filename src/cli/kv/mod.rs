//! `glowplug kv`: namespaces, and what is in them.

mod bulk;
mod key;
mod namespace;

use super::client::segment;
use super::worker_args;
use crate::manifest::{self, Manifest};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use std::process::ExitCode;

/// Work with KV namespaces and their entries
#[derive(Debug, Args)]
pub struct Kv {
    #[command(subcommand)]
    command: KvCommand,
}

#[derive(Debug, Subcommand)]
enum KvCommand {
    /// Make, list, rename and delete namespaces
    #[command(subcommand)]
    Namespace(namespace::Command),
    /// Work with one entry at a time
    #[command(subcommand)]
    Key(key::Command),
    /// Work with many entries at once
    #[command(subcommand)]
    Bulk(bulk::Command),
}

impl Kv {
    pub async fn execute(self) -> Result<ExitCode> {
        match self.command {
            KvCommand::Namespace(command) => command.execute().await,
            KvCommand::Key(command) => command.execute().await,
            KvCommand::Bulk(command) => command.execute().await,
        }
    }
}

/// Which namespace a command is about.
#[derive(Debug, Args)]
struct NamespaceArgs {
    /// Id of the namespace, or its title
    #[arg(long, value_name = "ID", required_unless_present = "binding", conflicts_with = "binding")]
    namespace_id: Option<String>,

    /// Binding of the project in this folder, whose namespace is meant
    #[arg(long, value_name = "NAME")]
    binding: Option<String>,

    /// Environment of the project's configuration file
    #[arg(short, long, value_name = "NAME", requires = "binding")]
    env: Option<String>,
}

impl NamespaceArgs {
    /// The namespace's id, or its title, by which the server knows it too.
    fn id(&self) -> Result<String> {
        match (&self.namespace_id, &self.binding) {
            (Some(id), _) if !id.is_empty() => Ok(id.clone()),
            (None, Some(binding)) => bound(&worker_args::project(self.env.as_deref())?, binding),
            _ => bail!("the namespace's id is empty\nhint: `glowplug kv namespace list` lists them"),
        }
    }

    /// The path of the namespace.
    fn path(&self) -> Result<String> {
        Ok(path(&self.id()?))
    }
}

/// The path of the namespace with this id or title.
fn path(id: &str) -> String {
    format!("/v1/kv/namespaces/{}", segment(id))
}

/// The namespace that a binding leads to: the one that is written, or the one that a deployment makes.
fn bound(manifest: &Manifest, binding: &str) -> Result<String> {
    match manifest.bindings.get(binding) {
        Some(manifest::Binding::Kv { id: Some(id), .. }) => Ok(id.clone()),
        Some(manifest::Binding::Kv { id: None, .. }) => Ok(format!("{}-{binding}", manifest.name)),
        Some(_) => bail!("the binding `{binding}` of {} is for something else than a KV namespace", manifest.name),
        None => {
            let is_kv = |binding: &manifest::Binding| matches!(binding, manifest::Binding::Kv { .. });
            let known = manifest.bindings.iter().filter(|(_, binding)| is_kv(binding));
            let known: Vec<_> = known.map(|(name, _)| format!("`{name}`")).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            bail!("{} has no binding `{binding}`\nhint: its bindings for KV namespaces are: {known}", manifest.name)
        }
    }
}
