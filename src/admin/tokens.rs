//! Tokens: who may use this API.

use super::App;
use super::audit::Detail;
use super::body;
use super::error::ApiError;
use super::params::Params;
use crate::registry::{Scope, Token};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// All tokens, without their secrets.
#[derive(Serialize)]
pub(super) struct Tokens {
    tokens: Vec<Token>,
}

/// `GET /v1/tokens`
pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Json<Tokens>, ApiError> {
    Ok(Json(Tokens { tokens: app.registry.tokens().await? }))
}

/// A token to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    name: String,
    scopes: BTreeSet<Scope>,
    #[serde(default)]
    expires: Option<Timestamp>,
}

/// A token that was made. Its text is not shown again.
#[derive(Serialize)]
pub(super) struct Made {
    token: String,
    #[serde(flatten)]
    about: Token,
}

/// `POST /v1/tokens`
pub(super) async fn create(
    State(app): State<Arc<App>>,
    body::Json(Wanted { name, scopes, expires }): body::Json<Wanted>,
) -> Result<Response, ApiError> {
    let made = app.registry.create_token(&name, scopes, expires).await?.value;
    let detail = Detail(format!("token {} `{}`", made.token.id, made.token.name));
    let made = Made { token: made.text, about: made.token };
    Ok((StatusCode::CREATED, Extension(detail), Json(made)).into_response())
}

/// `DELETE /v1/tokens/{id}`
pub(super) async fn revoke(State(app): State<Arc<App>>, Params(id): Params<String>) -> Result<Response, ApiError> {
    let revoked = app.registry.revoke_token(&id).await?.value;
    let detail = Detail(format!("token {} `{}`", revoked.id, revoked.name));
    Ok((StatusCode::NO_CONTENT, Extension(detail)).into_response())
}
