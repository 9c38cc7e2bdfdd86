//! Runs cargo for Wasm so that the same sources give the same bytes wherever they lie.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::artefact::Artefact;
use crate::rustc;
use crate::toolchain::{StdSource, TARGET, Toolchain};

/// Flags that shape the bytes; they are part of an artefact's sources.
pub const FLAGS: &[&str] = &[RUST_FEATURES, C_FLAGS];

const RUST_FEATURES: &str = "target-feature=+bulk-memory,+sign-ext,+nontrapping-fptoint";
const C_FLAGS: &str = "-O3 -mbulk-memory -msign-ext -mnontrapping-fptoint";

/// Compile an artefact's crate and give the core module that cargo wrote.
pub fn build(root: &Path, toolchain: &Toolchain, artefact: &Artefact) -> Result<Vec<u8>> {
    let target_dir = root.join("target/xtask");
    let remap = remapped_paths(root, toolchain)?;

    let mut cargo = Command::new(&toolchain.cargo);
    clear_environment(&mut cargo);
    cargo
        .current_dir(root.join(artefact.crate_dir))
        .args(["build", "--release", "--locked", "--target", TARGET])
        .arg("--target-dir")
        .arg(&target_dir)
        .arg("--config")
        .arg(rustflags(&remap)?)
        .env("RUSTC", &toolchain.rustc)
        .env("RUSTC_WRAPPER", std::env::current_exe().context("failed to find xtask itself")?)
        .env(rustc::ROOT_VARIABLE, root)
        // clang's `__DATE__` and `__TIME__`
        .env("SOURCE_DATE_EPOCH", "0");
    if !artefact.features.is_empty() {
        cargo.arg("--features").arg(artefact.features.join(","));
    }
    if let StdSource::Built(_) = toolchain.std {
        cargo.arg("-Zbuild-std=std,panic_abort").env("RUSTC_BOOTSTRAP", "1");
    }
    if let Some(c) = &toolchain.c {
        cargo
            .env("CC_wasm32_unknown_unknown", &c.clang)
            .env("AR_wasm32_unknown_unknown", &c.ar)
            // Not `CFLAGS_wasm32_unknown_unknown`: a crate's own `.cargo/config.toml` may add flags there.
            .env("TARGET_CFLAGS", c_flags(&remap)?);
    }
    let status = cargo.status().with_context(|| format!("failed to run `{}`", toolchain.cargo.display()))?;
    if !status.success() {
        bail!("failed to compile `{}`", artefact.crate_dir);
    }

    let module = target_dir.join(TARGET).join("release").join(artefact.library).with_extension("wasm");
    fs::read(&module).with_context(|| format!("failed to read `{}`", module.display()))
}

/// Nothing of the caller's settings may reach the bytes. What cargo needs to reach a registry stays.
fn clear_environment(cargo: &mut Command) {
    const PREFIXES: [&str; 6] =
        ["CARGO_BUILD_", "CARGO_ENCODED_", "CARGO_PKG_", "CARGO_PROFILE_", "CARGO_TARGET_", "RUSTC_"];
    // `cargo run` points the loader at its own toolchain's libraries.
    const NAMES: [&str; 5] = ["CARGO", "CARGO_MANIFEST_DIR", "CFLAGS", "LD_LIBRARY_PATH", "RUSTFLAGS"];
    for (name, _) in std::env::vars_os() {
        let Some(text) = name.to_str() else { continue };
        if NAMES.contains(&text) || PREFIXES.iter().any(|prefix| text.starts_with(prefix)) {
            cargo.env_remove(&name);
        }
    }
}

/// Folders of this machine and the names that stand for them in panic messages and debug information.
/// Of several that match, rustc takes the last.
fn remapped_paths(root: &Path, toolchain: &Toolchain) -> Result<Vec<(PathBuf, &'static str)>> {
    let mut remap = vec![(root.to_owned(), "/glowplug")];
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = match home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))) {
        Some(home) => home,
        None => bail!("the home directory is not known: set CARGO_HOME"),
    };
    remap.push((home.clone(), "/cargo"));
    // One folder per registry; its name holds a hash that depends on how cargo reaches it.
    let registries = home.join("registry/src");
    if let Ok(entries) = fs::read_dir(&registries) {
        for entry in entries {
            remap.push((entry?.path(), "/registry"));
        }
    }
    remap.push((toolchain.sysroot()?.join("lib/rustlib/src/rust"), "/rust"));
    Ok(remap)
}

/// As configuration and not as `RUSTFLAGS`: flags of the crate's own `.cargo/config.toml` are kept.
fn rustflags(remap: &[(PathBuf, &str)]) -> Result<String> {
    let mut flags = vec!["-C".to_owned(), RUST_FEATURES.to_owned()];
    for (from, to) in remap {
        flags.push(format!("--remap-path-prefix={}={to}", utf8(from)?));
    }
    // A JSON array of strings is a TOML one as well.
    let list = serde_json::to_string(&flags)?;
    Ok(format!("target.{TARGET}.rustflags={list}"))
}

fn c_flags(remap: &[(PathBuf, &str)]) -> Result<String> {
    let mut flags = C_FLAGS.to_owned();
    for (from, to) in remap {
        let from = utf8(from)?;
        if from.contains(char::is_whitespace) {
            bail!("the path `{from}` has a space, which cannot be passed on to clang: use another folder");
        }
        flags.push_str(&format!(" -ffile-prefix-map={from}={to}"));
    }
    Ok(flags)
}

fn utf8(path: &Path) -> Result<&str> {
    let text: &OsStr = path.as_os_str();
    text.to_str().with_context(|| format!("the path `{}` is not UTF-8", path.display()))
}
