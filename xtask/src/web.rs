//! Bundles `web`, the playground and the dashboard that the program embeds.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::check::Verdict;
use crate::languages::process::{npm_ci, run};
use crate::stamp::{sha256, source_sha256};

/// Where the bundles are checked in.
const DIST: &str = "web/dist";
/// Says what they were made from.
const STAMP: &str = "stamp.json";
/// What the bundles are made from. The list of web APIs, which completions are cut down to, is left out: it changes with the
/// engine, and only `--check` asks whether completions are up to date.
const INPUTS: &[&str] = &[
    "web/build",
    "web/src",
    "web/package.json",
    "web/package-lock.json",
    "examples/hello/worker.js",
    "examples/playground",
    "examples/compare/typescript/json.ts",
    "examples/compare/typescript/mandelbrot.ts",
    "examples/compare/requests/json.jsonl",
    "examples/compare/requests/mandelbrot.jsonl",
];

/// How the bundles came to be.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    source_sha256: String,
    /// SHA-256 by file.
    files: BTreeMap<String, String>,
}

/// Write the bundles and their stamp.
pub fn build(root: &Path) -> Result<()> {
    let dist = root.join(DIST);
    bundle(root, &dist)?;
    let stamp = Stamp { source_sha256: source_sha256(root, INPUTS, &[])?, files: files(&dist)? };
    let mut json = serde_json::to_string_pretty(&stamp)?;
    json.push('\n');
    fs::write(dist.join(STAMP), json).with_context(|| format!("failed to write `{DIST}/{STAMP}`"))
}

/// Compare the checked-in bundles with what their sources give.
pub fn check(root: &Path) -> Result<Verdict> {
    if let Some(why) = stale(root)? {
        eprintln!("error: {why}");
        return Ok(Verdict::Stale);
    }
    let fresh = root.join("target/xtask/web");
    bundle(root, &fresh)?;
    if files(&root.join(DIST))? == files(&fresh)? {
        return Ok(Verdict::Fresh);
    }
    eprintln!("error: `{DIST}` is not what `web` gives");
    Ok(Verdict::Stale)
}

/// Why the checked-in bundles are not those of these sources, without making them again.
pub fn stale(root: &Path) -> Result<Option<String>> {
    let path = root.join(DIST).join(STAMP);
    let text = fs::read_to_string(&path).with_context(|| format!("failed to read `{DIST}/{STAMP}`"))?;
    let stamp: Stamp = serde_json::from_str(&text).with_context(|| format!("`{DIST}/{STAMP}` is no stamp"))?;
    if stamp.files != files(&root.join(DIST))? {
        return Ok(Some(format!("`{DIST}` was changed by hand")));
    }
    let fresh = stamp.source_sha256 == source_sha256(root, INPUTS, &[])?;
    Ok((!fresh).then(|| format!("`{DIST}` was made from other sources")))
}

fn bundle(root: &Path, to: &Path) -> Result<()> {
    let folder = root.join("web");
    npm_ci(&folder)?;
    let hint = "install Node.js 20 or newer, with npm";
    run(Command::new("npm").args(["run", "--silent", "check"]).current_dir(&folder), hint)?;
    let mut npm = Command::new("npm");
    npm.args(["run", "--silent", "build"]).env("GLOWPLUG_WEB_DIST", to).current_dir(folder);
    run(&mut npm, hint)
}

fn files(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| format!("failed to read `{}`", folder.display()))? {
        let path: PathBuf = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name != STAMP {
            let bytes = fs::read(&path).with_context(|| format!("failed to read `{}`", path.display()))?;
            found.insert(name, sha256(&bytes));
        }
    }
    Ok(found)
}
