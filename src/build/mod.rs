//! From an author's source to a worker component: bundle, start up, snapshot, assemble.
//!
//! Each step is a file and can fail with a message that names the author's file and line.

pub mod bundle;
pub mod package;
pub mod start_up;

use self::bundle::{Bundle, BundleError, BundleOptions};
use self::start_up::{BindingName, Script, StartUpError, StartUpErrorKind, WasmModule};
pub use crate::engine::Executor;
use crate::engine::javascript::{JsEngine, snapshot};
use crate::engine::{JsOrigin, ORIGIN_SECTION, SOURCE_MAP_SECTION};
use crate::host::bindings::log::Level;
use crate::limits;
use crate::manifest::{Entry, Manifest};
use crate::source_map::SourceMap;
use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use wasm_encoder::{CustomSection, Encode, Section};

/// Native stack of the thread that runs start-up: what WebAssembly may use, and room for the host.
const START_UP_STACK: usize = 16 << 20;

/// What form of component to make of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// For glowplug: the engine is imported.
    Shared,
    /// For any `wasi:http` host: the engine is embedded.
    Portable,
}

/// A worker component, and how it came about.
#[derive(Debug)]
pub struct Artifact {
    /// The component.
    pub wasm: Vec<u8>,
    /// Files it was made from, for a watcher.
    pub inputs: Vec<PathBuf>,
    /// What the author should know.
    pub warnings: Vec<String>,
    /// What the top-level code wrote to the console.
    pub console: Vec<(Level, String)>,
    /// Set for workers made from a script.
    pub script: Option<ScriptReport>,
}

/// Sizes and times of a build from a script.
#[derive(Debug, Clone)]
pub struct ScriptReport {
    /// Bytes of the bundled script.
    pub script_bytes: usize,
    /// Pages of 4 KiB that the snapshot holds.
    pub snapshot_pages: usize,
    /// Fuel that start-up took.
    pub start_up_fuel: u64,
    /// Event handlers.
    pub handlers: Vec<String>,
    pub bundling: Duration,
    pub starting_up: Duration,
    pub assembling: Duration,
}

/// Why a worker could not be built.
#[derive(Debug)]
pub enum BuildError {
    /// The source does not bundle.
    Bundle(BundleError),
    /// The top-level code failed.
    StartUp(Box<StartUpFailure>),
    /// A file could not be read, or something of ours failed.
    Other(anyhow::Error),
}

/// A start-up error in terms of the author's files.
#[derive(Debug)]
pub struct StartUpFailure {
    pub kind: StartUpErrorKind,
    /// `TypeError: x is not a function`.
    pub error: String,
    /// Source-mapped frames, one line each.
    pub stack: Vec<String>,
    /// Source around the innermost frame.
    pub excerpt: Option<String>,
    /// What to do about it.
    pub hint: Option<&'static str>,
    /// Fuel that was used.
    pub fuel: u64,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bundle(error) => error.fmt(f),
            Self::StartUp(failure) => failure.fmt(f),
            Self::Other(error) => write!(f, "{error:#}"),
        }
    }
}

