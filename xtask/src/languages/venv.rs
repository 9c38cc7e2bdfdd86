//! A Python virtual environment of a language's own, for tools that PyPI holds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::process::run;

const HINT: &str = "install Python 3.10 or newer; on Debian, run `apt-get install python3-venv`";

/// A virtual environment in which everything that a `requirements.txt` names is installed.
#[derive(Debug)]
pub struct Venv(PathBuf);

impl Venv {
    /// The environment of `language`, with what `examples/compare/LANGUAGE/requirements.txt` says. It is made under
    /// `target/`, and made anew when that file has changed.
    pub fn of(root: &Path, language: &str) -> Result<Self> {
        let folder = root.join("target/xtask/venv").join(language);
        let wanted = root.join("examples/compare").join(language).join("requirements.txt");
        let content = fs::read(&wanted).with_context(|| format!("failed to read `{}`", wanted.display()))?;
        // Written when all is done, so that an environment that is half made is not taken for a whole one.
        let installed = folder.join("requirements.txt");
        if fs::read(&installed).ok().as_ref() != Some(&content) {
            install(&folder, &wanted)?;
            fs::write(&installed, content).with_context(|| format!("failed to write `{}`", installed.display()))?;
        }
        Ok(Self(folder))
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// A program that one of the packages brings.
    pub fn program(&self, name: &str) -> PathBuf {
        scripts(&self.0).join(name)
    }
}

fn install(folder: &Path, requirements: &Path) -> Result<()> {
    let python = if cfg!(windows) { "python" } else { "python3" };
    run(Command::new(python).args(["-m", "venv", "--clear"]).arg(folder), HINT)?;
    let mut pip = Command::new(scripts(folder).join("pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(requirements);
    run(&mut pip, HINT)
}

fn scripts(folder: &Path) -> PathBuf {
    folder.join(if cfg!(windows) { "Scripts" } else { "bin" })
}
