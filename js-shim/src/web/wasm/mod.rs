//! WebAssembly for workers: an interpreter inside the engine, and the natives under `js/webassembly*.js`.
//!
//! - [`binary`]: what the interpreter does not tell of a module, and the hidden exports it is given.
//! - [`compile`]: `WebAssembly.Module`, and who may make one.
//! - [`call`]: running functions in both directions.
//! - [`instance`], [`memory`], [`shared_memory`], [`table`], [`global`]: the other objects.
//! - [`value`]: conversions between JavaScript's values and WebAssembly's.
//!
//! ## Why
//!
//! QuickJS runs inside WebAssembly and cannot compile more of it. Interpreting a module in the engine keeps everything
//! that holds for JavaScript: fuel is counted and the same on every machine, memory counts against the worker's limit, and
//! what was instantiated at the top level is in the snapshot, memory and all.
//!
//! The interpreter's store lives as long as the engine, and nothing in it is freed: it ends with the request.

mod binary;
mod call;
mod compile;
mod error;
mod global;
mod instance;
mod memory;
pub mod modules;
mod shared_memory;
mod state;
mod table;
mod value;

use rquickjs::{Class, Ctx, Function, Object, Result};

pub use state::allow_compilation;

/// Puts `wasm` into `native`.
pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    state::install(ctx, native)?;
    let wasm = Object::new(ctx.clone())?;
    wasm.set("setHooks", Function::new(ctx.clone(), state::set_hooks)?)?;
    wasm.set("mayCompile", Function::new(ctx.clone(), compile::may_compile)?)?;
    wasm.set("validate", Function::new(ctx.clone(), compile::validate)?)?;
    wasm.set("compile", Function::new(ctx.clone(), compile::compile)?)?;
    wasm.set("instantiate", Function::new(ctx.clone(), instance::instantiate)?)?;
    wasm.set("isExportedFunction", Function::new(ctx.clone(), call::is_exported_function)?)?;
    Class::<memory::WasmMemory>::define(&wasm)?;
    Class::<shared_memory::WasmSharedMemory>::define(&wasm)?;
    Class::<table::WasmTable>::define(&wasm)?;
    Class::<global::WasmGlobal>::define(&wasm)?;
    native.set("wasm", wasm)
}
