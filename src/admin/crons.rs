//! Cron triggers: which a worker has, what came of their runs, and running one now.

use super::App;
use super::body;
use super::error::{ApiError, Code};
use super::params::{Params, Query};
use crate::cron::Cron;
use crate::registry::WorkerName;
use crate::registry::cron_runs::CronRun;
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// Runs that are listed unless more are asked for, and the most that can be.
const USUAL: usize = 20;
const MOST: usize = 1_000;

/// A trigger to be run now.
pub struct Trigger {
    pub worker: WorkerName,
    /// None for the first that is configured.
    pub cron: Option<String>,
    /// When it is said to be due; none for now.
    pub time: Option<Timestamp>,
}

/// Why a trigger was not run.
pub enum TriggerError {
    NotFound(String),
    Failed(String),
}

/// Runs a trigger, and gives the record of the run.
pub type RunTrigger =
    Arc<dyn Fn(Trigger) -> Pin<Box<dyn Future<Output = Result<CronRun, TriggerError>> + Send>> + Send + Sync>;

/// A worker's triggers.
#[derive(Serialize)]
pub(super) struct Crons {
    crons: Vec<CronView>,
}

/// One of them.
#[derive(Serialize)]
pub(super) struct CronView {
    cron: String,
    next: Option<Timestamp>,
}

/// `GET /v1/workers/{name}/crons`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Params(name): Params<WorkerName>,
) -> Result<Json<Crons>, ApiError> {
    let record = app.registry.worker(&name).await?;
    let shares = record.deployment.iter().flat_map(|deployment| &deployment.shares);
    let crons = match shares.max_by_key(|share| share.share) {
        Some(share) => app.registry.version(&name, &share.version).await?.content.crons,
        None => Vec::new(),
    };
    let now = Timestamp::now();
    let view = |cron: String| CronView { next: Cron::parse(&cron).ok().and_then(|cron| cron.after(now)), cron };
    Ok(Json(Crons { crons: crons.into_iter().map(view).collect() }))
}

/// How many runs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    limit: Option<usize>,
}

/// The latest runs, the newest first.
#[derive(Serialize)]
pub(super) struct Runs {
    runs: Vec<CronRun>,
}

/// `GET /v1/workers/{name}/crons/runs`
pub(super) async fn runs(
    State(app): State<Arc<App>>,
    Params(name): Params<WorkerName>,
    Query(Wanted { limit }): Query<Wanted>,
) -> Result<Json<Runs>, ApiError> {
    let limit = limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(ApiError::bad_request(format!("`limit` is {limit}, but must be from 1 to {MOST}")));
    }
    Ok(Json(Runs { runs: app.registry.cron_runs(&name, limit).await? }))
}

/// Which trigger to run.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    cron: Option<String>,
    time: Option<Timestamp>,
}

/// `POST /v1/workers/{name}/crons/trigger`
pub(super) async fn trigger(
    State(app): State<Arc<App>>,
    Params(worker): Params<WorkerName>,
    body::Json(Asked { cron, time }): body::Json<Asked>,
) -> Result<Json<CronRun>, ApiError> {
    app.registry.worker(&worker).await?;
    match (app.trigger)(Trigger { worker, cron, time }).await {
        Ok(run) => Ok(Json(run)),
        Err(TriggerError::NotFound(why)) => Err(ApiError::new(Code::NotFound, why)),
        Err(TriggerError::Failed(why)) => Err(ApiError::internal(why)),
    }
}
