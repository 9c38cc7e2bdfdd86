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
use std::ptr::NonNull;

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
    /// The one context, and in it QuickJS's counter; set by `calibrate`.
    static CONTEXT: Cell<Option<NonNull<qjs::JSContext>>> = const { Cell::new(None) };
    static COUNTER: Cell<Option<*mut i32>> = const { Cell::new(None) };
    /// How often a stop may still be put off to find the function that runs.
    static PUT_OFF: Cell<u32> = const { Cell::new(100) };
    /// Fuel at the last check, and the interval that ended there.
    static LAST: Cell<(u64, u64)> = const { Cell::new((UNMEASURED, FIRST_INTERVAL)) };
}

/// QuickJS's interrupt handler: true ends the running JavaScript with an error it cannot catch.
pub fn handler() -> bool {
    if STOPPED.get() {
        return true;
    }
    let (Some(context), Some(counter)) = (CONTEXT.get(), COUNTER.get()) else {
        return calibrated_or_out_of_fuel();
    };
    let fuel = host::remaining_fuel();
    let interval = if fuel >= FUEL_RESERVE {
        next_interval(fuel)
    } else if !is_in_function(context) && PUT_OFF.get() > 0 {
        // About to enter one: the stack of an error thrown here would be empty.
        PUT_OFF.set(PUT_OFF.get() - 1);
        1
    } else {
        STOPPED.set(true);
        return true;
    };
    // SAFETY: points into the one context, which is never freed.
    unsafe { counter.write(interval as i32) };
    false
}

/// Whether a native that runs for long must end: it looks at the fuel itself, as no JavaScript does meanwhile.
pub fn check() -> bool {
    if !STOPPED.get() && host::remaining_fuel() < FUEL_RESERVE {
        STOPPED.set(true);
    }
    STOPPED.get()
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
    CONTEXT.set(Some(ctx.as_raw()));
    ctx.eval::<(), _>(format!("for (let i = 0; i <= {LONGEST_INTERVAL}; i++);"))
}

/// The handler while the counter is not known.
fn calibrated_or_out_of_fuel() -> bool {
    if let Some(context) = CONTEXT.get() {
        COUNTER.set(find_counter(context.as_ptr().cast()));
    }
    STOPPED.set(host::remaining_fuel() < FUEL_RESERVE);
    STOPPED.get()
}

/// Whether JavaScript code is on the stack, be it below built-in functions.
fn is_in_function(context: NonNull<qjs::JSContext>) -> bool {
    const LEVELS: i32 = 8;
    (0..LEVELS).any(|level| {
        // SAFETY: the context is alive; the atom is owned by this call, and freed.
        unsafe {
            let name = qjs::JS_GetScriptOrModuleName(context.as_ptr(), level);
            qjs::JS_FreeAtom(context.as_ptr(), name);
            name != qjs::__JS_ATOM_NULL as qjs::JSAtom
        }
    })
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
