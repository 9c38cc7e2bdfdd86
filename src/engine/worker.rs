//! A version made ready: compiled, linked, waiting for requests.

use super::code_cache::{Sha256Digest, hex};
use crate::host::HostCtx;
use crate::limits::Limits;
use crate::source_map::SourceMap;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use wasmparser::{Encoding, Parser, Payload};
use wasmtime_wasi_http::handler::ProxyPre;

/// Custom section of a JavaScript worker's component that holds its [`JsOrigin`] as JSON.
pub const ORIGIN_SECTION: &str = "glowplug:worker";

/// Custom section that holds the source map from the bundled script to the author's files, as JSON.
pub const SOURCE_MAP_SECTION: &str = "glowplug:source-map";

/// What a JavaScript worker's component says of where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JsOrigin {
    /// SHA-256 of the engine it was started up on.
    pub engine: String,
    /// Name of the worker.
    pub name: String,
    /// Event handlers it has.
    pub handlers: Vec<String>,
    /// Fuel that its start-up took.
    pub start_up_fuel: u64,
    /// Compatibility date it was built for.
    pub compatibility_date: String,
}

/// The trigger interface that a component exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// `wasi:http/incoming-handler@0.2`
    Http02,
    /// `wasi:http/handler@0.3`
    Http03,
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http02 => "wasi:http/incoming-handler@0.2",
            Self::Http03 => "wasi:http/handler@0.3",
        })
    }
}

/// A worker version, ready to answer: its lifetime is that of a deployment.
pub struct Worker {
    pub(super) pre: ProxyPre<HostCtx>,
    /// What one invocation may use.
    pub limits: Limits,
    /// Environment variables of a component.
    pub env: Arc<[(String, String)]>,
    /// Short name of the version: the start of the artefact's SHA-256.
    pub version: String,
    /// From the script that runs to the author's files; none for other components.
    pub source_map: Option<Arc<SourceMap>>,
}

/// Short name of an artefact's version.
pub fn version_of(digest: &Sha256Digest) -> String {
    hex(&digest[..6])
}

/// What a component file says of itself without being compiled.
#[derive(Debug, Clone)]
pub struct ComponentInfo {
    /// How it is triggered.
    pub trigger: Trigger,
    /// Set for workers made from JavaScript.
    pub origin: Option<JsOrigin>,
    /// Set for workers made from JavaScript.
    pub source_map: Option<Arc<SourceMap>>,
}

/// Reads what `wasm` is, and refuses what cannot serve.
pub fn examine(wasm: &[u8]) -> Result<ComponentInfo> {
    if !wasm.starts_with(b"\0asm") {
        bail!("not a WebAssembly file: it does not start with `\\0asm`");
    }
    let mut depth = 0usize;
    let mut trigger = None;
    let mut origin = None;
    let mut source_map = None;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.context("the WebAssembly file is damaged or truncated")?;
        match payload {
            Payload::Version { encoding: Encoding::Module, .. } if depth == 0 => bail!(
                "this is a core WebAssembly module, not a component\n\
                 hint: make a component of it with `wasm-tools component new FILE.wasm -o OUT.wasm`"
            ),
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentExportSection(exports) if depth == 0 => {
                for export in exports {
                    trigger = trigger.or(trigger_named(export?.name.name));
                }
            }
            Payload::CustomSection(section) if depth == 0 && section.name() == ORIGIN_SECTION => {
                let parsed = serde_json::from_slice(section.data()).with_context(|| {
                    format!("the component's `{ORIGIN_SECTION}` section is not what this glowplug writes")
                })?;
                origin = Some(parsed);
            }
            Payload::CustomSection(section) if depth == 0 && section.name() == SOURCE_MAP_SECTION => {
                let text = std::str::from_utf8(section.data()).context("the component's source map is not text")?;
                source_map = Some(Arc::new(SourceMap::parse(text)?));
            }
            _ => {}
        }
    }
    let trigger = trigger.context(
        "the component exports neither `wasi:http/incoming-handler@0.2` nor `wasi:http/handler@0.3`, so it cannot answer HTTP\n\
         hint: build it for the `wasi:http/proxy` world",
    )?;
    Ok(ComponentInfo { trigger, origin, source_map })
}

fn trigger_named(export: &str) -> Option<Trigger> {
    let (interface, version) = export.split_once('@')?;
    match interface {
        "wasi:http/incoming-handler" if version.starts_with("0.2.") => Some(Trigger::Http02),
        "wasi:http/handler" if version.starts_with("0.3.") => Some(Trigger::Http03),
        _ => None,
    }
}
