//! Rust: three crates on glowplug's own SDK, compiled as the test guests are.

use std::path::Path;

use anyhow::{Context, Result};

use super::{Built, Kept, Language, Program, Versions};
use crate::artefact::{Artefact, Form};
use crate::toolchain::{Languages, Toolchain};
use crate::{cargo, component};

/// Rust, with `glowplug-sdk`.
pub const LANGUAGE: Language = Language {
    name: "rust",
    kept: Kept::InRepository,
    inputs: &[
        "examples/compare/rust/Cargo.lock",
        "examples/compare/rust/Cargo.toml",
        "examples/compare/rust/hello",
        "examples/compare/rust/json",
        "examples/compare/rust/mandelbrot",
        "guest-sdk/Cargo.toml",
        "guest-sdk/src",
    ],
    flags: cargo::FLAGS,
    tools,
    build,
};

fn tools(_root: &Path) -> Result<Versions> {
    let tools = Toolchain::find(Languages::Rust)?.tools()?;
    Ok(Versions::from([("cargo".to_owned(), tools.cargo), ("rustc".to_owned(), tools.rustc)]))
}

fn build(root: &Path, _scratch: &Path) -> Result<Vec<Built>> {
    let toolchain = Toolchain::find(Languages::Rust)?;
    let mut built = Vec::new();
    for program in Program::ALL {
        let artefact = artefact(program);
        let module = cargo::build(root, &toolchain, &artefact)?;
        built.push((program, component::encode(&module).context(artefact.crate_dir)?));
    }
    Ok(built)
}

fn artefact(program: Program) -> Artefact {
    let (path, crate_dir, library) = match program {
        Program::Hello => ("hello.wasm", "examples/compare/rust/hello", "compare_hello"),
        Program::Json => ("json.wasm", "examples/compare/rust/json", "compare_json"),
        Program::Mandelbrot => ("mandelbrot.wasm", "examples/compare/rust/mandelbrot", "compare_mandelbrot"),
    };
    Artefact {
        path,
        crate_dir,
        library,
        features: &[],
        passive_data: None,
        form: Form::Component,
        inputs: LANGUAGE.inputs,
    }
}
