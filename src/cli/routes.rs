//! `glowplug routes`

use super::client::{Call, query, types};
use super::server_args::ServerArgs;
use super::table::table;
use super::{percent, print};
use anyhow::Result;
use clap::{Args, Subcommand};
use std::process::ExitCode;

/// See which URLs lead to which worker
#[derive(Debug, Args)]
pub struct Routes {
    #[command(subcommand)]
    command: RoutesCommand,
}

#[derive(Debug, Subcommand)]
enum RoutesCommand {
    /// List all routes and their workers
    List(List),
    /// Say which worker and version a URL leads to, and why
    Explain(Explain),
}

impl Routes {
    pub async fn execute(self) -> Result<ExitCode> {
        match self.command {
            RoutesCommand::List(command) => command.execute().await,
            RoutesCommand::Explain(command) => command.execute().await,
        }
    }
}

/// List all routes and their workers
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
        let answer = self.server.connect()?.call(Call::get("/v1/routes")).await?;
        if self.json {
            print::json(&answer.member("routes")?);
            return Ok(ExitCode::SUCCESS);
        }
        let rows = answer.json::<types::Routes>()?.routes.into_iter().map(|route| [route.pattern, route.worker]);
        print::data(&table(["route", "worker"], rows));
        Ok(ExitCode::SUCCESS)
    }
}

/// Say which worker and version a URL leads to, and why
#[derive(Debug, Args)]
struct Explain {
    /// URL of a request; without a scheme, `http` is meant
    url: String,

    #[command(flatten)]
    server: ServerArgs,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Explain {
    async fn execute(self) -> Result<ExitCode> {
        let url = if self.url.contains("://") { self.url } else { format!("http://{}", self.url) };
        let path = query("/v1/routes/explain", [("url", Some(url))]);
        let answer = self.server.connect()?.call(Call::get(path)).await?;
        if self.json {
            print::json(&answer.value()?);
        } else {
            print::data(&described(&answer.json()?));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What a URL leads to, in lines.
fn described(explained: &types::Explained) -> String {
    let types::Explained { url, worker, versions, also, why } = explained;
    let (url, why) = (print::visible(url, ' '), print::visible(why, ' '));
    let Some(worker) = worker else { return format!("{url} leads to no worker: {why}") };
    let mut text = format!("{url} leads to worker `{worker}`: {why}");
    match versions.is_empty() {
        true => text.push_str("\nversion  none is live"),
        false => text.push_str(&format!("\nversion  {}", percent::shares(versions))),
    }
    for other in also {
        text.push_str(&format!("\nalso     `{}` of `{}`", other.pattern, other.worker));
    }
    text
}
