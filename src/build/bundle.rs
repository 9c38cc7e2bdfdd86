//! Step 1: from an entry file to one ES module.
//!
//! TypeScript and JSX are compiled, packages are found in `node_modules`, and JSON, text and binary files are taken
//! in, all by rolldown in this process. No Node.js is needed.
//!
//! ## Why
//! rolldown is the one bundler that is a Rust library with npm resolution. Its API changes with every release, so no
//! other module uses it.

mod async_context;
mod diagnostic;
mod imports;
mod nested_new;
mod node;
mod options;
mod plugin;
mod report;
#[cfg(test)]
mod tests;
mod threads;
mod wasm;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rolldown::{BundleOutput, Bundler, BundlerBuilder};
use rolldown_common::{Output, OutputChunk};
use rolldown_error::BatchedBuildDiagnostic;

pub use diagnostic::{Diagnostic, Location};

use crate::limits;
use crate::manifest::{ModuleRule, NodeCompat};
use plugin::{Found, WorkerPlugin};
use report::Severity;

/// The bundle's name in stack traces.
pub const SCRIPT_NAME: &str = "worker.js";

/// How to bundle.
#[derive(Debug, Clone)]
pub struct BundleOptions {
    /// How files that are not JavaScript are imported.
    pub rules: Vec<ModuleRule>,
    /// What of Node.js there is.
    pub node: NodeCompat,
    /// Bytes that the result may have.
    pub largest: u64,
}

impl Default for BundleOptions {
    fn default() -> Self {
        Self { rules: Vec::new(), node: NodeCompat::default(), largest: limits::SCRIPT.maximum }
    }
}

/// A worker as one module.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// The module's text. Its only imports are modules that the runtime provides.
    pub code: String,
    /// A source map, version 3, with the sources in it; their paths are relative to the root.
    pub source_map: String,
    /// The WebAssembly modules that the code imports, by the names it imports them by.
    pub wasm: BTreeMap<String, Vec<u8>>,
    /// Every file read, and `tsconfig.json` where there is one.
    pub inputs: Vec<PathBuf>,
    /// What may not work.
    pub warnings: Vec<Diagnostic>,
}

