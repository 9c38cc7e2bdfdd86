//! `glowplug cache`

use super::client::Call;
use super::print;
use super::server_args::ServerArgs;
use anyhow::Result;
use clap::{Args, Subcommand};
use http::Method;
use serde::Serialize;
use std::process::ExitCode;

/// Work with a server's cache
#[derive(Debug, Args)]
pub struct Cache {
    #[command(subcommand)]
    command: CacheCommand,
}

#[derive(Debug, Subcommand)]
enum CacheCommand {
    /// Forget what is kept: URLs, all that begins alike, tags, or everything
    Purge(Purge),
}

impl Cache {
    pub async fn execute(self) -> Result<ExitCode> {
        match self.command {
            CacheCommand::Purge(command) => command.execute().await,
        }
    }
}

/// Forget what is kept: URLs, all that begins alike, tags, or everything
#[derive(Debug, Args)]
struct Purge {
    /// URLs to forget, whatever their scheme
    #[arg(value_name = "URL", required_unless_present_any = ["prefixes", "tags", "all"])]
    urls: Vec<String>,

    /// Forget all URLs that begin so, such as `example.com/images/`
    #[arg(long = "prefix", value_name = "PREFIX")]
    prefixes: Vec<String>,

    /// Forget all responses with this tag, from their `Cache-Tag`
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,

    /// Forget everything
    #[arg(long, conflicts_with_all = ["urls", "prefixes", "tags"])]
    all: bool,

    #[command(flatten)]
    server: ServerArgs,
}

/// As the server is asked for it.
#[derive(Serialize)]
struct Wanted {
    everything: bool,
    urls: Vec<String>,
    prefixes: Vec<String>,
    tags: Vec<String>,
}

impl Purge {
    async fn execute(self) -> Result<ExitCode> {
        let Self { urls, prefixes, tags, all, server } = self;
        let named = urls.len() + prefixes.len() + tags.len();
        let wanted = Wanted { everything: all, urls, prefixes, tags };
        server.connect()?.call(Call::json(Method::POST, "/v1/cache/purge", &wanted)).await?;
        match all {
            true => print::success("everything is purged"),
            false => print::success(&format!("{} purged", print::counted(named as u64, "name is", "names are"))),
        }
        Ok(ExitCode::SUCCESS)
    }
}
