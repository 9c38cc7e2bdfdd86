//! Budgets: fuel that a worker, or all that a token published, may use.

use super::App;
use super::audit::Detail;
use super::body;
use super::error::{ApiError, Code};
use super::live::WARNING;
use super::params::Params;
use crate::ledger::{Budget, Subject};
use crate::registry::{Error, WorkerName};
use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::{Extension, Json};
use http::{HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a budget can be of.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Worker,
    Token,
}

/// A budget.
#[derive(Serialize)]
pub(super) struct BudgetView {
    of: Kind,
    name: String,
    /// All that was put into it.
    fuel: u64,
    spent: u64,
    left: u64,
    /// What of the rest is set aside for requests under way.
    reserved: u64,
    since: Timestamp,
}

impl From<Budget> for BudgetView {
    fn from(budget: Budget) -> Self {
        let left = budget.left();
        let Budget { subject, fuel, spent, reserved, since } = budget;
        let (of, name) = match subject {
            Subject::Worker(name) => (Kind::Worker, name),
            Subject::Token(name) => (Kind::Token, name),
        };
        let since = i64::try_from(since).ok().and_then(|since| Timestamp::from_second(since).ok());
        Self { of, name, fuel, spent, left, reserved, since: since.unwrap_or(Timestamp::MAX) }
    }
}

/// All budgets.
#[derive(Serialize)]
pub(super) struct Budgets {
    budgets: Vec<BudgetView>,
}

/// `GET /v1/budgets`
pub(super) async fn list(State(app): State<Arc<App>>) -> Json<Budgets> {
    Json(Budgets { budgets: app.ledger.budgets().into_iter().map(BudgetView::from).collect() })
}

/// `GET /v1/budgets/{of}/{name}`
pub(super) async fn view(
    State(app): State<Arc<App>>,
    Params((kind, name)): Params<(Kind, String)>,
) -> Result<Json<BudgetView>, ApiError> {
    let subject = subject(kind, name)?;
    app.ledger.budget(&subject).map(|budget| Json(budget.into())).ok_or_else(|| none(&subject))
}

/// How much fuel.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Amount {
    fuel: u64,
}

/// `PUT /v1/budgets/{of}/{name}`
pub(super) async fn set(
    State(app): State<Arc<App>>,
    Params((kind, name)): Params<(Kind, String)>,
    body::Json(Amount { fuel }): body::Json<Amount>,
) -> Result<Response, ApiError> {
    let subject = subject(kind, name)?;
    let warning = unknown(&app, &subject).await?;
    let budget = app.ledger.set_budget(subject, fuel).await?;
    Ok((Extension(Detail(format!("{fuel} fuel"))), AppendHeaders(warning), Json(BudgetView::from(budget)))
        .into_response())
}

/// `POST /v1/budgets/{of}/{name}`
pub(super) async fn add(
    State(app): State<Arc<App>>,
    Params((kind, name)): Params<(Kind, String)>,
    body::Json(Amount { fuel }): body::Json<Amount>,
) -> Result<Response, ApiError> {
    let subject = subject(kind, name)?;
    let budget = app.ledger.add_to_budget(&subject, fuel).await?.ok_or_else(|| none(&subject))?;
    let detail = Detail(format!("{fuel} fuel more, {} in all", budget.fuel));
    Ok((Extension(detail), Json(BudgetView::from(budget))).into_response())
}

/// `DELETE /v1/budgets/{of}/{name}`
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Params((kind, name)): Params<(Kind, String)>,
) -> Result<Response, ApiError> {
    let subject = subject(kind, name)?;
    let budget = app.ledger.remove_budget(&subject).await?.ok_or_else(|| none(&subject))?;
    let detail = Detail(format!("{} of {} fuel were left", budget.left(), budget.fuel));
    Ok((StatusCode::NO_CONTENT, Extension(detail)).into_response())
}

fn subject(kind: Kind, name: String) -> Result<Subject, ApiError> {
    match kind {
        Kind::Worker => {
            let worker: WorkerName =
                name.parse().map_err(|why: String| ApiError::bad_request(format!("`{name}` is no worker: {why}")))?;
            Ok(Subject::Worker(worker.to_string()))
        }
        Kind::Token => Ok(Subject::Token(name)),
    }
}

fn none(subject: &Subject) -> ApiError {
    let text = format!("{subject} has no budget\nhint: `glowplug budget set` gives it one");
    ApiError::new(Code::NotFound, text)
}

/// A warning when there is nobody of this name yet. The budget holds as soon as there is.
async fn unknown(app: &App, subject: &Subject) -> Result<Option<(HeaderName, HeaderValue)>, ApiError> {
    let (known, what) = match subject {
        Subject::Worker(name) => {
            let name: WorkerName = name.parse().map_err(|why: String| ApiError::internal(why))?;
            match app.registry.worker(&name).await {
                Ok(_) => (true, "worker"),
                Err(Error::NotFound { .. }) => (false, "worker"),
                Err(error) => return Err(error.into()),
            }
        }
        Subject::Token(name) => (app.registry.tokens().await?.iter().any(|token| token.name == *name), "token"),
    };
    let text = format!("there is no {what} of this name yet");
    Ok(if known { None } else { HeaderValue::try_from(text).ok().map(|text| (WARNING, text)) })
}
