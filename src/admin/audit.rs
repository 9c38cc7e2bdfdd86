//! The audit log: what is written to it, and reading it.
//!
//! In it is every request that changed something or was to, and every one that was not let in; never a body, a query or
//! a secret. The line is written before the answer is sent.

use super::auth::{Address, Caller};
use super::error::{ApiError, Code};
use super::params::Query;
use super::{App, failures};
use crate::registry::{AuditEntry, AuditOutcome, AuditToken, Token};
use axum::extract::State;
use axum::response::Response;
use http::Uri;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Entries of a page, unless the client says otherwise.
const PAGE: usize = 100;
/// Most entries of a page.
const LARGEST_PAGE: usize = 1_000;

/// What of a route goes into the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audit {
    /// Nothing: it changes nothing.
    Reads,
    /// Every request, as this action.
    Changes(&'static str),
    /// Requests that fail. What an upload stores has no effect until a version names it, and that is in the log; a
    /// site of thousands of files would fill it.
    Refusals(&'static str),
}

impl Audit {
    /// The action to write down for this answer.
    pub fn action(self, response: &Response) -> Option<&'static str> {
        match self {
            Self::Reads => None,
            Self::Changes(action) => Some(action),
            Self::Refusals(action) => (!response.status().is_success()).then_some(action),
        }
    }
}

/// What a handler adds to the line about its request, such as a version's id: an extension of its response.
#[derive(Debug, Clone)]
pub(super) struct Detail(pub String);

/// What a request is about: its path below `/v1/`.
pub(super) fn target(uri: &Uri) -> String {
    uri.path().trim_start_matches("/v1/").trim_start_matches('/').to_owned()
}

/// Writes down a request that was not let in.
pub(super) async fn refused(
    app: &App,
    token: Option<&Token>,
    action: String,
    target: String,
    detail: String,
    address: Address,
) {
    append(app, token, action, target, AuditOutcome::Refused, detail, address).await;
}

/// How a request was answered, in the words of the log.
pub(super) struct Answer {
    outcome: AuditOutcome,
    detail: String,
}

/// What the log says of an answer.
pub(super) fn answer(response: &Response) -> Answer {
    let outcome = match response.status() {
        status if status.is_success() => AuditOutcome::Done,
        status if status.is_server_error() => AuditOutcome::Failed,
        _ => AuditOutcome::Refused,
    };
    let extensions = response.extensions();
    let detail = match (extensions.get::<Detail>(), extensions.get::<Code>()) {
        (Some(Detail(detail)), _) => detail.clone(),
        (None, Some(code)) => code.as_str().to_owned(),
        (None, None) => String::new(),
    };
    Answer { outcome, detail }
}

/// Writes down a request that was answered.
pub(super) async fn answered(
    app: &App,
    Caller(token): &Caller,
    action: &str,
    target: String,
    Answer { outcome, detail }: Answer,
    address: Address,
) {
    append(app, Some(token), action.to_owned(), target, outcome, detail, address).await;
}

async fn append(
    app: &App,
    token: Option<&Token>,
    action: String,
    target: String,
    outcome: AuditOutcome,
    detail: String,
    Address(address): Address,
) {
    let token = token.map(|token| AuditToken { name: token.name.clone(), id: token.id.clone() });
    let address = if address == failures::UNKNOWN { "unknown".to_owned() } else { address.to_string() };
    let entry = AuditEntry { at: Timestamp::now(), token, action, target, outcome, detail, address };
    // What was done is done: that it could not be written down must not make it look undone.
    if let Err(error) = app.registry.append_audit(entry.clone()).await {
        tracing::error!(%error, ?entry, "failed to write the audit log");
    }
}

/// Which part of the log.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    limit: Option<usize>,
    cursor: Option<String>,
}

/// A part of the log, the newest entries first.
#[derive(Serialize)]
pub(super) struct Page {
    entries: Vec<AuditEntry>,
    /// Where the next part begins; none at the end.
    cursor: Option<String>,
}

/// `GET /v1/audit`
pub(super) async fn list(State(app): State<Arc<App>>, Query(part): Query<Part>) -> Result<axum::Json<Page>, ApiError> {
    let limit = part.limit.unwrap_or(PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(ApiError::bad_request(format!("`limit` is {limit}, but must be from 1 to {LARGEST_PAGE}")));
    }
    let page = app.registry.audit(part.cursor.as_deref(), limit).await?;
    Ok(axum::Json(Page { entries: page.entries, cursor: page.next }))
}
