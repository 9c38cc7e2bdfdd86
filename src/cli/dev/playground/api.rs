//! The calls that the page makes.

use super::answer::Answer;
use super::flame::Flame;
use super::preview::{self, Previews};
use super::problem::Problem;
use super::programs::{Program, Programs, Purpose, Source};
use super::project;
use super::{Options, PREFIX, guard};
use crate::cli::trial::{Exchange, Seed, TrialRequest};
use crate::limits;
use crate::web::{self, File, Page};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State as Shared};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Runs at a time; more wait.
const RUNS: usize = 2;
/// Bytes of a call: sources and the request's body.
const MOST_CALL: usize = 16 << 20;
/// A run is to be repeated to the unit, so its random numbers are always the same.
const SEED: Seed = Seed([0; 32]);

/// What the calls work on.
pub(super) struct State {
    pub port: u16,
    pub previews: Previews,
    programs: Programs,
    runs: Semaphore,
}

impl State {
    pub fn new(options: Options, port: u16) -> Self {
        Self { port, previews: Previews::default(), programs: Programs::new(options), runs: Semaphore::new(RUNS) }
    }
}

/// Everything below and around [`PREFIX`].
pub(super) fn router(state: Arc<State>) -> axum::Router {
    let at = |path: &str| format!("{PREFIX}{path}");
    axum::Router::new()
        .route("/", get(|| async { Redirect::temporary(PREFIX) }))
        .route(PREFIX, get(|headers: HeaderMap| async move { file("playground.html", &headers) }))
        .route(&at("{file}"), get(|Path(name): Path<String>, headers: HeaderMap| async move { file(&name, &headers) }))
        .route(&at("preview/{id}"), get(preview::show))
        .route(&at("api/project"), get(project))
        .route(&at("api/run"), post(run))
        .route(&at("api/profile"), post(profile))
        .route(&at("api/components"), post(upload).layer(DefaultBodyLimit::max(limits::COMPONENT.maximum as usize)))
        .layer(DefaultBodyLimit::max(MOST_CALL))
        .layer(from_fn_with_state(state.clone(), guard::guard))
        .with_state(state)
}

fn file(name: &str, headers: &HeaderMap) -> Response {
    match File::named(name) {
        Some(file) => web::respond(Page::Playground, file, headers).into_response(),
        None => (StatusCode::NOT_FOUND, "there is no such file\n").into_response(),
    }
}

/// What is to be run.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    program: Source,
    request: Asked,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    method: String,
    /// A path, or an absolute URL.
    url: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    body: String,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The call is not one.
    Call(StatusCode, String),
    /// The program is wrong, or the request that its author wrote.
    Problems(Vec<Problem>),
    /// Something of ours failed.
    Internal(anyhow::Error),
}

impl Refusal {
    /// Something that the call names is not there.
    pub fn missing(what: &str) -> Self {
        Self::Call(StatusCode::NOT_FOUND, what.to_owned())
    }
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, problems) = match self {
            Self::Call(status, text) => (status, vec![Problem::of_text(&text)]),
            // The call is well answered by what is wrong; a browser would report any other status as an error of the page.
            Self::Problems(problems) => (StatusCode::OK, problems),
            // The author is the only reader, and the machine is theirs.
            Self::Internal(error) => (StatusCode::INTERNAL_SERVER_ERROR, vec![Problem::of_text(&format!("{error:#}"))]),
        };
        (status, Json(json!({ "problems": problems }))).into_response()
    }
}

/// `POST /__glowplug/api/run`
async fn run(Shared(state): Shared<Arc<State>>, body: Bytes) -> Result<Json<Answer>, Refusal> {
    let (program, reused, exchange) = exchange(&state, &body, Purpose::Serving).await?;
    Ok(Json(Answer::new(&program, reused, exchange, &state.previews)))
}

/// A run's profile.
#[derive(Debug, Serialize)]
struct Profiled {
    #[serde(flatten)]
    flame: Flame,
    /// The run that was watched, whose fuel the profile's sum is.
    measured: u64,
}

/// `POST /__glowplug/api/profile`
async fn profile(Shared(state): Shared<Arc<State>>, body: Bytes) -> Result<Json<Profiled>, Refusal> {
    let (_, _, exchange) = exchange(&state, &body, Purpose::Profiling).await?;
    let profile = exchange.profile.unwrap_or_default();
    Ok(Json(Profiled { flame: Flame::of(&profile), measured: exchange.usage.fuel }))
}

/// Builds the program that `body` names, if it is not there, and sends it the request.
async fn exchange(state: &State, body: &[u8], purpose: Purpose) -> Result<(Arc<Program>, bool, Exchange), Refusal> {
    let wanted: Wanted = serde_json::from_slice(body).map_err(|error| {
        Refusal::Call(StatusCode::BAD_REQUEST, format!("the call is not what is expected: {error}"))
    })?;
    let Asked { method, url, headers, body } = wanted.request;
    let request = TrialRequest::new(&method, &url, headers, body.into())
        .map_err(|error| Refusal::Problems(vec![Problem::of_text(&format!("{error:#}"))]))?;
    let _place = state.runs.acquire().await.map_err(anyhow::Error::from)?;
    let (program, reused) = state.programs.get(&wanted.program, purpose).await?;
    // Each run finds KV namespaces and caches empty: the figure belongs to the code and the request alone.
    let fresh = program.trial.restarted().await?;
    let exchange = fresh.send_seeded(&request, SEED).await?;
    Ok((program, reused, exchange))
}

/// `POST /__glowplug/api/components`
async fn upload(Shared(state): Shared<Arc<State>>, body: Bytes) -> Result<Response, Refusal> {
    let wrong = |error: anyhow::Error| Refusal::Problems(vec![Problem::of_text(&format!("{error:#}"))]);
    let component = state.programs.keep_component(&body).map_err(wrong)?;
    Ok(Json(json!({ "component": component })).into_response())
}

/// `GET /__glowplug/api/project`
async fn project(Shared(state): Shared<Arc<State>>) -> Result<Json<project::ProjectView>, Refusal> {
    project::read(state.programs.options()).await.map(Json).map_err(|error| Refusal::missing(&format!("{error:#}")))
}
