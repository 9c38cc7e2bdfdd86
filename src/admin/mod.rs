//! The admin API: everything that the command line does to a server goes through it.
//!
//! JSON over HTTP, described in `docs/admin-api.md` for people and in `docs/openapi.json` for programs. [`ROUTES`] is the
//! table that the router is made from; tests hold the description to it.
//!
//! ```text
//! answer        on a task of its own, so that what was begun is finished when the client leaves; panics become 500
//!  -> guard     who asks, may they; afterwards a line in the audit log
//!   -> handler  one file for each resource: parse, call `registry`, `storage` or `kv`, show what came of it
//! ```

mod audit;
mod auth;
mod blobs;
mod body;
mod budgets;
mod cache;
mod check;
mod components;
mod crons;
mod dashboard;
mod deployments;
mod error;
mod failures;
mod gunzip;
mod health;
mod kv;
mod live;
mod memory;
mod metrics;
mod params;
mod prices;
mod routes;
mod secrets;
mod tail;
mod tokens;
mod urls;
mod usage;
mod versions;
mod view;
mod workers;

#[cfg(test)]
mod tests;

pub use self::auth::Access;
pub use self::crons::{RunTrigger, Trigger, TriggerError};

use self::audit::Audit;
use self::auth::{Address, Refused, admit};
use self::body::Patient;
use self::components::Components;
use self::error::{ApiError, Code};
use self::failures::Failures;
use self::memory::Memory;
use self::urls::Urls;
use crate::build::Executor;
use crate::cache::Cache;
use crate::ledger::Ledger;
use crate::metrics::Metrics;
use crate::recording::PublicKey;
use crate::registry::{Registry, RouteTable, Scope};
use crate::storage::{Revision, Storage};
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, patch, post, put};
use bytes::Bytes;
use http::{HeaderValue, Method, Uri, header};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tower_service::Service;

/// Components looked at at a time: each takes a processor and some hundred megabytes.
const CHECKS: usize = 2;
/// Live logs sent at a time; each holds a connection.
const TAILS: usize = 64;

/// What the admin API works on.
pub struct AdminState {
    pub registry: Registry,
    /// Where blobs and KV namespaces are.
    pub data: Storage,
    /// What can be purged.
    pub cache: Cache,
    pub tail: Arc<crate::tail::Tail>,
    pub ledger: Arc<Ledger>,
    /// What components are checked with.
    pub executor: Arc<Executor>,
    /// The newest commit that the data plane has applied.
    pub applied: watch::Receiver<Revision>,
    /// The routes as the data plane has them.
    pub routes: Arc<dyn Fn() -> Arc<RouteTable> + Send + Sync>,
    /// Below which each worker is reached by its name.
    pub base_domain: Option<String>,
    /// How the data plane is reached: scheme, host and port.
    pub public_url: String,
    pub ready: watch::Receiver<Readiness>,
    /// What signatures of receipts are checked with.
    pub receipt_key: Option<PublicKey>,
    pub metrics: Arc<Metrics>,
    /// Runs cron triggers.
    pub trigger: RunTrigger,
}

/// Whether the data plane takes requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    Starting,
    Ready,
    Stopping,
}

impl fmt::Display for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::Stopping => "stopping",
        })
    }
}

/// What [`AdminState`] gives, and what bounds the API's work.
struct App {
    registry: Registry,
    data: Storage,
    cache: Cache,
    tail: Arc<crate::tail::Tail>,
    ledger: Arc<Ledger>,
    components: Components,
    applied: watch::Receiver<Revision>,
    routes: Arc<dyn Fn() -> Arc<RouteTable> + Send + Sync>,
    base_domain: Option<String>,
    public_url: String,
    receipt_key: Option<PublicKey>,
    trigger: RunTrigger,
    ready: watch::Receiver<Readiness>,
    metrics: Arc<Metrics>,
    urls: Urls,
    failures: Failures,
    /// What bodies that are collected may take together.
    memory: Memory,
    /// Places for checks of components.
    checks: Arc<Semaphore>,
    /// Places for live logs.
    tails: Arc<Semaphore>,
    /// How long an answer waits for the data plane.
    live_within: Duration,
    /// After this time without an event a live log has an empty line.
    heartbeat: Duration,
    /// The one place for a check of the store.
    store_check: Semaphore,
}

/// One operation of the API.
pub struct Route {
    pub method: Method,
    /// With `{parameters}`; one that begins with `*` takes the rest of the path.
    pub path: &'static str,
    pub access: Access,
    audit: Audit,
    handler: fn() -> MethodRouter<Arc<App>>,
}

const fn route(
    method: Method,
    path: &'static str,
    access: Access,
    audit: Audit,
    handler: fn() -> MethodRouter<Arc<App>>,
) -> Route {
    Route { method, path, access, audit, handler }
}

const READ: Access = Access::Scope(Scope::Read);
const DEPLOY: Access = Access::Scope(Scope::Deploy);
const SECRETS: Access = Access::Scope(Scope::Secrets);
const ADMIN: Access = Access::Scope(Scope::Admin);