/// Why there is no bundle.
#[derive(Debug, Clone)]
pub struct BundleError {
    /// At least one.
    pub diagnostics: Vec<Diagnostic>,
    /// Every file read so far: a change to one of them may mend it.
    pub inputs: Vec<PathBuf>,
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.diagnostics.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n\nerror: " };
            write!(f, "{separator}{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for BundleError {}

/// Bundles the script `entry` of the project at `root`; both absolute.
pub async fn bundle(entry: &Path, root: &Path, options: &BundleOptions) -> Result<Bundle, BundleError> {
    let limit = Duration::from_millis(limits::BUNDLING.maximum);
    let job = run(entry.to_owned(), root.to_owned(), options.clone());
    let fault = match threads::run(job, limit).await {
        Ok(result) => return result,
        Err(fault) => fault,
    };
    let hint = "this is a fault of glowplug: please report it with the project, if you can share it".to_owned();
    let diagnostic = Diagnostic { message: fault, location: None, frame: None, hint: Some(hint) };
    Err(BundleError { diagnostics: vec![diagnostic], inputs: vec![entry.to_owned()] })
}

async fn run(entry: PathBuf, root: PathBuf, options: BundleOptions) -> Result<Bundle, BundleError> {
    let (bundle, found) = run_once(&entry, &root, &options, false).await;
    // Only when all files have been read is it known that something needs this.
    if found.async_hooks && bundle.is_ok() { run_once(&entry, &root, &options, true).await.0 } else { bundle }
}

async fn run_once(
    entry: &Path,
    root: &Path,
    options: &BundleOptions,
    follow_awaits: bool,
) -> (Result<Bundle, BundleError>, Found) {
    let found: Arc<Mutex<Found>> = Arc::default();
    let wasm: Arc<Mutex<wasm::WasmModules>> = Arc::default();
    let plugin = WorkerPlugin {
        root: root.to_owned(),
        rules: options.rules.clone(),
        node: options.node,
        follow_awaits,
        entry: entry.to_owned(),
        found: found.clone(),
        wasm: wasm.clone(),
    };
    let outcome = generate(entry, root, plugin).await;
    let mut found = std::mem::take(&mut *found.lock().unwrap_or_else(PoisonError::into_inner));
    let refused = std::mem::take(&mut found.refused);
    let wasm = std::mem::take(&mut *wasm.lock().unwrap_or_else(PoisonError::into_inner));
    (outcome.and_then(|generated| finish(generated, refused, wasm, root, options)), found)
}

/// What the bundler gave, and the files it read.
struct Generated {
    result: Result<BundleOutput, BatchedBuildDiagnostic>,
    inputs: Vec<PathBuf>,
}

async fn generate(entry: &Path, root: &Path, plugin: WorkerPlugin) -> Result<Generated, BundleError> {
    let builder = BundlerBuilder::default()
        .with_options(options::rolldown_options(entry, root))
        .with_plugins(vec![Arc::new(plugin)]);
    let mut bundler = match builder.build() {
        Ok(bundler) => bundler,
        Err(events) => {
            let diagnostics = events.iter().map(|event| report::error(event, root)).collect();
            return Err(BundleError { diagnostics, inputs: vec![entry.to_owned()] });
        }
    };
    let result = bundler.generate().await;
    let inputs = inputs_of(&bundler, entry);
    // Only runs plugins' hooks, and ours has none for it.
    let _ = bundler.close().await;
    Ok(Generated { result, inputs })
}

fn finish(
    Generated { result, inputs }: Generated,
    refused: Vec<imports::Import>,
    wasm: wasm::WasmModules,
    root: &Path,
    options: &BundleOptions,
) -> Result<Bundle, BundleError> {
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    for (refusal, diagnostic) in imports::diagnostics(refused, root) {
        if refusal.is_tolerable() { warnings.push(diagnostic) } else { errors.push(diagnostic) }
    }
    let output = match result {
        Ok(output) => Some(output),
        Err(events) => {
            errors.extend(events.iter().map(|event| report::error(event, root)));
            None
        }
    };
    for event in output.iter().flat_map(|output| &output.warnings) {
        match report::warning(event, root) {
            Some((Severity::Error, diagnostic)) => errors.push(diagnostic),
            Some((Severity::Warning, diagnostic)) => warnings.push(diagnostic),
            None => {}
        }
    }
    let wasm_bytes: usize = wasm.values().map(Vec::len).sum();
    let chunk = output.as_ref().and_then(main_chunk);
    if let Some(chunk) = chunk.filter(|chunk| (chunk.code.len() + wasm_bytes) as u64 > options.largest) {
        errors.push(too_large(chunk, wasm_bytes, options.largest, root));
    }
    match chunk {
        Some(chunk) if errors.is_empty() => {
            let source_map = chunk.map.as_ref().map_or_else(empty_source_map, |map| map.to_json_string());
            Ok(Bundle { code: chunk.code.clone(), source_map, wasm, inputs, warnings })
        }
        _ => Err(BundleError { diagnostics: in_order(errors), inputs }),
    }
}

fn main_chunk(output: &BundleOutput) -> Option<&OutputChunk> {
    output.assets.iter().find_map(|asset| match asset {
        Output::Chunk(chunk) if chunk.is_entry => Some(&**chunk),
        Output::Chunk(_) | Output::Asset(_) => None,
    })
}

fn inputs_of(bundler: &Bundler, entry: &Path) -> Vec<PathBuf> {
    let mut inputs: Vec<PathBuf> = bundler.watch_files().iter().map(|file| PathBuf::from(file.as_str())).collect();
    inputs.push(entry.to_owned());
    inputs.sort();
    inputs.dedup();
    inputs
}

/// What a map of nothing is: a worker whose code was all dropped has none.
fn empty_source_map() -> String {
    r#"{"version":3,"sources":[],"names":[],"mappings":""}"#.to_owned()
}

fn too_large(chunk: &OutputChunk, wasm_bytes: usize, largest: u64, root: &Path) -> Diagnostic {
    let mut sizes: Vec<(usize, String)> = (chunk.modules.keys.iter().zip(&chunk.modules.values))
        .map(|(id, module)| (module.rendered_length(), imports::relative(Path::new(id.as_str()), root)))
        .collect();
    if wasm_bytes > 0 {
        sizes.push((wasm_bytes, "WebAssembly modules".to_owned()));
    }
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    let top: Vec<String> = sizes.iter().take(5).map(|(size, file)| format!("`{file}` ({size} bytes)")).collect();
    Diagnostic {
        message: format!("the bundle has {} bytes, more than the {largest} allowed", chunk.code.len() + wasm_bytes),
        location: None,
        frame: None,
        hint: Some(format!("the largest parts are {}", top.join(", "))),
    }
}

/// Sorts by place, since files are read in no fixed order.
fn in_order(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort_by(|a, b| {
        let key = |diagnostic: &Diagnostic| {
            diagnostic.location.as_ref().map(|location| (location.file.clone(), location.line, location.column))
        };
        key(a).cmp(&key(b))
    });
    diagnostics.dedup();
    if diagnostics.is_empty() {
        let message = "the bundler gave no output".to_owned();
        diagnostics.push(Diagnostic { message, location: None, frame: None, hint: None });
    }
    diagnostics
}
