//! Parts of the URL as typed values, with errors that say what they must be.

use super::App;
use super::error::ApiError;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use serde::de::DeserializeOwned;
use std::error::Error as _;
use std::sync::Arc;

/// The path's parameters, percent-decoded and parsed.
pub(super) struct Params<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<App>> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        match Path::<T>::from_request_parts(parts, app).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(rejection) => Err(refusal(parts.uri.path(), rejection)),
        }
    }
}

fn refusal(path: &str, rejection: PathRejection) -> ApiError {
    let PathRejection::FailedToDeserializePathParams(failed) = rejection else { return ApiError::internal(rejection) };
    let why = match failed.into_kind() {
        ErrorKind::DeserializeError { value, message, .. } => format!("`{value}` is not right: {message}"),
        ErrorKind::InvalidUtf8InPathParam { .. } => "what it encodes is not UTF-8".to_owned(),
        ErrorKind::Message(message) => message,
        other => return ApiError::internal(other),
    };
    ApiError::bad_request(format!("the path `{path}` cannot be used: {why}"))
}

/// The query's parameters; unknown ones are refused by types that say so.
pub(super) struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Arc<App>> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, ApiError> {
        axum::extract::Query::try_from_uri(&parts.uri).map(|axum::extract::Query(value)| Self(value)).map_err(
            |rejection| {
                let cause = rejection.source().and_then(|source| source.source().or(Some(source)));
                let cause = cause.map_or_else(|| rejection.to_string(), ToString::to_string);
                ApiError::bad_request(format!("the query is not what is expected: {cause}"))
            },
        )
    }
}
