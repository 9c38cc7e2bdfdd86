//! A clock that stands still while a worker computes.
//!
//! ## Why
//! A worker that cannot measure time cannot build a timing side channel, and its fuel depends on recorded inputs
//! alone. Both clocks therefore show the time of the last completed I/O, in whole milliseconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use wasmtime_wasi::{HostMonotonicClock, HostWallClock};

const RESOLUTION: Duration = Duration::from_millis(1);
/// What the monotonic clock shows at first. Not 0, which Go's runtime takes for a failure.
const MONOTONIC_START_MS: u64 = 1;

/// The time one invocation sees. Clones share it.
#[derive(Clone)]
pub struct FrozenClock(Arc<Shown>);

struct Shown {
    /// None for a clock that is set by hand.
    started: Option<Instant>,
    /// Wall-clock time at the start, in milliseconds since the epoch.
    epoch_ms: u64,
    /// Milliseconds since the start that the worker sees.
    elapsed_ms: AtomicU64,
}

impl FrozenClock {
    /// A clock that shows the present moment until [`FrozenClock::advance`].
    pub fn new() -> Self {
        let epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(Arc::new(Shown {
            started: Some(Instant::now()),
            epoch_ms: epoch.as_millis() as u64,
            elapsed_ms: AtomicU64::new(0),
        }))
    }

    /// A clock that shows `epoch_ms` milliseconds since the epoch, and moves by [`FrozenClock::set_ms`] alone.
    pub fn at(epoch_ms: u64) -> Self {
        Self(Arc::new(Shown { started: None, epoch_ms, elapsed_ms: AtomicU64::new(0) }))
    }

    /// Shows the present moment: called when a wait of the guest is over, and only then.
    pub fn advance(&self) {
        if let Some(started) = self.0.started {
            self.set_ms(started.elapsed().as_millis() as u64);
        }
    }

    /// Shows `ms` milliseconds since the start.
    pub fn set_ms(&self, ms: u64) {
        self.0.elapsed_ms.store(ms, Ordering::Relaxed);
    }

    /// Shows the first moment at which the monotonic clock is at `nanoseconds` or later.
    pub fn set_monotonic(&self, nanoseconds: u64) {
        self.set_ms(nanoseconds.div_ceil(1_000_000).saturating_sub(MONOTONIC_START_MS));
    }

    /// Milliseconds since the epoch at the start.
    pub fn epoch_ms(&self) -> u64 {
        self.0.epoch_ms
    }

    /// Milliseconds since the start that the worker sees.
    pub fn elapsed_ms(&self) -> u64 {
        self.0.elapsed_ms.load(Ordering::Relaxed)
    }
}

impl Default for FrozenClock {
    fn default() -> Self {
        Self::new()
    }
}

impl HostWallClock for FrozenClock {
    fn resolution(&self) -> Duration {
        RESOLUTION
    }

    fn now(&self) -> Duration {
        Duration::from_millis(self.0.epoch_ms + self.elapsed_ms())
    }
}

impl HostMonotonicClock for FrozenClock {
    fn resolution(&self) -> u64 {
        RESOLUTION.as_nanos() as u64
    }

    fn now(&self) -> u64 {
        (self.elapsed_ms() + MONOTONIC_START_MS) * 1_000_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_stands_still_until_advanced() {
        let clock = FrozenClock::new();
        let (wall, monotonic) = (HostWallClock::now(&clock), HostMonotonicClock::now(&clock));
        std::thread::sleep(Duration::from_millis(3));
        assert_eq!(HostWallClock::now(&clock), wall);
        assert_eq!(HostMonotonicClock::now(&clock), monotonic);
        clock.advance();
        assert!(HostWallClock::now(&clock) >= wall + Duration::from_millis(3));
        assert!(HostMonotonicClock::now(&clock) >= monotonic + 3_000_000);
    }
}
