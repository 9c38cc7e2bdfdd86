//! `glowplug store`

use super::client::{Call, types};
use super::print;
use super::server_args::ServerArgs;
use crate::ledger;
use crate::registry::{Registry, SealingKey};
use crate::storage::{self, Storage};
use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// How long a server may take to look at everything that it keeps.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Look after what a server keeps
#[derive(Debug, Args)]
pub struct Store {
    #[command(subcommand)]
    command: StoreCommand,
}

#[derive(Debug, Subcommand)]
enum StoreCommand {
    /// Read everything, and say what is wrong with it
    Check(Check),
}

impl Store {
    pub async fn execute(self) -> Result<ExitCode> {
        let StoreCommand::Check(command) = self.command;
        command.execute().await
    }
}

/// Read everything, and say what is wrong with it
#[derive(Debug, Args)]
struct Check {
    /// Data folder of a server that is stopped [default: a running server is asked to check its own]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// File with the key that secrets are sealed with [default: DATA/secret.key]
    #[arg(long, value_name = "FILE", requires = "data")]
    secret_key: Option<PathBuf>,

    #[command(flatten)]
    server: ServerArgs,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    async fn execute(self) -> Result<ExitCode> {
        let (what, problems) = match &self.data {
            Some(data) => {
                let key = self.secret_key.clone().unwrap_or_else(|| data.join("secret.key"));
                (format!("`{}`", data.display()), check_folder(data, &key).await?)
            }
            None => {
                let client = self.server.connect()?;
                let call = Call::json(http::Method::POST, "/v1/check", &json!({})).patience(PATIENCE);
                (client.server().to_string(), client.call(call).await?.json::<types::Problems>()?.problems)
            }
        };
        if self.json {
            print::json(&json!({ "problems": problems }));
        } else {
            problems.iter().for_each(|problem| print::data(&print::visible(problem, ' ')));
        }
        match problems.len() {
            0 => print::success(&format!("nothing is wrong in {what}")),
            1 => print::error(&format!("there is a problem in {what}")),
            several => print::error(&format!("there are {several} problems in {what}")),
        }
        Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

async fn check_folder(data: &Path, key: &Path) -> Result<Vec<String>> {
    // Opening makes what is missing, and a wrong path must make nothing.
    if !data.join("glowplug.db").is_file() {
        bail!(
            "`{}` is no data folder: there is no `glowplug.db` in it\n\
             hint: name the folder that `glowplug serve --data DIR` was given",
            data.display()
        );
    }
    let storage = Storage::open(data).map_err(|error| match error {
        storage::Error::InUse(what) => {
            let what = what.lines().next().unwrap_or_default();
            anyhow!("{what}\nhint: stop the server first, or have it check itself: `glowplug store check --server URL`")
        }
        error => anyhow!(error),
    })?;
    let sealing = match key.is_file() {
        true => SealingKey::load_or_create(key).map_err(|error| anyhow!("{error}"))?,
        false => {
            print::warning(&format!("there is no key `{}`: sealed secrets cannot be opened", key.display()));
            let mut bytes = [0; SealingKey::LENGTH];
            getrandom::fill(&mut bytes).map_err(|error| anyhow!("the system gives no random bytes: {error}"))?;
            SealingKey::from_bytes(&bytes)
        }
    };
    let mut problems = storage.check().await.context("failed to read what is stored")?;
    problems.extend(ledger::check(&storage).await.context("failed to read the ledger")?);
    problems.extend(Registry::new(storage, sealing).check().await.context("failed to read what is deployed")?);
    Ok(problems)
}