/// All operations.
pub static ROUTES: &[Route] = {
    use Audit::{Changes, Reads};
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    const PUT: Method = Method::PUT;
    const PATCH: Method = Method::PATCH;
    const DELETE: Method = Method::DELETE;
    &[
        route(GET, "/healthz", Access::Open, Reads, || get(health::alive)),
        route(GET, "/readyz", Access::Open, Reads, || get(health::ready)),
        route(GET, "/v1/openapi.json", Access::Open, Reads, || get(health::openapi)),
        route(GET, "/v1/receipt-key", Access::Open, Reads, || get(health::receipt_key)),
        route(GET, "/metrics", READ, Reads, || get(metrics::scrape)),
        route(GET, "/v1/live", READ, Reads, || get(metrics::live)),
        route(GET, "/v1/server", READ, Reads, || get(health::server)),
        route(GET, "/v1/workers", READ, Reads, || get(workers::list)),
        route(GET, "/v1/workers/{name}", READ, Reads, || get(workers::view)),
        route(DELETE, "/v1/workers/{name}", DEPLOY, Changes("delete worker"), || delete(workers::remove)),
        route(POST, "/v1/blobs/missing", DEPLOY, Reads, || post(blobs::missing)),
        route(GET, "/v1/blobs/{digest}", READ, Reads, || get(blobs::download)),
        route(PUT, "/v1/blobs/{digest}", DEPLOY, Audit::Refusals("upload"), || put(blobs::upload)),
        route(POST, "/v1/workers/{name}/versions", DEPLOY, Changes("publish"), || post(versions::publish)),
        route(GET, "/v1/workers/{name}/versions", READ, Reads, || get(versions::list)),
        route(GET, "/v1/workers/{name}/versions/{id}", READ, Reads, || get(versions::view)),
        route(DELETE, "/v1/workers/{name}/versions/{id}", DEPLOY, Changes("delete version"), || {
            delete(versions::remove)
        }),
        route(GET, "/v1/workers/{name}/deployments", READ, Reads, || get(deployments::list)),
        route(POST, "/v1/workers/{name}/deployments", DEPLOY, Changes("deploy"), || post(deployments::deploy)),
        route(POST, "/v1/workers/{name}/rollback", DEPLOY, Changes("roll back"), || post(deployments::roll_back)),
        route(PUT, "/v1/workers/{name}/routes", DEPLOY, Changes("set routes"), || put(routes::replace)),
        route(GET, "/v1/routes", READ, Reads, || get(routes::list)),
        route(PUT, "/v1/routes", DEPLOY, Changes("put route"), || put(routes::put)),
        route(DELETE, "/v1/routes", DEPLOY, Changes("delete route"), || delete(routes::remove)),
        route(GET, "/v1/routes/explain", READ, Reads, || get(routes::explain)),
        route(GET, "/v1/workers/{name}/crons", READ, Reads, || get(crons::list)),
        route(GET, "/v1/workers/{name}/crons/runs", READ, Reads, || get(crons::runs)),
        route(POST, "/v1/workers/{name}/crons/trigger", DEPLOY, Changes("run cron trigger"), || post(crons::trigger)),
        route(POST, "/v1/cache/purge", DEPLOY, Changes("purge cache"), || post(cache::purge)),
        route(GET, "/v1/workers/{name}/secrets", SECRETS, Reads, || get(secrets::list)),
        route(PATCH, "/v1/workers/{name}/secrets", SECRETS, Changes("set secrets"), || patch(secrets::change)),
        route(GET, "/v1/kv/namespaces", READ, Reads, || get(kv::list)),
        route(POST, "/v1/kv/namespaces", DEPLOY, Changes("create KV namespace"), || post(kv::create)),
        route(GET, "/v1/kv/namespaces/{id}", READ, Reads, || get(kv::view)),
        route(PATCH, "/v1/kv/namespaces/{id}", DEPLOY, Changes("rename KV namespace"), || patch(kv::rename)),
        route(DELETE, "/v1/kv/namespaces/{id}", DEPLOY, Changes("delete KV namespace"), || delete(kv::remove)),
        route(GET, "/v1/kv/namespaces/{id}/keys", READ, Reads, || get(kv::pass_on)),
        route(POST, "/v1/kv/namespaces/{id}/values", READ, Reads, || post(kv::pass_on)),
        route(GET, "/v1/kv/namespaces/{id}/values/{*key}", READ, Reads, || get(kv::pass_on)),
        route(PUT, "/v1/kv/namespaces/{id}/values/{*key}", DEPLOY, Changes("put KV value"), || put(kv::pass_on)),
        route(DELETE, "/v1/kv/namespaces/{id}/values/{*key}", DEPLOY, Changes("delete KV value"), || {
            delete(kv::pass_on)
        }),
        route(POST, "/v1/kv/namespaces/{id}/bulk", DEPLOY, Changes("put KV values"), || post(kv::bulk::put)),
        route(POST, "/v1/kv/namespaces/{id}/bulk/delete", DEPLOY, Changes("delete KV values"), || {
            post(kv::bulk::delete)
        }),
        route(GET, "/v1/workers/{name}/tail", READ, Reads, || get(tail::watch)),
        route(GET, "/v1/usage", READ, Reads, || get(usage::view)),
        route(GET, "/v1/usage/prices", READ, Reads, || get(prices::view)),
        route(GET, "/v1/budgets", READ, Reads, || get(budgets::list)),
        route(GET, "/v1/budgets/{of}/{name}", READ, Reads, || get(budgets::view)),
        route(PUT, "/v1/budgets/{of}/{name}", ADMIN, Changes("set budget"), || put(budgets::set)),
        route(POST, "/v1/budgets/{of}/{name}", ADMIN, Changes("add to budget"), || post(budgets::add)),
        route(DELETE, "/v1/budgets/{of}/{name}", ADMIN, Changes("remove budget"), || delete(budgets::remove)),
        route(GET, "/v1/tokens", ADMIN, Reads, || get(tokens::list)),
        route(POST, "/v1/tokens", ADMIN, Changes("create token"), || post(tokens::create)),
        route(DELETE, "/v1/tokens/{id}", ADMIN, Changes("revoke token"), || delete(tokens::revoke)),
        route(GET, "/v1/audit", ADMIN, Reads, || get(audit::list)),
        route(POST, "/v1/check", ADMIN, Reads, || post(check::check)),
    ]
};

