//! Secrets: their names, setting and deleting them. Nobody can read a value back.

use super::App;
use super::auth::Caller;
use super::body;
use super::deployments::summary;
use super::error::ApiError;
use super::params::Params;
use super::view::DeploymentView;
use super::{audit::Detail, live::Live};
use crate::registry::WorkerName;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The names of a worker's secrets.
#[derive(Serialize)]
pub(super) struct Names {
    secrets: Vec<String>,
}

/// `GET /v1/workers/{name}/secrets`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Params(name): Params<WorkerName>,
) -> Result<Json<Names>, ApiError> {
    Ok(Json(Names { secrets: app.registry.secret_names(&name).await? }))
}

/// A value to be set, or none to delete it. It has no `Debug`, and errors do not repeat it.
pub(super) struct Value(Option<String>);

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(value) => Ok(Self(Some(value))),
            serde_json::Value::Null => Ok(Self(None)),
            _ => Err(D::Error::custom("a secret is a string, or null to delete it")),
        }
    }
}

/// What came of a change.
#[derive(Serialize)]
pub(super) struct Changed {
    /// The names of all secrets that the worker has now.
    secrets: Vec<String>,
    /// The deployment that gives them to what is live.
    deployment: Option<DeploymentView>,
}

/// `PATCH /v1/workers/{name}/secrets`
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Params(name): Params<WorkerName>,
    caller: Caller,
    body::Json(values): body::Json<BTreeMap<String, Value>>,
) -> Result<Response, ApiError> {
    let values: BTreeMap<_, _> = values.into_iter().map(|(name, Value(value))| (name, value)).collect();
    let detail = Detail(words(&values));
    let done = app.registry.put_secrets(&name, values, caller.name()).await?;
    let live = match &done.value.deployment {
        Some(_) => app.live(done.revision).await,
        None => Live::Yes,
    };
    let detail = match &done.value.deployment {
        Some(deployment) => Detail(format!("{}; {}", detail.0, summary(deployment))),
        None => detail,
    };
    let deployment = done.value.deployment.map(DeploymentView::from);
    let changed = Changed { secrets: done.value.names, deployment };
    Ok((Extension(detail), live.headers(), Json(changed)).into_response())
}

/// What is asked for, in the words of the audit log: names only.
fn words(values: &BTreeMap<String, Option<String>>) -> String {
    let words = values.iter().map(|(name, value)| match value {
        Some(_) => format!("set {name}"),
        None => format!("deleted {name}"),
    });
    words.collect::<Vec<_>>().join(", ")
}
