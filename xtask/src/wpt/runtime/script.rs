//! Runtimes that run a script: the worker is imported, called once, and its answer printed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::languages::process::npm_ci;

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
        let packages = root.join("tests/wpt/peers");
        npm_ci(&packages)?;
        let program = packages.join("node_modules/@deno/linux-x64-glibc/deno");
        Self::new(root, program, &["run", "--quiet", "--allow-all"])
    }

    /// Node.js, as found.
    pub fn node(root: &Path) -> Result<Self> {
        Self::new(root, "node".into(), &["--no-warnings"])
    }

    fn new(root: &Path, program: PathBuf, arguments: &'static [&'static str]) -> Result<Self> {
        let driver = root.join("target/wpt/driver.mjs");
        fs::write(&driver, DRIVER).with_context(|| format!("failed to write `{}`", driver.display()))?;
        Ok(Self { program, arguments, driver })
    }

    pub(super) fn answer(&self, worker: &Path) -> Result<String> {
        // As a module, whatever the folder's package.json says.
        let module = worker.with_extension("mjs");
        fs::copy(worker, &module)?;
        let mut command = Command::new(&self.program);
        command.args(self.arguments).arg(&self.driver).arg(&module).stdin(Stdio::null());
        let output = command.output().with_context(|| format!("failed to run `{}`", self.program.display()))?;
        let stdout = String::from_utf8_lossy(&output.stdout);
        // What a test writes to the console comes before.
        match stdout.lines().find_map(|line| line.strip_prefix("wpt results: ")) {
            Some(results) => Ok(results.to_owned()),
            None => bail!("{}", String::from_utf8_lossy(&output.stderr)),
        }
    }
}
