//! Runs a worker's top-level code once and keeps the state it leaves: the snapshot that every request starts from.
//!
//! The engine runs as a plain core module here. It has no WASI at all, so start-up cannot do I/O, take time or draw
//! random numbers: the same source always gives the same snapshot.

use crate::engine::javascript::JsEngine;
use crate::engine::javascript::split::{Image, MEMORY, SNAPSHOT, WASM_PAGE, global_name};
use crate::host::MemoryLimiter;
use crate::host::bindings::log::Level;
use crate::limits::Limits;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wasmtime::{
    Caller, Engine, Func, Global, GlobalType, Instance, Linker, Memory, MemoryType, Mutability, Store, Trap, Val,
    ValType,
};

const LOG_INTERFACE: &str = "glowplug:worker/log@0.1.0";
const INVOCATION_INTERFACE: &str = "glowplug:worker/invocation@0.1.0";

/// What the engine is told about the worker. Serialised as the argument of `glowplug_start`.
#[derive(Debug, Clone, Serialize)]
pub struct Script<'a> {
    /// File name in stack traces.
    pub name: &'a str,
    /// Text of one ES module.
    pub source: &'a str,
    /// WebAssembly modules that the source imports.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub wasm: &'a [WasmModule<'a>],
    /// `env`: the worker's variables.
    pub env: &'a BTreeMap<String, serde_json::Value>,
    /// What else is in `env`, made of objects that reach the host.
    pub bindings: &'a [BindingName<'a>],
    /// Secrets that the author declared: they are in `env` while a request is handled, and not before.
    pub secrets: &'a [String],
    pub compatibility_date: &'a str,
    pub compatibility_flags: &'a [String],
}

/// A WebAssembly module as the engine is given it.
#[derive(Debug, Clone, Serialize)]
pub struct WasmModule<'a> {
    /// What the source imports.
    pub name: &'a str,
    /// The module in Base64.
    pub base64: String,
}

/// A binding as the engine is told of it.
#[derive(Debug, Clone, Serialize)]
pub struct BindingName<'a> {
    pub name: &'a str,
    /// `kv`, `service`, `assets` or `version-metadata`.
    pub kind: &'static str,
}

/// A worker after its top-level code.
pub struct Started {
    pub image: Image,
    /// Event handlers it registered.
    pub handlers: Vec<String>,
    /// Fuel that start-up took.
    pub fuel: u64,
    /// What it wrote to the console meanwhile.
    pub console: Vec<(Level, String)>,
}

/// Why a worker did not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartUpError {
    pub kind: StartUpErrorKind,
    /// Name of the error, such as `SyntaxError`.
    pub name: String,
    pub message: String,
    /// Lines of the form `    at function (file:line:column)`.
    pub stack: String,
    /// Fuel that was used.
    pub fuel: u64,
}

/// What kind of thing went wrong at start-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartUpErrorKind {
    /// The top-level code threw.
    Exception,
    /// A top-level `await` waits for what cannot happen.
    Hang,
    /// The fuel for start-up was used up.
    Cpu,
    /// The memory limit was reached.
    Memory,
    /// Nothing handles events.
    NoHandler,
    /// The top-level code did what only a handler may.
    Disallowed,
}

impl std::fmt::Display for StartUpError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.name.is_empty() {
            write!(f, "{}", self.message)?;
        } else {
            write!(f, "{}: {}", self.name, self.message)?;
        }
        if !self.stack.is_empty() {
            write!(f, "\n{}", self.stack.trim_end())?;
        }
        Ok(())
    }
}

impl std::error::Error for StartUpError {}

/// The engine's answer.
#[derive(Deserialize)]
struct Answer {
    ok: bool,
    #[serde(default)]
    handlers: Vec<String>,
    kind: Option<StartUpErrorKind>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    stack: String,
}

/// State of the store while start-up runs.
struct Run {
    memory: MemoryLimiter,
    console: Vec<(Level, String)>,
    console_left: usize,
}

/// Starts `script` up. The outer error is a fault of the engine or the host, the inner one the script's.
pub fn start_up(
    engine: &Engine,
    javascript: &JsEngine,
    script: &Script<'_>,
    limits: &Limits,
) -> Result<Result<Started, StartUpError>> {
    let run = Run {
        memory: MemoryLimiter::new(limits.memory as usize),
        console: Vec::new(),
        console_left: limits.log as usize,
    };
    let mut store = Store::new(engine, run);
    store.limiter(|run| &mut run.memory);
    let metered = store.set_fuel(limits.startup_fuel).is_ok();
    let state = restore(&mut store, javascript.initial())?;
    let instance = instantiate(&mut store, javascript, &state)?;

    let input = serde_json::to_vec(script).context("failed to encode the worker's script")?;
    let answer = (|| {
        let allocate = instance.get_typed_func::<i32, i32>(&mut store, "glowplug_alloc")?;
        let start = instance.get_typed_func::<(i32, i32), i32>(&mut store, "glowplug_start")?;
        let at = allocate.call(&mut store, input.len() as i32)?;
        state.memory.write(&mut store, at as u32 as usize, &input)?;
        let result = start.call(&mut store, (at, input.len() as i32))?;
        read_answer(state.memory.data(&store), result as u32 as usize)
    })();
    let fuel = if metered { limits.startup_fuel.saturating_sub(store.get_fuel()?) } else { 0 };
    let answer: Answer = match answer {
        Ok(text) => {
            serde_json::from_slice(&text).context("the JavaScript engine gave an answer that is not understood")?
        }
        Err(error) => return Ok(Err(trapped(&error, &store, fuel)?)),
    };
    if !answer.ok {
        let Answer { kind, name, message, stack, .. } = answer;
        let kind = kind.context("the JavaScript engine failed without saying how")?;
        return Ok(Err(StartUpError { kind, name, message, stack, fuel }));
    }
    let image = capture(&mut store, &state)?;
    let console = std::mem::take(&mut store.data_mut().console);
    Ok(Ok(Started { image, handlers: answer.handlers, fuel, console }))
}

