//! glowplug: a server, and workers deployed to it.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, ensure};

use super::{Peer, Program, Running, is_script, script_path};
use crate::bench::tools::Tools;
use crate::peers::server::Server;

/// `glowplug serve`, running.
pub struct Node {
    program: PathBuf,
    cache: PathBuf,
    pub address: SocketAddr,
    admin: String,
    pub token: String,
    server: Server,
}

impl Node {
    /// Starts a server on the folder `data`. `token` is one that is known from its first start.
    pub fn start(tools: &Tools, number: usize, data: &Path, token: Option<&str>, flags: &[&str]) -> Result<Self> {
        let program = tools.glowplug.get(number).context("there is no such program")?.clone();
        let cache = tools.code_cache();
        let mut command = Command::new(&program);
        command.args(["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--private-egress", "--data"]);
        command.arg(data).args(flags).env("NO_COLOR", "1").env("GLOWPLUG_CACHE", &cache);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut server = Server(child.context("failed to run glowplug")?);
        let stderr = server.0.stderr.take().context("stderr is piped")?;
        let mut lines = BufReader::new(stderr);
        let said = Said::read(&mut lines)?;
        // What it says later is not of interest, but must go somewhere.
        std::thread::spawn(move || lines.read_to_end(&mut Vec::new()));
        let token = token.map(str::to_owned).or(said.token).context("the server told no token")?;
        let address = said.base.strip_prefix("http://").and_then(|address| address.parse().ok());
        let address = address.with_context(|| format!("`{}` is no address", said.base))?;
        Ok(Self { program, cache, address, admin: said.admin, token, server })
    }

    /// Deploys a script, a folder or a component; gives what the command printed as JSON.
    pub fn deploy(&self, name: &str, path: &Path, flags: &[&str]) -> Result<serde_json::Value> {
        let mut command = Command::new(&self.program);
        command.args(["deploy", "--json", "--name", name]).arg(path).args(flags);
        command.env("GLOWPLUG_CACHE", &self.cache).env("GLOWPLUG_SERVER", &self.admin);
        let output = command.env("GLOWPLUG_TOKEN", &self.token).output().context("failed to run glowplug")?;
        let told = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "failed to deploy `{}`: {told}", path.display());
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// With requests going to the worker `name`.
    pub fn serving(self, peer: Peer, name: &str) -> Running {
        Running { peer, address: self.address, host: format!("{name}.localhost"), server: self.server }
    }
}

/// An empty folder for a server's data.
pub fn empty_data(tools: &Tools, name: &str) -> Result<PathBuf> {
    let data = tools.scratch.join("data").join(name);
    if data.exists() {
        fs::remove_dir_all(&data).with_context(|| format!("failed to remove `{}`", data.display()))?;
    }
    Ok(data)
}

/// Starts a server of its own with `program` deployed.
pub fn start(tools: &Tools, number: usize, program: &Program) -> Result<Running> {
    let path = script_path(tools, program);
    let name = path.file_stem().and_then(|stem| stem.to_str()).context("the program's file has a name")?;
    let name = name.replace('_', "-");
    let node = Node::start(tools, number, &empty_data(tools, &format!("{name}-{number}"))?, None, &[])?;
    node.deploy(&name, &project(tools, &path, program)?, &[])?;
    Ok(node.serving(Peer::Glowplug(number), &name))
}

/// A script with settings becomes a project.
fn project(tools: &Tools, path: &Path, program: &Program) -> Result<PathBuf> {
    if program.config.is_empty() || !is_script(path) {
        return Ok(path.to_owned());
    }
    let name = path.file_stem().context("the program's file has a name")?;
    let folder = tools.scratch.join("projects").join(name);
    fs::create_dir_all(&folder)?;
    fs::copy(path, folder.join("worker.js"))?;
    let config =
        format!("name = \"{}\"\nmain = \"worker.js\"\n{}", name.to_string_lossy().replace('_', "-"), program.config);
    fs::write(folder.join("wrangler.toml"), config)?;
    Ok(folder)
}

/// What a server says at its start.
#[derive(Default)]
struct Said {
    base: String,
    admin: String,
    token: Option<String>,
}

impl Said {
    fn read(lines: &mut impl BufRead) -> Result<Self> {
        let mut said = Self::default();
        let mut all = String::new();
        loop {
            let start = all.len();
            if lines.read_line(&mut all)? == 0 {
                return Err(anyhow!("glowplug did not start: {all}"));
            }
            let line = all[start..].trim();
            if let Some(token) = line.strip_prefix("token ") {
                said.token = Some(token.to_owned());
            } else if let Some(admin) = line.strip_prefix("admin on ") {
                said.admin = admin.to_owned();
            } else if let Some(base) = line.strip_prefix("ready on ") {
                said.base = base.to_owned();
                return Ok(said);
            }
        }
    }
}
