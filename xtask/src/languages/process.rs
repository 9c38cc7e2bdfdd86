//! Runs the tools of a language.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, anyhow, bail};

/// Run a tool to its end; what it prints is shown. `hint` says how it is installed.
pub fn run(command: &mut Command, hint: &str) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| missing(&program, &error, hint))?;
    if !status.success() {
        bail!("`{program}` failed with {status}");
    }
    Ok(())
}

/// The first line that a tool prints, as of `--version`. `hint` says how it is installed.
pub fn first_line(command: &mut Command, hint: &str) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| missing(&program, &error, hint))?;
    if !output.status.success() {
        bail!("`{program}` failed with {}\nhint: {hint}", output.status);
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}

/// The cause stands before the hint, where context would put it after.
fn missing(program: &str, error: &std::io::Error, hint: &str) -> anyhow::Error {
    anyhow!("failed to run `{program}`: {error}\nhint: {hint}")
}

/// Install what a folder's `package-lock.json` says, unless it is there.
pub fn npm_ci(folder: &Path) -> Result<()> {
    if is_installed(folder) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder);
    run(&mut npm, "install Node.js 20 or newer, with npm")
}

/// npm leaves a copy of the lock file behind when it is done.
fn is_installed(folder: &Path) -> bool {
    let modified = |name: &str| std::fs::metadata(folder.join(name)).ok()?.modified().ok();
    let installed = modified("node_modules/.package-lock.json");
    matches!((installed, modified("package-lock.json")), (Some(installed), Some(wanted)) if installed >= wanted)
}
