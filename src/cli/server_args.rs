//! Which server a command talks to, and with which token.

use super::client::{Client, ServerUrl, Token, TokenSource};
use super::credentials::{self, Credentials};
use super::print;
use anyhow::{Result, anyhow, bail};
use clap::Args;

/// The flags of every command that talks to a server.
#[derive(Debug, Clone, Args)]
pub struct ServerArgs {
    /// Admin API of the server [default: the server last logged in to]
    #[arg(long, env = "GLOWPLUG_SERVER", value_name = "URL")]
    pub server: Option<String>,

    /// Token for the server [default: the one of `glowplug login`]. Others on this machine can see a command's flags:
    /// better set the variable
    #[arg(long, env = "GLOWPLUG_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub token: Option<Token>,
}

impl ServerArgs {
    /// The server that is named, and the token for it. Nothing is sent yet.
    pub fn connect(&self) -> Result<Client> {
        // What is set to nothing is not set.
        let given = self.token.clone().filter(|token| !token.is_empty());
        let server = self.server.as_deref().filter(|server| !server.trim().is_empty());
        let (server, token, source) = match (server, given) {
            (Some(server), Some(token)) => (parse(server)?, token, TokenSource::Given),
            (server, given) => {
                let path = credentials::path()?;
                let stored = Credentials::load(&path)?;
                let server = match server.or(stored.default_server()) {
                    Some(server) => parse(server)?,
                    None => bail!("{}", no_server(&stored)),
                };
                match given.map(|token| (token, TokenSource::Given)) {
                    Some((token, source)) => (server, token, source),
                    None => match stored.token(&server) {
                        Some(token) => (server, token, TokenSource::Stored(path)),
                        None => bail!(
                            "there is no token for the server `{server}`\n\
                             hint: run `glowplug login --server {server}`, or set `GLOWPLUG_TOKEN`"
                        ),
                    },
                }
            }
        };
        warn_if_open(&server);
        Ok(Client::new(server, token, source)?)
    }
}

/// A server as it is written in a flag, the environment or the file.
pub fn parse(server: &str) -> Result<ServerUrl> {
    server.parse().map_err(|why: String| anyhow!(why))
}

/// Tells when the token can be read on the way.
pub fn warn_if_open(server: &ServerUrl) {
    if !server.is_secure() && !server.is_loopback() {
        print::warning(&format!(
            "the token goes to `{server}` unencrypted\nhint: use `https`, or a tunnel such as `ssh -L`"
        ));
    }
}

fn no_server(stored: &Credentials) -> String {
    let known: Vec<_> = stored.servers().map(|server| format!("`{server}`")).collect();
    let hint = "log in to one with `glowplug login --server URL`, or set `GLOWPLUG_SERVER` and `GLOWPLUG_TOKEN`";
    match known.as_slice() {
        [] => format!("no server is given\nhint: {hint}"),
        known => format!("no server is given, and of {} none is the default\nhint: {hint}", known.join(", ")),
    }
}
