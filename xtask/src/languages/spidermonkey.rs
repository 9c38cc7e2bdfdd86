//! JavaScript on SpiderMonkey: the engine compiled to Wasm, with the program loaded ahead by componentize-js.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::process::{first_line, npm_ci, run};
use super::{Kept, Language, Program, Versions};
use crate::wit;

const HINT: &str = "install Node.js 20 or newer, with npm";
const FOLDER: &str = "examples/compare/spidermonkey";
/// The compiler's script: the link to it in `node_modules/.bin` is no program everywhere.
const COMPILER: &str = "node_modules/@bytecodealliance/componentize-js/src/cli.js";
/// The version of WASI's interfaces that the engine was built with: it takes no other.
const ENGINE_WASI: &str = "0.2.10";

/// JavaScript on SpiderMonkey, with `addEventListener('fetch', ..)`.
pub const LANGUAGE: Language = Language {
    name: "spidermonkey",
    kept: Kept::InTarget,
    inputs: &[
        "examples/compare/spidermonkey/package-lock.json",
        "examples/compare/spidermonkey/package.json",
        "examples/compare/spidermonkey/src",
        wit::FOLDER,
    ],
    flags: &[wit::WORLD, ENGINE_WASI],
    tools,
    build,
};

fn tools(root: &Path) -> Result<Versions> {
    let folder = root.join(FOLDER);
    npm_ci(&folder)?;
    let version = first_line(Command::new("node").arg(COMPILER).arg("--version").current_dir(folder), HINT)?;
    Ok(Versions::from([("componentize-js".to_owned(), version)]))
}

fn build(root: &Path, scratch: &Path) -> Result<Vec<(Program, Vec<u8>)>> {
    let wit = scratch.join("wit");
    copy_wit(&root.join(wit::FOLDER), &wit)?;
    let mut built = Vec::new();
    for program in Program::ALL {
        let wasm = compile(root, scratch, &wit, program).context(program.name())?;
        built.push((program, wasm));
    }
    Ok(built)
}

fn compile(root: &Path, scratch: &Path, wit: &Path, program: Program) -> Result<Vec<u8>> {
    let file = scratch.join(program.name()).with_extension("wasm");
    let mut componentize = Command::new("node");
    componentize.current_dir(root.join(FOLDER)).arg(COMPILER);
    componentize.arg("--wit").arg(wit).args(["--world-name", &of_engine(wit::WORLD)]).arg("--out").arg(&file);
    componentize.arg(Path::new("src").join(program.name()).with_extension("js"));
    run(&mut componentize, HINT)?;
    fs::read(&file).with_context(|| format!("failed to read `{}`", file.display()))
}

/// Copy the interfaces, in the version that the engine takes.
fn copy_wit(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("failed to make `{}`", to.display()))?;
    let entries = fs::read_dir(from).with_context(|| format!("failed to read `{}`", from.display()))?;
    for entry in entries {
        let path = entry?.path();
        let copy: PathBuf = to.join(path.file_name().context("a folder's entries have names")?);
        if path.is_dir() {
            copy_wit(&path, &copy)?;
        } else {
            let text = fs::read_to_string(&path).with_context(|| format!("failed to read `{}`", path.display()))?;
            fs::write(&copy, of_engine(&text)).with_context(|| format!("failed to write `{}`", copy.display()))?;
        }
    }
    Ok(())
}

/// The same names in the version that the engine takes. The interfaces that it uses are the same in both.
fn of_engine(text: &str) -> String {
    match wit::WORLD.rsplit_once('@') {
        Some((_, version)) => text.replace(version, ENGINE_WASI),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_world_is_named_in_the_version_of_the_engine() {
        assert_eq!(of_engine(wit::WORLD), "wasi:http/proxy@0.2.10");
    }
}
