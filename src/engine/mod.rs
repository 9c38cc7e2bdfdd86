//! wasmtime: compile, pool, meter, run one invocation.
//!
//! [`Executor`] lives as long as the process, [`Worker`] as long as a deployment, an [`invoke::Invocation`] as long as a
//! request. wasmtime's types do not leave this module, `host` and `build`.

pub mod code_cache;
mod config;
mod deadline;
pub mod invoke;
pub mod javascript;
mod response;
mod worker;

pub use self::code_cache::{Sha256Digest, digest};
pub use self::config::Metering;
pub use self::worker::{
    ComponentInfo, JsOrigin, ORIGIN_SECTION, SOURCE_MAP_SECTION, Trigger, Worker, examine, version_of,
};

use self::code_cache::CodeCache;
use self::javascript::{Flavour, JsEngine};
use crate::host::egress::EgressPolicy;
use crate::host::{self, HostCtx, OriginClient};
use crate::limits::Limits;
use anyhow::{Context, Result, bail};
use std::sync::Arc;
use tokio::sync::Semaphore;
use wasmtime::Engine;
use wasmtime::component::Linker;
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
    linker: Linker<HostCtx>,
    javascript: JsEngine,
    cache: CodeCache,
    client: OriginClient,
    slots: Arc<Semaphore>,
    metering: Metering,
    wasi: Wasi,
}

impl Executor {
    /// Sets up the pool and loads the JavaScript engine, compiling it if the cache does not hold it.
    pub fn new(options: ExecutorOptions) -> Result<Self> {
        let engine = Engine::new(&config::wasmtime_config(options.metering))?;
        let javascript = JsEngine::load(Flavour::Shared, &engine, &options.cache)?;
        let mut linker = Linker::new(&engine);
        host::add_to_linker(&mut linker)?;
        if options.wasi == Wasi::Experimental {
            host::add_wasi_03_to_linker(&mut linker)?;
        }
        linker.root().module(javascript::shell::ENGINE, javascript.module())?;
        Ok(Self {
            engine,
            linker,
            javascript,
            cache: options.cache,
            client: OriginClient::new(options.egress),
            slots: Arc::new(Semaphore::new(config::SLOTS as usize)),
            metering: options.metering,
            wasi: options.wasi,
        })
    }

    /// The JavaScript engine that workers share.
    pub fn javascript(&self) -> &JsEngine {
        &self.javascript
    }

    /// The engine for self-contained components.
    pub fn portable_javascript(&self) -> Result<JsEngine> {
        JsEngine::load(Flavour::Portable, &self.engine, &self.cache)
    }

    /// wasmtime's engine, for code that runs a worker's start-up.
    pub fn wasmtime(&self) -> &Engine {
        &self.engine
    }

    /// Makes a component ready to serve. `digest` is its address, as [`digest`] gives it: what is stored has it already.
    pub fn load(
        &self,
        wasm: &[u8],
        digest: &Sha256Digest,
        limits: Limits,
        env: Vec<(String, String)>,
    ) -> Result<Worker> {
        let info = examine(wasm)?;
        if let Some(origin) = &info.origin
            && origin.engine != self.javascript.digest()
        {
            bail!(
                "the worker was built with another version of the JavaScript engine ({} instead of {})\n\
                 hint: build it again with `glowplug build`, or with `--portable` to carry its engine along",
                short(&origin.engine),
                short(self.javascript.digest()),
            );
        }
        if info.trigger == Trigger::Http03 && self.wasi == Wasi::Stable {
            bail!(
                "the component is for WASI 0.3, which is experimental and off\nhint: turn it on with `--experimental-wasi-03`"
            );
        }
        let component = self.cache.component(&self.engine, wasm, digest).context("failed to compile the component")?;
        let pre = self
            .linker
            .instantiate_pre(&component)
            .map_err(anyhow::Error::from)
            .context("the component imports what glowplug does not give")?;
        let pre = match info.trigger {
            Trigger::Http02 => ProxyPre::P2(p2::bindings::ProxyPre::new(pre)?),
            Trigger::Http03 => ProxyPre::P3(p3::bindings::ServicePre::new(pre)?),
        };
        Ok(Worker { pre, limits, env: env.into(), version: version_of(digest), source_map: info.source_map })
    }
}

fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}
