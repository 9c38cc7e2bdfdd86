//! Runtimes that run a script: Deno, Bun and Node.js.

use std::process::Command;

use anyhow::{Result, bail};

use super::{Peer, Program, Running, free_port, script_path, spawn};
use crate::bench::tools::Tools;

pub fn start(tools: &Tools, peer: Peer, program: &Program) -> Result<Running> {
    let port = free_port()?;
    let script = script_path(tools, program);
    let text = port.to_string();
    let node = match program.node {
        Some(file) => vec![tools.worker(file)],
        None => vec![tools.worker("serve/node.mjs"), script.clone()],
    };
    let mut command = match peer {
        Peer::Deno => {
            let mut deno = Command::new(&tools.deno);
            deno.args(["serve", "--quiet", "--allow-all", "--host", "127.0.0.1", "--port", &text]).arg(script);
            deno
        }
        Peer::Bun => {
            let mut bun = Command::new(&tools.bun);
            bun.arg(tools.worker("serve/bun.mjs")).arg(script);
            bun
        }
        Peer::Node => {
            let mut command = Command::new(&tools.node);
            command.arg("--no-warnings").args(node);
            command
        }
        Peer::NodeJitless => {
            let mut command = Command::new(&tools.node);
            command.args(["--no-warnings", "--jitless"]).args(node);
            command
        }
        _ => bail!("{} runs no script so", peer.name()),
    };
    spawn(peer, command.env("PORT", text), port)
}
