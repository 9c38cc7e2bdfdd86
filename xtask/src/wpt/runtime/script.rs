//! Runtimes that run a script: the worker is imported, called once, and its answer printed.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

use crate::peers;
use crate::peers::server::Server;

/// Calls the worker that its first argument names.
const DRIVER: &str = include_str!("driver.mjs");

/// Deno or Node.js.
pub struct Script {
    program: PathBuf,
    arguments: &'static [&'static str],
    driver: PathBuf,
}

impl Script {
    /// Deno, from npm.
    pub fn deno(root: &Path) -> Result<Self> {
        Self::new(root, peers::deno(root)?, &["run", "--quiet", "--allow-all"])
    }

    /// Node.js, from npm.
    pub fn node(root: &Path) -> Result<Self> {
        Self::new(root, peers::node(root)?, &["--no-warnings"])
    }

    fn new(root: &Path, program: PathBuf, arguments: &'static [&'static str]) -> Result<Self> {
        let driver = root.join("target/wpt/driver.mjs");
        fs::write(&driver, DRIVER).with_context(|| format!("failed to write `{}`", driver.display()))?;
        Ok(Self { program, arguments, driver })
    }

    pub(super) fn answer(&self, worker: &Path, patience: Duration) -> Result<String> {
        // As a module, whatever the folder's package.json says.
        let module = worker.with_extension("mjs");
        fs::copy(worker, &module)?;
        let mut command = Command::new(&self.program);
        command.args(self.arguments).arg(&self.driver).arg(&module).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let child = command.spawn().with_context(|| format!("failed to run `{}`", self.program.display()))?;
        let mut process = Server(child);
        let mut stdout = process.0.stdout.take().context("stdout is piped")?;
        let reading = std::thread::spawn(move || {
            let mut text = Vec::new();
            stdout.read_to_end(&mut text).map(|_| text)
        });
        let start = Instant::now();
        while process.0.try_wait()?.is_none() {
            if start.elapsed() > patience {
                bail!("it does not end");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let stdout = reading.join().map_err(|_| anyhow!("failed to read what it prints"))??;
        let stdout = String::from_utf8_lossy(&stdout);
        // What a test writes to the console comes before.
        let results = stdout.lines().find_map(|line| line.strip_prefix("wpt results: "));
        Ok(results.context("it ended without results")?.to_owned())
    }
}
