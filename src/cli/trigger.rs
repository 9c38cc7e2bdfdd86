//! `glowplug trigger`

use super::client::{Call, segment};
use super::print;
use super::server_args::ServerArgs;
use crate::registry::WorkerName;
use crate::registry::cron_runs::CronRun;
use anyhow::Result;
use clap::{Args, Subcommand};
use http::Method;
use jiff::Timestamp;
use serde_json::json;
use std::process::ExitCode;
use std::time::Duration;

/// A run may take as long as any may, and its answer comes when it is over.
const PATIENCE: Duration = Duration::from_secs(16 * 60);

/// Call a worker for what is no request
#[derive(Debug, Args)]
pub struct Trigger {
    #[command(subcommand)]
    command: TriggerCommand,
}

#[derive(Debug, Subcommand)]
enum TriggerCommand {
    /// Run a cron trigger now, and wait until it is over
    Cron(Cron),
}

/// Run a cron trigger now, and wait until it is over
#[derive(Debug, Args)]
struct Cron {
    /// Name of the worker
    worker: WorkerName,

    /// Expression that the handler is told [default: the first that is configured]
    #[arg(long, value_name = "EXPR")]
    cron: Option<String>,

    /// When it is said to be due, such as `2030-01-31T12:00:00Z` [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,

    #[command(flatten)]
    server: ServerArgs,

    /// Print the run as JSON
    #[arg(long)]
    json: bool,
}

impl Trigger {
    pub async fn execute(self) -> Result<ExitCode> {
        match self.command {
            TriggerCommand::Cron(command) => command.execute().await,
        }
    }
}

impl Cron {
    async fn execute(self) -> Result<ExitCode> {
        let path = format!("/v1/workers/{}/crons/trigger", segment(self.worker.as_str()));
        let call = Call::json(Method::POST, path, &json!({ "cron": self.cron, "time": self.at })).patience(PATIENCE);
        let answer = self.server.connect()?.call(call).await?;
        let run: CronRun = answer.json()?;
        let outcome = run.outcome.clone().unwrap_or_default();
        if self.json {
            print::json(&serde_json::to_value(&run)?);
        } else {
            let fuel = print::grouped(run.fuel);
            match &run.error {
                None => print::success(&format!("`{}` of {} ran: {outcome}, {fuel} fuel", run.cron, self.worker)),
                Some(error) => {
                    print::warning(&format!("`{}` of {} ended with {outcome}: {error}", run.cron, self.worker))
                }
            }
        }
        Ok(if outcome == "ok" { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
