//! Runs of cron triggers: each due time is claimed once, and what came of it is kept for a while.
//!
//! Keys count down with time, so that a listing has the newest first.

use super::records::{bucket, decode, encode};
use super::worker::WorkerName;
use super::{Error, Registry};
use crate::storage::{self, Action, Change, Expected, Listing};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a run is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Later than every time that is written in milliseconds.
const END: i64 = 9_999_999_999_999;

/// One run of a cron trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CronRun {
    /// The expression, as it is configured.
    pub cron: String,
    /// When it was due.
    pub scheduled: Timestamp,
    pub started: Timestamp,
    /// None while it runs, and for ever if the server ended meanwhile.
    pub ended: Option<Timestamp>,
    /// As in logs: `ok`, `exception`, …
    pub outcome: Option<String>,
    pub fuel: u64,
    /// Id of the version that ran.
    pub version: String,
    pub cause: Cause,
    /// What went wrong.
    pub error: Option<String>,
}

/// Why a trigger was run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// It was due.
    Clock,
    /// Somebody asked for it.
    Asked,
}

impl CronRun {
    /// A run that begins.
    pub fn begun(cron: &str, scheduled: Timestamp, started: Timestamp, version: &str, cause: Cause) -> Self {
        let (ended, outcome, error) = (None, None, None);
        let (cron, version) = (cron.to_owned(), version.to_owned());
        Self { cron, scheduled, started, ended, outcome, fuel: 0, version, cause, error }
    }

    /// It is over.
    pub fn end(&mut self, at: Timestamp, outcome: &str, fuel: u64, error: Option<String>) {
        (self.ended, self.outcome, self.fuel, self.error) = (Some(at), Some(outcome.to_owned()), fuel, error);
    }

    fn key(&self, worker: &WorkerName) -> String {
        // Asked for, it may run as often as somebody likes.
        let asked = match self.cause {
            Cause::Clock => String::new(),
            Cause::Asked => format!(" {}", self.started.as_nanosecond()),
        };
        format!("{worker}/{:013} {}{asked}", END.saturating_sub(self.scheduled.as_millisecond()).max(0), self.cron)
    }

    fn change(&self, worker: &WorkerName, expected: Expected) -> Change {
        let expires = self.started.checked_add(KEPT).map_or(0, |end| end.as_second()).max(0).unsigned_abs();
        let action = Action::Put { meta: Bytes::new(), value: encode(self).into(), expires: Some(expires) };
        Change { bucket: bucket::CRON_RUNS.to_owned(), key: self.key(worker), expected, action }
    }
}

impl Registry {
    /// Writes down that a run begins. False if its due time was claimed before.
    pub async fn claim_cron_run(&self, worker: &WorkerName, run: &CronRun) -> Result<bool, Error> {
        match self.storage().commit(vec![run.change(worker, Expected::Absent)]).await {
            Ok(_) => Ok(true),
            Err(storage::Error::Conflict { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes down how a run ended.
    pub async fn end_cron_run(&self, worker: &WorkerName, run: &CronRun) -> Result<(), Error> {
        self.storage().commit(vec![run.change(worker, Expected::Any)]).await?;
        Ok(())
    }

    /// The latest runs of a worker's triggers, the newest first.
    pub async fn cron_runs(&self, worker: &WorkerName, limit: usize) -> Result<Vec<CronRun>, Error> {
        self.worker(worker).await?;
        let prefix = format!("{worker}/");
        let entries = self.storage().list(bucket::CRON_RUNS, &prefix, None, limit, Listing::Values).await?;
        entries.iter().map(|entry| decode(bucket::CRON_RUNS, entry)).collect()
    }
}
