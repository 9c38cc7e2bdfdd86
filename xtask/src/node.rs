//! Bundles `js-shim/node`, the modules of Node.js that the program embeds.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::check::Verdict;
use crate::languages::process::{npm_ci, run};

/// Where the bundles are checked in.
const DIST: &str = "js-shim/dist/node";

/// Write the bundles.
pub fn build(root: &Path) -> Result<()> {
    bundle(root, &root.join(DIST))?;
    println!("{DIST}: {} files", files(&root.join(DIST))?.len());
    Ok(())
}

/// Compare the checked-in bundles with what their sources give.
pub fn check(root: &Path) -> Result<Verdict> {
    let fresh = root.join("target/xtask/node");
    bundle(root, &fresh)?;
    if files(&root.join(DIST))? == files(&fresh)? {
        return Ok(Verdict::Fresh);
    }
    eprintln!("error: `{DIST}` is not what `js-shim/node` gives");
    Ok(Verdict::Stale)
}

fn bundle(root: &Path, to: &Path) -> Result<()> {
    let folder = root.join("js-shim/node");
    npm_ci(&folder)?;
    let mut npm = Command::new("npm");
    npm.args(["run", "--silent", "bundle"]).env("GLOWPLUG_NODE_DIST", to).current_dir(folder);
    run(&mut npm, "install Node.js 20 or newer, with npm")
}

fn files(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(&at).with_context(|| format!("failed to read `{}`", at.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let content = fs::read(&path).with_context(|| format!("failed to read `{}`", path.display()))?;
                found.insert(path.strip_prefix(folder)?.to_owned(), content);
            }
        }
    }
    Ok(found)
}
