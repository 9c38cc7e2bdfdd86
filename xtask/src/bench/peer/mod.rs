//! Runtimes, started with a program to serve.

pub mod glowplug;
mod script;
mod wasmtime;
pub mod workerd;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::measure::http::{Ask, Connection};
use super::tools::Tools;
use crate::peers::server::Server;

/// How long a server may take to start, and to answer a request while nothing else goes on.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A runtime to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// This project; the number is that of the program among those to compare.
    Glowplug(usize),
    Workerd,
    /// V8 as an interpreter alone.
    WorkerdJitless,
    Deno,
    Bun,
    Node,
    NodeJitless,
    /// The interpreter that glowplug has, as a native program.
    Quickjs,
    /// `wasmtime serve`
    Wasmtime,
    /// hyper without anything.
    Bare,
}

impl Peer {
    /// As tables have it.
    pub fn name(self) -> String {
        match self {
            Self::Glowplug(0) => "glowplug".to_owned(),
            Self::Glowplug(number) => format!("glowplug ({})", number + 1),
            Self::Workerd => "workerd".to_owned(),
            Self::WorkerdJitless => "workerd --jitless".to_owned(),
            Self::Deno => "Deno".to_owned(),
            Self::Bun => "Bun".to_owned(),
            Self::Node => "Node.js".to_owned(),
            Self::NodeJitless => "Node.js --jitless".to_owned(),
            Self::Quickjs => "QuickJS, native".to_owned(),
            Self::Wasmtime => "wasmtime serve".to_owned(),
            Self::Bare => "bare hyper".to_owned(),
        }
    }

    /// All programs of this project that are measured.
    pub fn glowplugs(tools: &Tools) -> impl Iterator<Item = Self> + use<> {
        (0..tools.glowplug.len()).map(Self::Glowplug)
    }

    /// Starts it with `program`.
    pub fn start(self, tools: &Tools, program: &Program) -> Result<Running> {
        match self {
            Self::Glowplug(number) => glowplug::start(tools, number, program),
            Self::Workerd => workerd::start(tools, self, program, &[]),
            Self::WorkerdJitless => workerd::start(tools, self, program, &["--jitless"]),
            Self::Deno | Self::Bun | Self::Node | Self::NodeJitless => script::start(tools, self, program),
            Self::Quickjs => quickjs(tools, program),
            Self::Wasmtime => wasmtime::start(tools, program),
            Self::Bare => bare(tools),
        }
    }
}

/// What a runtime is to serve.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// A worker of `benches/workers`, or of another folder if it is absolute.
    pub script: PathBuf,
    /// What Node.js runs in place of the worker.
    pub node: Option<&'static str>,
    /// More of a `wrangler.toml`.
    pub config: &'static str,
}

impl Program {
    /// A worker of `benches/workers`.
    pub fn script(file: &str) -> Self {
        Self { script: file.into(), ..Self::default() }
    }
}

/// A runtime that answers.
pub struct Running {
    pub peer: Peer,
    pub address: SocketAddr,
    /// Of requests to the program.
    pub host: String,
    server: Server,
}

impl Running {
    pub fn pid(&self) -> u32 {
        self.server.0.id()
    }

    /// A `GET` of `path`.
    pub fn get(&self, path: &str) -> Ask {
        Ask { address: self.address, host: self.host.clone(), path: path.to_owned(), body: None }
    }

    /// A `POST` of `body` to `path`.
    pub fn post(&self, path: &str, body: &str) -> Ask {
        Ask { body: Some(body.to_owned()), ..self.get(path) }
    }

    /// Fails unless `ask` is answered with this body.
    pub fn check(&self, ask: &Ask, wanted: &str) -> Result<()> {
        let answer = Connection::open(ask.address, PATIENCE)?.ask(ask)?;
        let text = String::from_utf8_lossy(&answer.body);
        let name = self.peer.name();
        ensure!(answer.status == 200 && text == wanted, "{name} answers {} `{text}`, not `{wanted}`", answer.status);
        Ok(())
    }
}

/// A port that is free now.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// So many ports that are free now, all different.
pub fn free_ports(count: usize) -> Result<Vec<u16>> {
    // All are taken before the first is given back.
    let listeners: Vec<_> = (0..count).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<Result<_, _>>()?;
    listeners.iter().map(|listener| Ok(listener.local_addr()?.port())).collect()
}

/// Starts a server whose port is known.
fn spawn(peer: Peer, command: &mut Command, port: u16) -> Result<Running> {
    let program = command.get_program().to_string_lossy().into_owned();
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut server = Server(child.with_context(|| format!("failed to run `{program}`"))?);
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    await_port(&mut server, address, &program)?;
    Ok(Running { peer, address, host: "hello.localhost".to_owned(), server })
}

/// Waits until somebody listens.
fn await_port(server: &mut Server, address: SocketAddr, program: &str) -> Result<()> {
    let start = Instant::now();
    while TcpStream::connect(address).is_err() {
        if let Some(status) = server.0.try_wait()? {
            bail!("`{program}` ended at its start with {status}");
        }
        ensure!(start.elapsed() < PATIENCE, "`{program}` did not start");
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

fn bare(tools: &Tools) -> Result<Running> {
    let port = free_port()?;
    spawn(Peer::Bare, Command::new(&tools.xtask).args(["bench-server", "bare", &port.to_string()]), port)
}

fn quickjs(tools: &Tools, program: &Program) -> Result<Running> {
    let port = free_port()?;
    spawn(Peer::Quickjs, Command::new(&tools.quickjs).arg(port.to_string()).arg(script_path(tools, program)), port)
}

/// The origin that workers fetch from.
pub fn origin(tools: &Tools) -> Result<Running> {
    let port = free_port()?;
    spawn(Peer::Bare, Command::new(&tools.xtask).args(["bench-server", "origin", &port.to_string()]), port)
}

/// Starts those of `peers` that are there, and checks that each answers `ask` with `wanted`.
pub fn start_all(
    tools: &Tools,
    peers: impl IntoIterator<Item = (Peer, Program)>,
    ask: impl Fn(&Running) -> Ask,
    wanted: &str,
) -> Result<Vec<Running>> {
    let mut started = Vec::new();
    for (peer, program) in peers {
        let running = peer.start(tools, &program).with_context(|| format!("failed to start {}", peer.name()))?;
        running.check(&ask(&running), wanted)?;
        started.push(running);
    }
    Ok(started)
}

fn script_path(tools: &Tools, program: &Program) -> PathBuf {
    // An absolute path replaces the folder.
    tools.root.join("benches/workers").join(&program.script)
}

fn is_script(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension != "wasm")
}
