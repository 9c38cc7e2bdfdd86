//! Workers: what is live, where it is reached.

use super::App;
use super::error::ApiError;
use super::params::{Params, Query};
use super::view::WorkerView;
use crate::registry::{Dependents, WorkerName};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// All workers.
#[derive(Serialize)]
pub(super) struct Workers {
    workers: Vec<WorkerView>,
}

/// `GET /v1/workers`
pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Json<Workers>, ApiError> {
    let records = app.registry.workers().await?;
    let workers = records.into_iter().map(|record| WorkerView::new(record, &app.urls)).collect();
    Ok(Json(Workers { workers }))
}

/// `GET /v1/workers/{name}`
pub(super) async fn view(
    State(app): State<Arc<App>>,
    Params(name): Params<WorkerName>,
) -> Result<Json<WorkerView>, ApiError> {
    Ok(Json(WorkerView::new(app.registry.worker(&name).await?, &app.urls)))
}

/// How to delete.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Removal {
    #[serde(default)]
    force: bool,
}

/// `DELETE /v1/workers/{name}`
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Params(name): Params<WorkerName>,
    Query(Removal { force }): Query<Removal>,
) -> Result<Response, ApiError> {
    let dependents = if force { Dependents::Ignore } else { Dependents::Protect };
    let done = app.registry.delete_worker(&name, dependents).await?;
    let live = app.live(done.revision).await;
    Ok((StatusCode::NO_CONTENT, live.headers()).into_response())
}
