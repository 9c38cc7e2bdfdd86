//! Bundles js-shim's JavaScript, which the engine includes.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::languages::process::{npm_ci, run};

/// Write `js-shim/build/prelude.js`, after installing what `package-lock.json` says.
pub fn bundle(root: &Path) -> Result<()> {
    let js_shim = root.join("js-shim");
    npm_ci(&js_shim)?;
    let mut npm = Command::new("npm");
    run(npm.args(["run", "--silent", "bundle"]).current_dir(js_shim), "install Node.js 20 or newer, with npm")
}
