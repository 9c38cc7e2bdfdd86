//! workerd, from npm: each worker is served by a `workerd serve` of its own.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::peers;
use crate::peers::server::{Server, get};

/// The newest there is for this version of it: with an older one, interfaces are missing that it has had for long.
const DATE: &str = "2026-11-17";

/// The program, installed.
pub struct Workerd {
    program: PathBuf,
}

impl Workerd {
    /// Installs it, unless it is there.
    pub fn prepare(root: &Path) -> Result<Self> {
        Ok(Self { program: peers::workerd(root)? })
    }

    pub(super) fn answer(&self, worker: &Path, patience: Duration) -> Result<String> {
        let name = worker.file_name().and_then(|name| name.to_str()).context("the worker's file has a name")?;
        // Free now; workerd does not say which port it takes when it may choose.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let config = worker.with_extension("capnp");
        fs::write(&config, configuration(name, port))?;

        let mut command = Command::new(&self.program);
        command.args(["serve", "--experimental"]).arg(&config);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut server = Server(child.context("failed to run workerd")?);
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if server.0.try_wait()?.is_some() || start.elapsed() > Duration::from_secs(20) {
                bail!("workerd did not start");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        get(&format!("http://127.0.0.1:{port}/"), patience)
    }
}

fn configuration(worker: &str, port: u16) -> String {
    format!(
        "using Workerd = import \"/workerd/workerd.capnp\";\n\
         const config :Workerd.Config = (\n\
           services = [(name = \"main\", worker = .main)],\n\
           sockets = [(name = \"http\", address = \"127.0.0.1:{port}\", http = (), service = \"main\")],\n\
         );\n\
         const main :Workerd.Worker = (\n\
           modules = [(name = \"worker.js\", esModule = embed \"{worker}\")],\n\
           compatibilityDate = \"{DATE}\",\n\
           compatibilityFlags = [\"expose_global_message_channel\", \"enable_web_file_system\", \"unsafe_module\"],\n\
         );\n"
    )
}
