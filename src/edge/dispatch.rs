//! A request, top to bottom.

use super::behind::{self, Behind};
use super::body::EdgeBody;
use super::error_page::{Details, ErrorCode, error_response};
use super::events::dev;
use super::exchange::Exchange;
use super::linger::Lingering;
use super::load::Ready;
use super::rate::Rated;
use super::record::Record;
use super::respond::Account;
use super::route::{NoTarget, Target};
use super::websocket::{self, Upgrade};
use super::{Mode, Site, origin, replay, request_id, respond};
use crate::connection::Connection;
use crate::engine::Worker;
use crate::engine::invoke::{Head, Invocation, Report, Running};
use crate::host::http::Bodiless;
use crate::host::{Chain, Failed};
use crate::limits::{self, Limits};
use crate::meter::Outcome;
use crate::route_options::RouteOptions;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, SET_COOKIE};
use http::request::Parts;
use http::uri::Scheme;
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use http_body::Body;
use http_body_util::Limited;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use wasmtime_wasi_http::Error;

/// An extension of a request that is run in process: the seed of the worker's random numbers, so that a run can be
/// repeated. A request that came over a socket has none, and its seed is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Seed(pub [u8; 32]);

/// In dev a head with a known length waits this long for the final account, so that its header can state it.
const ACCOUNT_WAIT: Duration = Duration::from_millis(50);
/// Other bodies may be streams that take their time: their head waits no longer than this.
const STREAM_ACCOUNT_WAIT: Duration = Duration::from_millis(5);

/// What a page for the client is made with.
#[derive(Clone)]
pub(super) struct Client {
    mode: Mode,
    request_id: Arc<str>,
    /// What it is chosen by.
    accept: HeaderMap,
}

/// Answers one request.
pub async fn dispatch<B>(site: Arc<Site>, request: Request<B>) -> Response<EdgeBody>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (mut parts, body) = request.into_parts();
    let exchange = parts.extensions.get::<Arc<Exchange>>().cloned();
    let (client, mut record) = begin(&site, &parts, exchange);
    if let Err((code, why)) = make_absolute(&mut parts) {
        return client.refuse(record, code, Details { error: why, ..Details::default() });
    }
    if let Some(response) = dev::scheduled(&site, &parts).await {
        record.finish_refused(response.status().as_u16(), Details::default());
        return response.map(EdgeBody::page);
    }
    let upgrade = match Upgrade::of(&mut parts) {
        Ok(upgrade) => upgrade,
        Err(why) => {
            let why = Details { error: why.to_owned(), ..Details::default() };
            return client.refuse(record, ErrorCode::BadRequest, why);
        }
    };
    let Target { ready, route, cookie, options } = match site.target(&parts).await {
        Ok(target) => target,
        Err(NoTarget { code, why }) => return client.refuse(record, code, *why),
    };
    let rated = options.rate_limit.as_ref().zip(parts.extensions.get::<Arc<Exchange>>());
    let rated = rated.map(|(limit, exchange)| site.rate(limit, &route, exchange, &parts));
    if let Some((code, why)) = rated.as_ref().and_then(Rated::refusal) {
        let mut response = client.refuse(record, code, why);
        rated.iter().for_each(|rated| rated.tell(response.headers_mut()));
        return response;
    }
    let mut asset = None;
    if let Some(ready) = &ready {
        record.answered_by(ready, route.clone(), &parts.uri);
        asset = from_assets(ready, &parts).await;
    }
    let request = Request::from_parts(parts, body);
    let mut response = match (asset, ready) {
        (Some(response), _) => {
            record.finish_with_asset(response.status().as_u16());
            response.map(EdgeBody::page)
        }
        (None, ready) if options.cache && upgrade.is_none() => {
            behind::answer(Behind::new(&site, client, record, ready, route, options), request).await
        }
        (None, Some(ready)) => {
            answer_or_page(run_ready(&site, client, &ready, record, request, &options, upgrade).await)
        }
        (None, None) => answer_or_page(origin::pass(&site, &client, record, &options, request).await),
    };
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    rated.iter().for_each(|rated| rated.tell(response.headers_mut()));
    response
}

