//! `glowplug kv bulk`: the files are those of wrangler.

use super::NamespaceArgs;
use crate::cli::client::{Call, Client, types};
use crate::cli::server_args::ServerArgs;
use crate::cli::{print, prompt};
use crate::kv::limits::{BULK_READ, BULK_WRITE};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, StatusCode};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Bytes of one request with entries: half of what the server takes.
const REQUEST_BYTES: usize = 50_000_000;
/// How long sending one request may take.
const PATIENCE: Duration = Duration::from_secs(600);

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write many entries
    Put(Put),
    /// Read the values of many keys
    Get(Get),
    /// Delete many entries
    Delete(Delete),
}

impl Command {
    pub async fn execute(self) -> Result<ExitCode> {
        match self {
            Self::Put(command) => command.execute().await,
            Self::Get(command) => command.execute().await,
            Self::Delete(command) => command.execute().await,
        }
    }
}

/// The flags of commands that change something.
#[derive(Debug, Args)]
struct Common {
    #[command(flatten)]
    namespace: NamespaceArgs,

    #[command(flatten)]
    server: ServerArgs,

    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

/// Write many entries
#[derive(Debug, Args)]
pub struct Put {
    /// JSON file: `[{"key": "…", "value": "…"}, …]`, each with `expiration`, `expiration_ttl`, `metadata` and `base64` if
    /// need be; `-` is standard input
    file: PathBuf,

    #[command(flatten)]
    common: Common,
}

impl Put {
    async fn execute(self) -> Result<ExitCode> {
        let entries = read(&self.file)?;
        for (index, entry) in entries.iter().enumerate() {
            check_entry(index, entry).with_context(|| format!("`{}`", self.file.display()))?;
        }
        let (path, client) = (self.common.namespace.path()?, self.common.server.connect()?);
        let mut written = 0;
        for request in requests(entries) {
            let answer = send(&client, format!("{path}/bulk"), request).await;
            let answer = answer.with_context(|| so_far("written", written))?;
            written += answer.json::<types::Written>()?.written;
        }
        done("wrote", "written", written, self.common.json)
    }
}

/// Delete many entries
#[derive(Debug, Args)]
pub struct Delete {
    /// JSON file: `["key", …]`, or `[{"name": "key"}, …]` as a listing gives it; `-` is standard input
    file: PathBuf,

    /// Do not ask
    #[arg(short, long)]
    yes: bool,

    #[command(flatten)]
    common: Common,
}

impl Delete {
    async fn execute(self) -> Result<ExitCode> {
        let keys = keys(&self.file)?;
        let (path, client) = (self.common.namespace.path()?, self.common.server.connect()?);
        let question =
            format!("{} entries of namespace `{}` are to be deleted:", keys.len(), self.common.namespace.id()?);
        if !self.yes && !prompt::confirm(&question)? {
            print::note("nothing was deleted");
            return Ok(ExitCode::FAILURE);
        }
        let mut deleted = 0;
        for request in requests(keys.into_iter().map(Value::String).collect()) {
            let answer = send(&client, format!("{path}/bulk/delete"), request).await;
            let answer = answer.with_context(|| so_far("deleted", deleted))?;
            deleted += answer.json::<types::Deleted>()?.deleted;
        }
        done("deleted", "deleted", deleted, self.common.json)
    }
}

/// Read the values of many keys
#[derive(Debug, Args)]
pub struct Get {
    /// JSON file: `["key", …]`, or `[{"name": "key"}, …]` as a listing gives it; `-` is standard input
    file: PathBuf,

    #[command(flatten)]
    namespace: NamespaceArgs,

    #[command(flatten)]
    server: ServerArgs,

    /// Print JSON, which is done in any case
    #[arg(long)]
    json: bool,
}

impl Get {
    async fn execute(self) -> Result<ExitCode> {
        let keys = keys(&self.file)?;
        let (path, client) = (format!("{}/values", self.namespace.path()?), self.server.connect()?);
        let mut values = Map::new();
        let mut open: Vec<&[String]> = keys.chunks(BULK_READ.default as usize).rev().collect();
        while let Some(asked) = open.pop() {
            let call = Call::json(Method::POST, path.clone(), &json!({ "keys": asked }));
            let answer = match client.call(call).await {
                // Their values are too large together.
                Err(error) if error.is_status(StatusCode::PAYLOAD_TOO_LARGE) && asked.len() > 1 => {
                    let (first, second) = asked.split_at(asked.len() / 2);
                    open.extend([second, first]);
                    continue;
                }
                answer => answer?,
            };
            let found: Vec<Option<types::BulkValue>> = answer.json()?;
            for (key, value) in asked.iter().zip(found) {
                let value = value.map_or_else(|| json!({ "value": null }), |value| json!(value));
                values.insert(key.clone(), value);
            }
        }
        print::json(&Value::Object(values));
        Ok(ExitCode::SUCCESS)
    }
}

fn done(verb: &str, member: &str, count: u64, json: bool) -> Result<ExitCode> {
    print::success(&format!("{verb} {}", print::counted(count, "entry", "entries")));
    if json {
        print::json(&json!({ (member): count }));
    }
    Ok(ExitCode::SUCCESS)
}

fn so_far(verb: &str, count: u64) -> String {
    match count {
        0 => format!("nothing was {verb}"),
        count => format!("{} {verb}, the others were not", print::counted(count, "entry was", "entries were")),
    }
}

async fn send(client: &Client, path: String, body: Vec<u8>) -> Result<crate::cli::client::Answer> {
    let json = HeaderValue::from_static("application/json");
    let call = Call::new(Method::POST, path).header(CONTENT_TYPE, json).body(body).patience(PATIENCE);
    Ok(client.call(call).await?)
}

/// The bodies of as many requests as it takes: each a JSON list that the server accepts.
fn requests(items: Vec<Value>) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    let (mut body, mut count) = (Vec::new(), 0);
    for item in items {
        let item = item.to_string();
        let is_full = count == BULK_WRITE.maximum as usize || body.len() + item.len() > REQUEST_BYTES;
        if count > 0 && is_full {
            body.push(b']');
            bodies.push(std::mem::take(&mut body));
            count = 0;
        }
        body.push(if count == 0 { b'[' } else { b',' });
        body.extend_from_slice(item.as_bytes());
        count += 1;
    }
    if count > 0 {
        body.push(b']');
        bodies.push(body);
    }
    bodies
}

