//! `glowplug routes`

use super::client::{Call, query, types};
use super::server_args::ServerArgs;
use super::table::table;
use super::{percent, print};
use crate::registry::RoutePattern;
use crate::route_options::Origin;
use anyhow::Result;
use clap::{Args, Subcommand};
use http::Method;
use serde::Serialize;
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
    /// Make a route to an origin, without a worker; or change its options
    Put(Put),
    /// Delete a route to an origin
    Delete(Delete),
    /// Say which worker and version a URL leads to, and why
    Explain(Explain),
}

impl Routes {
    pub async fn execute(self) -> Result<ExitCode> {
        match self.command {
            RoutesCommand::List(command) => command.execute().await,
            RoutesCommand::Put(command) => command.execute().await,
            RoutesCommand::Delete(command) => command.execute().await,
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
        let rows = answer.json::<types::Routes>()?.routes.into_iter().map(|route| {
            let options = options_of(&route);
            [route.pattern, route.worker.unwrap_or_else(|| "-".to_owned()), options]
        });
        print::data(&table(["route", "worker", "options"], rows));
        Ok(ExitCode::SUCCESS)
    }
}

/// What a route says besides its pattern, in words.
fn options_of(route: &types::Route) -> String {
    let words = [
        route.origin.as_ref().map(|origin| format!("origin={}", print::visible(origin, ' '))),
        route.cache.then(|| "cache".to_owned()),
        route.fail_open.then(|| "fail-open".to_owned()),
        route.rate_limit.as_ref().map(|types::RateLimit { requests, window_seconds, key }| {
            format!("rate-limit={requests}/{window_seconds}s by {}", print::visible(key, ' '))
        }),
        route.settings.then(|| "(in the server's settings)".to_owned()),
    ];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Make a route to an origin, without a worker; or change its options
#[derive(Debug, Args)]
struct Put {
    /// Such as `example.com/*`
    pattern: RoutePattern,

    /// Server that requests are passed on to
    #[arg(long, value_name = "URL")]
    origin: Origin,

    /// Keep responses in the shared cache, as their headers allow
    // `--cache` is a flag of all commands.
    #[arg(long = "cache-responses", id = "cache_responses")]
    cache: bool,

    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Serialize)]
struct PutRequest<'a> {
    pattern: &'a RoutePattern,
    origin: &'a Origin,
    cache: bool,
}

impl Put {
    async fn execute(self) -> Result<ExitCode> {
        let Self { pattern, origin, cache, server } = self;
        let request = PutRequest { pattern: &pattern, origin: &origin, cache };
        server.connect()?.call(Call::json(Method::PUT, "/v1/routes", &request)).await?;
        print::success(&format!("route `{pattern}` leads to `{origin}`"));
        Ok(ExitCode::SUCCESS)
    }
}

/// Delete a route to an origin
#[derive(Debug, Args)]
struct Delete {
    /// As `glowplug routes list` shows it
    pattern: RoutePattern,

    #[command(flatten)]
    server: ServerArgs,
}

impl Delete {
    async fn execute(self) -> Result<ExitCode> {
        let path = query("/v1/routes", [("pattern", Some(self.pattern.to_string()))]);
        self.server.connect()?.call(Call::delete(path)).await?;
        print::success(&format!("route `{}` is deleted", self.pattern));
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
    let types::Explained { url, worker, origin, versions, also, why } = explained;
    let (url, why) = (print::visible(url, ' '), print::visible(why, ' '));
    if let (None, Some(origin)) = (worker, origin) {
        return format!("{url} leads to the origin {}: {why}", print::visible(origin, ' '));
    }
    let Some(worker) = worker else { return format!("{url} leads to no worker: {why}") };
    let mut text = format!("{url} leads to worker `{worker}`: {why}");
    match versions.is_empty() {
        true => text.push_str("\nversion  none is live"),
        false => text.push_str(&format!("\nversion  {}", percent::shares(versions))),
    }
    for other in also {
        match &other.worker {
            Some(worker) => text.push_str(&format!("\nalso     `{}` of `{worker}`", other.pattern)),
            None => text.push_str(&format!("\nalso     `{}`", other.pattern)),
        }
    }
    text
}
