//! Compiled code on disk, so that nothing is compiled twice.

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{fs, io};
use wasmtime::component::Component;
use wasmtime::{Engine, Module};

/// A folder of compiled code, addressed by the WebAssembly it came from and the compiler's configuration.
///
/// The folder must be writable by nobody but the user glowplug runs as: its files are trusted as machine code.
#[derive(Debug, Clone)]
pub struct CodeCache {
    dir: Option<PathBuf>,
}

impl CodeCache {
    /// Keeps code in `dir`, which is made when it is missing.
    pub fn in_dir(dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("failed to create the code cache `{}`", dir.display()))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(dir, fs::Permissions::from_mode(0o700))
                .with_context(|| format!("failed to make the code cache `{}` private", dir.display()))?;
        }
        Ok(Self { dir: Some(dir.to_owned()) })
    }

    /// Compiles anew each time.
    pub fn disabled() -> Self {
        Self { dir: None }
    }

    /// The compiled form of a core module. `digest` is the SHA-256 of `wasm`.
    pub fn module(&self, engine: &Engine, wasm: &[u8], digest: &Sha256Digest) -> Result<Module> {
        let Some(path) = self.path(engine, "module", digest) else {
            return Ok(Module::new(engine, wasm)?);
        };
        if path.exists() {
            // SAFETY: the file is in a folder that only this user can write, and `write` puts there nothing but what
            // `serialize` gave; wasmtime checks version and configuration.
            match unsafe { Module::deserialize_file(engine, &path) } {
                Ok(module) => return Ok(module),
                Err(error) => {
                    tracing::warn!(path = %path.display(), %error, "stale code cache entry is replaced")
                }
            }
        }
        let module = Module::new(engine, wasm)?;
        write(&path, &module.serialize()?)?;
        Ok(module)
    }

    /// The compiled form of a component. `digest` is the SHA-256 of `wasm`.
    pub fn component(&self, engine: &Engine, wasm: &[u8], digest: &Sha256Digest) -> Result<Component> {
        let Some(path) = self.path(engine, "component", digest) else {
            return Ok(Component::new(engine, wasm)?);
        };
        if path.exists() {
            // SAFETY: as in `module`.
            match unsafe { Component::deserialize_file(engine, &path) } {
                Ok(component) => return Ok(component),
                Err(error) => {
                    tracing::warn!(path = %path.display(), %error, "stale code cache entry is replaced")
                }
            }
        }
        let component = Component::new(engine, wasm)?;
        write(&path, &component.serialize()?)?;
        Ok(component)
    }

    fn path(&self, engine: &Engine, kind: &str, digest: &Sha256Digest) -> Option<PathBuf> {
        let dir = self.dir.as_ref()?;
        let mut compiler = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut compiler);
        Some(dir.join(format!("{}-{:016x}.{kind}.cwasm", hex(digest), compiler.finish())))
    }
}

/// SHA-256 of a WebAssembly file.
pub type Sha256Digest = [u8; 32];

/// The digest that code is addressed by.
pub fn digest(wasm: &[u8]) -> Sha256Digest {
    Sha256::digest(wasm).into()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Writes under a name of its own first, so that a reader never sees half a file.
fn write(path: &Path, code: &[u8]) -> Result<()> {
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    let written = fs::write(&temporary, code).and_then(|()| fs::rename(&temporary, path));
    if let Err(error) = &written
        && error.kind() != io::ErrorKind::NotFound
    {
        let _ = fs::remove_file(&temporary);
    }
    written.with_context(|| format!("failed to write compiled code to `{}`", path.display()))
}
