//! wasmtime: compile, pool, meter, run one invocation.
//!
//! [`Executor`] lives as long as the process, [`Worker`] as long as a deployment, an [`invoke::Invocation`] as long as a
//! request. wasmtime's types do not leave this module, `host` and `build`.

pub mod code_cache;
mod config;
mod deadline;
mod idle;
pub mod invoke;
pub mod javascript;
pub mod profile;
mod response;
mod room;
mod worker;

pub use self::config::Metering;
pub use self::room::Room;
pub use self::worker::{
    ComponentInfo, JsOrigin, ORIGIN_SECTION, Prepared, SOURCE_MAP_SECTION, Setup, Trigger, Worker, examine,
};

use self::code_cache::CodeCache;
use self::idle::Pool;
use self::invoke::LongRunning;
use self::javascript::{Flavour, JsEngine};
use self::room::Places;
use self::worker::MapSource;
use crate::digest::Digest;
use crate::host::bindings::events::EventHandlerPre;
use crate::host::egress::EgressPolicy;
use crate::host::{self, HostCtx, OriginClient};
use crate::source_map::SourceMap;
use anyhow::{Context, Result, bail};
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError, RwLock};
use wasmtime::Engine;
use wasmtime::component::{Component, Linker};
use wasmtime_wasi_http::handler::ProxyPre;
use wasmtime_wasi_http::{p2, p3};

/// What an executor is made with.
#[derive(Debug, Clone)]
pub struct ExecutorOptions {
    /// Where compiled code is kept.
    pub cache: CodeCache,
    /// Which addresses subrequests may reach.
    pub egress: EgressPolicy,
    /// Whether work is counted.
    pub metering: Metering,
    /// Which component interfaces are served.
    pub wasi: Wasi,
    /// How many sandboxes there may be at the same time.
    pub room: Room,
}

/// Versions of WASI that components may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wasi {
    /// 0.2 alone.
    Stable,
    /// 0.3 too, which wasmtime calls experimental.
    Experimental,
}

/// Everything that workers share: engine, linker, pool of sandboxes, HTTP client.
pub struct Executor {
    engine: Engine,
    /// Everything but a JavaScript engine.
    linker: Linker<HostCtx>,
    javascript: JsEngine,
    /// The same with a JavaScript engine, by its digest: this program's own, and those that deployed workers came with.
    engines: RwLock<HashMap<String, Linker<HostCtx>>>,
    cache: CodeCache,
    client: OriginClient,
    places: Places,
    long_running: Arc<LongRunning>,
    /// Whether memory was used since some was last given back.
    used: AtomicBool,
    metering: Metering,
    wasi: Wasi,
    preparation: Preparation,
    /// Behind all that holds `engine`.
    pool: Arc<Pool>,
}

/// What workers are prepared for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Preparation {
    /// To serve.
    Serving,
    /// To tell where their fuel goes.
    Profiling,
}

impl Executor {
    /// What requests leave the process by.
    pub fn client(&self) -> &OriginClient {
        &self.client
    }

    /// Sets up the pool and loads the JavaScript engine, compiling it if the cache does not hold it.
    pub fn new(options: ExecutorOptions) -> Result<Self> {
        let pool = Pool::count();
        let engine = Engine::new(&config::wasmtime_config(options.metering, options.wasi, options.room))?;
        let javascript = JsEngine::load(Flavour::Shared, &engine, &options.cache)?;
        let linker = linker(&engine, options.wasi)?;
        let engines = HashMap::from([(javascript.digest().to_owned(), with_engine(&linker, &javascript)?)]);
        Ok(Self {
            engine,
            linker,
            javascript,
            engines: RwLock::new(engines),
            cache: options.cache,
            client: OriginClient::new(options.egress),
            places: Places::new(options.room),
            long_running: Arc::default(),
            used: AtomicBool::new(false),
            metering: options.metering,
            wasi: options.wasi,
            preparation: Preparation::Serving,
            pool,
        })
    }

    /// The same, for workers whose invocations all give a profile with their report.
    pub fn profiling(self) -> Self {
        Self { preparation: Preparation::Profiling, ..self }
    }

    /// The JavaScript engine that workers share.
    pub fn javascript(&self) -> &JsEngine {
        &self.javascript
    }

    /// The engine for self-contained components.
    pub fn portable_javascript(&self) -> Result<JsEngine> {
        JsEngine::load(Flavour::Portable, &self.engine, &self.cache)
    }

    /// Whether workers that were started up on this JavaScript engine can run.
    pub fn has_engine(&self, digest: &str) -> bool {
        self.engines.read().unwrap_or_else(PoisonError::into_inner).contains_key(digest)
    }

    /// Lets workers run that were started up on another version's JavaScript engine, whose core module is `wasm`.
    pub fn add_engine(&self, wasm: &[u8]) -> Result<()> {
        let javascript = JsEngine::from_wasm(wasm, Flavour::Shared, &self.engine, &self.cache)?;
        let linker = with_engine(&self.linker, &javascript)?;
        self.engines.write().unwrap_or_else(PoisonError::into_inner).insert(javascript.digest().to_owned(), linker);
        Ok(())
    }

    /// wasmtime's engine, for code that runs a worker's start-up.
    pub fn wasmtime(&self) -> &Engine {
        &self.engine
    }

