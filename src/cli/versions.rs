//! `glowplug versions`

use super::client::{Call, types};
use super::moment;
use super::percent::{self, Wanted};
use super::server_args::ServerArgs;
use super::table::table;
use super::worker_args::WorkerArgs;
use super::{deployments, print};
use crate::registry::VersionId;
use anyhow::{Result, anyhow};
use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Value, json};
use std::process::ExitCode;

/// See and choose among the versions of a worker
#[derive(Debug, Args)]
pub struct Versions {
    #[command(subcommand)]
    command: VersionsCommand,
}

#[derive(Debug, Subcommand)]
enum VersionsCommand {
    /// List the versions of a worker, the newest first
    List(List),
    /// Show one version
    View(View),
    /// Give the traffic to one version, or share it between two
    Deploy(Deploy),
    /// Delete a version that has no traffic
    Delete(Delete),
}

impl Versions {
    pub async fn execute(self) -> Result<ExitCode> {
        match self.command {
            VersionsCommand::List(command) => command.execute().await,
            VersionsCommand::View(command) => command.execute().await,
            VersionsCommand::Deploy(command) => command.execute().await,
            VersionsCommand::Delete(command) => command.execute().await,
        }
    }
}

/// The flags of every command here.
#[derive(Debug, Args)]
struct Common {
    #[command(flatten)]
    worker: WorkerArgs,

    #[command(flatten)]
    server: ServerArgs,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// List the versions of a worker, the newest first
#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    common: Common,
}

impl List {
    async fn execute(self) -> Result<ExitCode> {
        let Common { worker, server, json } = self.common;
        let (worker, client) = (worker.resolve()?, server.connect()?);
        let answer = client.call(Call::get(format!("/v1/workers/{worker}/versions"))).await?;
        if json {
            print::json(&answer.member("versions")?);
            return Ok(ExitCode::SUCCESS);
        }
        let record: types::Worker = client.call(Call::get(format!("/v1/workers/{worker}"))).await?.json()?;
        let live = record.deployment.map_or(Vec::new(), |deployment| deployment.versions);
        let rows = answer.json::<types::Versions>()?.versions.into_iter().map(|version| {
            let share = live.iter().find(|share| share.version == version.id);
            let share = share.map_or_else(|| "-".to_owned(), |share| percent::shown(share.percent));
            [version.id, moment::shown(&version.created), share, version.author, version.tag, version.message]
        });
        print::data(&table(["version", "created (UTC)", "traffic", "author", "tag", "message"], rows));
        Ok(ExitCode::SUCCESS)
    }
}

/// Show one version
#[derive(Debug, Args)]
struct View {
    /// The version's id
    #[arg(value_name = "ID")]
    id: VersionId,

    #[command(flatten)]
    common: Common,
}

impl View {
    async fn execute(self) -> Result<ExitCode> {
        let Common { worker, server, json } = self.common;
        let (worker, client) = (worker.resolve()?, server.connect()?);
        let answer = client.call(Call::get(format!("/v1/workers/{worker}/versions/{}", self.id))).await?;
        if json {
            print::json(&answer.value()?);
        } else {
            print::data(&described(&answer.json()?));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A version, a line for each thing there is to know.
fn described(version: &types::Version) -> String {
    let mut lines = Vec::new();
    let mut line = |what: &str, text: String| {
        if !text.is_empty() {
            lines.push(format!("{what:<14}{}", print::visible(&text, ' ')));
        }
    };
    line("version", version.id.clone());
    line("created", format!("{} UTC", moment::shown(&version.created)));
    line("author", version.author.clone());
    line("tag", version.tag.clone());
    line("message", version.message.clone());
    if let Some(artifact) = &version.artifact {
        line("component", format!("{}, SHA-256 {}", print::size(artifact.size as usize), artifact.digest));
        if let Some(javascript) = &artifact.javascript {
            line("start-up", format!("{} fuel", print::grouped(javascript.start_up_fuel)));
            line("handlers", javascript.handlers.join(", "));
        }
    }
    if let Some(assets) = &version.assets {
        line("assets", format!("{} files, {}", print::grouped(assets.files), print::size(assets.size as usize)));
    }
    let compatibility = std::iter::once(&version.compatibility_date).chain(&version.compatibility_flags);
    line("compatibility", compatibility.cloned().collect::<Vec<_>>().join(" "));
    for (name, value) in &version.vars {
        line("variable", format!("{name} = {value}"));
    }
    for (name, binding) in &version.bindings {
        line("binding", format!("{name} = {}", bound(binding)));
    }
    for name in version.secrets.iter() {
        line("secret", name.clone());
    }
    line("preview", version.preview_url.clone().unwrap_or_default());
    lines.join("\n")
}

/// A binding in words: its type, and what it leads to.
fn bound(binding: &Value) -> String {
    let text = |name: &str| binding[name].as_str();
    [text("type").unwrap_or("?"), text("id").or(text("worker")).unwrap_or_default()].join(" ").trim_end().to_owned()
}

/// Give the traffic to one version, or share it between two
#[derive(Debug, Args)]
struct Deploy {
    /// One version, or two with their shares: `ID@90% ID@10%`
    #[arg(value_name = "ID@PERCENT", required = true)]
    versions: Vec<Wanted>,

    /// What the history says of it
    #[arg(short, long, value_name = "TEXT", default_value = "")]
    message: String,

    #[command(flatten)]
    common: Common,
}

impl Deploy {
    async fn execute(self) -> Result<ExitCode> {
        let shares = percent::complete(&self.versions).map_err(|why| anyhow!(why))?;
        let Common { worker, server, json } = self.common;
        let (worker, client) = (worker.resolve()?, server.connect()?);
        let body = json!({ "versions": shares, "message": self.message });
        let answer = client.call(Call::json(Method::POST, format!("/v1/workers/{worker}/deployments"), &body)).await?;
        deployments::report(&worker, &answer, json)
    }
}

/// Delete a version that has no traffic
#[derive(Debug, Args)]
struct Delete {
    /// The version's id
    #[arg(value_name = "ID")]
    id: VersionId,

    #[command(flatten)]
    common: Common,
}

impl Delete {
    async fn execute(self) -> Result<ExitCode> {
        let Common { worker, server, json } = self.common;
        let (worker, client) = (worker.resolve()?, server.connect()?);
        client.call(Call::delete(format!("/v1/workers/{worker}/versions/{}", self.id))).await?;
        print::success(&format!("deleted version {} of {worker}", self.id));
        if json {
            print::json(&json!({ "worker": worker, "deleted": self.id }));
        }
        Ok(ExitCode::SUCCESS)
    }
}
