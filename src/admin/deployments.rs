//! Deployments: which versions take the traffic, and which did.

use super::App;
use super::auth::Caller;
use super::error::ApiError;
use super::live::Live;
use super::params::{Params, Query};
use super::view::DeploymentView;
use super::{audit::Detail, body};
use crate::registry::deployment::WHOLE;
use crate::registry::{Deployment, Done, KEPT_DEPLOYMENTS, Share, VersionId, WorkerName};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Entries of the history, unless the client says otherwise.
const PAGE: usize = 20;

/// How much of the history.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Newest {
    limit: Option<usize>,
}

/// A worker's history, the newest first.
#[derive(Serialize)]
pub(super) struct Deployments {
    deployments: Vec<DeploymentView>,
}

/// `GET /v1/workers/{name}/deployments`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Params(name): Params<WorkerName>,
    Query(Newest { limit }): Query<Newest>,
) -> Result<Json<Deployments>, ApiError> {
    let limit = limit.unwrap_or(PAGE);
    if !(1..=KEPT_DEPLOYMENTS as usize).contains(&limit) {
        return Err(ApiError::bad_request(format!("`limit` is {limit}, but must be from 1 to {KEPT_DEPLOYMENTS}")));
    }
    let deployments = app.registry.deployments(&name, limit).await?;
    Ok(Json(Deployments { deployments: deployments.into_iter().map(DeploymentView::from).collect() }))
}

/// Which versions are to share the traffic.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDeployment {
    versions: body::AtMost<NewShare, 2>,
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewShare {
    version: VersionId,
    percent: f64,
}

/// `POST /v1/workers/{name}/deployments`
pub(super) async fn deploy(
    State(app): State<Arc<App>>,
    Params(name): Params<WorkerName>,
    caller: Caller,
    body::Json(new): body::Json<NewDeployment>,
) -> Result<Response, ApiError> {
    let mut shares = Vec::new();
    let mut problems = Vec::new();
    for NewShare { version, percent } in new.versions.0 {
        match hundredths(percent) {
            Some(share) => shares.push(Share { version, share }),
            None => problems.push(format!(
                "version `{version}` has a share of {percent}%\nhint: give a number from 0.01 to 100 with up to two decimals"
            )),
        }
    }
    if !problems.is_empty() {
        return Err(ApiError::invalid(problems));
    }
    let done = app.registry.deploy_versions(&name, shares, caller.name(), &new.message).await?;
    Ok(deployed(&app, done).await)
}

/// Where to go back to.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rollback {
    #[serde(default)]
    version: Option<VersionId>,
    #[serde(default)]
    message: String,
}

/// `POST /v1/workers/{name}/rollback`
pub(super) async fn roll_back(
    State(app): State<Arc<App>>,
    Params(name): Params<WorkerName>,
    caller: Caller,
    body::Json(Rollback { version, message }): body::Json<Rollback>,
) -> Result<Response, ApiError> {
    let done = app.registry.rollback(&name, version, caller.name(), &message).await?;
    Ok(deployed(&app, done).await)
}

async fn deployed(app: &App, done: Done<Deployment>) -> Response {
    let live: Live = app.live(done.revision).await;
    let detail = Detail(summary(&done.value));
    let headers = live.headers();
    (StatusCode::CREATED, axum::Extension(detail), headers, Json(DeploymentView::from(done.value))).into_response()
}

/// A deployment in the words of the audit log.
pub(super) fn summary(deployment: &Deployment) -> String {
    let shares = deployment.shares.iter().map(|share| format!("{}@{}%", share.version, f64::from(share.share) / 100.0));
    format!("deployment {}: {}", deployment.number, shares.collect::<Vec<_>>().join(" "))
}

/// A percentage with up to two decimals as a whole number; none if it is none, or no part of the traffic.
fn hundredths(percent: f64) -> Option<u32> {
    let exact = percent * 100.0;
    let whole = exact.round();
    let close = (exact - whole).abs() < 1e-6;
    (close && (1.0..=f64::from(WHOLE)).contains(&whole)).then_some(whole as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_have_two_decimals() {
        for (percent, share) in [(100.0, 10_000), (0.01, 1), (33.33, 3333), (66.67, 6667), (0.29, 29), (90.0, 9000)] {
            assert_eq!(hundredths(percent), Some(share), "{percent}");
        }
        for percent in [0.0, -1.0, 100.01, 33.333, 0.001, f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(hundredths(percent), None, "{percent}");
        }
    }
}
