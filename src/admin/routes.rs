//! Routes: which URL leads to which worker.

use super::App;
use super::body;
use super::error::ApiError;
use super::params::{Params, Query};
use super::urls::preview_label;
use super::view::{ShareView, WorkerView, shares};
use crate::registry::deployment::WHOLE;
use crate::registry::{self, Found, How, RoutePattern, WorkerName};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Longest URL that is explained, in bytes: as long as one that can be asked for.
const LONGEST_URL: usize = crate::limits::URL.maximum as usize;

/// The routes that a worker is to have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRoutes {
    routes: Vec<String>,
}

/// `PUT /v1/workers/{name}/routes`
pub(super) async fn replace(
    State(app): State<Arc<App>>,
    Params(name): Params<WorkerName>,
    body::Json(NewRoutes { routes }): body::Json<NewRoutes>,
) -> Result<Response, ApiError> {
    let done = app.registry.set_routes(&name, parse(routes)?).await?;
    let live = app.live(done.revision).await;
    Ok((live.headers(), Json(WorkerView::new(done.value, &app.urls))).into_response())
}

/// Patterns as they are written; every one that is wrong is told.
pub(super) fn parse(routes: Vec<String>) -> Result<Vec<RoutePattern>, ApiError> {
    let (good, bad): (Vec<_>, Vec<_>) =
        routes.iter().map(|pattern| pattern.parse::<RoutePattern>()).partition(Result::is_ok);
    match bad.is_empty() {
        true => Ok(good.into_iter().flatten().collect()),
        false => Err(ApiError::invalid(bad.into_iter().filter_map(Result::err).collect())),
    }
}

/// All routes of all workers.
#[derive(Serialize)]
pub(super) struct Routes {
    routes: Vec<RouteView>,
}

/// A pattern and its worker.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct RouteView {
    pattern: String,
    worker: WorkerName,
}

/// `GET /v1/routes`
pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Json<Routes>, ApiError> {
    let mut routes = Vec::new();
    for record in app.registry.workers().await? {
        let worker = record.name;
        routes.extend(
            record.routes.into_iter().map(|pattern| RouteView { pattern: pattern.into(), worker: worker.clone() }),
        );
    }
    routes.sort();
    Ok(Json(Routes { routes }))
}

/// What to explain.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    url: String,
}

/// Who answers a URL, and why.
#[derive(Serialize)]
pub(super) struct Explanation {
    url: String,
    worker: Option<WorkerName>,
    versions: Vec<ShareView>,
    how: Option<HowView>,
    /// What matches too, but is less specific; the most specific first.
    also: Vec<RouteView>,
    /// All of this in a sentence.
    why: String,
}

/// By what a URL leads to a worker.
#[derive(Serialize)]
pub(super) struct HowView {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<String>,
}

/// `GET /v1/routes/explain`
pub(super) async fn explain(
    State(app): State<Arc<App>>,
    Query(Question { url }): Query<Question>,
) -> Result<Json<Explanation>, ApiError> {
    if url.len() > LONGEST_URL {
        return Err(ApiError::bad_request(format!("the URL has more than {LONGEST_URL} bytes")));
    }
    let table = (app.routes)();
    let found = table.explain(&url).map_err(ApiError::bad_request)?;
    let Some((first, rest)) = found.split_first() else {
        return Ok(Json(nobody(url, app.base_domain.as_deref())));
    };
    let (versions, why) = answering(&app, first).await?;
    let how = match first.how {
        How::Route(pattern) => HowView { kind: "route", pattern: Some(pattern.to_string()) },
        How::Subdomain => HowView { kind: "subdomain", pattern: None },
        How::Preview => HowView { kind: "preview", pattern: None },
    };
    let also: Vec<_> = rest.iter().filter_map(|found| also(&app, found)).collect();
    let why = match also.as_slice() {
        [] => why,
        [other] => format!("{why}; `{}` of worker `{}` matches too, but is less specific", other.pattern, other.worker),
        others => format!("{why}; {} others match too, but are less specific", others.len()),
    };
    Ok(Json(Explanation { url, worker: Some(first.worker.clone()), versions, how: Some(how), also, why }))
}

/// The versions that answer, and the sentence that says so.
async fn answering(app: &App, found: &Found<'_>) -> Result<(Vec<ShareView>, String), ApiError> {
    let worker = found.worker;
    match (found.how, &found.version) {
        (How::Preview, Some(version)) => {
            let there = unless_missing(app.registry.version(worker, version).await)?;
            let why = match there {
                Some(_) => format!("the host names version `{version}` of worker `{worker}`"),
                None => format!("the host names version `{version}` of worker `{worker}`, which is not there"),
            };
            let share = ShareView::new(version.clone(), WHOLE);
            Ok((there.map(|_| share).into_iter().collect(), why))
        }
        (how, _) => {
            let record = unless_missing(app.registry.worker(worker).await)?;
            let versions = record.and_then(|record| record.deployment).map_or(Vec::new(), |live| shares(&live));
            let why = match how {
                How::Route(pattern) => format!("route `{pattern}` of worker `{worker}` matches"),
                How::Subdomain | How::Preview => format!("the host is that of worker `{worker}`"),
            };
            Ok((versions, why))
        }
    }
}

fn unless_missing<T>(found: Result<T, registry::Error>) -> Result<Option<T>, ApiError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(registry::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What matches too, as a pattern.
fn also(app: &App, found: &Found<'_>) -> Option<RouteView> {
    let pattern = match (found.how, &found.version) {
        (How::Route(pattern), _) => pattern.to_string(),
        (How::Preview, Some(version)) => app.urls.subdomain_pattern(&preview_label(found.worker, version))?,
        (How::Subdomain | How::Preview, _) => app.urls.subdomain_pattern(found.worker.as_str())?,
    };
    Some(RouteView { pattern, worker: found.worker.clone() })
}

fn nobody(url: String, base_domain: Option<&str>) -> Explanation {
    let why = match base_domain {
        Some(base) => format!("no route matches, and the host is not that of a worker below `{base}`"),
        None => "no route matches".to_owned(),
    };
    Explanation { url, worker: None, versions: Vec::new(), how: None, also: Vec::new(), why }
}
