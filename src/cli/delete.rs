//! `glowplug delete`

use super::client::{Call, query};
use super::server_args::ServerArgs;
use super::worker_args::worker_name;
use super::{print, prompt};
use anyhow::Result;
use clap::Args;
use serde_json::json;
use std::process::ExitCode;

/// Delete a worker with its versions, routes and secrets; KV namespaces stay
#[derive(Debug, Args)]
pub struct Delete {
    /// Name of the worker
    name: String,

    /// Even if other workers have service bindings to it
    #[arg(long)]
    force: bool,

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
    pub async fn execute(self) -> Result<ExitCode> {
        let (worker, client) = (worker_name(&self.name)?, self.server.connect()?);
        let question =
            format!("worker `{worker}` on {} is to be deleted, with its versions and secrets:", client.server());
        if !self.yes && !prompt::confirm(&question)? {
            print::note("nothing was deleted");
            return Ok(ExitCode::FAILURE);
        }
        let path = query(&format!("/v1/workers/{worker}"), [("force", self.force.then(|| "true".to_owned()))]);
        client.call(Call::delete(path)).await?;
        print::success(&format!("deleted worker {worker}"));
        if self.json {
            print::json(&json!({ "deleted": worker }));
        }
        Ok(ExitCode::SUCCESS)
    }
}