/// What the client of a request is answered with, and what is noted of it.
fn begin(site: &Arc<Site>, parts: &Parts, exchange: Option<Arc<Exchange>>) -> (Client, Record) {
    let request_id = exchange.as_ref().map_or_else(request_id::next, |exchange| exchange.request_id.clone());
    let client = Client { mode: site.mode, request_id: request_id.clone(), accept: accept_only(&parts.headers) };
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    (client, Record::new(site.clone(), request_id, parts.method.clone(), path).of(exchange))
}

/// Answers a request that is not to be looked at further.
pub(super) fn refuse(site: &Arc<Site>, parts: &Parts, code: ErrorCode, why: Details) -> Response<EdgeBody> {
    let (client, record) = begin(site, parts, parts.extensions.get::<Arc<Exchange>>().cloned());
    client.refuse(record, code, why)
}

fn answer_or_page(answered: Result<Response<EdgeBody>, Response<EdgeBody>>) -> Response<EdgeBody> {
    answered.unwrap_or_else(|page| page)
}

/// Answers with a version's worker, or where the route lets it and the worker fails, with the origin. The error is the
/// page that says what went wrong.
pub(super) async fn run_ready<B>(
    site: &Arc<Site>,
    client: Client,
    ready: &Ready,
    mut record: Record,
    request: Request<B>,
    options: &RouteOptions,
    upgrade: Option<Upgrade>,
) -> Result<Response<EdgeBody>, Response<EdgeBody>>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let Some(worker) = ready.worker.clone() else {
        let error = format!("`{}` has neither code nor assets", ready.name);
        return Err(client.refuse(record, ErrorCode::Internal, Details { error, ..Details::default() }));
    };
    let exchange = request.extensions().get::<Arc<Exchange>>().cloned();
    if let Err((code, why)) = site.enter_worker(exchange.as_ref(), ready).await {
        return Err(client.refuse(record, code, why));
    }
    let (request, again) = match options.origin {
        None => (admit(request, worker.limits()), None),
        Some(_) => {
            let (parts, body) = request.into_parts();
            let (body, again) = replay::keep(body);
            let head = parts.clone();
            (admit(Request::from_parts(parts, body), worker.limits()), Some((head, again)))
        }
    };
    let request = match request {
        Ok(request) => request,
        Err((code, why)) => return Err(client.refuse(record, code, Details { error: why, ..Details::default() })),
    };
    match site.grant(ready, worker.limits().fuel).await {
        Ok(grant) => {
            upgrade.iter().for_each(|upgrade| upgrade.has_budget(grant.is_some()));
            record.runs_on(grant);
        }
        Err((code, why)) => {
            let page = client.refuse(record, code, why);
            return stand_in(site, options, again.filter(|_| options.fail_open)).await.ok_or(page);
        }
    }
    run(site, client, worker, record, request, (options, again), upgrade).await
}

/// What a request is sent a second time with.
type Repetition = (Parts, replay::Again);

async fn stand_in(site: &Site, options: &RouteOptions, again: Option<Repetition>) -> Option<Response<EdgeBody>> {
    let (parts, again) = again?;
    origin::stand_in(site, options, Request::from_parts(parts, again.body()?)).await
}

/// Whether the origin may answer after this.
fn fails_open(options: &RouteOptions, report: &Report) -> bool {
    // As in Workers, a worker that asks for it itself has it for its errors, not for running out of something.
    let out_of = matches!(report.outcome, Outcome::ExceededCpu | Outcome::ExceededMemory | Outcome::ExceededWallTime);
    options.fail_open || (report.pass_through && !out_of)
}

