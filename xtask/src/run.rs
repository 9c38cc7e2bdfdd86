//! The commands.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::artefact::{Artefact, Form, Group, INTL_DATA, SPREAD_ENGINE};
use crate::languages::process::npm_ci;
use crate::stamp::{Stamp, Tools};
use crate::toolchain::{Languages, Toolchain};
use crate::{cargo, component, languages, node, passive, prelude};

/// Build a group's artefacts and write them.
pub fn build(root: &Path, group: Group) -> Result<()> {
    let toolchain = Toolchain::find(languages(group))?;
    let tools = toolchain.tools()?;
    prepare(root, group)?;
    for artefact in group.artefacts() {
        let wasm = make(root, &toolchain, &tools, artefact)?;
        write(&artefact.file(root), &wasm).with_context(|| format!("failed to write `{}`", artefact.path))?;
        println!("{}: {} bytes", artefact.path, wasm.len());
    }
    match group {
        Group::Engine => node::build(root),
        Group::Guests => languages::make::build(root, &languages::ALL),
    }
}

/// Write the data of Intl anew, from what the icu crates were compiled with.
pub fn intl_data(root: &Path) -> Result<()> {
    let status = Command::new("cargo")
        .current_dir(root.join("js-shim/intl-data"))
        .args(["run", "--release", "--locked", "--target-dir"])
        .arg(root.join("target/intl-data"))
        .arg("--")
        .arg(root.join(INTL_DATA))
        .status()
        .context("failed to run cargo")?;
    ensure!(status.success(), "failed to write `{INTL_DATA}`");
    Ok(())
}

/// Write anew which of the prelude's blocks requests write to. The engine is then to be built again.
pub fn hot_blocks(root: &Path) -> Result<()> {
    let toolchain = Toolchain::find(languages(Group::Engine))?;
    prepare(root, Group::Engine)?;
    npm_ci(&root.join("examples/hono"))?;
    let wasm = make(root, &toolchain, &toolchain.tools()?, &SPREAD_ENGINE)?;
    let engine = SPREAD_ENGINE.file(root);
    write(&engine, &wasm).with_context(|| format!("failed to write `{}`", SPREAD_ENGINE.path))?;
    let status = Command::new("cargo")
        .current_dir(root)
        .args(["test", "--test", "it", "hot_blocks::", "--", "--ignored", "--nocapture"])
        .env("GLOWPLUG_SPREAD_ENGINE", engine)
        .status()
        .context("failed to run cargo")?;
    ensure!(status.success(), "failed to find out which blocks requests write to");
    Ok(())
}

/// Write a file. A reader, such as a running `glowplug dev`, sees the old file or the new one and nothing between.
pub fn write(file: &Path, wasm: &[u8]) -> Result<()> {
    let unfinished = file.with_extension("wasm.new");
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&unfinished, wasm)?;
    fs::rename(&unfinished, file)?;
    Ok(())
}

/// What must be there before a group's crates compile.
pub fn prepare(root: &Path, group: Group) -> Result<()> {
    match group {
        Group::Engine => prelude::bundle(root),
        Group::Guests => Ok(()),
    }
}

/// The languages of a group's crates.
pub fn languages(group: Group) -> Languages {
    match group {
        Group::Engine => Languages::RustAndC,
        Group::Guests => Languages::Rust,
    }
}

/// Build one artefact, stamp included.
pub fn make(root: &Path, toolchain: &Toolchain, tools: &Tools, artefact: &Artefact) -> Result<Vec<u8>> {
    // Before the build: sources edited meanwhile then make the artefact stale, as they should.
    let source_sha256 = artefact.source_sha256(root)?;
    let mut module = cargo::build(root, toolchain, artefact)?;
    if let Some(path) = artefact.passive_data {
        let data = fs::read(root.join(path)).with_context(|| format!("failed to read `{path}`"))?;
        module = passive::embed(&module, &data)
            .with_context(|| format!("failed to put `{path}` into `{}`", artefact.path))?;
    }
    let mut wasm = match artefact.form {
        Form::CoreModule => module,
        Form::Component => component::encode(&module).with_context(|| artefact.path)?,
    };
    let stamp = Stamp { source_sha256, tools: tools.clone() };
    stamp.append(&mut wasm)?;
    Ok(wasm)
}