/// The API on `state`. To be served through [`answer`].
pub fn router(state: AdminState) -> axum::Router {
    let AdminState { registry, data, cache, tail, ledger, executor, applied, routes, .. } = state;
    let AdminState { base_domain, public_url, ready, receipt_key, metrics, trigger, .. } = state;
    router_of(Arc::new(App {
        registry,
        data,
        cache,
        tail,
        ledger,
        components: Components::new(executor),
        applied,
        routes,
        urls: Urls::new(&public_url, base_domain.as_deref()),
        base_domain,
        public_url,
        ready,
        receipt_key,
        metrics,
        trigger,
        failures: Failures::default(),
        memory: Memory::default(),
        checks: Arc::new(Semaphore::new(CHECKS)),
        tails: Arc::new(Semaphore::new(TAILS)),
        live_within: live::PATIENCE,
        heartbeat: tail::HEARTBEAT,
        store_check: Semaphore::new(1),
    }))
}

fn router_of(app: Arc<App>) -> axum::Router {
    let mut router = axum::Router::new();
    for route in ROUTES {
        let guarded = (route.handler)().route_layer(from_fn_with_state((app.clone(), route), guard));
        router = router.route(route.path, guarded);
    }
    router
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .layer(map_response(async |response: Response| marked(response)))
        .merge(dashboard::router())
        .with_state(app)
}

/// Answers one request. The work goes on when the client leaves: what was begun is finished, and is in the audit log.
/// The client's address is that of the `Connection` in the request's extensions, if there is one.
pub async fn answer<B>(mut router: axum::Router, request: http::Request<B>) -> Response
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: fmt::Display,
{
    let request = request.map(|body| axum::body::Body::new(Patient::new(body)));
    match tokio::spawn(router.call(request)).await {
        Ok(Ok(response)) => response,
        // Whatever panicked has been logged with its place by the panic hook.
        Err(error) => marked(ApiError::internal(error).into_response()),
    }
}

/// What every answer says of itself.
fn marked(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Lets a request through to its handler if it may, and writes the audit log.
async fn guard(State((app, route)): State<(Arc<App>, &'static Route)>, mut request: Request, next: Next) -> Response {
    let Access::Scope(scope) = route.access else { return next.run(request).await };
    let address = Address::of(request.extensions());
    let target = audit::target(request.uri());
    let caller = match admit(&app, scope, request.headers(), address).await {
        Ok(caller) => caller,
        Err(Refused { error, token, detail }) => {
            if let Some(detail) = detail {
                let action = format!("{} /{target}", route.method);
                audit::refused(&app, token.as_deref(), action, target, detail, address).await;
            }
            return error.into_response();
        }
    };
    request.extensions_mut().insert(caller.clone());
    let response = next.run(request).await;
    if let Some(action) = route.audit.action(&response) {
        let answer = audit::answer(&response);
        audit::answered(&app, &caller, action, target, answer, address).await;
    }
    response
}

async fn no_such_path(uri: Uri) -> ApiError {
    let text = format!("there is no `{}` here\nhint: `/v1/openapi.json` says what there is", uri.path());
    ApiError::new(Code::NotFound, text)
}

async fn no_such_method(method: Method, uri: Uri) -> ApiError {
    let text = format!("`{}` does not take `{method}`\nhint: the header `allow` says what it takes", uri.path());
    ApiError::new(Code::MethodNotAllowed, text)
}
