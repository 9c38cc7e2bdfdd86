//! What a worker's usage would have cost on other platforms.

use super::App;
use super::error::ApiError;
use super::params::Query;
use super::usage::{self, Part};
use crate::ledger::{self, By, Tally};
use crate::meter::pricing::{Era, Workload, models};
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use std::sync::Arc;

/// Memory that is taken to be configured, in MB: the limit that workers have unless they say otherwise.
const MEMORY_MB: f64 = 128.0;
const MIB: f64 = 1_048_576.0;
const MILLION: f64 = 1e6;
/// The least that a platform can be asked to charge for: below it everything is the request's fee.
const LEAST: f64 = 1e-6;

/// Prices of usage, taken for that of one month.
#[derive(Serialize)]
pub(super) struct Prices {
    since: Timestamp,
    until: Timestamp,
    /// Runs, which are what platforms charge for.
    requests: u64,
    /// Means of a run.
    wall_ms: f64,
    cpu_ms: f64,
    prices: Vec<Price>,
}

#[derive(Serialize)]
struct Price {
    model: &'static str,
    name: &'static str,
    /// With allowances and flat fees.
    usd: f64,
    /// A million such requests, without them.
    usd_per_million: f64,
    /// Figures of the model that are not verified.
    unverified: Vec<String>,
    /// Why the platform would not take the workload; empty when it would.
    refusals: Vec<String>,
}

/// `GET /v1/usage/prices`
pub(super) async fn view(State(app): State<Arc<App>>, Query(part): Query<Part>) -> Result<Json<Prices>, ApiError> {
    let query = ledger::Query { by: By::Worker, ..usage::query(part)? };
    let mut total = Tally::default();
    app.ledger.usage(&query).await?.values().for_each(|tally| total.merge(tally));
    let (since, until) = (usage::time_of(query.since), usage::time_of(query.until));
    let runs = total.runs();
    if runs == 0 {
        return Ok(Json(Prices { since, until, requests: 0, wall_ms: 0.0, cpu_ms: 0.0, prices: Vec::new() }));
    }
    let of_run = |sum: f64| (sum / runs as f64).max(LEAST);
    let (wall_ms, cpu_ms) = (of_run(total.wall_ms()), of_run(total.cpu_ms()));
    let mut workload = Workload::new(runs as f64, wall_ms, cpu_ms, MEMORY_MB);
    workload.peak_mb = (of_run(total.memory as f64) / MIB).clamp(LEAST, MEMORY_MB);
    // What is charged for months whole is little for each of a million requests, and much for each of a few.
    let million = Workload { requests: MILLION, ..workload };
    let prices = models(Era::Now).into_iter().map(|model| {
        let (quote, of_million) = (model.quote(&workload), model.quote(&million));
        Price {
            model: model.id(),
            name: model.name(),
            usd: quote.total,
            usd_per_million: of_million.total + of_million.free - of_million.base_fee,
            unverified: quote.unverified,
            refusals: quote.refusals,
        }
    });
    Ok(Json(Prices { since, until, requests: runs, wall_ms, cpu_ms, prices: prices.collect() }))
}
