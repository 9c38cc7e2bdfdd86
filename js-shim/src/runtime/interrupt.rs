//! Stopping JavaScript before the host's fuel trap would, so that a report can still be made.
//!
//! QuickJS calls its interrupt handler every 10,000 loop turns and calls. What those cost differs a thousandfold, so
//! the handler measures it and, when the fuel runs low, has itself called in ever shorter intervals.
//!
//! ## Why
//!
//! With a fixed interval, either the reserve would have to be larger than many a limit, or a loop with costly turns
//! would run into the trap, which leaves nothing that knows the function and the line.

use std::cell::Cell;

use rquickjs::{Ctx, Result, qjs};

use super::host;

/// Fuel kept back from the worker: for the error report, and for the turns between two checks.
///
/// A single long built-in call (sorting without a comparator, parsing) is not checked and ends in the host's trap.
pub const FUEL_RESERVE: u64 = 2_000_000;

/// QuickJS's own interval, to which it resets its counter before it calls the handler.
const LONGEST_INTERVAL: u64 = 10_000;
const SHORTEST_INTERVAL: u64 = 16;

/// The interval while nothing is known of the code's cost.
const FIRST_INTERVAL: u64 = 500;

/// In place of the fuel at the last check: there was none, or fuel is not metered.
const UNMEASURED: u64 = u64::MAX;

/// An interval may use up this part of what is left, as far as the one before it tells.
const INTERVALS_LEFT: u64 = 8;

/// The address range that is searched for QuickJS's counter.
const COUNTER_SEARCH_BYTES: usize = 512;

thread_local! {
    static STOPPED: Cell<bool> = const { Cell::new(false) };
    /// QuickJS's counter, found by `calibrate`.
    static COUNTER: Cell<Option<*mut i32>> = const { Cell::new(None) };
    static CALIBRATING: Cell<Option<*mut i32>> = const { Cell::new(None) };
    /// Fuel at the last check, and the interval that ended there.
    static LAST: Cell<(u64, u64)> = const { Cell::new((UNMEASURED, FIRST_INTERVAL)) };
}

/// QuickJS's interrupt handler: true ends the running JavaScript with an error it cannot catch.
pub fn handler() -> bool {
    if let Some(context) = CALIBRATING.get() {
        COUNTER.set(find_counter(context));
        return false;
    }
    if STOPPED.get() {
        return true;
    }
    let fuel = host::remaining_fuel();
    if fuel < FUEL_RESERVE {
        STOPPED.set(true);
        return true;
    }
    if let Some(counter) = COUNTER.get() {
        let interval = next_interval(fuel);
        // SAFETY: points into the one context, which is never freed.
        unsafe { counter.write(interval as i32) };
    }
    false
}

/// Whether JavaScript was stopped. From then on none may run in this instance.
pub fn stopped() -> bool {
    STOPPED.get()
}

/// A request begins with other fuel than start-up ended with: the first check is soon, and measures.
pub fn begin() {
    LAST.set((UNMEASURED, FIRST_INTERVAL));
    if let Some(counter) = COUNTER.get() {
        // SAFETY: as in `handler`.
        unsafe { counter.write(FIRST_INTERVAL as i32) };
    }
}

/// Finds the counter in QuickJS's context, for which it has no function: when the handler is called, it is the one
/// word there that holds the interval. If that is not so, the interval simply stays what it is.
pub fn calibrate(ctx: &Ctx<'_>) -> Result<()> {
    CALIBRATING.set(Some(ctx.as_raw().as_ptr().cast()));
    let ran = ctx.eval::<(), _>(format!("for (let i = 0; i <= {LONGEST_INTERVAL}; i++);"));
    CALIBRATING.set(None);
    ran
}

fn find_counter(context: *mut i32) -> Option<*mut i32> {
    let mut found = None;
    for index in 0..COUNTER_SEARCH_BYTES / size_of::<i32>() {
        // SAFETY: the context is larger, or is followed by more of the heap; any word may be read there.
        let word = unsafe { context.add(index) };
        if unsafe { word.read_volatile() } == LONGEST_INTERVAL as i32 {
            if found.is_some() {
                return None;
            }
            found = Some(word);
        }
    }
    found
}

fn next_interval(fuel: u64) -> u64 {
    let (before, interval) = LAST.get();
    let next = match (before, fuel) {
        (_, UNMEASURED) => LONGEST_INTERVAL,
        (UNMEASURED, _) => interval,
        _ => {
            let spent = before.saturating_sub(fuel).max(1);
            let may_spend = (fuel - FUEL_RESERVE) / INTERVALS_LEFT;
            let next = u128::from(interval) * u128::from(may_spend) / u128::from(spent);
            next.clamp(SHORTEST_INTERVAL.into(), LONGEST_INTERVAL.into()) as u64
        }
    };
    LAST.set((fuel, next));
    next
}
