//! Versions: publishing them, looking at them, deleting them.

mod inspect;
mod request;

use self::request::Publication;
use super::App;
use super::audit::Detail;
use super::auth::Caller;
use super::body;
use super::deployments::summary;
use super::error::ApiError;
use super::live::Live;
use super::params::Params;
use super::routes::parse;
use super::view::{DeploymentView, VersionView};
use crate::registry::{Publish, Targets, Traffic, VersionId, WorkerName};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::StatusCode;
use serde::Serialize;
use std::sync::Arc;
use std::time::Instant;

/// A worker's versions, the newest first.
#[derive(Serialize)]
pub(super) struct Versions {
    versions: Vec<VersionView>,
}

/// `GET /v1/workers/{name}/versions`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Params(name): Params<WorkerName>,
) -> Result<Json<Versions>, ApiError> {
    let versions = app.registry.versions(&name).await?;
    let record = app.registry.worker(&name).await?;
    let view = |version| VersionView::new(version, &record, &app.urls);
    Ok(Json(Versions { versions: versions.into_iter().map(view).collect() }))
}

/// `GET /v1/workers/{name}/versions/{id}`
pub(super) async fn view(
    State(app): State<Arc<App>>,
    Params((name, id)): Params<(WorkerName, VersionId)>,
) -> Result<Json<VersionView>, ApiError> {
    let version = app.registry.version(&name, &id).await?;
    let record = app.registry.worker(&name).await?;
    Ok(Json(VersionView::new(version, &record, &app.urls)))
}

/// `DELETE /v1/workers/{name}/versions/{id}`
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Params((name, id)): Params<(WorkerName, VersionId)>,
) -> Result<StatusCode, ApiError> {
    app.registry.delete_version(&name, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What came of publishing.
#[derive(Serialize)]
struct PublishedView {
    version: VersionView,
    deployment: Option<DeploymentView>,
    created_namespaces: Vec<CreatedNamespace>,
    unchanged: bool,
    urls: Vec<String>,
    preview_url: Option<String>,
    milliseconds: Steps,
    /// Set when it is made, but was not live in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<&'static str>,
}

/// A KV namespace that was made for a binding.
#[derive(Serialize)]
struct CreatedNamespace {
    id: String,
    title: String,
}

/// How long each step took, in milliseconds.
#[derive(Serialize)]
struct Steps {
    check: f64,
    commit: f64,
    live: f64,
}

/// `POST /v1/workers/{name}/versions`
pub(super) async fn publish(
    State(app): State<Arc<App>>,
    Params(name): Params<WorkerName>,
    caller: Caller,
    body::Json(publication): body::Json<Publication>,
) -> Result<Response, ApiError> {
    let Publication { version, deploy, routes, subdomain, previews } = publication;
    let routes = routes.map(parse).transpose()?;
    let started = Instant::now();
    let artifact = inspect::component(&app, version.artifact).await?;
    let assets = inspect::assets(&app, version.assets).await?;
    let new = version.checked(artifact, assets);
    let checked = Instant::now();
    let publish = Publish {
        routes,
        subdomain,
        previews,
        traffic: if deploy { Traffic::All } else { Traffic::None },
        targets: Targets::MustExist,
        author: caller.name().to_owned(),
        message: new.message.clone(),
    };
    let done = app.registry.publish(&name, new, publish).await?;
    let committed = Instant::now();
    // Previews wait too: a version that is made for the first time may make the worker known.
    let live = app.live(done.revision).await;
    let milliseconds = Steps {
        check: milliseconds(started, checked),
        commit: milliseconds(checked, committed),
        live: milliseconds(committed, Instant::now()),
    };
    let published = done.value;
    let detail = match &published.deployment {
        Some(deployment) => format!("version {}; {}", published.version.id, summary(deployment)),
        None => format!("version {}", published.version.id),
    };
    let record = app.registry.worker(&name).await?;
    let version = VersionView::new(published.version, &record, &app.urls);
    let view = PublishedView {
        preview_url: version.preview_url.clone(),
        version,
        deployment: published.deployment.map(DeploymentView::from),
        created_namespaces: published
            .created_namespaces
            .into_iter()
            .map(|namespace| CreatedNamespace { id: namespace.id, title: namespace.title })
            .collect(),
        unchanged: published.unchanged,
        urls: app.urls.all(&record),
        milliseconds,
        warning: Live::warning(live),
    };
    Ok((StatusCode::CREATED, Extension(Detail(detail)), live.headers(), Json(view)).into_response())
}

/// With two decimals.
fn milliseconds(from: Instant, to: Instant) -> f64 {
    (to.duration_since(from).as_secs_f64() * 100_000.0).round() / 100.0
}
