//! Where the tests come from: the copy of the Web Platform Tests in Debian's source package of Node.js.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::languages::process::{npm_ci, run};

/// The archive under a Debian mirror's root, and its SHA-256.
const ARCHIVE: &str = "pool/main/n/nodejs/nodejs_22.22.2+dfsg+~cs22.19.15.orig.tar.xz";
const SHA256: &str = "f1a6dfca7ffe7f9f42942274adf9f0a12733977a4744a53f41b20836907c449b";

const HINT: &str = "on a Debian machine this needs apt and xz-utils; elsewhere, give a checkout of the Web Platform Tests with `--tests DIR`";

/// The folder with the tests, fetched and unpacked the first time.
pub fn pinned(root: &Path) -> Result<PathBuf> {
    let cache = root.join("target/wpt");
    let tests = cache.join("tests-").with_file_name(format!("tests-{}", &SHA256[..12]));
    if tests.is_dir() {
        return Ok(tests);
    }
    fs::create_dir_all(&cache)?;
    let archive = cache.join("nodejs.orig.tar.xz");
    fetch(&archive)?;

    // Under another name until all is there.
    let unfinished = cache.join("tests.new");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    fs::create_dir(&unfinished)?;
    let mut tar = Command::new("tar");
    tar.arg("-xJf").arg(&archive).arg("-C").arg(&unfinished);
    tar.args(["--strip-components=4", "--wildcards", "*/test/fixtures/wpt/*"]);
    run(&mut tar, HINT)?;
    add_idl_parser(root, &unfinished)?;
    fs::rename(&unfinished, &tests)?;
    fs::remove_file(&archive)?;
    Ok(tests)
}

/// Downloads the archive from one of the mirrors that apt is set up with; apt checks its hash.
fn fetch(archive: &Path) -> Result<()> {
    let mut targets = Command::new("apt-get");
    targets.args(["indextargets", "--format", "$(SITE)"]);
    let output = targets.output().with_context(|| format!("failed to run `apt-get`\nhint: {HINT}"))?;
    let mut sites: Vec<_> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    sites.sort();
    sites.dedup();
    for site in &sites {
        let mut helper = Command::new("/usr/lib/apt/apt-helper");
        helper.args(["download-file", &format!("{site}/{ARCHIVE}")]).arg(archive).arg(format!("SHA256:{SHA256}"));
        if helper.output().is_ok_and(|output| output.status.success()) {
            return Ok(());
        }
    }
    bail!("failed to download `{ARCHIVE}` from {}\nhint: {HINT}", sites.join(", "))
}

/// The copy lacks the parser of Web IDL, which is a package of npm.
fn add_idl_parser(root: &Path, tests: &Path) -> Result<()> {
    let packages = root.join("tests/wpt");
    npm_ci(&packages)?;
    let folder = tests.join("resources/webidl2/lib");
    fs::create_dir_all(&folder)?;
    fs::copy(packages.join("node_modules/webidl2/dist/webidl2.js"), folder.join("webidl2.js"))
        .context("failed to copy webidl2.js")?;
    Ok(())
}
