//! `glowplug workers`

use super::client::{Call, types};
use super::server_args::ServerArgs;
use super::table::table;
use super::{moment, percent, print};
use anyhow::Result;
use clap::{Args, Subcommand};
use std::process::ExitCode;

/// See which workers there are
#[derive(Debug, Args)]
pub struct Workers {
    #[command(subcommand)]
    command: WorkersCommand,
}

#[derive(Debug, Subcommand)]
enum WorkersCommand {
    /// List all workers, what is live of them and where they are reached
    List(List),
}

impl Workers {
    pub async fn execute(self) -> Result<ExitCode> {
        let WorkersCommand::List(command) = self.command;
        command.execute().await
    }
}

/// List all workers, what is live of them and where they are reached
#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    server: ServerArgs,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl List {
    async fn execute(self) -> Result<ExitCode> {
        let answer = self.server.connect()?.call(Call::get("/v1/workers")).await?;
        if self.json {
            print::json(&answer.member("workers")?);
            return Ok(ExitCode::SUCCESS);
        }
        let rows = answer.json::<types::Workers>()?.workers.into_iter().map(|worker| {
            let live = worker.deployment.as_ref();
            let versions = live.map_or_else(|| "-".to_owned(), |live| percent::shares(&live.versions));
            let since = live.map_or(&worker.created, |live| &live.created);
            let reached = worker.url.iter().chain(&worker.routes).cloned().collect::<Vec<_>>().join(" ");
            [worker.name.clone(), versions, moment::shown(since), reached]
        });
        print::data(&table(["worker", "live", "since (UTC)", "reached at"], rows));
        Ok(ExitCode::SUCCESS)
    }
}
