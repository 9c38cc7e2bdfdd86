//! Compiled code on disk, so that nothing is compiled twice.

use crate::digest::Digest;
use anyhow::{Context, Result};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::{fs, io};
use wasmtime::component::Component;
use wasmtime::{Engine, Module};

/// How names of compiled components end.
pub(super) const COMPONENT: &str = "component.cwasm";

/// A folder of compiled code, addressed by the WebAssembly it came from and the compiler's configuration.
///
/// The folder must be writable by nobody but the user glowplug runs as: its files are trusted as machine code.
#[derive(Debug, Clone)]
pub struct CodeCache {
    dir: Option<PathBuf>,
    /// Held for reading while a component is being mapped.
    mapping: Arc<RwLock<()>>,
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
        Ok(Self { dir: Some(dir.to_owned()), mapping: Arc::default() })
    }

    /// Compiles anew each time.
    pub fn disabled() -> Self {
        Self { dir: None, mapping: Arc::default() }
    }

    /// The compiled form of a core module. `digest` is that of `wasm`.
    pub fn module(&self, engine: &Engine, wasm: &[u8], digest: Digest) -> Result<Module> {
        let Some(path) = self.path(engine, "module.cwasm", digest) else {
            return Ok(Module::new(engine, wasm)?);
        };
        if path.exists() {
            // SAFETY: the file is in a folder that only this user can write, and `write` puts there nothing but what
            // `serialize` gave; wasmtime checks version and configuration.
            match unsafe { Module::deserialize_file(engine, &path) } {
                Ok(module) => return Ok(module),
                Err(error) => stale(&path, &error),
            }
        }
        let module = Module::new(engine, wasm)?;
        write(&path, &module.serialize()?)?;
        Ok(module)
    }

    /// The compiled form of the component `digest`, if it is kept.
    pub fn kept_component(&self, engine: &Engine, digest: Digest) -> Option<Component> {
        let path = self.path(engine, COMPONENT, digest).filter(|path| path.exists())?;
        let _mapping = self.mapping.read().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: as in `module`.
        unsafe { Component::deserialize_file(engine, &path) }.inspect_err(|error| stale(&path, error)).ok()
    }

    /// Does something at a time at which no component is being mapped.
    pub(super) fn while_nothing_is_mapped<T>(&self, act: impl FnOnce() -> T) -> T {
        let _nobody = self.mapping.write().unwrap_or_else(PoisonError::into_inner);
        act()
    }

    /// Compiles a component, and keeps the outcome. `digest` is that of `wasm`.
    pub fn compile_component(&self, engine: &Engine, wasm: &[u8], digest: Digest) -> Result<Component> {
        let component = Component::new(engine, wasm)?;
        if let Some(path) = self.path(engine, COMPONENT, digest) {
            write(&path, &component.serialize()?)?;
        }
        Ok(component)
    }

    /// Keeps the source map of the component `digest` beside its code.
    pub fn keep_source_map(&self, engine: &Engine, digest: Digest, text: &str) -> Result<()> {
        self.path(engine, "map", digest).map_or(Ok(()), |path| write(&path, text.as_bytes()))
    }

    /// Where the source map of the component `digest` is, if it has one.
    pub fn source_map(&self, engine: &Engine, digest: Digest) -> Option<PathBuf> {
        self.path(engine, "map", digest).filter(|path| path.exists())
    }

    /// Removes what is kept of one component.
    pub fn remove(&self, engine: &Engine, digest: Digest) {
        for kind in [COMPONENT, "map"] {
            // It need not be there.
            let _ = self.path(engine, kind, digest).map(fs::remove_file);
        }
    }

    /// Removes what is kept of components that `wanted` does not want.
    pub fn retain(&self, wanted: impl Fn(Digest) -> bool) -> Result<()> {
        let Some(dir) = &self.dir else { return Ok(()) };
        for entry in fs::read_dir(dir).with_context(|| format!("failed to read `{}`", dir.display()))? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let of_component = name.ends_with(".component.cwasm") || name.ends_with(".map");
            let digest = name.split('-').next().and_then(|digest| digest.parse().ok());
            if let (true, Some(digest)) = (of_component, digest)
                && !wanted(digest)
            {
                // Another process may have been faster.
                let _ = fs::remove_file(&path);
            }
        }
        Ok(())
    }

    fn path(&self, engine: &Engine, kind: &str, digest: Digest) -> Option<PathBuf> {
        let dir = self.dir.as_ref()?;
        let mut compiler = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut compiler);
        Some(dir.join(format!("{digest}-{:016x}.{kind}", compiler.finish())))
    }
}

fn stale(path: &Path, error: &wasmtime::Error) {
    tracing::warn!(path = %path.display(), %error, "stale code cache entry is replaced");
}

/// Writes under a name of its own first, so that a reader never sees half a file.
fn write(path: &Path, code: &[u8]) -> Result<()> {
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let temporary = path.with_extension(format!("{}-{number}.tmp", std::process::id()));
    let written = fs::write(&temporary, code).and_then(|()| fs::rename(&temporary, path));
    if let Err(error) = &written
        && error.kind() != io::ErrorKind::NotFound
    {
        let _ = fs::remove_file(&temporary);
    }
    written.with_context(|| format!("failed to write compiled code to `{}`", path.display()))
}
