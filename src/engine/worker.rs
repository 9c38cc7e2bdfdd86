//! A version made ready: compiled, linked, waiting for requests.

use super::idle::Pool;
use super::profile::Profiler;
use crate::digest::Digest;
use crate::host::bindings::events::EventHandlerPre;
use crate::host::{Bindings, HostCtx};
use crate::limits::Limits;
use crate::recording::Subject;
pub use crate::registry::version::Trigger;
use crate::source_map::SourceMap;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use wasmparser::{Encoding, Parser, Payload};
use wasmtime::Engine;
use wasmtime_wasi_http::handler::ProxyPre;

/// Custom section of a JavaScript worker's component that holds its [`JsOrigin`] as JSON.
pub const ORIGIN_SECTION: &str = "glowplug:worker";

/// Custom section that holds the source map from the bundled script to the author's files, as JSON.
pub const SOURCE_MAP_SECTION: &str = "glowplug:source-map";

/// How much longer an invocation may take when it is recorded for a profile.
const RECORDING_SLOWDOWN: u32 = 100;

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

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http02 => "wasi:http/incoming-handler@0.2",
            Self::Http03 => "wasi:http/handler@0.3",
        })
    }
}

/// A component compiled and linked, to become a [`Worker`] when it is known what that is given.
pub struct Prepared {
    pub(super) pre: ProxyPre<HostCtx>,
    /// Set where it has handlers for events.
    pub(super) events: Option<EventHandlerPre<HostCtx>>,
    pub(super) source_map: MapSource,
    /// Set where each invocation is to give a profile.
    pub(super) profiler: Option<Arc<dyn Profiler>>,
    /// Where its sandboxes are. Behind all that holds wasmtime's engine, as in [`Worker`].
    pub(super) pool: Arc<Pool>,
}

/// What a worker is given besides its code.
#[derive(Default)]
pub struct Setup {
    /// Name of the worker.
    pub name: Arc<str>,
    /// Id of the version.
    pub version: Arc<str>,
    /// The component that runs, by its digest.
    pub artifact: Option<Digest>,
    /// The JavaScript engine that it runs on, by its digest.
    pub engine: Option<Digest>,
    /// What one invocation may use.
    pub limits: Limits,
    /// Environment variables of a component; a JavaScript worker has them in its snapshot.
    pub env: Arc<[(String, String)]>,
    /// What it can reach.
    pub bindings: Arc<Bindings>,
}

/// A worker version, ready to answer: its lifetime is that of a deployment.
pub struct Worker {
    pub(super) pre: ProxyPre<HostCtx>,
    pub(super) events: Option<EventHandlerPre<HostCtx>>,
    source_map: MapSource,
    profiler: Option<Arc<dyn Profiler>>,
    setup: Setup,
    _pool: Arc<Pool>,
}

impl Worker {
    /// The worker that `setup` makes of `prepared`.
    pub fn new(prepared: Prepared, mut setup: Setup) -> Self {
        if prepared.profiler.is_some() {
            // It is the fuel that is measured, and recording takes its time.
            setup.limits.wall *= RECORDING_SLOWDOWN;
            setup.limits.wait_until *= RECORDING_SLOWDOWN;
        }
        Self {
            pre: prepared.pre,
            events: prepared.events,
            source_map: prepared.source_map,
            profiler: prepared.profiler,
            setup,
            _pool: prepared.pool,
        }
    }

    /// Records its invocations, if it was prepared for that.
    pub(super) fn profiler(&self) -> Option<&dyn Profiler> {
        self.profiler.as_deref()
    }

    /// Addresses of its compiled form.
    pub(super) fn code(&self) -> Range<usize> {
        let pre = match &self.pre {
            ProxyPre::P2(pre) => pre.instance_pre(),
            ProxyPre::P3(pre) => pre.instance_pre(),
        };
        let code = pre.component().image_range();
        code.start.addr()..code.end.addr()
    }

    /// wasmtime's engine that its code was compiled for.
    pub(super) fn engine(&self) -> &Engine {
        match &self.pre {
            ProxyPre::P2(pre) => pre.engine(),
            ProxyPre::P3(pre) => pre.engine(),
        }
    }

    /// Name of the worker.
    pub fn name(&self) -> &Arc<str> {
        &self.setup.name
    }

    /// Id of the version.
    pub fn version(&self) -> &Arc<str> {
        &self.setup.version
    }

    /// Whether an invocation can be recorded and played: so far of components for WASI 0.2 alone.
    pub fn can_be_recorded(&self) -> bool {
        matches!(self.pre, ProxyPre::P2(_))
    }

    /// What runs, for receipts.
    pub fn subject(&self) -> Subject {
        Subject {
            name: self.setup.name.to_string(),
            version: self.setup.version.to_string(),
            artifact: self.setup.artifact,
            engine: self.setup.engine,
        }
    }

    /// What one invocation may use.
    pub fn limits(&self) -> &Limits {
        &self.setup.limits
    }

    /// Environment variables of a component.
    pub fn env(&self) -> &Arc<[(String, String)]> {
        &self.setup.env
    }

    /// What it can reach.
    pub fn bindings(&self) -> &Arc<Bindings> {
        &self.setup.bindings
    }

    /// From the script that runs to the author's files; none for other components.
    pub fn source_map(&self) -> Option<&Arc<SourceMap>> {
        self.source_map.get()
    }

    /// Whether there is a source map, without reading it.
    pub(super) fn has_source_map(&self) -> bool {
        !matches!(self.source_map, MapSource::None)
    }
}

/// Where a source map is. It is needed only when something went wrong, and can be larger than its worker.
#[derive(Clone)]
pub(super) enum MapSource {
    None,
    Here(Arc<SourceMap>),
    /// A file, read when it is first asked for.
    File(PathBuf, Arc<OnceLock<Option<Arc<SourceMap>>>>),
}

impl MapSource {
    fn get(&self) -> Option<&Arc<SourceMap>> {
        match self {
            Self::None => None,
            Self::Here(map) => Some(map),
            Self::File(path, read) => read
                .get_or_init(|| {
                    let map = std::fs::read_to_string(path)
                        .map_err(anyhow::Error::from)
                        .and_then(|text| Ok(SourceMap::parse(&text)?));
                    map.inspect_err(|error| tracing::warn!(path = %path.display(), %error, "no source map"))
                        .ok()
                        .map(Arc::new)
                })
                .as_ref(),
        }
    }
}

/// What a component file says of itself without being compiled.
#[derive(Debug, Clone)]
pub struct ComponentInfo {
    /// How it is triggered.
    pub trigger: Trigger,
    /// Set for workers made from JavaScript.
    pub origin: Option<JsOrigin>,
    /// Set for workers made from JavaScript: the map's JSON text.
    pub source_map: Option<String>,
}

impl ComponentInfo {
    /// The JavaScript engine that it runs on, if it does not bring its own code.
    pub fn engine(&self) -> Option<&str> {
        self.origin.as_ref().map(|origin| origin.engine.as_str())
    }
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
                SourceMap::parse(text)?;
                source_map = Some(text.to_owned());
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
