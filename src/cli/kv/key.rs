//! `glowplug kv key`

use super::NamespaceArgs;
use crate::cli::client::{Answer, Call, query, segment, types};
use crate::cli::server_args::ServerArgs;
use crate::cli::table::table;
use crate::cli::{moment, print, prompt};
use crate::kv::{EXPIRATION_HEADER, METADATA_HEADER};
use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, Subcommand};
use http::{HeaderValue, Method};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Keys of one page of a listing, the most there can be.
const PAGE: u64 = 1_000;
/// How long sending a value may take.
const PATIENCE: Duration = Duration::from_secs(600);

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write an entry
    Put(Box<Put>),
    /// Write the value of an entry to standard output, as it is
    Get(Get),
    /// List keys
    List(List),
    /// Delete an entry
    Delete(Delete),
}

impl Command {
    pub async fn execute(self) -> Result<ExitCode> {
        match self {
            Self::Put(command) => command.execute().await,
            Self::Get(command) => command.execute().await,
            Self::List(command) => command.execute().await,
            Self::Delete(command) => command.execute().await,
        }
    }
}

/// The flags of every command here.
#[derive(Debug, Args)]
struct Common {
    #[command(flatten)]
    namespace: NamespaceArgs,

    #[command(flatten)]
    server: ServerArgs,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Common {
    /// The path of an entry's value.
    fn value(&self, key: &str) -> Result<String> {
        if key.is_empty() {
            bail!("the key is empty");
        }
        Ok(format!("{}/values/{}", self.namespace.path()?, segment(key)))
    }
}

/// Write an entry
#[derive(Debug, Args)]
pub struct Put {
    key: String,

    /// Its value
    #[arg(required_unless_present = "path", conflicts_with = "path")]
    value: Option<String>,

    /// File with its value; `-` is standard input
    #[arg(long, value_name = "FILE")]
    path: Option<PathBuf>,

    /// How long it is kept: in seconds, or such as `12h`
    #[arg(long, value_name = "DURATION", value_parser = moment::duration, conflicts_with = "expiration")]
    ttl: Option<Duration>,

    /// When it goes: in seconds since the epoch, or such as `2030-01-31T12:00:00Z`
    #[arg(long, value_name = "TIME", value_parser = moment::epoch_seconds)]
    expiration: Option<u64>,

    /// JSON that is kept with it
    #[arg(long, value_name = "JSON", value_parser = metadata)]
    metadata: Option<Value>,

    #[command(flatten)]
    common: Common,
}

fn metadata(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|cause| format!("no JSON: {cause}"))
}

impl Put {
    async fn execute(self) -> Result<ExitCode> {
        let value = match (self.value, &self.path) {
            (Some(value), _) => value.into_bytes(),
            (None, Some(path)) => prompt::file(path)?,
            (None, None) => bail!("there is no value\nhint: give it after the key, or a file with `--path FILE`"),
        };
        let path = query(
            &self.common.value(&self.key)?,
            [
                ("expiration", self.expiration.map(|time| time.to_string())),
                ("expiration_ttl", self.ttl.map(|ttl| ttl.as_secs().to_string())),
            ],
        );
        let size = value.len();
        let mut call = Call::new(Method::PUT, path).body(value).patience(PATIENCE);
        if let Some(metadata) = &self.metadata {
            let encoded = utf8_percent_encode(&metadata.to_string(), NON_ALPHANUMERIC).to_string();
            call = call.header(METADATA_HEADER, HeaderValue::try_from(encoded).context("failed to send the metadata")?);
        }
        self.common.server.connect()?.call(call).await?;
        print::success(&format!("wrote `{}` ({})", print::visible(&self.key, ' '), print::size(size)));
        if self.common.json {
            print::json(&json!({ "key": self.key, "size": size }));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Write the value of an entry to standard output, as it is
#[derive(Debug, Args)]
pub struct Get {
    key: String,

    #[command(flatten)]
    common: Common,
}

impl Get {
    async fn execute(self) -> Result<ExitCode> {
        let path = self.common.value(&self.key)?;
        let answer = self.common.server.connect()?.call(Call::get(path)).await?;
        if self.common.json {
            print::json(&entry(&self.key, &answer));
        } else {
            print::bytes(&answer.body).context("failed to write the value to standard output")?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// An entry as JSON, its value in base64 if it is no text.
fn entry(key: &str, answer: &Answer) -> Value {
    let header = |name| answer.headers.get(name).and_then(|value| value.to_str().ok());
    let metadata = header(METADATA_HEADER)
        .and_then(|text| serde_json::from_slice(&percent_decode_str(text).collect::<Vec<_>>()).ok())
        .unwrap_or(Value::Null);
    let expiration = header(EXPIRATION_HEADER).and_then(|text| text.parse::<u64>().ok());
    match std::str::from_utf8(&answer.body) {
        Ok(text) => json!({ "key": key, "value": text, "metadata": metadata, "expiration": expiration }),
        Err(_) => {
            let value = STANDARD.encode(&answer.body);
            json!({ "key": key, "value": value, "base64": true, "metadata": metadata, "expiration": expiration })
        }
    }
}

/// List keys
#[derive(Debug, Args)]
pub struct List {
    /// What the keys begin with
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,

    /// How many to list at most [default: all]
    #[arg(long, value_name = "N")]
    limit: Option<u64>,

    #[command(flatten)]
    common: Common,
}

impl List {
    async fn execute(self) -> Result<ExitCode> {
        let (path, client) = (self.common.namespace.path()?, self.common.server.connect()?);
        let (mut keys, mut cursor) = (Vec::new(), None);
        loop {
            let left = self.limit.map_or(PAGE, |limit| limit.saturating_sub(keys.len() as u64));
            if left == 0 {
                break;
            }
            let limit = Some(left.min(PAGE).to_string());
            let pairs = [("prefix", self.prefix.clone()), ("limit", limit), ("cursor", cursor)];
            let page: types::Keys = client.call(Call::get(query(&format!("{path}/keys"), pairs))).await?.json()?;
            keys.extend(page.keys);
            cursor = page.cursor.filter(|cursor| !cursor.is_empty());
            if cursor.is_none() {
                break;
            }
        }
        if self.common.json {
            print::json(&json!(keys));
            return Ok(ExitCode::SUCCESS);
        }
        let rows = keys.into_iter().map(|types::Key { name, expiration, metadata }| {
            let expires = expiration
                .and_then(|seconds| jiff::Timestamp::from_second(i64::try_from(seconds).ok()?).ok())
                .map(|time| moment::shown(&time.to_string()));
            [name, expires.unwrap_or_default(), metadata.map(|metadata| metadata.to_string()).unwrap_or_default()]
        });
        print::data(&table(["key", "expires (UTC)", "metadata"], rows));
        Ok(ExitCode::SUCCESS)
    }
}

/// Delete an entry
#[derive(Debug, Args)]
pub struct Delete {
    key: String,

    #[command(flatten)]
    common: Common,
}

impl Delete {
    async fn execute(self) -> Result<ExitCode> {
        let path = self.common.value(&self.key)?;
        self.common.server.connect()?.call(Call::delete(path)).await?;
        print::success(&format!("deleted `{}`", print::visible(&self.key, ' ')));
        if self.common.json {
            print::json(&json!({ "deleted": self.key }));
        }
        Ok(ExitCode::SUCCESS)
    }
}
