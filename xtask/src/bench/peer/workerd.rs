//! workerd, with one service or many.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::{Peer, Program, Running, free_port, script_path, spawn};
use crate::bench::tools::Tools;

/// Starts it with `program`; V8 gets `flags`.
pub fn start(tools: &Tools, peer: Peer, program: &Program, flags: &[&str]) -> Result<Running> {
    let port = free_port()?;
    let path = script_path(tools, program);
    let source = fs::read_to_string(&path).with_context(|| format!("failed to read `{}`", path.display()))?;
    let config = configuration(&[(port, source)], flags);
    run(tools, peer, &format!("{}-{port}", peer.name().replace(' ', "")), &config, port)
}

/// Starts one process with a service for each source, each on a port of its own; the first port is that of what is given.
pub fn start_many(tools: &Tools, sources: &[(u16, String)]) -> Result<Running> {
    let last = sources.last().context("there is a service")?.0;
    let mut running = run(tools, Peer::Workerd, "many", &configuration(sources, &[]), last)?;
    running.address.set_port(sources[0].0);
    Ok(running)
}

fn run(tools: &Tools, peer: Peer, name: &str, config: &str, port: u16) -> Result<Running> {
    let path: PathBuf = tools.scratch.join(name).with_extension("capnp");
    fs::write(&path, config).with_context(|| format!("failed to write `{}`", path.display()))?;
    spawn(peer, Command::new(&tools.workerd).args(["serve", "--experimental"]).arg(&path), port)
}

fn configuration(sources: &[(u16, String)], flags: &[&str]) -> String {
    let mut text = "using Workerd = import \"/workerd/workerd.capnp\";\nconst config :Workerd.Config = (\n".to_owned();
    text.push_str("  services = [\n    (name = \"internet\", network = (allow = [\"public\", \"private\"])),\n");
    for (number, _) in sources.iter().enumerate() {
        let _ = writeln!(text, "    (name = \"s{number}\", worker = .w{number}),");
    }
    text.push_str("  ],\n  sockets = [\n");
    for (number, (port, _)) in sources.iter().enumerate() {
        let _ = writeln!(
            text,
            "    (name = \"p{number}\", address = \"127.0.0.1:{port}\", http = (), service = \"s{number}\"),"
        );
    }
    let flags: Vec<_> = flags.iter().map(|flag| format!("{flag:?}")).collect();
    let _ = writeln!(text, "  ],\n  v8Flags = [{}],\n);", flags.join(", "));
    for (number, (_, source)) in sources.iter().enumerate() {
        let source = serde_json::Value::from(source.as_str());
        let _ = writeln!(
            text,
            "const w{number} :Workerd.Worker = (\n  modules = [(name = \"worker.js\", esModule = {source})],\n  \
             compatibilityDate = \"2026-01-01\",\n);"
        );
    }
    text
}
