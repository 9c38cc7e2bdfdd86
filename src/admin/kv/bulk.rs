//! Many entries of a namespace in one request.

use super::metadata::Metadata;
use super::open;
use crate::admin::App;
use crate::admin::body::{self, AtMost, announced};
use crate::admin::error::ApiError;
use crate::admin::params::Params;
use crate::admin::{audit::Detail, memory::Reserved};
use crate::kv::PutOptions;
use crate::kv::limits::BULK_WRITE;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Bytes of a body with entries.
pub(in crate::admin) const ENTRIES_BODY: usize = 100_000_000;
/// Bytes of a body with keys: the most and longest there can be, every character of them escaped.
const KEYS_BODY: usize = 32 << 20;
/// Entries or keys of one request.
const MOST: usize = BULK_WRITE.maximum as usize;

/// An entry to be written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    key: String,
    /// Text, or base64 if `base64` says so.
    value: String,
    #[serde(default)]
    base64: bool,
    #[serde(default)]
    expiration: Option<i64>,
    #[serde(default)]
    expiration_ttl: Option<i64>,
    #[serde(default)]
    metadata: Option<Metadata>,
}

/// How many were written.
#[derive(Serialize)]
struct Written {
    written: usize,
}

/// `POST /v1/kv/namespaces/{id}/bulk`
pub(in crate::admin) async fn put(
    State(app): State<Arc<App>>,
    Params(id): Params<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let namespace = open(&app, &id).await?;
    let (entries, _reserved) = read::<Entry>(&app, request, ENTRIES_BODY).await?;
    let entries = entries.into_iter().map(Entry::decoded).collect::<Result<Vec<_>, _>>()?;
    let written = entries.len();
    namespace.put_many(entries).await?;
    Ok((Extension(Detail(format!("{written} keys"))), Json(Written { written })).into_response())
}

/// How many were deleted, or were not there.
#[derive(Serialize)]
struct Deleted {
    deleted: usize,
}

/// `POST /v1/kv/namespaces/{id}/bulk/delete`
pub(in crate::admin) async fn delete(
    State(app): State<Arc<App>>,
    Params(id): Params<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let namespace = open(&app, &id).await?;
    let (keys, _reserved) = read::<String>(&app, request, KEYS_BODY).await?;
    let deleted = keys.len();
    namespace.delete_many(keys).await?;
    Ok((Extension(Detail(format!("{deleted} keys"))), Json(Deleted { deleted })).into_response())
}

/// A list of things, and the memory that is set aside for them.
async fn read<T: DeserializeOwned + Send + 'static>(
    app: &App,
    request: Request,
    limit: usize,
) -> Result<(Vec<T>, Reserved), ApiError> {
    body::check_json(request.headers())?;
    let length = announced(request.headers()).unwrap_or(limit as u64).min(limit as u64) as usize;
    // The text, and what is read from it.
    let reserved = app.memory.reserve(2 * length).await?;
    let bytes = body::collect(request, limit).await?;
    let parsing = tokio::task::spawn_blocking(move || body::parse::<AtMost<T, MOST>>(&bytes));
    let AtMost(list) = parsing.await.map_err(ApiError::internal)??;
    Ok((list, reserved))
}

impl Entry {
    fn decoded(self) -> Result<(String, Bytes, PutOptions), ApiError> {
        let Self { key, value, base64, expiration, expiration_ttl, metadata } = self;
        let value = match base64 {
            false => value.into_bytes(),
            true => STANDARD.decode(value).map_err(|cause| {
                ApiError::bad_request(format!("the value of `{}` is not base64: {cause}", key.escape_debug()))
            })?,
        };
        let metadata = metadata.map(|Metadata(metadata)| metadata);
        Ok((key, value.into(), PutOptions { expiration, expiration_ttl, metadata }))
    }
}
