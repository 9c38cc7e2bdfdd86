//! C: clang and wasi-libc, on the bindings that wit-bindgen generates.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};

use super::process::{first_line, run};
use super::{Built, Kept, Language, Program, Versions};
use crate::{component, stamp, wit};

const HINT: &str = "on Debian, run `apt-get install clang-22 lld-22 libclang-rt-22-dev-wasm32 wasi-libc`; \
    elsewhere, name the clang of a WASI SDK in CC_wasm32_wasi";

/// A reactor has functions to call and no `main`. Names of functions stay, for profiles.
const FLAGS: &[&str] = &[
    // clang would have it called `wasm32-wasip1`, but looks for wasi-libc under the name that is given here.
    "--target=wasm32-wasi",
    "-Wno-deprecated",
    "-mexec-model=reactor",
    "-std=c17",
    "-O3",
    "-flto",
    "-Wall",
    "-Wextra",
    "-mbulk-memory",
    "-msign-ext",
    "-mnontrapping-fptoint",
    "-Wl,--strip-debug",
];

/// C, against `wasi:http` itself.
pub const LANGUAGE: Language =
    Language { name: "c", kept: Kept::InRepository, inputs: &[SOURCES, wit::FOLDER], flags: FLAGS, tools, build };

const SOURCES: &str = "examples/compare/c/src";

fn clang() -> OsString {
    std::env::var_os("CC_wasm32_wasi").unwrap_or_else(|| "clang-22".into())
}

fn tools(_root: &Path) -> Result<Versions> {
    let linker = asked("-print-prog-name=wasm-ld")?;
    Ok(Versions::from([
        ("clang".to_owned(), first_line(Command::new(clang()).arg("--version"), HINT)?),
        ("wasm-ld".to_owned(), first_line(Command::new(linker).arg("--version"), HINT)?),
        ("wasi-libc".to_owned(), library("-print-file-name=libc.a")?),
        ("compiler-rt".to_owned(), library("-print-libgcc-file-name")?),
    ]))
}

/// Where clang has something.
fn asked(question: &str) -> Result<PathBuf> {
    first_line(Command::new(clang()).args(FLAGS).arg(question), HINT).map(PathBuf::from)
}

/// A library's hash: it has no version to ask for.
fn library(question: &str) -> Result<String> {
    let path = asked(question)?;
    let content = std::fs::read(&path)
        .map_err(|error| anyhow!("clang has no `{}` for WASI: {error}\nhint: {HINT}", path.display()))?;
    Ok(format!("sha256 {}", stamp::sha256(&content)))
}

fn build(root: &Path, scratch: &Path) -> Result<Vec<Built>> {
    wit::write_c_bindings(root, scratch)?;
    let mut built = Vec::new();
    for program in Program::ALL {
        let module = compile(root, scratch, program)?;
        built.push((program, component::encode(&module).context(program.name())?));
    }
    Ok(built)
}

/// Compile one program with everything it may use: what it does not use, the linker leaves out.
fn compile(root: &Path, scratch: &Path, program: Program) -> Result<Vec<u8>> {
    let sources = root.join(SOURCES);
    let module = scratch.join(program.name()).with_extension("wasm");
    let mut clang = Command::new(clang());
    clang.args(FLAGS).arg("-I").arg(scratch).arg("-o").arg(&module);
    clang.args([program.name(), "http", "reader", "writer"].map(|name| sources.join(name).with_extension("c")));
    clang.args(["proxy.c", "proxy_component_type.o"].map(|name| scratch.join(name)));
    run(&mut clang, HINT)?;
    std::fs::read(&module).with_context(|| format!("failed to read `{}`", module.display()))
}