/// Memory and globals that the engine's code works on.
struct State {
    memory: Memory,
    globals: Vec<Global>,
}

fn restore(store: &mut Store<Run>, image: &Image) -> Result<State> {
    let pages = u32::try_from(image.memory.len() / WASM_PAGE).context("the engine's memory is too large")?;
    let memory = Memory::new(&mut *store, MemoryType::new(pages, None))?;
    memory.write(&mut *store, 0, &image.memory)?;
    let ty = GlobalType::new(ValType::I32, Mutability::Var);
    let globals = image
        .globals
        .iter()
        .map(|value| Global::new(&mut *store, ty.clone(), Val::I32(*value)))
        .collect::<wasmtime::Result<_>>()?;
    Ok(State { memory, globals })
}

fn capture(store: &mut Store<Run>, state: &State) -> Result<Image> {
    let memory = state.memory.data(&*store).to_vec();
    let globals = state.globals.iter().map(|global| global.get(&mut *store).unwrap_i32()).collect();
    Ok(Image { memory, globals })
}

/// The engine with what start-up may call in its table. What else it calls there traps.
fn instantiate(store: &mut Store<Run>, javascript: &JsEngine, state: &State) -> Result<Instance> {
    let mut linker = Linker::new(store.engine());
    linker.define(&mut *store, SNAPSHOT, MEMORY, state.memory)?;
    for (index, global) in state.globals.iter().enumerate() {
        linker.define(&mut *store, SNAPSHOT, &global_name(index), *global)?;
    }
    let instance = linker.instantiate(&mut *store, javascript.module())?;
    let memory = state.memory;
    let write = Func::wrap(&mut *store, move |caller: Caller<'_, Run>, level: i32, at: i32, len: i32| {
        log(caller, memory, level, at as u32 as usize, len as u32 as usize)
    });
    let remaining_fuel =
        Func::wrap(&mut *store, |caller: Caller<'_, Run>| caller.get_fuel().unwrap_or(u64::MAX) as i64);
    let table = instance.get_table(&mut *store, JsEngine::TABLE).context("the engine has no table of imports")?;
    for (module, name, function) in
        [(LOG_INTERFACE, "write", write), (INVOCATION_INTERFACE, "remaining-fuel", remaining_fuel)]
    {
        if let Some(place) = javascript.import(module, name) {
            table.set(&mut *store, place as u64, function.into())?;
        }
    }
    Ok(instance)
}

fn log(mut caller: Caller<'_, Run>, memory: Memory, level: i32, at: usize, len: usize) -> wasmtime::Result<()> {
    let text = memory.data(&caller).get(at..at.saturating_add(len));
    let text =
        String::from_utf8_lossy(text.ok_or_else(|| wasmtime::format_err!("a log line lies outside the memory"))?);
    let (text, level) = (text.into_owned(), level_of(level));
    let run = caller.data_mut();
    if run.console_left >= text.len() {
        run.console_left -= text.len();
        run.console.push((level, text));
    }
    Ok(())
}

/// Order of `log.level` in the WIT.
fn level_of(level: i32) -> Level {
    match level {
        0 => Level::Debug,
        2 => Level::Info,
        3 => Level::Warn,
        4 => Level::Error,
        _ => Level::Log,
    }
}

/// Reads the answer: two little-endian words, address and length of a JSON text.
fn read_answer(memory: &[u8], at: usize) -> wasmtime::Result<Vec<u8>> {
    let word = |at: usize| {
        let bytes = memory.get(at..at + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
    };
    word(at)
        .zip(word(at + 4))
        .and_then(|(start, len)| memory.get(start..start.checked_add(len)?))
        .map(<[u8]>::to_vec)
        .ok_or_else(|| wasmtime::format_err!("the JavaScript engine's answer lies outside its memory"))
}

/// A trap is the script's doing when it ran into a limit; anything else is ours.
fn trapped(error: &wasmtime::Error, store: &Store<Run>, fuel: u64) -> Result<StartUpError> {
    let (kind, message) = match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => {
            (StartUpErrorKind::Cpu, "the top-level code used all the CPU time it may use".to_owned())
        }
        _ if store.data().memory.refused() => {
            (StartUpErrorKind::Memory, "the top-level code used all the memory it may use".to_owned())
        }
        _ => bail!("the JavaScript engine failed at start-up: {error:#}"),
    };
    Ok(StartUpError { kind, name: String::new(), message, stack: String::new(), fuel })
}
