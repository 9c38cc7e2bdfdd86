//! Routes: which URL leads to which worker.

use super::App;
use super::body;
use super::error::ApiError;
use super::params::{Params, Query};
use super::urls::preview_label;
use super::view::{ShareView, WorkerView, shares};
use crate::registry::deployment::WHOLE;
use crate::registry::{self, Found, How, Route, RoutePattern, WorkerName};
use crate::route_options::{Origin, RouteOptions};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// Longest URL that is explained, in bytes: as long as one that can be asked for.
const LONGEST_URL: usize = crate::limits::URL.maximum as usize;

/// The routes that a worker is to have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRoutes {
    routes: Vec<RouteText>,
}

/// A route as it is written: a pattern, or an object with the pattern and its options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RouteText {
    pattern: String,
    options: RouteOptions,
}

impl<'de> Deserialize<'de> for RouteText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = RouteText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a pattern, or an object with a `pattern`")
            }

            fn visit_str<E: serde::de::Error>(self, pattern: &str) -> Result<RouteText, E> {
                Ok(RouteText { pattern: pattern.to_owned(), options: RouteOptions::default() })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RouteText, A::Error> {
                let mut fields = serde_json::Map::deserialize(MapAccessDeserializer::new(map))?;
                let Some(Value::String(pattern)) = fields.remove("pattern") else {
                    return Err(A::Error::custom("a route needs a `pattern`, which is text"));
                };
                let options = RouteOptions::deserialize(Value::Object(fields)).map_err(A::Error::custom)?;
                Ok(RouteText { pattern, options })
            }
        }
        deserializer.deserialize_any(Text)
    }
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
pub(super) fn parse(routes: Vec<RouteText>) -> Result<Vec<Route>, ApiError> {
    let route = |RouteText { pattern, options }: RouteText| {
        pattern.parse::<RoutePattern>().map(|pattern| Route { pattern, options })
    };
    let (good, bad): (Vec<_>, Vec<_>) = routes.into_iter().map(route).partition(Result::is_ok);
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

/// A pattern, its worker if it has one, and its options.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct RouteView {
    pattern: String,
    worker: Option<WorkerName>,
    #[serde(flatten)]
    options: RouteOptions,
    /// The server's settings have it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    settings: bool,
}

/// `GET /v1/routes`
pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Json<Routes>, ApiError> {
    let mut routes = Vec::new();
    for record in app.registry.workers().await? {
        let (worker, mut options) = (record.name, record.route_options);
        routes.extend(record.routes.into_iter().map(|pattern| RouteView {
            options: options.remove(&pattern).unwrap_or_default(),
            pattern: pattern.into(),
            worker: Some(worker.clone()),
            settings: false,
        }));
    }
    for (pattern, options) in app.registry.origin_routes().await? {
        routes.push(RouteView { pattern: pattern.into(), worker: None, options: (*options).clone(), settings: false });
    }
    for (pattern, options) in (app.routes)().fixed() {
        let options = RouteOptions::clone(options);
        routes.retain(|route| route.pattern != pattern.as_str());
        routes.push(RouteView { pattern: pattern.to_string(), worker: None, options, settings: true });
    }
    routes.sort_by(|a, b| a.pattern.cmp(&b.pattern));
    Ok(Json(Routes { routes }))
}

/// `PUT /v1/routes`
pub(super) async fn put(
    State(app): State<Arc<App>>,
    body::Json(route): body::Json<RouteText>,
) -> Result<Response, ApiError> {
    let route = parse(vec![route])?.remove(0);
    if (app.routes)().fixed().any(|(fixed, _)| *fixed == route.pattern) {
        return Err(registry::Error::Conflict(format!(
            "route `{}` is in the server's settings\nhint: change it there, in `[[route]]`, and start the server anew",
            route.pattern
        ))
        .into());
    }
    let done = app.registry.put_origin_route(route).await?;
    let live = app.live(done.revision).await;
    let Route { pattern, options } = done.value;
    let view = RouteView { pattern: pattern.into(), worker: None, options, settings: false };
    Ok((live.headers(), Json(view)).into_response())
}

/// Which route.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    pattern: String,
}

/// `DELETE /v1/routes`
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Query(Which { pattern }): Query<Which>,
) -> Result<Response, ApiError> {
    let pattern: RoutePattern = pattern.parse().map_err(|problem| ApiError::invalid(vec![problem]))?;
    let done = app.registry.delete_origin_route(&pattern).await?;
    let live = app.live(done.revision).await;
    Ok((StatusCode::NO_CONTENT, live.headers()).into_response())
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
    /// Where it is passed on to, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<Origin>,
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
        [RouteView { pattern, worker: Some(worker), .. }] => {
            format!("{why}; `{pattern}` of worker `{worker}` matches too, but is less specific")
        }
        [RouteView { pattern, .. }] => format!("{why}; `{pattern}` matches too, but is less specific"),
        others => format!("{why}; {} others match too, but are less specific", others.len()),
    };
    let (worker, origin) = (first.worker.cloned(), first.options.origin.clone());
    Ok(Json(Explanation { url, worker, origin, versions, how: Some(how), also, why }))
}

/// The versions that answer, and the sentence that says so.
async fn answering(app: &App, found: &Found<'_>) -> Result<(Vec<ShareView>, String), ApiError> {
    let Some(worker) = found.worker else {
        let origin = found.options.origin.as_ref().map(|origin| format!(" `{origin}`")).unwrap_or_default();
        let pattern = match found.how {
            How::Route(pattern) => pattern.as_str(),
            How::Subdomain | How::Preview => "",
        };
        return Ok((Vec::new(), format!("route `{pattern}` leads to the origin{origin}")));
    };
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
    let pattern = match (found.how, &found.version, found.worker) {
        (How::Route(pattern), ..) => pattern.to_string(),
        (How::Preview, Some(version), Some(worker)) => app.urls.subdomain_pattern(&preview_label(worker, version))?,
        (How::Subdomain | How::Preview, _, worker) => app.urls.subdomain_pattern(worker?.as_str())?,
    };
    let options = RouteOptions::clone(found.options);
    Some(RouteView { pattern, worker: found.worker.cloned(), options, settings: false })
}

fn nobody(url: String, base_domain: Option<&str>) -> Explanation {
    let why = match base_domain {
        Some(base) => format!("no route matches, and the host is not that of a worker below `{base}`"),
        None => "no route matches".to_owned(),
    };
    Explanation { url, worker: None, origin: None, versions: Vec::new(), how: None, also: Vec::new(), why }
}
