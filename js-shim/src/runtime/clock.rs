//! Clocks that stand still between I/O: read from the host once, forgotten when a poll returns.

use std::cell::Cell;

use crate::bindings::wasi::clocks::{monotonic_clock, wall_clock};

use super::engine::{self, Phase};

thread_local! {
    /// Microseconds since the epoch, if read since the last poll.
    static WALL: Cell<Option<f64>> = const { Cell::new(None) };
    /// Nanoseconds of the monotonic clock, if read since the last poll.
    static MONOTONIC: Cell<Option<u64>> = const { Cell::new(None) };
    /// Where `performance.now()` counts from.
    static ORIGIN: Cell<Option<u64>> = const { Cell::new(None) };
}

/// QuickJS's only import, satisfied in the guest: `Date` reads the frozen clock, and 0 at start-up.
#[unsafe(no_mangle)]
extern "C" fn __rquickjs_host_now_us() -> f64 {
    wall_microseconds()
}

/// Milliseconds since the epoch.
pub fn now() -> f64 {
    (wall_microseconds() / 1000.0).floor()
}

/// How long a worker's global object was there before the request: `performance.now()` and the time stamps of events are never
/// 0 then, which programs take for none.
const BEFORE_REQUEST_NS: u64 = 1_000_000;

/// Milliseconds since the time origin, which is a moment before the request.
pub fn monotonic_now() -> f64 {
    if engine::phase() == Phase::StartUp {
        return 0.0;
    }
    let now = monotonic();
    // `monotonic` has set it
    let origin = ORIGIN.get().unwrap_or(now);
    now.saturating_sub(origin) as f64 / 1e6
}

/// Nanoseconds of the monotonic clock.
pub fn monotonic() -> u64 {
    if let Some(now) = MONOTONIC.get() {
        return now;
    }
    let now = monotonic_clock::now();
    MONOTONIC.set(Some(now));
    if ORIGIN.get().is_none() {
        ORIGIN.set(Some(now.saturating_sub(BEFORE_REQUEST_NS)));
    }
    now
}

/// A new request: forget what an earlier one saw.
pub fn begin() {
    ORIGIN.set(None);
    thaw();
}

/// I/O completed: time may have moved.
pub fn thaw() {
    WALL.set(None);
    MONOTONIC.set(None);
}

fn wall_microseconds() -> f64 {
    if let Some(now) = WALL.get() {
        return now;
    }
    if engine::phase() == Phase::StartUp {
        return 0.0;
    }
    let time = wall_clock::now();
    let now = time.seconds as f64 * 1e6 + f64::from(time.nanoseconds / 1000);
    WALL.set(Some(now));
    now
}
