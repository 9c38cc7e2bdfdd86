//! Go: its own compiler and standard library, for WASI preview 1.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::process::{first_line, run};
use super::venv::Venv;
use super::{Kept, Language, Program, Versions};
use crate::{component, wit};

const FOLDER: &str = "examples/compare/go";
const HINT: &str = "remove the folder `target/xtask/venv/go` and run this again";

/// A reactor, with nothing of this machine or repository in it.
const FLAGS: &[&str] = &["-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w"];

/// Go, as an `http.Handler` on hand-written bindings.
pub const LANGUAGE: Language = Language {
    name: "go",
    kept: Kept::InTarget,
    inputs: &[
        "examples/compare/go/go.mod",
        "examples/compare/go/hello",
        "examples/compare/go/json",
        "examples/compare/go/mandelbrot",
        "examples/compare/go/requirements.txt",
        "examples/compare/go/wasihttp",
        wit::FOLDER,
    ],
    flags: FLAGS,
    tools,
    build,
};

fn tools(root: &Path) -> Result<Versions> {
    let version = first_line(go(&Venv::of(root, LANGUAGE.name)?).arg("version"), HINT)?;
    Ok(Versions::from([("go".to_owned(), version)]))
}

fn build(root: &Path, scratch: &Path) -> Result<Vec<(Program, Vec<u8>)>> {
    let venv = Venv::of(root, LANGUAGE.name)?;
    let mut built = Vec::new();
    for program in Program::ALL {
        let file = scratch.join(program.name()).with_extension("wasm");
        let mut command = go(&venv);
        command.current_dir(root.join(FOLDER)).env("GOCACHE", scratch.join("cache"));
        command.arg("build").args(FLAGS).arg("-o").arg(&file).arg(format!("./{}", program.name()));
        run(&mut command, HINT)?;
        let mut module = std::fs::read(&file).with_context(|| format!("failed to read `{}`", file.display()))?;
        wit::embed(&mut module, root)?;
        built.push((program, component::encode_with_preview1(&module).context(program.name())?));
    }
    Ok(built)
}

/// Go for WASI, with nothing of the caller's settings, and no other toolchain or module than are here.
fn go(venv: &Venv) -> Command {
    let mut command = Command::new(venv.program("go"));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("GO")) {
            command.env_remove(&name);
        }
    }
    command.envs([("GOOS", "wasip1"), ("GOARCH", "wasm"), ("GOENV", "off"), ("GOWORK", "off")]);
    command.envs([("GOTOOLCHAIN", "local"), ("GOPROXY", "off"), ("GOFLAGS", "")]);
    command
}
