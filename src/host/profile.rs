//! The hooks of an instrumented JavaScript engine: where JavaScript is, told at each opcode, and the fuel that was
//! used since.
//!
//! ## Why
//! The hooks read the exact fuel, since the engine saves it before each call. What calling a hook costs is known, and
//! given back on the spot: at any other point the guest has just the fuel that it would have without hooks.

mod recorder;
#[cfg(test)]
mod tests;
mod tree;

pub use self::recorder::Recorder;
pub use self::tree::{Spent, Tree, Way};

use super::HostCtx;
use wasmtime::StoreContextMut;
use wasmtime::component::Linker;

/// The interface that an instrumented engine imports.
pub const WIT: &str = "
package glowplug:profile;
interface hooks {
  enter: func();
  leave: func();
  at: func(pc: u32);
}
world profiled {
  import hooks;
}
";
/// Name of the interface.
pub const INTERFACE: &str = "glowplug:profile/hooks";

/// An imported function that the engine calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hook {
    /// Its name in [`INTERFACE`].
    pub name: &'static str,
    /// Its place among the hooks.
    pub place: u32,
    /// Fuel of the instructions that call it.
    cost: u64,
}

/// The interpreter was called. A `call`, of a function that takes two instructions to call the host (`engine::javascript::imports`); to enter
/// it costs one as well.
pub const ENTER: Hook = Hook { name: "enter", place: 0, cost: 4 };
/// The interpreter returns. The same.
pub const LEAVE: Hook = Hook { name: "leave", place: 1, cost: 4 };
/// The opcode at this address comes next. The same, and two times a `local.get`.
pub const AT: Hook = Hook { name: "at", place: 2, cost: 6 };

/// Makes the hooks known to a linker for profiled workers.
pub fn add_to_linker(linker: &mut Linker<HostCtx>) -> wasmtime::Result<()> {
    let mut hooks = linker.instance(INTERFACE)?;
    hooks.func_wrap(ENTER.name, |store: StoreContextMut<'_, HostCtx>, (): ()| {
        on(store, ENTER, |recorder, left| recorder.enter(left))
    })?;
    hooks.func_wrap(LEAVE.name, |store: StoreContextMut<'_, HostCtx>, (): ()| {
        on(store, LEAVE, |recorder, left| recorder.leave(left))
    })?;
    hooks.func_wrap(AT.name, |store: StoreContextMut<'_, HostCtx>, (pc,): (u32,)| {
        on(store, AT, |recorder, left| recorder.at(pc, left))
    })
}

/// Gives back what the call cost, and records.
fn on(
    mut store: StoreContextMut<'_, HostCtx>,
    hook: Hook,
    record: impl FnOnce(&mut Recorder, u64),
) -> wasmtime::Result<()> {
    let mut left = store.get_fuel()?;
    // With none left the run is about to end, and must.
    if left > 0 {
        left += hook.cost;
        store.set_fuel(left)?;
    }
    if let Some(recorder) = &mut store.data_mut().profile {
        record(recorder, left);
    }
    Ok(())
}
