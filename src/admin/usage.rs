//! Usage: what invocations used, from the ledger.

use super::App;
use super::error::ApiError;
use super::params::Query;
use crate::ledger::{self, By, Group, Minute, Tally};
use crate::registry::WorkerName;
use axum::Json;
use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How far back usage goes, unless the client says otherwise.
const SPAN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Which usage.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    worker: Option<WorkerName>,
    #[serde(default)]
    by: Key,
}

/// What usage is put together by.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Key {
    #[default]
    Worker,
    Version,
    Route,
    Day,
    Minute,
}

impl From<Key> for By {
    fn from(key: Key) -> Self {
        match key {
            Key::Worker => Self::Worker,
            Key::Version => Self::Version,
            Key::Route => Self::Route,
            Key::Day => Self::Day,
            Key::Minute => Self::Minute,
        }
    }
}

/// Usage in whole minutes.
#[derive(Serialize)]
pub(super) struct Usage {
    since: Timestamp,
    until: Timestamp,
    by: Key,
    usage: Vec<Line>,
    total: Line,
}

/// What the invocations of one group used. Sums are exact; the quantiles are within a sixteenth.
#[derive(Serialize)]
struct Line {
    #[serde(skip_serializing_if = "Option::is_none")]
    worker: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<Arc<str>>,
    /// Beginning of the day or minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<Timestamp>,
    /// Invocations, those that were refused among them.
    requests: u64,
    /// Those in which the worker ran.
    runs: u64,
    /// Requests by outcome; those that did not happen are left out.
    outcomes: BTreeMap<&'static str, u64>,
    /// Requests that static assets answered, which are no invocations.
    assets: u64,
    fuel: u128,
    cpu_ms: f64,
    fuel_p50: Option<u64>,
    fuel_p99: Option<u64>,
    bytes_in: u128,
    bytes_out: u128,
    subrequests: u128,
    wall_ms: f64,
    /// Bytes that a sandbox held at the most, on average of the runs.
    mean_memory: Option<u64>,
    /// The most that one held.
    most_memory: u64,
}

impl Line {
    fn new(group: Option<Group>, tally: &Tally) -> Self {
        let (worker, version, route, time) = match group {
            Some(Group { worker, version, route, time }) => (worker, version, route, time),
            None => (None, None, None, None),
        };
        let outcomes = tally.outcomes().filter(|(_, times)| *times > 0);
        Self {
            worker,
            version,
            route,
            time: time.map(time_of),
            requests: tally.requests(),
            runs: tally.runs(),
            outcomes: outcomes.map(|(outcome, times)| (outcome.as_str(), times)).collect(),
            assets: tally.assets,
            fuel: tally.fuel,
            cpu_ms: tally.cpu_ms(),
            fuel_p50: tally.fuel_quantile(0.5),
            fuel_p99: tally.fuel_quantile(0.99),
            bytes_in: tally.bytes_in,
            bytes_out: tally.bytes_out,
            subrequests: tally.subrequests,
            wall_ms: tally.wall_ms(),
            mean_memory: tally.memory.checked_div(tally.runs().into()).and_then(|mean| mean.try_into().ok()),
            most_memory: tally.most_memory,
        }
    }
}

/// `GET /v1/usage`
pub(super) async fn view(State(app): State<Arc<App>>, Query(part): Query<Part>) -> Result<Json<Usage>, ApiError> {
    let by = part.by;
    let query = query(part)?;
    let groups = app.ledger.usage(&query).await?;
    let mut total = Tally::default();
    groups.values().for_each(|tally| total.merge(tally));
    Ok(Json(Usage {
        since: time_of(query.since),
        until: time_of(query.until),
        by,
        usage: groups.into_iter().map(|(group, tally)| Line::new(Some(group), &tally)).collect(),
        total: Line::new(None, &total),
    }))
}

/// What of the ledger is asked for.
pub(super) fn query(part: Part) -> Result<ledger::Query, ApiError> {
    let now = Timestamp::now();
    let until = part.until.unwrap_or(now);
    let since = match part.since {
        Some(since) => since,
        None => until.checked_sub(SPAN).map_err(|_| ApiError::bad_request("`until` is too early"))?,
    };
    if since > until {
        return Err(ApiError::bad_request(format!("`since` is {since}, which is after `until`, {until}")));
    }
    Ok(ledger::Query {
        since: minute_of(since),
        // A minute that has begun counts whole, and this one has.
        until: minute_of(until) + u32::from(until == now || until.as_millisecond() % 60_000 != 0),
        worker: part.worker.map(|worker| worker.to_string()),
        by: part.by.into(),
    })
}

/// The minute of a time; times before 1970 count as 1970. Times end long before minutes do.
fn minute_of(time: Timestamp) -> Minute {
    Minute::try_from(time.as_second().max(0) / 60).unwrap_or_default()
}

/// When a minute begins.
pub(super) fn time_of(minute: Minute) -> Timestamp {
    Timestamp::from_second(i64::from(minute) * 60).unwrap_or(Timestamp::MAX)
}
