//! Profiles: which functions and lines an invocation's fuel was used for, to the unit.
//!
//! ## Why
//! A profiled run must be the run that is billed. So nothing is sampled, and nothing is left out of the account: a
//! worker is prepared in a form of its own that records where it is, what recording costs is given back on the spot,
//! and the sum is the very fuel that the same request uses without a profile. Workers that serve are not touched by
//! any of it.

pub mod component;
mod javascript;
mod watched;

use super::idle::Pool;
use super::worker::{MapSource, examine};
use super::{ComponentInfo, Executor, Metering, Prepared, Room};
use crate::digest::Digest;
use crate::engine::javascript::ENGINE_WASM;
use crate::host::{self, HostCtx};
use crate::meter::profile::Profile;
use crate::source_map::SourceMap;
use anyhow::{Context, Result, bail, ensure};
use std::sync::Arc;
use wasmtime::Store;
use wasmtime::component::Component;

/// The frame of what the host charged, under the place that it worked for.
const HOST: &str = "[host]";

/// Records the invocations of a worker that was prepared for it.
pub trait Profiler: Send + Sync {
    /// Called for each invocation before anything runs. `granted` is its fuel before the host charged the first of it.
    fn begin(&self, store: &mut Store<HostCtx>, granted: u64) -> wasmtime::Result<Box<dyn Recording>>;
}

/// The record of one invocation under way.
pub trait Recording: Send {
    /// Called when it is over, before the store is gone, with what is left of the fuel. What is missing is the
    /// profile's sum.
    fn end(self: Box<Self>, store: &mut Store<HostCtx>, left: u64) -> Profile;
}

impl Executor {
    /// As [`Executor::prepare`], but each invocation of the worker gives a profile with its report.
    pub fn prepare_profiled(&self, wasm: &[u8]) -> Result<(ComponentInfo, Prepared)> {
        ensure!(self.metering == Metering::Fuel, "there is no profile where fuel is not counted");
        let info = examine(wasm)?;
        let prepared = match info.engine() {
            Some(engine) => self.prepare_profiled_javascript(wasm, engine, &info)?,
            None => self.prepare_profiled_component(wasm, &info)?,
        };
        Ok((info, prepared))
    }

    /// A worker made from JavaScript, on an engine with hooks.
    fn prepare_profiled_javascript(&self, wasm: &[u8], engine: &str, info: &ComponentInfo) -> Result<Prepared> {
        if engine != self.javascript.digest() {
            bail!(
                "the worker was built with another version of the JavaScript engine\n\
                 hint: build it again with `glowplug build`"
            );
        }
        let map = info.source_map.as_deref().map(SourceMap::parse).transpose()?.map(Arc::new);
        let instrumented = javascript::instrument(ENGINE_WASM, wasm, map.clone(), &self.engine, &self.cache)?;
        let mut linker = super::with_engine(&self.linker, &instrumented.engine)?;
        host::profile::add_to_linker(&mut linker)?;
        let component = Component::new(&self.engine, &instrumented.component)?;
        let (pre, events) = super::pre(&linker, &component, info.trigger)?;
        Ok(Prepared {
            pre,
            events,
            source_map: map.map_or(MapSource::None, MapSource::Here),
            profiler: Some(Arc::new(instrumented.profiler)),
            pool: self.pool.clone(),
        })
    }

    /// Any other component, compiled with checks by an engine that is set up for them.
    fn prepare_profiled_component(&self, wasm: &[u8], info: &ComponentInfo) -> Result<Prepared> {
        self.check_wasi(info.trigger)?;
        let instrumented = component::instrument(wasm).context("failed to instrument the component")?;
        let mut config = super::config::wasmtime_config(self.metering, self.wasi, Room::Tool);
        component::configure(&mut config);
        let pool = Pool::count();
        let engine = wasmtime::Engine::new(&config)?;
        let linker = super::linker(&engine, self.wasi)?;
        let digest = Digest::of(&instrumented.wasm);
        let compiled = match self.cache.kept_component(&engine, digest) {
            Some(compiled) => compiled,
            None => self
                .cache
                .compile_component(&engine, &instrumented.wasm, digest)
                .context("failed to compile the component")?,
        };
        let (pre, events) = super::pre(&linker, &compiled, info.trigger)?;
        Ok(Prepared {
            pre,
            events,
            source_map: MapSource::None,
            profiler: Some(Arc::new(watched::WatchedProfiler { symbols: instrumented.symbols })),
            pool,
        })
    }
}