    /// Compiles a component and finds out whether it can serve here. `digest` is that of `wasm`.
    pub fn prepare(&self, wasm: &[u8], digest: Digest) -> Result<(ComponentInfo, Prepared)> {
        if self.preparation == Preparation::Profiling {
            return self.prepare_profiled(wasm);
        }
        let info = examine(wasm)?;
        // Before it is compiled, which fails with less to say.
        self.check_wasi(info.trigger)?;
        let component = match self.cache.kept_component(&self.engine, digest) {
            Some(component) => component,
            None => {
                if let Some(map) = &info.source_map {
                    self.cache.keep_source_map(&self.engine, digest, map)?;
                }
                self.cache.compile_component(&self.engine, wasm, digest).context("failed to compile the component")?
            }
        };
        let source_map = match (&info.source_map, self.cache.source_map(&self.engine, digest)) {
            (_, Some(path)) => MapSource::File(path, Arc::default()),
            (Some(text), None) => MapSource::Here(Arc::new(SourceMap::parse(text)?)),
            (None, None) => MapSource::None,
        };
        let (pre, events) = self.link(&component, info.trigger, info.engine())?;
        let prepared = Prepared { pre, events, source_map, profiler: None, pool: self.pool.clone() };
        Ok((info, prepared))
    }

    /// A component that was prepared before, from the code cache: without its WebAssembly, in a fraction of a millisecond.
    /// None when the cache has no use for it any more. `engine` is the one that a JavaScript worker was started up on.
    pub fn prepared(&self, digest: Digest, trigger: Trigger, engine: Option<&str>) -> Result<Option<Prepared>> {
        if self.preparation == Preparation::Profiling {
            return Ok(None);
        }
        let Some(component) = self.cache.kept_component(&self.engine, digest) else { return Ok(None) };
        let source_map = match self.cache.source_map(&self.engine, digest) {
            Some(path) => MapSource::File(path, Arc::default()),
            None => MapSource::None,
        };
        let (pre, events) = self.link(&component, trigger, engine)?;
        Ok(Some(Prepared { pre, events, source_map, profiler: None, pool: self.pool.clone() }))
    }

    /// Sandboxes in use, and how many there may be.
    pub fn sandboxes(&self) -> (usize, usize) {
        self.places.used()
    }

    /// Waits until no invocation is under way, `waitUntil` work included.
    pub async fn idle(&self) {
        self.places.empty().await;
    }

    /// Keeps the compiled code of this component no longer; workers that are loaded go on.
    pub fn forget(&self, digest: Digest) {
        self.cache.remove(&self.engine, digest);
    }

    /// Keeps the compiled code of those components alone that `wanted` wants.
    pub fn retain(&self, wanted: impl Fn(Digest) -> bool) -> Result<()> {
        self.cache.retain(wanted)
    }

    fn link(&self, component: &Component, trigger: Trigger, engine: Option<&str>) -> Result<Pre> {
        self.check_wasi(trigger)?;
        self.note_use();
        let engines = self.engines.read().unwrap_or_else(PoisonError::into_inner);
        let linker = match engine {
            None => &self.linker,
            Some(digest) => engines.get(digest).with_context(|| {
                format!(
                    "the worker was built with another version of the JavaScript engine ({} instead of {})\n\
                     hint: build it again with `glowplug build`, or with `--portable` to carry its engine along",
                    short(digest),
                    short(self.javascript.digest()),
                )
            })?,
        };
        pre(linker, component, trigger)
    }

    fn check_wasi(&self, trigger: Trigger) -> Result<()> {
        if trigger == Trigger::Http03 && self.wasi == Wasi::Stable {
            bail!(
                "the component is for WASI 0.3, which is experimental and off\nhint: turn it on with `--experimental-wasi-03`"
            );
        }
        Ok(())
    }
}

/// Everything a guest can call, but for a JavaScript engine.
fn linker(engine: &Engine, wasi: Wasi) -> Result<Linker<HostCtx>> {
    let mut linker = Linker::new(engine);
    host::add_to_linker(&mut linker)?;
    if wasi == Wasi::Experimental {
        host::add_wasi_03_to_linker(&mut linker)?;
    }
    Ok(linker)
}

/// Finds what the component imports.
fn pre(linker: &Linker<HostCtx>, component: &Component, trigger: Trigger) -> Result<Pre> {
    let pre = linker
        .instantiate_pre(component)
        .map_err(anyhow::Error::from)
        .context("the component imports what glowplug does not give")?;
    // What is not exported, or not with these types, is not there to be called.
    let events = EventHandlerPre::new(pre.clone()).ok();
    let pre = match trigger {
        Trigger::Http02 => ProxyPre::P2(p2::bindings::ProxyPre::new(pre)?),
        Trigger::Http03 => ProxyPre::P3(p3::bindings::ServicePre::new(pre)?),
    };
    Ok((pre, events))
}

/// A component ready to be instantiated, for requests and for events.
type Pre = (ProxyPre<HostCtx>, Option<EventHandlerPre<HostCtx>>);

/// What `linker` gives, and a JavaScript engine.
fn with_engine(linker: &Linker<HostCtx>, javascript: &JsEngine) -> Result<Linker<HostCtx>> {
    let mut linker = linker.clone();
    linker.root().module(javascript::shell::ENGINE, javascript.module())?;
    Ok(linker)
}

fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}
