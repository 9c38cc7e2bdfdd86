//! The host's work for an invocation, and how it becomes fuel.
//!
//! ## Why
//! Host functions note what they do in a [`Meter`], which they can reach; the fuel is in the store, which most of them
//! cannot. So the meter is settled by the store's call hook when a host function returns: from then on the guest has so
//! much less fuel. What would go past the grant ends the run there.

use super::HostCtx;
use crate::meter::{Charges, Operation};
use wasmtime::{AsContext, AsContextMut, CallHook, Result, StoreContextMut, Trap};

/// Counts one invocation's host work.
#[derive(Debug, Default)]
pub struct Meter {
    charges: Charges,
    /// Fuel noted and not yet taken from the guest's.
    owed: u64,
    /// The calls from the guest to the host that are under way, the innermost last: whether each is of an import.
    calls: Vec<Callee>,
    /// What a message that came grants, where it grants anything.
    refill: Option<Refill>,
}

/// Fuel that is granted anew.
#[derive(Debug, Default)]
struct Refill {
    /// The guest then has so much.
    to: u64,
    due: bool,
    /// Granted so far.
    added: u64,
}

/// What the guest calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Callee {
    /// One of its imports.
    Import,
    /// One of wasmtime's helpers, such as for growing memory. The guest's code does not look at its fuel again after it.
    Helper,
}

impl Meter {
    /// Notes that `operation` was done on `bytes` bytes.
    pub fn charge(&mut self, operation: Operation, bytes: u64) {
        self.owed = self.owed.saturating_add(self.charges.add(operation, bytes));
    }

    /// All that was noted.
    pub fn charges(&self) -> &Charges {
        &self.charges
    }

    /// Fuel that was noted and is to be taken from the guest's.
    pub fn take_owed(&mut self) -> u64 {
        std::mem::take(&mut self.owed)
    }

    /// Fuel of all charges that were taken from the guest's.
    pub fn settled(&self) -> u64 {
        self.charges.fuel().saturating_sub(self.owed)
    }

    /// Messages that come are to fill the guest's fuel up to `fuel`.
    pub fn set_refill(&mut self, fuel: u64) {
        self.refill = Some(Refill { to: fuel, ..Refill::default() });
    }

    /// A message came.
    pub(super) fn refill(&mut self) {
        if let Some(refill) = &mut self.refill {
            refill.due = true;
        }
    }

    /// Fuel that was granted besides what the run began with.
    pub fn added(&self) -> u64 {
        self.refill.as_ref().map_or(0, |refill| refill.added)
    }

    /// The guest called one of its imports. Every way from an import to its state leads past this.
    pub(super) fn called(&mut self) {
        if let Some(call) = self.calls.last_mut() {
            *call = Callee::Import;
        }
    }
}

/// Settles at each return from the host to the guest. Installed where fuel is counted.
pub fn settle(store: &mut StoreContextMut<'_, HostCtx>, hook: CallHook) -> Result<()> {
    let meter = &mut store.data_mut().subrequests.meter;
    match hook {
        // An import touches state of ours, by which it is known; a helper does not. A helper can be called while an import
        // is: to give the guest a result takes some of the guest's memory.
        CallHook::CallingHost => meter.calls.push(Callee::Helper),
        CallHook::ReturningFromHost => {
            if meter.calls.pop() != Some(Callee::Import) {
                return Ok(());
            }
            meter.charge(Operation::HostCall, 0);
            let owed = meter.take_owed();
            if let Some(refill) = meter.refill.as_mut().filter(|refill| refill.due) {
                refill.due = false;
                let to = refill.to;
                let left = store.as_context().get_fuel()?;
                if left < to {
                    store.as_context_mut().set_fuel(to)?;
                    if let Some(refill) = &mut store.data_mut().subrequests.meter.refill {
                        refill.added = refill.added.saturating_add(to - left);
                    }
                }
            }
            if owed > 0 {
                let left = store.as_context().get_fuel()?;
                store.as_context_mut().set_fuel(left.saturating_sub(owed))?;
                if let Some(recorder) = &mut store.data_mut().profile {
                    recorder.charge(owed);
                }
                if owed > left {
                    return Err(Trap::OutOfFuel.into());
                }
            }
        }
        CallHook::CallingWasm | CallHook::ReturningFromWasm => {}
    }
    Ok(())
}
