//! Bundles js-shim's JavaScript, which the engine includes.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

/// Write `js-shim/build/prelude.js`, after installing what `package-lock.json` says.
pub fn bundle(root: &Path) -> Result<()> {
    let js_shim = root.join("js-shim");
    if !is_installed(&js_shim) {
        npm(&js_shim, &["ci", "--no-audit", "--no-fund"])?;
    }
    npm(&js_shim, &["run", "--silent", "bundle"])
}

/// npm leaves a copy of the lock file behind when it is done.
fn is_installed(js_shim: &Path) -> bool {
    let installed = modified(&js_shim.join("node_modules/.package-lock.json"));
    let wanted = modified(&js_shim.join("package-lock.json"));
    matches!((installed, wanted), (Some(installed), Some(wanted)) if installed >= wanted)
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

fn npm(dir: &Path, arguments: &[&str]) -> Result<()> {
    let status = Command::new("npm")
        .args(arguments)
        .current_dir(dir)
        .status()
        .context("failed to run `npm`\nhint: install Node.js 20 or newer, with npm")?;
    if !status.success() {
        bail!("`npm {}` failed in `{}`", arguments.join(" "), dir.display());
    }
    Ok(())
}