/// Runs the worker and answers with what it gives, or with what the origin gives to the request sent `again`.
async fn run(
    site: &Arc<Site>,
    client: Client,
    worker: Arc<Worker>,
    mut record: Record,
    mut request: Request<wasmtime_wasi_http::WasiBody>,
    (options, again): (&RouteOptions, Option<Repetition>),
    upgrade: Option<Upgrade>,
) -> Result<Response<EdgeBody>, Response<EdgeBody>> {
    record.trace(&mut request);
    let tape = record.tape(&worker, &request);
    let granted = record.granted(&worker);
    let seed = request.extensions().get::<Seed>().map(|seed| seed.0);
    let invocation = Invocation {
        request,
        event: None,
        request_id: client.request_id.clone(),
        log: record.log(),
        seed,
        chain: Chain::default(),
        fuel: granted,
        tape,
    };
    let on_end = {
        let worker = worker.clone();
        move |report: &Report| record.finish(report, &worker)
    };
    let Running { head, failure, report } = site.executor.invoke(worker.clone(), invocation, on_end);
    match head.await {
        Some(mut head) => match websocket::connect(site, upgrade, &mut head.response) {
            Ok(()) => Ok(client.respond(&worker, head, report).await),
            Err(why) => {
                let details = Details { error: why.to_owned(), ..Details::default() };
                Err(client.page(ErrorCode::Exception, &details))
            }
        },
        None => {
            let Some((report, account)) = account(failure, report).await else {
                let error = "the invocation ended without an account".into();
                return Err(client.page(ErrorCode::Internal, &Details { error, ..Details::default() }));
            };
            let again = again.filter(|_| fails_open(options, &report));
            match stand_in(site, options, again).await {
                Some(response) => Ok(response),
                None => Err(client.fail(&worker, granted, &report, account)),
            }
        }
    }
}

/// How a run without a response ended. The account comes first when there is nothing else to do; `waitUntil` work must not
/// keep the client waiting.
async fn account(failure: oneshot::Receiver<Failed>, report: oneshot::Receiver<Report>) -> Option<(Report, Account)> {
    tokio::select! {
        biased;
        Ok(report) = report => Some((report, Account::Final)),
        Ok(failed) = failure => Some((Report::early(failed), Account::SoFar)),
        else => None,
    }
}

/// The answer of a version's static assets, where they come before its worker or there is none.
pub(super) async fn from_assets(ready: &Ready, parts: &Parts) -> Option<Response<Bytes>> {
    let assets = ready.assets.as_ref()?;
    let answer = match &ready.worker {
        Some(_) if assets.worker_first(parts.uri.path()) => return None,
        Some(_) => assets.find(parts).await,
        None => assets.fetch(parts).await.map(Some),
    };
    answer.unwrap_or_else(|error| {
        tracing::error!(worker = %ready.name, %error, "failed to read an asset");
        let mut response = Response::new(Bytes::from_static(b"the server failed to read this file"));
        *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
        Some(response)
    })
}

/// Keeps what an error page is chosen by; the rest of the headers goes to the worker without a copy.
fn accept_only(headers: &HeaderMap) -> HeaderMap {
    headers.get_all(http::header::ACCEPT).iter().map(|value| (http::header::ACCEPT, value.clone())).collect()
}

/// Makes the request's URI absolute and checks its length.
fn make_absolute(parts: &mut Parts) -> Result<(), (ErrorCode, String)> {
    let secure = parts.extensions.get::<Arc<Connection>>().is_some_and(|connection| connection.is_secure());
    parts.uri = absolute(&parts.uri, &parts.headers, secure).map_err(|why| (ErrorCode::BadRequest, why))?;
    let length = parts.uri.to_string().len() as u64;
    let allowed = limits::URL.default;
    if length > allowed {
        return Err((ErrorCode::UrlTooLong, format!("the URL has {length} bytes; {allowed} are allowed")));
    }
    Ok(())
}

