//! Exact fuel by JavaScript function and line.
//!
//! The worker's snapshot runs on a copy of the engine that has hooks in its interpreter (`instrument.rs`). They tell
//! each opcode's address and the fuel left (`host::profile`), so that the fuel between two opcodes belongs to the
//! earlier one, and with it to a function and a line. Which, the snapshot tells: all of a worker's functions are in
//! it, since nothing compiles JavaScript after start-up.

mod heap;
mod instrument;
mod opcodes;
mod symbols;
#[cfg(test)]
mod tests;

use self::symbols::Symbols;
use super::{HOST, Profiler, Recording};
use crate::engine::code_cache::CodeCache;
use crate::engine::javascript::split::Image;
use crate::engine::javascript::{Flavour, JsEngine, snapshot};
use crate::host::HostCtx;
use crate::host::profile::{Recorder, Way};
use crate::meter::profile::{Frame, Profile};
use crate::source_map::SourceMap;
use anyhow::{Context, Result};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use wasmtime::{Engine, Store};

/// What runs outside of all JavaScript: the start of the sandbox, the engine's own work between two of its functions.
const RUNTIME: &str = "(runtime)";
/// Callers that could not be kept, in very deep or branched recursion.
const UNTOLD: &str = "(deep recursion)";
/// Bytecode that was not in the snapshot.
const UNKNOWN: &str = "(unknown)";

/// The engine with hooks, and a worker's component that runs on it.
pub struct Instrumented {
    /// The engine.
    pub engine: JsEngine,
    /// The component.
    pub component: Vec<u8>,
    /// What records its invocations.
    pub profiler: JsProfiler,
}

/// Prepares a worker's `component` for a profile. `wasm` is the core module of the engine that it was started up on.
pub fn instrument(
    wasm: &[u8],
    component: &[u8],
    map: Option<Arc<SourceMap>>,
    engine: &Engine,
    cache: &CodeCache,
) -> Result<Instrumented> {
    let hooked = instrument::instrument(wasm)?;
    let engine = JsEngine::from_wasm(&hooked, Flavour::Shared, engine, cache)?;
    let image = snapshot::of_component(component)?;
    let component = engine.assemble(&image)?;
    let profiler = JsProfiler::new(&image, map).context("the snapshot does not have QuickJS's structures")?;
    Ok(Instrumented { engine, component, profiler })
}

/// Records invocations of one worker.
pub struct JsProfiler {
    symbols: Arc<Symbols>,
    functions: Arc<[Range<u32>]>,
}

impl JsProfiler {
    fn new(image: &Image, map: Option<Arc<SourceMap>>) -> Result<Self> {
        let symbols = Symbols::read(image, map)?;
        Ok(Self { functions: symbols.ranges(), symbols: Arc::new(symbols) })
    }
}

impl Profiler for JsProfiler {
    fn begin(&self, store: &mut Store<HostCtx>, granted: u64) -> wasmtime::Result<Box<dyn Recording>> {
        let mut recorder = Recorder::new(self.functions.clone(), granted);
        recorder.charge(granted.saturating_sub(store.get_fuel()?));
        store.data_mut().profile = Some(Box::new(recorder));
        Ok(Box::new(JsRecording { symbols: self.symbols.clone() }))
    }
}

struct JsRecording {
    symbols: Arc<Symbols>,
}

impl Recording for JsRecording {
    fn end(self: Box<Self>, store: &mut Store<HostCtx>, left: u64) -> Profile {
        let Some(recorder) = store.data_mut().profile.take() else { return Profile::default() };
        let frames = self.symbols.frames();
        let mut known: HashMap<Option<u32>, Frame> = HashMap::new();
        let mut profile = Profile::default();
        let mut stack = Vec::new();
        recorder.finish(left).for_each(|way, path, spent| {
            stack.clear();
            if way == Way::Untold {
                stack.push(Frame::named(UNTOLD));
            }
            if path.is_empty() {
                stack.push(Frame::named(RUNTIME));
            }
            for pc in path {
                let frame = || pc.and_then(&frames).unwrap_or_else(|| Frame::named(UNKNOWN));
                stack.push(known.entry(*pc).or_insert_with(frame).clone());
            }
            profile.add(&stack, spent.guest);
            stack.push(Frame::named(HOST));
            profile.add(&stack, spent.host);
        });
        profile
    }
}
