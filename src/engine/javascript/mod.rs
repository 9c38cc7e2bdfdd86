//! The JavaScript engine: one compiled module for all workers, one snapshot for each.
//!
//! ## Why
//! Compiling QuickJS takes a second and gives megabytes; a worker must cost neither. Its code is therefore compiled once
//! and shared, and a worker component holds no code but a few trampolines: the state after start-up is its whole content.

mod imports;
pub mod shell;
pub mod snapshot;
pub mod split;

use self::shell::Linkage;
use self::split::{Image, Parts};
use super::code_cache::CodeCache;
use crate::digest::Digest;
use anyhow::{Context, Result};
use wasmtime::{Engine, Module};

/// The engine's core module, built by `cargo xtask engine`.
pub static ENGINE_WASM: &[u8] = include_bytes!("../../../js-shim/dist/engine.wasm");
/// The same for hosts that know nothing of glowplug.
static PORTABLE_ENGINE_WASM: &[u8] = include_bytes!("../../../js-shim/dist/engine-portable.wasm");

/// Which engine a worker is built on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// Shared, metered, with glowplug's own interfaces.
    Shared,
    /// Embedded, with nothing but WASI.
    Portable,
}

/// The JavaScript engine, ready to start workers up and to serve them.
pub struct JsEngine {
    digest: String,
    flavour: Flavour,
    shell: Vec<u8>,
    parts: Parts,
    module: Module,
}

impl JsEngine {
    /// The table of functions that the code calls, as it exports it.
    pub const TABLE: &str = imports::TABLE;

    /// Prepares the engine that `glowplug` carries.
    pub fn load(flavour: Flavour, engine: &Engine, cache: &CodeCache) -> Result<Self> {
        let wasm = match flavour {
            Flavour::Shared => ENGINE_WASM,
            Flavour::Portable => PORTABLE_ENGINE_WASM,
        };
        Self::from_wasm(wasm, flavour, engine, cache)
    }

    /// Prepares an engine from its core module.
    pub fn from_wasm(wasm: &[u8], flavour: Flavour, engine: &Engine, cache: &CodeCache) -> Result<Self> {
        let shell = wit_component::ComponentEncoder::default()
            .module(wasm)
            .and_then(|encoder| encoder.validate(false).encode())
            .context("failed to make a component of the JavaScript engine")?;
        let parts = shell::split_component(&shell).context("failed to split the JavaScript engine")?;
        let module = cache
            .module(engine, &parts.code, Digest::of(&parts.code))
            .context("failed to compile the JavaScript engine")?;
        Ok(Self { digest: Digest::of(wasm).to_string(), flavour, shell, parts, module })
    }

    /// SHA-256 of the engine's core module: a shared worker runs on the very engine it was built on.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The place of an imported function in the table [`Self::TABLE`]; none if the engine does not import it.
    pub fn import(&self, module: &str, name: &str) -> Option<usize> {
        let imports = self.parts.imports.as_ref()?;
        imports.iter().position(|import| import.module == module && import.name == name)
    }

    /// The code, to be given state.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// The state before any worker's code ran.
    pub fn initial(&self) -> &Image {
        &self.parts.initial
    }

    /// The component of a worker whose start-up ended in `image`.
    pub fn assemble(&self, image: &Image) -> Result<Vec<u8>> {
        let linkage = match self.flavour {
            Flavour::Shared => Linkage::Shared,
            Flavour::Portable => Linkage::Embedded,
        };
        shell::assemble(&self.shell, &self.parts, &snapshot::encode(image), linkage)
    }
}
