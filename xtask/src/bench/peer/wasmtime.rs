//! `wasmtime serve`

use std::process::Command;

use anyhow::{Context, Result};

use super::{Peer, Program, Running, free_port, script_path, spawn};
use crate::bench::tools::Tools;

pub fn start(tools: &Tools, program: &Program) -> Result<Running> {
    let port = free_port()?;
    let wasmtime = tools.wasmtime.as_ref().context("wasmtime is not installed")?;
    let mut command = Command::new(wasmtime);
    // A fresh instance for each request, as here; the pool is what its manual names for speed.
    command.args(["serve", "-S", "cli", "-O", "pooling-allocator", "--addr", &format!("127.0.0.1:{port}")]);
    spawn(Peer::Wasmtime, command.arg(script_path(tools, program)), port)
}