/// Checks the limits on the request's body.
fn admit<B>(request: Request<B>, limits: &Limits) -> Result<Request<wasmtime_wasi_http::WasiBody>, (ErrorCode, String)>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (mut parts, body) = request.into_parts();
    let announced = parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limits.request_body) {
        let why = format!("the body may have {} bytes", limits.request_body);
        return Err((ErrorCode::BodyTooLarge, why));
    }
    say_if_bodiless(&mut parts, &body);
    let body = Limited::new(Lingering::new(body), limits.request_body as usize);
    let body = http_body_util::BodyExt::map_err(body, |error| Error::InternalError(Some(error.to_string())));
    Ok(Request::from_parts(parts, crate::host::http::body(body)))
}

/// `wasi:http` has no way to say «no body»: JavaScript workers are told by [`Bodiless`], others by the length.
pub(super) fn say_if_bodiless(parts: &mut Parts, body: &impl Body) {
    let bodiless = body.is_end_stream() && !matches!(parts.method, Method::GET | Method::HEAD);
    if bodiless && !parts.headers.contains_key(CONTENT_LENGTH) {
        parts.headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        parts.extensions.insert(Bodiless);
    }
}

/// Scheme, authority and path: HTTP/1.1 requests have the authority in `Host` alone.
fn absolute(uri: &Uri, headers: &HeaderMap, secure: bool) -> Result<Uri, String> {
    let scheme = if secure { Scheme::HTTPS } else { Scheme::HTTP };
    if uri.authority().is_some() && uri.scheme().is_some_and(|named| !secure || *named == scheme) {
        return Ok(uri.clone());
    }
    let mut parts = uri.clone().into_parts();
    parts.scheme = Some(scheme);
    if parts.authority.is_none() {
        let host = headers.get(HOST).ok_or("the request has no `Host` header")?;
        parts.authority = Some(host.as_bytes().try_into().map_err(|_| "the `Host` header is no valid host")?);
    }
    parts.path_and_query.get_or_insert_with(|| http::uri::PathAndQuery::from_static("/"));
    Uri::from_parts(parts).map_err(|error| format!("the request's target is not valid: {error}"))
}

impl Client {
    /// Sends a worker's response on; with its cost in the headers where that is wanted.
    async fn respond(self, worker: &Worker, head: Head, report: oneshot::Receiver<Report>) -> Response<EdgeBody> {
        let Head { mut response, usage } = head;
        if self.mode != Mode::Serve {
            let wait = if response.headers().contains_key(CONTENT_LENGTH) { ACCOUNT_WAIT } else { STREAM_ACCOUNT_WAIT };
            let timing = match tokio::time::timeout(wait, report).await {
                Ok(Ok(report)) => respond::server_timing(&report.usage, Account::Final),
                _ => respond::server_timing(&usage, Account::SoFar),
            };
            self.add_cost(response.headers_mut(), timing, worker);
        }
        response.map(EdgeBody::Worker)
    }

    /// Answers for a worker that did not.
    fn fail(self, worker: &Worker, granted: Option<u64>, report: &Report, account: Account) -> Response<EdgeBody> {
        let (code, details) = respond::explain(report, worker, granted);
        let mut response = self.page(code, &details);
        if self.mode != Mode::Serve {
            self.add_cost(response.headers_mut(), respond::server_timing(&report.usage, account), worker);
        }
        response
    }

    /// Answers a request that reaches no worker.
    pub(super) fn refuse(&self, record: Record, code: ErrorCode, details: Details) -> Response<EdgeBody> {
        let page = self.page(code, &details);
        record.finish_refused(code.status().as_u16(), details);
        page
    }

    fn add_cost(&self, headers: &mut HeaderMap, timing: HeaderValue, worker: &Worker) {
        // A worker may have measures of its own to tell.
        headers.append("server-timing", timing);
        if self.mode == Mode::Dev {
            headers.insert("x-glowplug-version", version_header(worker));
        }
    }

    fn page(&self, code: ErrorCode, details: &Details) -> Response<EdgeBody> {
        let shown = (self.mode == Mode::Dev).then_some(details);
        error_response(code, &self.request_id, &self.accept, shown).map(EdgeBody::page)
    }
}

fn version_header(worker: &Worker) -> HeaderValue {
    HeaderValue::from_str(worker.version()).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
}
