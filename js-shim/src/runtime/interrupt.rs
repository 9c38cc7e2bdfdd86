//! Stopping JavaScript before the host's fuel trap would, so that a report can still be made.

use std::cell::Cell;

use super::host;

/// Fuel kept back from the worker for the error report and for what JavaScript may burn between two checks.
///
/// QuickJS checks every 10,000 loop turns and calls, which cost 1 to 3 million units in ordinary code. A single
/// long built-in call (sorting, parsing) is not checked and ends in the host's trap.
pub const FUEL_RESERVE: u64 = 5_000_000;

thread_local! {
    static STOPPED: Cell<bool> = const { Cell::new(false) };
}

/// QuickJS's interrupt handler: true ends the running JavaScript with an error it cannot catch.
pub fn handler() -> bool {
    if !STOPPED.get() && host::remaining_fuel() < FUEL_RESERVE {
        STOPPED.set(true);
    }
    STOPPED.get()
}

/// Whether JavaScript was stopped. From then on none may run in this instance.
pub fn stopped() -> bool {
    STOPPED.get()
}
