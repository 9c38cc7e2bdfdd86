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
pub(super) struct Price {
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

/// Prices on all platforms of today. Wall time is what was measured here, CPU time the estimate from fuel, memory what
/// the worker may use and what it used at most.
pub(super) fn prices(figures: &Figures, memory_limit: u64) -> Vec<Price> {
    let memory_mb = memory_limit as f64 / MIB;
    let mut workload = Workload::new(
        REQUESTS,
        figures.billed_wall_ms.max(LEAST_MS),
        figures.cpu_ms.estimated.max(LEAST_MS),
        memory_mb,
    );
    workload.peak_mb = (figures.peak_memory_bytes as f64 / MIB).clamp(LEAST_MS, memory_mb);
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
