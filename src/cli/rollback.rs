//! `glowplug rollback`

use super::client::Call;
use super::deployments;
use super::server_args::ServerArgs;
use super::worker_args::WorkerArgs;
use crate::registry::VersionId;
use anyhow::Result;
use clap::Args;
use http::Method;
use serde_json::json;
use std::process::ExitCode;

/// Give all traffic back to a version that had it before
#[derive(Debug, Args)]
pub struct Rollback {
    /// The version [default: the one before what is live]
    #[arg(value_name = "ID")]
    id: Option<VersionId>,

    /// What the history says of it
    #[arg(short, long, value_name = "TEXT", default_value = "")]
    message: String,

    #[command(flatten)]
    worker: WorkerArgs,

    #[command(flatten)]
    server: ServerArgs,

    /// Print the deployment as JSON
    #[arg(long)]
    json: bool,
}

impl Rollback {
    pub async fn execute(self) -> Result<ExitCode> {
        let (worker, client) = (self.worker.resolve()?, self.server.connect()?);
        let body = json!({ "version": self.id, "message": self.message });
        let answer = client.call(Call::json(Method::POST, format!("/v1/workers/{worker}/rollback"), &body)).await?;
        deployments::report(&worker, &answer, self.json)
    }
}
