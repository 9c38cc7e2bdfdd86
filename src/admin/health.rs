//! What the server says of itself.

use super::App;
use super::Readiness;
use crate::assets;
use crate::limits;
use crate::recording::PublicKey;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Serialize;
use std::sync::Arc;

/// The description of this API.
pub(super) const OPENAPI: &str = include_str!("../../docs/openapi.json");

/// `GET /healthz`
pub(super) async fn alive() -> &'static str {
    "ok"
}

/// `GET /readyz`
pub(super) async fn ready(State(app): State<Arc<App>>) -> Response {
    let readiness = *app.ready.borrow();
    let status = match readiness {
        Readiness::Ready => StatusCode::OK,
        Readiness::Starting | Readiness::Stopping => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, readiness.to_string()).into_response()
}

/// `GET /v1/openapi.json`
pub(super) async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI).into_response()
}

/// The server, for clients that must know what it takes.
#[derive(Serialize)]
pub(super) struct ServerView {
    version: &'static str,
    /// Digest of the JavaScript engine that the server has; others are uploaded with their workers.
    engine: String,
    base_domain: Option<String>,
    url: String,
    limits: LimitsView,
}

#[derive(Serialize)]
struct LimitsView {
    component_bytes: u64,
    asset_bytes: u64,
    asset_files: u64,
}

/// `GET /v1/server`
pub(super) async fn server(State(app): State<Arc<App>>) -> Json<ServerView> {
    Json(ServerView {
        version: env!("CARGO_PKG_VERSION"),
        engine: app.components.engine().to_owned(),
        base_domain: app.base_domain.clone(),
        url: app.public_url.clone(),
        limits: LimitsView {
            component_bytes: limits::COMPONENT.maximum,
            asset_bytes: assets::FILE.maximum,
            asset_files: assets::FILES.maximum,
        },
    })
}

/// What signatures of receipts are checked with: a JSON Web Key, or null if this server signs none.
pub(super) async fn receipt_key(State(app): State<Arc<App>>) -> Json<Option<PublicKey>> {
    Json(app.receipt_key.clone())
}
