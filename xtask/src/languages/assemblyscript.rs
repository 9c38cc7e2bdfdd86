//! AssemblyScript: its compiler from npm, on hand-written bindings.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::process::{first_line, npm_ci, run};
use super::{Built, Kept, Language, Program, Versions};
use crate::{component, wit};

const HINT: &str = "install Node.js 20 or newer, with npm";
const FOLDER: &str = "examples/compare/assemblyscript";
/// The compiler's script: the link to it in `node_modules/.bin` is no program everywhere.
const COMPILER: &str = "node_modules/assemblyscript/bin/asc.js";

/// AssemblyScript, against `wasi:http` itself. Its flags are in `asconfig.json`.
pub const LANGUAGE: Language = Language {
    name: "assemblyscript",
    kept: Kept::InRepository,
    inputs: &[
        "examples/compare/assemblyscript/asconfig.json",
        "examples/compare/assemblyscript/assembly",
        "examples/compare/assemblyscript/package-lock.json",
        "examples/compare/assemblyscript/package.json",
        "examples/compare/assemblyscript/wit-names.js",
        wit::FOLDER,
    ],
    flags: &[],
    tools,
    build,
};

fn tools(root: &Path) -> Result<Versions> {
    let folder = root.join(FOLDER);
    npm_ci(&folder)?;
    let version = first_line(Command::new("node").arg(COMPILER).arg("--version").current_dir(folder), HINT)?;
    Ok(Versions::from([("asc".to_owned(), version)]))
}

fn build(root: &Path, scratch: &Path) -> Result<Vec<Built>> {
    let mut built = Vec::new();
    for program in Program::ALL {
        let mut module = compile(root, scratch, program)?;
        wit::embed(&mut module, root)?;
        built.push((program, component::encode(&module).context(program.name())?));
    }
    Ok(built)
}

fn compile(root: &Path, scratch: &Path, program: Program) -> Result<Vec<u8>> {
    let file = scratch.join(program.name()).with_extension("wasm");
    let mut asc = Command::new("node");
    asc.current_dir(root.join(FOLDER)).arg(COMPILER);
    asc.arg(Path::new("assembly").join(program.name()).with_extension("ts")).arg("--outFile").arg(&file);
    run(&mut asc, HINT)?;
    std::fs::read(&file).with_context(|| format!("failed to read `{}`", file.display()))
}
