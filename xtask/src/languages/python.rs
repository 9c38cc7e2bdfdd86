//! Python: CPython compiled to Wasm, with the program's modules loaded ahead by componentize-py.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::process::{first_line, run};
use super::venv::Venv;
use super::{Kept, Language, Program, Versions};
use crate::wit;

const SOURCES: &str = "examples/compare/python/src";
const HINT: &str = "remove the folder `target/xtask/venv/python` and run this again";

/// Python, against `wasi:http` itself.
pub const LANGUAGE: Language = Language {
    name: "python",
    kept: Kept::InTarget,
    inputs: &["examples/compare/python/requirements.txt", SOURCES, wit::FOLDER],
    flags: &[wit::WORLD],
    tools,
    build,
};

fn tools(root: &Path) -> Result<Versions> {
    let version = first_line(compiler(&Venv::of(root, LANGUAGE.name)?).arg("--version"), HINT)?;
    Ok(Versions::from([("componentize-py".to_owned(), version)]))
}

fn build(root: &Path, scratch: &Path) -> Result<Vec<(Program, Vec<u8>)>> {
    let venv = Venv::of(root, LANGUAGE.name)?;
    let sources = copy_sources(root, scratch)
        .with_context(|| format!("failed to copy `{SOURCES}` to `{}`", scratch.display()))?;
    let mut built = Vec::new();
    for program in Program::ALL {
        let file = scratch.join(program.name()).with_extension("wasm");
        let mut componentize = compiler(&venv);
        componentize.arg("--quiet").arg("--wit-path").arg(root.join(wit::FOLDER)).args(["--world", wit::WORLD]);
        componentize.arg("componentize").arg("--python-path").arg(&sources).arg("--output").arg(&file);
        run(componentize.arg(module(program)), HINT)?;
        let wasm = fs::read(&file).with_context(|| format!("failed to read `{}`", file.display()))?;
        built.push((program, wasm));
    }
    Ok(built)
}

fn compiler(venv: &Venv) -> Command {
    let mut command = Command::new(venv.program("componentize-py"));
    // Otherwise it looks for packages wherever Python does.
    command.env("VIRTUAL_ENV", venv.folder());
    command
}

/// The module that holds a program. One named `json` would hide Python's own.
fn module(program: Program) -> &'static str {
    match program {
        Program::Json => "transform",
        Program::Hello | Program::Mandelbrot => program.name(),
    }
}

/// Python runs in a copy of the sources, since it leaves compiled modules beside them.
fn copy_sources(root: &Path, scratch: &Path) -> std::io::Result<PathBuf> {
    let copy = scratch.join("src");
    if copy.exists() {
        fs::remove_dir_all(&copy)?;
    }
    fs::create_dir(&copy)?;
    for entry in fs::read_dir(root.join(SOURCES))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), copy.join(entry.file_name()))?;
        }
    }
    Ok(copy)
}
