//! Exact fuel per function of a component in WebAssembly.
//!
//! ## How
//! wasmtime keeps a function's fuel in a register and stores it before it calls, and when it returns: at a function's
//! entry, and right after a call, the store's fuel is what has been used. So each of these places gets a check:
//!
//! - Epoch interruption puts one at every function's entry and at every loop's head. The epoch's deadline is always
//!   reached, so that the check calls back, with the store at hand.
//! - An empty loop after each call makes one there. `loop` and `end` cost no fuel.
//!
//! What was used between two checks was used by the function that was on top at the first of them. A program thus uses
//! the same fuel, to the unit, as it does unwatched. It takes far longer: each call and each return looks at the stack,
//! which takes microseconds. [`Recorder`] looks 20 million times and no more; what is used after that is one frame.
//!
//! ## Why
//! Sampling by time or by every n-th unit of fuel gives shares. A bill has figures, and so has its explanation: it adds up,
//! and the next run gives the same.
//!
//! ## What is not told apart
//! Functions that the compiler inlined are part of those they are in. Within a function fuel is not told apart by lines: a
//! function's own fuel is at the line where it begins, what it calls at the line of the call. Code that wasmtime makes
//! to join components counts its way back to the function that it called.

mod demangle;
mod lines;
mod recorder;
mod rewrite;
mod symbols;
#[cfg(test)]
mod tests;

pub use self::recorder::Recorder;
pub use self::symbols::Symbols;

use anyhow::Result;
use std::num::NonZeroUsize;
use std::sync::Arc;
use wasmtime::{Config, WasmBacktraceDetails};

/// A component whose calls are followed by checks.
pub struct Instrumented {
    /// What to compile, with an engine that has been set up by [`configure`].
    pub wasm: Vec<u8>,
    /// What its functions are called.
    pub symbols: Arc<Symbols>,
}

/// Puts checks into all core modules of a component.
pub fn instrument(wasm: &[u8]) -> Result<Instrumented> {
    let rewritten = rewrite::component(wasm)?;
    Ok(Instrumented { symbols: Arc::new(Symbols::new(rewritten.modules)?), wasm: rewritten.wasm })
}

/// Makes an engine's code call back at its checks. A store with no [`Recorder`] needs a deadline that is far away.
pub fn configure(config: &mut Config) {
    config
        .epoch_interruption(true)
        // Names and lines are looked up in the author's modules, once, when the run is over.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .wasm_backtrace_max_frames(NonZeroUsize::new(recorder::DEEPEST));
}
