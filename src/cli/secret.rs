//! `glowplug secret`: values go to the server, and nowhere else.

use super::client::{Call, Client, types};
use super::server_args::ServerArgs;
use super::worker_args::WorkerArgs;
use super::{print, prompt};
use crate::registry::WorkerName;
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::process::ExitCode;

/// Set and delete a worker's secrets
#[derive(Debug, Args)]
pub struct Secret {
    #[command(subcommand)]
    command: SecretCommand,
}

#[derive(Debug, Subcommand)]
enum SecretCommand {
    /// Set a secret; its value is asked for, or read from standard input
    Put(Put),
    /// List the names of a worker's secrets
    List(List),
    /// Delete a secret
    Delete(Delete),
    /// Set and delete many secrets at once
    Bulk(Bulk),
}

/// The flags of every command here.
#[derive(Debug, Args)]
struct Common {
    #[command(flatten)]
    worker: WorkerArgs,

    #[command(flatten)]
    server: ServerArgs,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Set a secret; its value is asked for, or read from standard input
#[derive(Debug, Args)]
struct Put {
    /// Name that the worker sees in its `env`
    #[arg(value_name = "NAME")]
    key: String,

    #[command(flatten)]
    common: Common,
}

/// List the names of a worker's secrets
#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    common: Common,
}

/// Delete a secret
#[derive(Debug, Args)]
struct Delete {
    /// Name that the worker sees in its `env`
    #[arg(value_name = "NAME")]
    key: String,

    #[command(flatten)]
    common: Common,
}

/// Set and delete many secrets at once
#[derive(Debug, Args)]
struct Bulk {
    /// JSON file with names and values, `null` to delete one: `{"API_KEY": "…", "OLD": null}`; `-` is standard input
    file: PathBuf,

    #[command(flatten)]
    common: Common,
}

impl Secret {
    pub async fn execute(self) -> Result<ExitCode> {
        match self.command {
            SecretCommand::Put(command) => command.execute().await,
            SecretCommand::List(command) => command.execute().await,
            SecretCommand::Delete(command) => command.execute().await,
            SecretCommand::Bulk(command) => command.execute().await,
        }
    }
}

impl Put {
    async fn execute(self) -> Result<ExitCode> {
        let Common { worker, server, json } = self.common;
        let (worker, client) = (worker.resolve()?, server.connect()?);
        let value = prompt::secret(&format!("value of `{}` for {worker}: ", self.key))?;
        if value.is_empty() {
            bail!("the value is empty\nhint: delete a secret with `glowplug secret delete {}`", self.key);
        }
        let changes = Map::from_iter([(self.key.clone(), Value::String(value))]);
        let said = format!("secret {} of {worker} is set", self.key);
        change(&client, &worker, changes, &said, json).await
    }
}

impl List {
    async fn execute(self) -> Result<ExitCode> {
        let Common { worker, server, json } = self.common;
        let (worker, client) = (worker.resolve()?, server.connect()?);
        let answer = client.call(Call::get(path(&worker))).await?;
        let names = answer.json::<types::Secrets>()?.secrets;
        if json {
            print::json(&json!(names));
        } else if names.is_empty() {
            print::note(&format!("{worker} has no secrets"));
        } else {
            print::data(&names.join("\n"));
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Delete {
    async fn execute(self) -> Result<ExitCode> {
        let Common { worker, server, json } = self.common;
        let (worker, client) = (worker.resolve()?, server.connect()?);
        let names = client.call(Call::get(path(&worker))).await?.json::<types::Secrets>()?.secrets;
        if !names.contains(&self.key) {
            let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            bail!("{worker} has no secret `{}`\nhint: it has: {known}", self.key);
        }
        let said = format!("secret {} of {worker} is deleted", self.key);
        change(&client, &worker, Map::from_iter([(self.key, Value::Null)]), &said, json).await
    }
}

impl Bulk {
    async fn execute(self) -> Result<ExitCode> {
        let Common { worker, server, json } = self.common;
        let (worker, client) = (worker.resolve()?, server.connect()?);
        let changes = parse(&prompt::file(&self.file)?).with_context(|| format!("`{}`", self.file.display()))?;
        let deleted = changes.values().filter(|value| value.is_null()).count();
        let set = print::counted((changes.len() - deleted) as u64, "secret", "secrets");
        let said = format!("{set} of {worker} set, {deleted} deleted");
        change(&client, &worker, changes, &said, json).await
    }
}

/// Names and values. The errors say nothing of the values.
fn parse(text: &[u8]) -> Result<Map<String, Value>> {
    let form = "hint: write `{\"NAME\": \"value\", \"OLD\": null}`";
    let changes: Map<String, Value> = match serde_json::from_slice(text) {
        Ok(Value::Object(changes)) => changes,
        Ok(_) => bail!("the secrets are no JSON object\n{form}"),
        Err(cause) => bail!("no JSON, at line {} column {}\n{form}", cause.line(), cause.column()),
    };
    for (name, value) in &changes {
        match value {
            Value::Null => {}
            Value::String(text) if !text.is_empty() => {}
            _ => bail!("the value of `{name}` is neither a text that is not empty nor `null`\n{form}"),
        }
    }
    match changes.is_empty() {
        true => bail!("there are no secrets in it\n{form}"),
        false => Ok(changes),
    }
}

fn path(worker: &WorkerName) -> String {
    format!("/v1/workers/{worker}/secrets")
}

/// Makes the changes in one step, and says `said` of them.
async fn change(
    client: &Client,
    worker: &WorkerName,
    changes: Map<String, Value>,
    said: &str,
    json: bool,
) -> Result<ExitCode> {
    let answer = client.call(Call::json(Method::PATCH, path(worker), &changes)).await?;
    let live = match answer.json::<types::Secrets>()?.deployment {
        Some(deployment) => format!(", and live (deployment {})", deployment.number),
        None => "; the next version has it".to_owned(),
    };
    print::success(&format!("{said}{live}"));
    if json {
        print::json(&answer.value()?);
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bulk_files_are_objects_of_texts_and_nulls() {
        let changes = parse(br#"{"A": "1", "B": null}"#).unwrap();
        assert_eq!(changes["A"], "1");
        assert!(changes["B"].is_null());
        for wrong in
            [r#"["hunter2"]"#, r#"{"A": 5}"#, r#"{"A": ""}"#, "{}", r#"{"A": "hunter2""#, r#"{"A": ["hunter2"]}"#]
        {
            let error = format!("{:#}", parse(wrong.as_bytes()).unwrap_err());
            assert!(error.contains("hint: ") && !error.contains("hunter2"), "{error}");
        }
    }
}
