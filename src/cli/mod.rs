//! The command line: words, flags, printing. The only place that reads the environment and writes to the terminal.

mod budget;
mod build;
mod cache;
mod check;
mod client;
mod compare;
mod credentials;
mod delete;
mod deploy;
mod deployments;
mod dev;
mod inspect;
mod kv;
mod login;
mod moment;
mod percent;
mod price;
mod print;
mod profile;
mod prompt;
mod replay;
mod rollback;
mod routes;
mod secret;
mod serve;
mod server_args;
mod server_config;
mod signals;
mod store;
mod table;
mod tail;
mod tokens;
mod trial;
mod trigger;
mod usage;
mod verify;
mod versions;
mod watch;
mod worker_args;
mod workers;

use crate::engine::code_cache::CodeCache;
use crate::engine::{Executor, ExecutorOptions, Metering, Room, Wasi};
use crate::host::egress::EgressPolicy;
use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Serve JavaScript workers and WebAssembly components, each request in a fresh, fuel-metered sandbox.
#[derive(Debug, Parser)]
#[command(version, about, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,

    /// Where compiled code is kept
    #[arg(long, global = true, env = "GLOWPLUG_CACHE", value_name = "DIR")]
    cache: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a worker from its source, anew at each change
    Dev(Box<dev::Dev>),
    /// Build a worker into a component file
    Build(build::Build),
    /// Fail when requests cost more fuel than `fuel.lock` says
    Check(Box<check::Check>),
    /// Run programs side by side: whether they answer alike, and what each costs
    Compare(Box<compare::Compare>),
    /// Show which functions and lines a worker's fuel goes to
    Profile(Box<profile::Profile>),
    /// Serve deployed workers, and the admin API that deploys them
    Serve(Box<serve::Serve>),
    /// Build a worker and make it live on a server
    Deploy(Box<deploy::Deploy>),
    /// See and choose among the versions of a worker
    Versions(versions::Versions),
    /// See what was live when
    Deployments(deployments::Deployments),
    /// Give all traffic back to a version that had it before
    Rollback(rollback::Rollback),
    /// Watch what a worker does, as it happens
    Tail(tail::Tail),
    /// Call a worker for what is no request
    Trigger(trigger::Trigger),
    /// Set and delete a worker's secrets
    Secret(secret::Secret),
    /// Work with KV namespaces and their entries
    Kv(kv::Kv),
    /// See which URLs lead to which worker
    Routes(routes::Routes),
    /// Work with a server's cache
    Cache(cache::Cache),
    /// See which workers there are
    Workers(workers::Workers),
    /// Delete a worker
    Delete(delete::Delete),
    /// Keep a server and a token for it
    Login(login::Login),
    /// Forget a server and its token
    Logout(login::Logout),
    /// Make and revoke tokens for the admin API
    Tokens(tokens::Tokens),
    /// See what workers used: requests, fuel, CPU, bytes
    Usage(usage::Usage),
    /// Limit the fuel that a worker, or all that a token published, may use
    Budget(budget::Budget),
    /// Look after what a server keeps
    Store(store::Store),
    /// Run recorded invocations again, offline, and compare
    Replay(replay::Replay),
    /// Run a receipt's invocation again, and say whether the bill is right
    Verify(verify::Verify),
    /// Show what a component file is and holds
    Inspect(inspect::Inspect),
    /// Work out what a workload costs on other platforms
    Price(price::Price),
}

/// Where the executor's threads get their work from.
fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // Sockets and timers are looked at this often among running sandboxes, so that busy ones delay nobody long.
        .event_interval(13)
        .build()
        .context("failed to start the async runtime")
}

impl Cli {
    /// Runs the command and says what went wrong, if anything did.
    pub fn execute(self) -> ExitCode {
        let filter = EnvFilter::try_from_env("GLOWPLUG_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
        match self.run() {
            Ok(code) => code,
            Err(error) => {
                print::error(&format!("{error:#}"));
                ExitCode::FAILURE
            }
        }
    }

    fn run(self) -> Result<ExitCode> {
        // A server keeps its code with its data, and may have no home.
        let shared = self.cache.clone();
        let cache = || CodeCache::in_dir(&self.cache.unwrap_or_else(default_cache_dir));
        match self.command {
            Command::Dev(command) => runtime()?.block_on(command.execute(cache()?)),
            Command::Build(command) => runtime()?.block_on(command.execute(cache()?)),
            Command::Check(command) => command.execute(cache()?),
            Command::Compare(command) => runtime()?.block_on(command.execute(cache()?)),
            Command::Profile(command) => replay::one_thread()?.block_on(command.execute(cache()?)),
            Command::Inspect(command) => command.execute(),
            Command::Replay(command) => command.execute(cache()?),
            Command::Verify(command) => command.execute(cache()?),
            Command::Price(command) => runtime()?.block_on(command.execute()),
            Command::Serve(command) => runtime()?.block_on(command.execute(shared)),
            Command::Deploy(command) => runtime()?.block_on(command.execute(cache()?)),
            Command::Versions(command) => runtime()?.block_on(command.execute()),
            Command::Deployments(command) => runtime()?.block_on(command.execute()),
            Command::Rollback(command) => runtime()?.block_on(command.execute()),
            Command::Tail(command) => runtime()?.block_on(command.execute()),
            Command::Trigger(command) => runtime()?.block_on(command.execute()),
            Command::Secret(command) => runtime()?.block_on(command.execute()),
            Command::Kv(command) => runtime()?.block_on(command.execute()),
            Command::Routes(command) => runtime()?.block_on(command.execute()),
            Command::Cache(command) => runtime()?.block_on(command.execute()),
            Command::Workers(command) => runtime()?.block_on(command.execute()),
            Command::Delete(command) => runtime()?.block_on(command.execute()),
            Command::Login(command) => runtime()?.block_on(command.execute()),
            Command::Logout(command) => command.execute(),
            Command::Tokens(command) => runtime()?.block_on(command.execute()),
            Command::Usage(command) => runtime()?.block_on(command.execute()),
            Command::Budget(command) => runtime()?.block_on(command.execute()),
            Command::Store(command) => runtime()?.block_on(command.execute()),
        }
    }
}

/// An executor for the author's machine: subrequests may reach anything that the author can.
fn executor(cache: CodeCache, wasi: Wasi) -> Result<Executor> {
    Executor::new(ExecutorOptions {
        cache,
        egress: EgressPolicy::Any,
        metering: Metering::Fuel,
        wasi,
        room: Room::Tool,
    })
}

/// `$XDG_CACHE_HOME/glowplug`, or what stands for it.
fn default_cache_dir() -> PathBuf {
    let base = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|dir| dir.is_absolute())
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
        .unwrap_or_else(std::env::temp_dir);
    base.join("glowplug")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn flags_are_consistent() {
        super::Cli::command().debug_assert();
    }
}
