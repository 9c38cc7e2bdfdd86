//! What a program would cost on other platforms.

use super::figures::Figures;
use crate::meter::pricing::{Era, Workload, models};
use serde::Serialize;

/// The month that is priced.
const REQUESTS: f64 = 1_000_000.0;
const MIB: f64 = 1_048_576.0;
/// The least that a platform can be asked to charge for: below it everything is the request's fee.
const LEAST_MS: f64 = 1e-6;

/// The price of a million requests on a platform.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(in crate::cli) struct Price {
    /// Id of the price model.
    pub model: String,
    /// Name of the platform.
    pub name: String,
    /// Once allowances are used up, and without flat fees.
    pub usd_per_million: f64,
    /// A month of a million requests, with allowances and flat fees.
    pub usd_first_million: f64,
    /// Figures of the model that are not verified.
    pub unverified: Vec<String>,
    /// Why the platform would not take the program; empty when it would.
    pub refusals: Vec<String>,
}

/// The prices of a program that was measured: wall time is what was measured here, CPU time the estimate from fuel, memory what
/// the worker may use and what it used at most.
pub(super) fn prices(figures: &Figures, memory_limit: u64) -> Vec<Price> {
    of_request(figures.billed_wall_ms, figures.cpu_ms.estimated, figures.peak_memory_bytes, memory_limit)
}

/// Prices on all platforms of today of requests that take this wall and CPU time, in milliseconds, use this memory at
/// most and may use so much, in bytes.
pub(in crate::cli) fn of_request(wall_ms: f64, cpu_ms: f64, peak_memory: u64, memory_limit: u64) -> Vec<Price> {
    let memory_mb = memory_limit as f64 / MIB;
    let mut workload = Workload::new(REQUESTS, wall_ms.max(LEAST_MS), cpu_ms.max(LEAST_MS), memory_mb);
    workload.peak_mb = (peak_memory as f64 / MIB).clamp(LEAST_MS, memory_mb);
    models(Era::Now)
        .into_iter()
        .map(|model| {
            let quote = model.quote(&workload);
            Price {
                model: model.id().to_owned(),
                name: model.name().to_owned(),
                usd_per_million: quote.total + quote.free - quote.base_fee,
                usd_first_million: quote.total,
                unverified: quote.unverified,
                refusals: quote.refusals,
            }
        })
        .collect()
}
