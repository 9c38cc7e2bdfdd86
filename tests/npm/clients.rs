//! Clients that people have, each with the same list of requests (`clients/requests.txt`), over TLS that they verify where they can:
//! programs of the command line, libraries for Python, Perl, JavaScript and Java, and Chromium.
//!
//! ```sh
//! cargo test --features npm --test npm clients -- --nocapture   # shows a table
//! ```

mod edge;
mod list;
mod tools;
mod wanted;

use self::edge::Edge;
use self::list::{CLIENTS, Client};
use self::tools::Tools;
use crate::project;
use crate::support::PATIENCE;
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use tokio::process::Command;

/// Browsers and runtimes take their share of the machine.
const CLIENTS_AT_A_TIME: usize = 3;

/// What a script saw.
#[derive(Deserialize)]
struct Seen {
    version: String,
    answers: BTreeMap<String, Answer>,
    /// What a WebSocket sent back, where the client has them.
    websocket: Option<String>,
}

#[derive(Deserialize)]
struct Answer {
    status: u16,
    /// The protocol by the client's account, if it gives one.
    version: Option<String>,
    /// The protocol by the worker's account.
    protocol: Option<String>,
    /// The path that the worker saw.
    path: Option<String>,
    encoding: Option<String>,
    /// The digest of what the worker received.
    received: Option<String>,
    cookies: Vec<String>,
    sha256: String,
    /// The body, if it is short.
    text: Option<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_every_kind_are_answered() {
    let (edge, tools) = (&Edge::start().await, &Tools::install().await);
    let run = |client| async move { (client, observe(client, edge, tools).await) };
    let all: Vec<_> = stream::iter(CLIENTS).map(run).buffered(CLIENTS_AT_A_TIME).collect().await;

    let mut wrong = Vec::new();
    println!("{:<17} {:<18} {:<9} {:<6} passed", "client", "version", "protocol", "over");
    for (client, seen) in &all {
        let faults = seen.as_ref().map_or_else(|error| vec![error.clone()], |seen| wanted::faults(client, seen));
        let version = seen.as_ref().map_or("", |seen| seen.version.as_str());
        let passed = if faults.is_empty() { "yes" } else { "NO" };
        let Client { name, protocol, over, .. } = client;
        println!("{name:<17} {version:<18} {protocol:<9} {:<6} {passed}", over.name());
        wrong.extend(faults.iter().map(|fault| format!("{name}, {protocol}: {fault}")));
    }
    assert!(wrong.is_empty(), "{}\nthe server printed:\n{}", wrong.join("\n"), edge.printed());
    assert!(all.len() >= 24, "there are only {} clients", all.len());
}

#[test]
fn the_document_names_the_clients() {
    let page = std::fs::read_to_string(project::repository().join("docs/serving.md")).unwrap();
    for Client { name, protocol, .. } in CLIENTS {
        let row = page.lines().find(|line| line.starts_with(&format!("| {name} |")));
        assert!(row.is_some_and(|row| row.contains(protocol)), "docs/serving.md does not say: {name}, {protocol}");
    }
}

/// Where the scripts are.
fn folder() -> PathBuf {
    project::repository().join("tests/npm/clients")
}

/// Runs the client's script.
async fn observe(client: &Client, edge: &Edge, tools: &Tools) -> Result<Seen, String> {
    let mut words = client.command.split(' ');
    let program = words.next().unwrap_or_default();
    let hint = tools::hint(program);
    let mut command = Command::new(tools.program(program));
    command.args(words).current_dir(folder()).envs(edge.variables(client.over)).stdin(Stdio::null()).kill_on_drop(true);
    command.env("PYTHONPATH", tools.python_packages(client.name)).env("PYTHONDONTWRITEBYTECODE", "1");
    let running = tokio::time::timeout(2 * PATIENCE, command.output()).await;
    let output = running.map_err(|_| "it does not end")?;
    let output = output.map_err(|error| format!("failed to run `{program}`: {error}\nhint: {hint}"))?;
    let (printed, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        return Err(format!("{}\n{said}\nhint: {hint}", output.status));
    }
    serde_json::from_str(&printed).map_err(|error| format!("{error}: {printed}\n{said}"))
}
