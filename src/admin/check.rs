//! Looking for damage in what is stored.

use super::App;
use super::error::ApiError;
use crate::ledger;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use std::sync::Arc;

/// What is wrong, a line for each problem.
#[derive(Serialize)]
pub(super) struct Problems {
    problems: Vec<String>,
}

/// `POST /v1/check`
pub(super) async fn check(State(app): State<Arc<App>>) -> Result<Json<Problems>, ApiError> {
    // It reads everything there is: once at a time is enough.
    let Ok(_place) = app.store_check.try_acquire() else {
        return Err(ApiError::busy("a check is under way already\nhint: try again when it is done"));
    };
    let mut problems = app.data.check().await?;
    problems.extend(app.registry.check().await?);
    problems.extend(ledger::check(&app.data).await?);
    Ok(Json(Problems { problems }))
}
