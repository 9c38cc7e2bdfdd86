//! `[limits]`: what clients may ask of the server in all.

use crate::edge::InFlightLimits;
use crate::rate_limit::RateLimit;
use clap::Args;
use serde::Deserialize;
use std::num::NonZeroUsize;
use std::time::Duration;

/// Times that a request may have come by here before, by its `CDN-Loop`.
const LOOPS: usize = 16;

/// Settings as they are written.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsSettings {
    /// Requests that may be under way at a time; more wait, and past the queue they are answered 503
    #[arg(long, env = "GLOWPLUG_IN_FLIGHT", value_name = "N")]
    in_flight: Option<NonZeroUsize>,

    /// The same for each worker
    #[arg(long, env = "GLOWPLUG_IN_FLIGHT_PER_WORKER", value_name = "N")]
    in_flight_per_worker: Option<NonZeroUsize>,

    /// Requests that may wait at each limit.
    #[arg(skip)]
    queue: Option<usize>,

    /// Seconds that one may wait.
    #[arg(skip)]
    queue_seconds: Option<u64>,

    /// Times that a request may have come by here before.
    #[arg(skip)]
    loops: Option<usize>,

    /// How often a client may come, whatever it asks for.
    #[arg(skip)]
    rate_limit: Option<RateLimit>,
}

/// Limits as they hold.
#[derive(Debug)]
pub struct LimitsConfig {
    pub in_flight: InFlightLimits,
    pub loops: usize,
    pub rate_limit: Option<RateLimit>,
}

impl LimitsSettings {
    /// What holds of these flags and the file's settings.
    pub(super) fn over(self, file: Self) -> LimitsConfig {
        let usual = InFlightLimits::default();
        LimitsConfig {
            in_flight: InFlightLimits {
                requests: self.in_flight.or(file.in_flight).map(NonZeroUsize::get),
                per_worker: self.in_flight_per_worker.or(file.in_flight_per_worker).map(NonZeroUsize::get),
                queue: file.queue.unwrap_or(usual.queue),
                patience: file.queue_seconds.map_or(usual.patience, Duration::from_secs),
            },
            loops: file.loops.unwrap_or(LOOPS),
            rate_limit: file.rate_limit,
        }
    }
}
