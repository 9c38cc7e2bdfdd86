//! What is counted for a worker.

use super::histogram::{Counts, Histogram};
use crate::cache::Lookups;
use crate::meter::{Outcome, Usage};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// In the order of their numbers.
pub(super) const OUTCOMES: [Outcome; 9] = [
    Outcome::Ok,
    Outcome::Exception,
    Outcome::ExceededCpu,
    Outcome::ExceededMemory,
    Outcome::ExceededWallTime,
    Outcome::Canceled,
    Outcome::LoadShed,
    Outcome::InternalError,
    Outcome::Refused,
];
/// Status classes: the first digit, or nothing that is one.
pub(super) const STATUS_CLASSES: [&str; 6] = ["other", "1xx", "2xx", "3xx", "4xx", "5xx"];

/// A request that is over.
pub struct Counted<'a> {
    pub outcome: Outcome,
    pub status: u16,
    pub usage: &'a Usage,
    /// From its arrival to the head of the response.
    pub duration: Duration,
}

/// The figures of one worker.
pub struct Series {
    name: Arc<str>,
    requests: [[AtomicU64; STATUS_CLASSES.len()]; OUTCOMES.len()],
    fuel: AtomicU64,
    host_fuel: AtomicU64,
    subrequests: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    duration: Histogram,
    lookups: Arc<Lookups>,
}

/// The sums of a [`Series`] at a moment.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub fuel: u64,
    pub host_fuel: u64,
    pub subrequests: u64,
    pub bytes_in: u64,
    pub bytes_out: u64,
}

impl Series {
    pub(super) fn new(name: Arc<str>) -> Self {
        Self {
            name,
            requests: Default::default(),
            fuel: AtomicU64::new(0),
            host_fuel: AtomicU64::new(0),
            subrequests: AtomicU64::new(0),
            bytes_in: AtomicU64::new(0),
            bytes_out: AtomicU64::new(0),
            duration: Histogram::default(),
            lookups: Arc::default(),
        }
    }

    pub(super) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Counts what the worker, and who asks for it, asks of the cache.
    pub fn lookups(&self) -> &Arc<Lookups> {
        &self.lookups
    }

    /// Counts a request.
    pub fn count(&self, request: &Counted<'_>) {
        let Counted { outcome, status, usage, duration } = request;
        let class = usize::from(status / 100);
        self.requests[*outcome as usize][if class < STATUS_CLASSES.len() { class } else { 0 }].fetch_add(1, Relaxed);
        self.duration.add(*duration);
        // Pages of ours and assets cost nothing.
        if usage.fuel > 0 {
            self.fuel.fetch_add(usage.fuel, Relaxed);
            self.host_fuel.fetch_add(usage.charges.fuel(), Relaxed);
            self.subrequests.fetch_add(usage.subrequests.into(), Relaxed);
            self.bytes_in.fetch_add(usage.bytes_in(), Relaxed);
            self.bytes_out.fetch_add(usage.bytes_out(), Relaxed);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.requests().iter().flatten().all(|count| *count == 0) && self.lookups.counts().is_empty()
    }

    pub(super) fn requests(&self) -> [[u64; STATUS_CLASSES.len()]; OUTCOMES.len()] {
        self.requests.each_ref().map(|outcome| outcome.each_ref().map(|count| count.load(Relaxed)))
    }

    pub(super) fn sums(&self) -> Sums {
        Sums {
            fuel: self.fuel.load(Relaxed),
            host_fuel: self.host_fuel.load(Relaxed),
            subrequests: self.subrequests.load(Relaxed),
            bytes_in: self.bytes_in.load(Relaxed),
            bytes_out: self.bytes_out.load(Relaxed),
        }
    }

    pub(super) fn durations(&self) -> Counts {
        self.duration.counts()
    }

    pub(super) fn told_durations(&self) -> (f64, u64, Vec<(f64, u64)>) {
        self.duration.told()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_is_at_its_number() {
        for (number, outcome) in OUTCOMES.iter().enumerate() {
            assert_eq!(*outcome as usize, number, "{outcome}");
        }
    }
}
