//! KV namespaces, and what is in them.

pub(super) mod bulk;
mod metadata;

use super::App;
use super::audit::Detail;
use super::body::{self, announced};
use super::error::ApiError;
use super::params::Params;
use crate::kv::limits::{BULK_READ_REQUEST, VALUE};
use crate::kv::{self, Namespace};
use crate::registry;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use bytes::Bytes;
use http::{Method, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// All namespaces.
#[derive(Serialize)]
pub(super) struct Namespaces {
    namespaces: Vec<registry::Namespace>,
}

/// `GET /v1/kv/namespaces`
pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Json<Namespaces>, ApiError> {
    Ok(Json(Namespaces { namespaces: app.registry.namespaces().await? }))
}

/// A namespace's title.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Titled {
    title: String,
}

/// `POST /v1/kv/namespaces`
pub(super) async fn create(
    State(app): State<Arc<App>>,
    body::Json(Titled { title }): body::Json<Titled>,
) -> Result<Response, ApiError> {
    let namespace = app.registry.create_namespace(&title).await?.value;
    let detail = Detail(format!("{} `{}`", namespace.id, namespace.title));
    Ok((StatusCode::CREATED, Extension(detail), Json(namespace)).into_response())
}

/// `GET /v1/kv/namespaces/{id}`
pub(super) async fn view(
    State(app): State<Arc<App>>,
    Params(id): Params<String>,
) -> Result<Json<registry::Namespace>, ApiError> {
    Ok(Json(app.registry.namespace(&id).await?))
}

/// `PATCH /v1/kv/namespaces/{id}`
pub(super) async fn rename(
    State(app): State<Arc<App>>,
    Params(id): Params<String>,
    body::Json(Titled { title }): body::Json<Titled>,
) -> Result<Response, ApiError> {
    let namespace = app.registry.namespace(&id).await?;
    let renamed = app.registry.rename_namespace(&namespace.id, &title).await?.value;
    let detail = Detail(format!("`{}` is now `{}`", namespace.title, renamed.title));
    Ok((Extension(detail), Json(renamed)).into_response())
}

/// `DELETE /v1/kv/namespaces/{id}`
pub(super) async fn remove(State(app): State<Arc<App>>, Params(id): Params<String>) -> Result<Response, ApiError> {
    let namespace = app.registry.namespace(&id).await?;
    app.registry.delete_namespace(&namespace.id).await?;
    let detail = Detail(format!("{} `{}`", namespace.id, namespace.title));
    Ok((StatusCode::NO_CONTENT, Extension(detail)).into_response())
}

/// Everything on `/v1/kv/namespaces/{id}/values` and `/keys`: answered by KV, as a worker's binding is.
pub(super) async fn pass_on(
    State(app): State<Arc<App>>,
    params: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let params = params.map_err(|error| ApiError::bad_request(format!("the path cannot be read: {error}")))?;
    let id = params.iter().find_map(|(name, value)| (name == "id").then_some(value)).unwrap_or_default();
    let namespace = open(&app, id).await?;
    // KV holds a value whole; a listing and a deletion have no body.
    let most = match *request.method() {
        Method::PUT => VALUE.maximum,
        Method::POST => BULK_READ_REQUEST.maximum,
        _ => 0,
    };
    let _reserved = app.memory.reserve(announced(request.headers()).unwrap_or(most).min(most) as usize).await?;
    let (mut head, body) = request.into_parts();
    head.uri = below_namespace(&head.uri)?;
    let response = kv::serve(&namespace, http::Request::from_parts(head, body)).await;
    if response.status().is_success() {
        return Ok(response.map(axum::body::Body::new));
    }
    Err(refusal(response).await)
}

/// The namespace with this id or title.
async fn open(app: &App, id: &str) -> Result<Namespace, ApiError> {
    let namespace = app.registry.namespace(id).await?;
    Ok(Namespace::new(app.data.clone(), &namespace.id))
}

/// The part of a URL that is KV's, with the key as it is encoded.
fn below_namespace(uri: &Uri) -> Result<Uri, ApiError> {
    // "", "v1", "kv", "namespaces", ID, the rest
    let rest = uri.path().splitn(6, '/').nth(5).unwrap_or_default();
    let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
    format!("/{rest}{query}").parse().map_err(ApiError::internal)
}

/// A refusal by KV in the form that this API has.
async fn refusal(response: http::Response<Full<Bytes>>) -> ApiError {
    let status = response.status();
    let text = response.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    match (status, &*String::from_utf8_lossy(&text)) {
        (StatusCode::NOT_FOUND, "") => ApiError::of_status(status, "there is nothing under this key"),
        (_, text) => ApiError::of_status(status, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stay_as_they_are_encoded() {
        let below = |uri: &str| below_namespace(&uri.parse().unwrap()).unwrap().to_string();
        assert_eq!(below("/v1/kv/namespaces/n/values/a%2Fb/c?x=1"), "/values/a%2Fb/c?x=1");
        assert_eq!(below("/v1/kv/namespaces/n%20m/keys?prefix=a%26"), "/keys?prefix=a%26");
        assert_eq!(below("/v1/kv/namespaces/n/values"), "/values");
    }
}
