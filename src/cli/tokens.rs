//! `glowplug tokens`

use super::client::{Call, segment, types};
use super::server_args::ServerArgs;
use super::table::table;
use super::{moment, print};
use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use http::Method;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use std::process::ExitCode;

/// Make and revoke tokens for the admin API
#[derive(Debug, Args)]
pub struct Tokens {
    #[command(subcommand)]
    command: TokensCommand,
}

#[derive(Debug, Subcommand)]
enum TokensCommand {
    /// Make a token; it is shown this once
    Create(Create),
    /// List all tokens, without their secrets
    List(List),
    /// Make a token good for nothing
    Revoke(Revoke),
}

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
enum Scope {
    /// See workers, versions, routes, KV and live logs
    Read,
    /// Change them
    Deploy,
    /// Set and delete secrets
    Secrets,
    /// Everything, tokens included
    Admin,
}

impl Tokens {
    pub async fn execute(self) -> Result<ExitCode> {
        match self.command {
            TokensCommand::Create(command) => command.execute().await,
            TokensCommand::List(command) => command.execute().await,
            TokensCommand::Revoke(command) => command.execute().await,
        }
    }
}

/// Make a token; it is shown this once
#[derive(Debug, Args)]
struct Create {
    /// What it is called in lists and in the history
    #[arg(long, value_name = "NAME")]
    name: String,

    /// What it may be used for; may be given several times
    #[arg(long = "scope", value_name = "SCOPE", required = true, value_enum)]
    scopes: Vec<Scope>,

    /// When it ends: in a time such as `30d`, or at one such as `2030-01-31T12:00:00Z` [default: never]
    #[arg(long, value_name = "TIME", value_parser = moment::time)]
    expires: Option<Timestamp>,

    #[command(flatten)]
    server: ServerArgs,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Create {
    async fn execute(mut self) -> Result<ExitCode> {
        self.scopes.sort_by_key(|scope| *scope as u8);
        self.scopes.dedup();
        let body = json!({ "name": self.name, "scopes": self.scopes, "expires": self.expires });
        let answer = self.server.connect()?.call(Call::json(Method::POST, "/v1/tokens", &body)).await?;
        let token: types::NewToken = answer.json()?;
        let end = match &token.expires {
            Some(time) => format!("until {} UTC", moment::shown(time)),
            None => "until it is revoked".to_owned(),
        };
        print::success(&format!("token {} is good {end}; keep it, it is not shown again:", token.id));
        if self.json {
            print::json(&answer.value()?);
        } else {
            print::data(&token.token);
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// List all tokens, without their secrets
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
        let answer = self.server.connect()?.call(Call::get("/v1/tokens")).await?;
        if self.json {
            print::json(&answer.member("tokens")?);
            return Ok(ExitCode::SUCCESS);
        }
        let rows = answer.json::<types::Tokens>()?.tokens.into_iter().map(|token| {
            let expires = token.expires.as_deref().map_or_else(|| "never".to_owned(), moment::shown);
            [token.id, token.name, token.scopes.join(" "), moment::shown(&token.created), expires]
        });
        print::data(&table(["id", "name", "scopes", "created (UTC)", "expires (UTC)"], rows));
        Ok(ExitCode::SUCCESS)
    }
}

/// Make a token good for nothing
#[derive(Debug, Args)]
struct Revoke {
    /// The token's id: what stands between the two `_`
    id: String,

    #[command(flatten)]
    server: ServerArgs,

    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

impl Revoke {
    async fn execute(self) -> Result<ExitCode> {
        self.server.connect()?.call(Call::delete(format!("/v1/tokens/{}", segment(&self.id)))).await?;
        print::success(&format!("revoked token {}", self.id));
        if self.json {
            print::json(&json!({ "revoked": self.id }));
        }
        Ok(ExitCode::SUCCESS)
    }
}