impl fmt::Display for StartUpFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the worker failed to start: {}", self.error)?;
        for frame in &self.stack {
            write!(f, "\n    {frame}")?;
        }
        if let Some(excerpt) = &self.excerpt {
            write!(f, "\n\n{excerpt}")?;
        }
        if let Some(hint) = self.hint {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for BuildError {}

impl From<anyhow::Error> for BuildError {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

/// Builds the worker that `manifest` describes.
pub async fn build(manifest: &Manifest, executor: &Executor, target: Target) -> Result<Artifact, BuildError> {
    match &manifest.entry {
        Entry::Component(path) => Ok(read_component(path)?),
        Entry::Script(entry) => build_script(manifest, entry, executor, target).await,
        Entry::AssetsOnly => {
            Err(anyhow::anyhow!("the worker has static assets and no script: there is nothing to build").into())
        }
    }
}

fn read_component(path: &Path) -> Result<Artifact> {
    let size = path.metadata().with_context(|| format!("failed to read `{}`", path.display()))?.len();
    let maximum = limits::COMPONENT.maximum;
    anyhow::ensure!(size <= maximum, "`{}` has {size} bytes; a component may have {maximum}", path.display());
    let wasm = std::fs::read(path).with_context(|| format!("failed to read `{}`", path.display()))?;
    crate::engine::examine(&wasm).with_context(|| format!("`{}` cannot serve", path.display()))?;
    Ok(Artifact { wasm, inputs: vec![path.to_owned()], warnings: Vec::new(), console: Vec::new(), script: None })
}

async fn build_script(
    manifest: &Manifest,
    entry: &Path,
    executor: &Executor,
    target: Target,
) -> Result<Artifact, BuildError> {
    let started = Instant::now();
    let options = BundleOptions { rules: manifest.rules.clone(), node: manifest.node(), ..BundleOptions::default() };
    let bundle = bundle::bundle(entry, &manifest.root, &options).await.map_err(BuildError::Bundle)?;
    let bundling = started.elapsed();

    let portable;
    let javascript = match target {
        Target::Shared => executor.javascript(),
        Target::Portable => {
            portable = executor.portable_javascript()?;
            &portable
        }
    };
    let started = Instant::now();
    let state = start_up(manifest, &bundle, executor, javascript)?;
    let starting_up = started.elapsed();

    let started = Instant::now();
    let mut wasm = javascript.assemble(&state.image)?;
    let origin = JsOrigin {
        engine: javascript.digest().to_owned(),
        name: manifest.name.clone(),
        handlers: state.handlers.clone(),
        start_up_fuel: state.fuel,
        compatibility_date: manifest.compatibility_date.to_string(),
    };
    if target == Target::Shared {
        append_section(&mut wasm, ORIGIN_SECTION, &serde_json::to_vec(&origin).context("failed to encode the origin")?);
        append_section(&mut wasm, SOURCE_MAP_SECTION, bundle.source_map.as_bytes());
    }
    let report = ScriptReport {
        script_bytes: bundle.code.len(),
        snapshot_pages: snapshot::used_pages(&state.image),
        start_up_fuel: state.fuel,
        handlers: state.handlers,
        bundling,
        starting_up,
        assembling: started.elapsed(),
    };
    let warnings = bundle.warnings.iter().map(ToString::to_string).collect();
    Ok(Artifact { wasm, inputs: bundle.inputs, warnings, console: state.console, script: Some(report) })
}

/// Runs the top-level code on a thread with the stack it may need.
fn start_up(
    manifest: &Manifest,
    bundle: &Bundle,
    executor: &Executor,
    javascript: &JsEngine,
) -> Result<start_up::Started, BuildError> {
    let date = manifest.compatibility_date.to_string();
    let bindings: Vec<_> =
        manifest.bindings.iter().map(|(name, binding)| BindingName { name, kind: binding.kind() }).collect();
    let wasm: Vec<_> =
        bundle.wasm.iter().map(|(name, bytes)| WasmModule { name, base64: BASE64.encode(bytes) }).collect();
    let script = Script {
        name: bundle::SCRIPT_NAME,
        source: &bundle.code,
        wasm: &wasm,
        env: &manifest.env,
        bindings: &bindings,
        secrets: &manifest.required_secrets,
        compatibility_date: &date,
        compatibility_flags: &manifest.compatibility_flags,
    };
    let outcome = std::thread::scope(|scope| {
        std::thread::Builder::new()
            .name("start-up".into())
            .stack_size(START_UP_STACK)
            .spawn_scoped(scope, || start_up::start_up(executor.wasmtime(), javascript, &script, &manifest.limits))
            .context("failed to start a thread")?
            .join()
            .map_err(|_| anyhow::anyhow!("the start-up thread panicked"))?
    })?;
    outcome.map_err(|error| BuildError::StartUp(Box::new(explain(error, bundle))))
}

fn explain(error: StartUpError, bundle: &Bundle) -> StartUpFailure {
    let hint = match error.kind {
        StartUpErrorKind::Cpu => Some(
            "do less at the top level: what every request needs is kept in the snapshot, so compute it in the build",
        ),
        StartUpErrorKind::Disallowed => Some(
            "move the call into a handler: top-level code runs once, at build time, without I/O, timers or random numbers",
        ),
        StartUpErrorKind::Hang => Some("a top-level `await` can only wait for what needs no I/O and no timer"),
        StartUpErrorKind::NoHandler => Some("add `export default { async fetch(request, env, ctx) { … } }`"),
        StartUpErrorKind::Exception | StartUpErrorKind::Memory => None,
    };
    let text = if error.name.is_empty() { error.message } else { format!("{}: {}", error.name, error.message) };
    let (stack, excerpt) = match SourceMap::parse(&bundle.source_map) {
        Ok(map) => {
            let frames = map.map_stack(&error.stack);
            let excerpt = frames.iter().find_map(|frame| map.excerpt(frame));
            (frames.iter().map(ToString::to_string).collect(), excerpt)
        }
        Err(_) => (error.stack.lines().map(|line| line.trim().to_owned()).collect(), None),
    };
    StartUpFailure { kind: error.kind, error: text, stack, excerpt, hint, fuel: error.fuel }
}

/// Adds a custom section to a component; it may come anywhere, so at the end is fine.
pub fn append_section(wasm: &mut Vec<u8>, name: &str, data: &[u8]) {
    let section = CustomSection { name: Cow::Borrowed(name), data: Cow::Borrowed(data) };
    wasm.push(section.id());
    section.encode(wasm);
}
