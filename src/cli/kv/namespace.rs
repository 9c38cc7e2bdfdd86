//! `glowplug kv namespace`

use super::path;
use crate::cli::client::{Call, types};
use crate::cli::server_args::ServerArgs;
use crate::cli::table::table;
use crate::cli::{moment, print, prompt};
use anyhow::Result;
use clap::{Args, Subcommand};
use http::Method;
use serde_json::json;
use std::process::ExitCode;
use std::time::Duration;

/// How long deleting a namespace with all its entries may take.
const PATIENCE: Duration = Duration::from_secs(600);

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a namespace
    Create(Create),
    /// List all namespaces
    List(List),
    /// Give a namespace another title
    Rename(Rename),
    /// Delete a namespace and all that is in it
    Delete(Delete),
}

impl Command {
    pub async fn execute(self) -> Result<ExitCode> {
        match self {
            Self::Create(command) => command.execute().await,
            Self::List(command) => command.execute().await,
            Self::Rename(command) => command.execute().await,
            Self::Delete(command) => command.execute().await,
        }
    }
}

/// Make a namespace
#[derive(Debug, Args)]
pub struct Create {
    /// Its title
    title: String,

    #[command(flatten)]
    server: ServerArgs,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Create {
    async fn execute(self) -> Result<ExitCode> {
        let body = json!({ "title": self.title });
        let answer = self.server.connect()?.call(Call::json(Method::POST, "/v1/kv/namespaces", &body)).await?;
        let namespace: types::Namespace = answer.json()?;
        print::success(&format!("made namespace `{}`; its id:", namespace.title));
        if self.json {
            print::json(&answer.value()?);
        } else {
            print::data(&namespace.id);
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// List all namespaces
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    server: ServerArgs,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl List {
    async fn execute(self) -> Result<ExitCode> {
        let answer = self.server.connect()?.call(Call::get("/v1/kv/namespaces")).await?;
        if self.json {
            print::json(&answer.member("namespaces")?);
            return Ok(ExitCode::SUCCESS);
        }
        let rows = answer.json::<types::Namespaces>()?.namespaces.into_iter().map(|namespace| {
            let created = namespace.created.as_deref().map(moment::shown).unwrap_or_default();
            [namespace.id, namespace.title, created]
        });
        print::data(&table(["id", "title", "created (UTC)"], rows));
        Ok(ExitCode::SUCCESS)
    }
}

/// Give a namespace another title
#[derive(Debug, Args)]
pub struct Rename {
    /// Its id, or its title
    namespace: String,

    /// Its title from now on
    title: String,

    #[command(flatten)]
    server: ServerArgs,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Rename {
    async fn execute(self) -> Result<ExitCode> {
        let body = json!({ "title": self.title });
        let call = Call::json(Method::PATCH, path(&self.namespace), &body);
        let answer = self.server.connect()?.call(call).await?;
        let namespace: types::Namespace = answer.json()?;
        print::success(&format!("namespace {} is titled `{}` now", namespace.id, namespace.title));
        if self.json {
            print::json(&answer.value()?);
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Delete a namespace and all that is in it
#[derive(Debug, Args)]
pub struct Delete {
    /// Its id, or its title
    namespace: String,

    /// Do not ask
    #[arg(short, long)]
    yes: bool,

    #[command(flatten)]
    server: ServerArgs,

    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

impl Delete {
    async fn execute(self) -> Result<ExitCode> {
        let client = self.server.connect()?;
        let namespace: types::Namespace = client.call(Call::get(path(&self.namespace))).await?.json()?;
        let question =
            format!("namespace `{}` ({}) is to be deleted, with all its entries:", namespace.title, namespace.id);
        if !self.yes && !prompt::confirm(&question)? {
            print::note("nothing was deleted");
            return Ok(ExitCode::FAILURE);
        }
        client.call(Call::delete(path(&namespace.id)).patience(PATIENCE)).await?;
        print::success(&format!("deleted namespace `{}` ({})", namespace.title, namespace.id));
        if self.json {
            print::json(&json!({ "deleted": namespace.id }));
        }
        Ok(ExitCode::SUCCESS)
    }
}
