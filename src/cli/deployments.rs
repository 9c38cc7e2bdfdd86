//! `glowplug deployments`, and what is said of a deployment that was made.

use super::client::{Answer, Call, query, types};
use super::server_args::ServerArgs;
use super::table::table;
use super::worker_args::WorkerArgs;
use super::{moment, percent, print};
use crate::registry::WorkerName;
use anyhow::Result;
use clap::{Args, Subcommand};
use std::process::ExitCode;

/// See what was live when
#[derive(Debug, Args)]
pub struct Deployments {
    #[command(subcommand)]
    command: DeploymentsCommand,
}

#[derive(Debug, Subcommand)]
enum DeploymentsCommand {
    /// List the deployments of a worker, the newest first; that one is live
    List(List),
}

impl Deployments {
    pub async fn execute(self) -> Result<ExitCode> {
        let DeploymentsCommand::List(command) = self.command;
        command.execute().await
    }
}

/// List the deployments of a worker, the newest first; that one is live
#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    worker: WorkerArgs,

    /// How many to list at most
    #[arg(long, value_name = "N")]
    limit: Option<u32>,

    #[command(flatten)]
    server: ServerArgs,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl List {
    async fn execute(self) -> Result<ExitCode> {
        let (worker, client) = (self.worker.resolve()?, self.server.connect()?);
        let limit = self.limit.map(|limit| limit.to_string());
        let path = query(&format!("/v1/workers/{worker}/deployments"), [("limit", limit)]);
        let answer = client.call(Call::get(path)).await?;
        if self.json {
            print::json(&answer.member("deployments")?);
            return Ok(ExitCode::SUCCESS);
        }
        let rows = answer.json::<types::Deployments>()?.deployments.into_iter().map(|deployment| {
            let types::Deployment { number, created, author, message, cause, versions } = deployment;
            [number.to_string(), moment::shown(&created), percent::shares(&versions), cause, author, message]
        });
        print::data(&table(["number", "created (UTC)", "versions", "cause", "author", "message"], rows));
        Ok(ExitCode::SUCCESS)
    }
}

/// Says what is live after a deployment.
pub fn report(worker: &WorkerName, answer: &Answer, json: bool) -> Result<ExitCode> {
    let deployment: types::Deployment = answer.json()?;
    let versions = percent::shares(&deployment.versions);
    let verb = if deployment.versions.len() > 1 { "are" } else { "is" };
    print::success(&format!("{worker}: {versions} {verb} live (deployment {})", deployment.number));
    if json {
        print::json(&answer.value()?);
    }
    Ok(ExitCode::SUCCESS)
}