/// The items of a JSON list in a file.
fn read(file: &Path) -> Result<Vec<Value>> {
    let text = prompt::file(file)?;
    match serde_json::from_slice(&text) {
        Ok(Value::Array(items)) if items.is_empty() => bail!("the list in `{}` is empty", file.display()),
        Ok(Value::Array(items)) => Ok(items),
        Ok(_) => bail!("`{}` holds no list\nhint: write `[…]` around what is in it", file.display()),
        Err(cause) => bail!("`{}` is no JSON: {cause}", file.display()),
    }
}

/// Keys, as texts or as a listing gives them.
fn keys(file: &Path) -> Result<Vec<String>> {
    read(file)?
        .into_iter()
        .enumerate()
        .map(|(index, item)| match key_of(&item) {
            Some(key) => Ok(key.to_owned()),
            None => bail!(
                "item {} of `{}` is no key: {}\nhint: write `[\"key\", …]` or `[{{\"name\": \"key\"}}, …]`",
                index + 1,
                file.display(),
                short(&item)
            ),
        })
        .collect()
}

fn key_of(item: &Value) -> Option<&str> {
    item.as_str().or_else(|| item["name"].as_str())
}

/// What an entry must have for the server to understand it; whether it takes it is for the server to say.
fn check_entry(index: usize, entry: &Value) -> Result<()> {
    let hint = "hint: each is like `{\"key\": \"a\", \"value\": \"text\"}`";
    let Value::Object(members) = entry else {
        bail!("item {} is no entry: {}\n{hint}", index + 1, short(entry));
    };
    for name in ["key", "value"] {
        match members.get(name) {
            Some(Value::String(_)) => {}
            Some(other) => bail!("`{name}` of item {} is no text: {}\n{hint}", index + 1, short(other)),
            None => bail!("item {} has no `{name}`: {}\n{hint}", index + 1, short(entry)),
        }
    }
    Ok(())
}

/// The start of a value, for a message.
fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_items_take_several_requests() {
        let counts = |items: Vec<Value>| -> Vec<usize> {
            let bodies = requests(items);
            bodies.iter().map(|body| serde_json::from_slice::<Vec<Value>>(body).unwrap().len()).collect()
        };
        assert_eq!(counts(Vec::new()), Vec::<usize>::new());
        assert_eq!(counts(vec![json!("a")]), [1]);
        assert_eq!(counts((0..20_001).map(|n| json!(n)).collect()), [10_000, 10_000, 1]);
        let large = json!("x".repeat(REQUEST_BYTES / 2));
        assert_eq!(counts(vec![large.clone(), large.clone(), large]), [1, 1, 1]);
    }

    #[test]
    fn keys_are_texts_or_listed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys.json");
        let of = |text: &str| {
            std::fs::write(&path, text).unwrap();
            keys(&path).map_err(|error| error.to_string())
        };
        assert_eq!(of(r#"["a", {"name": "b", "expiration": 1}]"#), Ok(vec!["a".to_owned(), "b".to_owned()]));
        assert!(of("[1]").unwrap_err().contains("item 1"));
        assert!(of(r#"{"a": 1}"#).unwrap_err().contains("no list"));
        assert!(of("[").unwrap_err().contains("no JSON"));
        assert!(of("[]").unwrap_err().contains("is empty"));
    }

    #[test]
    fn entries_without_a_key_or_a_text_are_told() {
        assert!(check_entry(0, &json!({ "key": "a", "value": "b", "metadata": { "x": 1 } })).is_ok());
        let error = |entry: Value| check_entry(4, &entry).unwrap_err().to_string();
        assert!(error(json!("a")).starts_with("item 5 is no entry"));
        assert!(error(json!({ "value": "b" })).contains("has no `key`"));
        assert!(error(json!({ "key": "a", "value": 1 })).starts_with("`value` of item 5 is no text: 1"));
    }
}
