//! `glowplug login` and `glowplug logout`

use super::client::{Call, Client, ServerUrl, Token, TokenSource, types};
use super::credentials::{self, Credentials};
use super::{print, prompt, server_args};
use anyhow::{Result, bail};
use clap::Args;
use http::StatusCode;
use serde_json::json;
use std::io::{self, IsTerminal};
use std::process::ExitCode;

/// What is offered when the user is asked for a server: where `glowplug serve` has its admin API.
const USUAL_SERVER: &str = "http://127.0.0.1:8788";

/// Keep a server and a token for it; the server becomes the default
#[derive(Debug, Args)]
pub struct Login {
    /// Admin API of the server
    #[arg(long, env = "GLOWPLUG_SERVER", value_name = "URL")]
    server: Option<String>,

    /// Token for it; `-` reads it from standard input. Without one it is asked for
    #[arg(long, env = "GLOWPLUG_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Option<Token>,

    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

impl Login {
    pub async fn execute(self) -> Result<ExitCode> {
        let path = credentials::path()?;
        let mut stored = Credentials::load(&path)?;
        let server = match self.server.as_deref().filter(|server| !server.trim().is_empty()) {
            Some(server) => server_args::parse(server)?,
            None if io::stdin().is_terminal() => server_args::parse(&prompt::text("server", USUAL_SERVER)?)?,
            None => bail!("no server is given\nhint: name one with `--server URL`, such as `{USUAL_SERVER}`"),
        };
        server_args::warn_if_open(&server);
        let token = token(self.token, &server, &stored)?;
        let client = Client::new(server.clone(), token.clone(), TokenSource::Given)?;
        let version = check(&client).await?;
        stored.insert(&server, &token);
        stored.store(&path)?;
        print::success(&format!("logged in to {server}; the token is kept in `{}`", path.display()));
        if self.json {
            print::json(&json!({ "server": server.as_str(), "token_id": token.id(), "server_version": version }));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The token that is given, piped in or typed; if nothing is typed, the one that is there already.
fn token(given: Option<Token>, server: &ServerUrl, stored: &Credentials) -> Result<Token> {
    if let Some(token) = given.filter(|token| !token.is_empty()) {
        return Ok(if token.reveal() == "-" { prompt::piped_secret()?.into() } else { token });
    }
    if !io::stdin().is_terminal() {
        bail!("no token is given\nhint: pipe it in with `--token -`, or set `GLOWPLUG_TOKEN`");
    }
    let known = stored.token(server);
    let kept = if known.is_some() { " (nothing keeps the one there is)" } else { "" };
    let typed = Token::from(prompt::secret(&format!("token for {server}{kept}: "))?);
    match known {
        Some(known) if typed.is_empty() => Ok(known),
        _ => Ok(typed),
    }
}

/// Asks the server whether it knows the token, and gives the server's version.
async fn check(client: &Client) -> Result<Option<String>> {
    match client.call(Call::get("/v1/server")).await {
        Ok(answer) => Ok(Some(answer.json::<types::Server>()?.version)),
        // It is known, and good for something else.
        Err(error) if error.is_status(StatusCode::FORBIDDEN) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Forget a server and its token
#[derive(Debug, Args)]
pub struct Logout {
    /// Admin API of the server [default: the server last logged in to]
    #[arg(long, value_name = "URL", conflicts_with = "all")]
    server: Option<String>,

    /// Forget all servers
    #[arg(long)]
    all: bool,

    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

impl Logout {
    pub fn execute(self) -> Result<ExitCode> {
        let path = credentials::path()?;
        let mut stored = Credentials::load(&path)?;
        let servers: Vec<String> = match (&self.server, self.all) {
            (_, true) => stored.servers().map(str::to_owned).collect(),
            (Some(server), false) => vec![server_args::parse(server)?.to_string()],
            (None, false) => match stored.default_server() {
                Some(server) => vec![server.to_owned()],
                None => bail!("no server is the default\nhint: name one with `--server URL`, or all with `--all`"),
            },
        };
        for server in &servers {
            if !stored.remove(server) {
                let known: Vec<_> = stored.servers().map(|server| format!("`{server}`")).collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                bail!("there is no token for the server `{server}`\nhint: there are tokens for: {known}");
            }
        }
        stored.store(&path)?;
        for server in &servers {
            print::success(&format!("logged out of {server}; its token is still good until it is revoked"));
        }
        if let (Some(server), false) = (stored.default_server(), servers.is_empty()) {
            print::note(&format!("the default is {server} now"));
        }
        if self.json {
            print::json(&json!({ "servers": servers, "default": stored.default_server() }));
        }
        Ok(ExitCode::SUCCESS)
    }
}
