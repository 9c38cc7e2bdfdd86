//! glowplug itself: each worker is served by a `glowplug dev` of its own.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use crate::languages::process::run;
use crate::peers::server::{Server, get};

/// Tests of RSA and PBKDF2 compute long, and one spins until a clock moves that does not.
const CONFIG: &str = "compatibility_flags = [\"unsafe_wasm_compile\"]\n\
     limits = { cpu_ms = 120000, wall_ms = 300000, memory_mb = 512 }\n";

/// The program, built.
pub struct Glowplug {
    program: PathBuf,
}

impl Glowplug {
    /// Builds the program, in the profile that xtask itself was built in.
    pub fn prepare(root: &Path) -> Result<Self> {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--quiet", "--package", "glowplug", "--bin", "glowplug"]).current_dir(root);
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        run(&mut cargo, "install Rust")?;
        let xtask = std::env::current_exe().context("failed to find xtask itself")?;
        Ok(Self { program: xtask.with_file_name("glowplug") })
    }

    pub(super) fn answer(&self, worker: &Path, patience: Duration) -> Result<String> {
        let name = worker.file_stem().and_then(|name| name.to_str()).context("the worker's file has a name")?;
        let folder = worker.with_file_name(format!("{name}.project"));
        fs::create_dir_all(&folder)?;
        fs::copy(worker, folder.join("worker.js"))?;
        fs::write(folder.join("wrangler.toml"), format!("name = \"wpt\"\nmain = \"worker.js\"\n{CONFIG}"))?;

        let mut command = Command::new(&self.program);
        command.args(["dev", "--port", "0"]).arg(&folder).env("NO_COLOR", "1");
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut server = Server(child.context("failed to run glowplug")?);
        let stderr = server.0.stderr.take().context("stderr is piped")?;
        let mut lines = BufReader::new(stderr);
        let base = base(&mut lines)?;
        // What it says later is not of interest, but must go somewhere.
        std::thread::spawn(move || lines.read_to_end(&mut Vec::new()));
        get(&base, patience)
    }
}

/// Reads to the line that says where the server listens.
fn base(lines: &mut impl BufRead) -> Result<String> {
    let mut said = String::new();
    loop {
        let start = said.len();
        if lines.read_line(&mut said)? == 0 {
            return Err(anyhow!("glowplug did not start: {said}"));
        }
        if let Some(base) = said[start..].trim().strip_prefix("ready on ") {
            return Ok(base.to_owned());
        }
    }
}
