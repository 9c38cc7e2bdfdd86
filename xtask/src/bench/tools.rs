//! What the benchmark runs, built or installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{Options, Size};
use crate::languages::process::{first_line, npm_ci, run};
use crate::peers;

/// Programs and folders.
pub struct Tools {
    pub size: Size,
    /// How many workers there are where there are many, if it is not what the size says.
    pub workers: Option<usize>,
    pub root: PathBuf,
    /// For files that a run leaves behind.
    pub scratch: PathBuf,
    /// Release builds of this project; the first is the one that results are of.
    pub glowplug: Vec<PathBuf>,
    /// This program, in release.
    pub xtask: PathBuf,
    pub workerd: PathBuf,
    pub deno: PathBuf,
    pub bun: PathBuf,
    pub node: PathBuf,
    pub quickjs: PathBuf,
    /// Installed in full runs alone: it takes minutes to compile.
    pub wasmtime: Option<PathBuf>,
}

impl Tools {
    /// Builds and installs what is missing.
    pub fn prepare(root: &Path, options: &Options) -> Result<Self> {
        first_line(Command::new("sh").args(["-c", "command -v wrk"]), "install wrk, as with `apt-get install wrk`")?;
        let scratch = root.join("target/bench");
        fs::create_dir_all(&scratch).with_context(|| format!("failed to make `{}`", scratch.display()))?;
        npm_ci(&root.join("examples/hono"))?;
        let mut glowplug = Vec::new();
        for program in &options.programs {
            glowplug.push(program.canonicalize().with_context(|| format!("there is no `{}`", program.display()))?);
        }
        if glowplug.is_empty() {
            glowplug.push(build(root, "glowplug")?);
        }
        Ok(Self {
            size: options.size,
            workers: options.workers,
            root: root.to_owned(),
            xtask: build(root, "xtask")?,
            glowplug,
            workerd: peers::workerd(root)?,
            deno: peers::deno(root)?,
            bun: peers::bun(root)?,
            node: "node".into(),
            quickjs: quickjs(root, &scratch)?,
            wasmtime: wasmtime(&scratch, options.size)?,
            scratch,
        })
    }

    /// Where glowplug keeps compiled code.
    pub fn code_cache(&self) -> PathBuf {
        self.scratch.join("cache")
    }

    /// A program of `benches/workers`.
    pub fn worker(&self, file: &str) -> PathBuf {
        self.root.join("benches/workers").join(file)
    }

    /// Names and versions of what is measured.
    pub fn versions(&self) -> Result<String> {
        let version = |program: &Path| first_line(Command::new(program).arg("--version"), "install it");
        let mut versions = Vec::new();
        let commit = first_line(
            Command::new("git").args(["describe", "--always", "--dirty"]).current_dir(&self.root),
            "install git",
        )?;
        versions.push(format!("glowplug {commit}"));
        versions.push(version(&self.workerd)?);
        versions.push(version(&self.deno)?);
        versions.push(format!("bun {}", version(&self.bun)?));
        versions.push(format!("node {}", version(&self.node)?));
        if let Some(wasmtime) = &self.wasmtime {
            versions.push(version(wasmtime)?);
        }
        Ok(versions.join(" · "))
    }
}

/// The release build of one of this workspace's programs.
fn build(root: &Path, package: &str) -> Result<PathBuf> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--release", "--package", package, "--bin", package]).current_dir(root);
    run(&mut cargo, "install Rust")?;
    // xtask lies in the target folder itself, whichever that is.
    let this = std::env::current_exe().context("failed to find xtask itself")?;
    let target = this.parent().and_then(Path::parent).context("xtask lies in a target folder")?;
    let program = target.join("release").join(package);
    ensure!(program.exists(), "cargo did not write `{}`", program.display());
    Ok(program)
}

/// QuickJS as a native program.
fn quickjs(root: &Path, scratch: &Path) -> Result<PathBuf> {
    let target = scratch.join("quickjs");
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--release", "--locked", "--target-dir"]).arg(&target);
    cargo.arg("--manifest-path").arg(root.join("benches/quickjs/Cargo.toml"));
    run(&mut cargo, "install Rust and a C compiler")?;
    Ok(target.join("release/native-quickjs"))
}

/// wasmtime's own command line, of the version that glowplug is built with.
fn wasmtime(scratch: &Path, size: Size) -> Result<Option<PathBuf>> {
    let program = scratch.join("wasmtime/bin/wasmtime");
    if size == Size::Full && !program.exists() {
        let mut cargo = Command::new("cargo");
        cargo.args(["install", "--quiet", "--locked", "--version", "=48.0.8", "--root"]);
        cargo.arg(scratch.join("wasmtime")).arg("wasmtime-cli");
        run(&mut cargo, "install Rust")?;
    }
    Ok(program.exists().then_some(program))
}
