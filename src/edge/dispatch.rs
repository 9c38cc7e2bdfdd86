//! A request, top to bottom.

use super::error_page::{Details, ErrorCode, error_response};
use super::{Current, Mode, RequestLine, Site, request_id, respond};
use crate::engine::Worker;
use crate::engine::invoke::{Head, Invocation, Report, ResponseBody, Running};
use crate::limits::Limits;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use http_body::Body;
use http_body_util::{Either, Full, Limited};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use wasmtime_wasi_http::Error;

/// A worker's body, or a page of ours.
pub type EdgeBody = Either<ResponseBody, Full<Bytes>>;

/// In dev a head with a known length waits this long for the final account, so that its header can state it.
const ACCOUNT_WAIT: Duration = Duration::from_millis(50);
/// Other bodies may be streams that take their time: their head waits no longer than this.
const STREAM_ACCOUNT_WAIT: Duration = Duration::from_millis(5);

/// What is known of a request, for its log line and its error page.
struct Known {
    request_id: Arc<str>,
    method: Method,
    path: String,
    headers: HeaderMap,
}

/// Answers one request.
pub async fn dispatch<B>(site: Arc<Site>, request: Request<B>) -> Response<EdgeBody>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let known = Known {
        request_id: request_id::next(),
        method: request.method().clone(),
        path: request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        headers: accept_only(request.headers()),
    };
    let worker = match site.current() {
        Current::Worker(worker) => worker,
        Current::Broken(details) => return known.page(site.mode, ErrorCode::StartUp, &details),
    };
    let request = match admit(request, &worker.limits) {
        Ok(request) => request,
        Err((code, why)) => return known.page(site.mode, code, &Details { error: why, ..Details::default() }),
    };
    let invocation = Invocation { request, request_id: known.request_id.clone(), log: site.log.clone(), seed: None };
    let Running { head, report } = site.executor.invoke(worker.clone(), invocation);
    match head.await {
        Ok(head) => known.respond(&site, &worker, head, report).await,
        Err(_) => known.fail(&site, &worker, report).await,
    }
}

/// Keeps what an error page is chosen by; the rest of the headers goes to the worker without a copy.
fn accept_only(headers: &HeaderMap) -> HeaderMap {
    headers.get_all(http::header::ACCEPT).iter().map(|value| (http::header::ACCEPT, value.clone())).collect()
}

/// Checks the request's limits and makes its URI absolute.
fn admit<B>(request: Request<B>, limits: &Limits) -> Result<Request<wasmtime_wasi_http::WasiBody>, (ErrorCode, String)>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (mut parts, body) = request.into_parts();
    parts.uri = absolute(&parts.uri, &parts.headers).map_err(|why| (ErrorCode::BadRequest, why))?;
    let length = parts.uri.to_string().len() as u64;
    if length > limits.url {
        let why = format!("the URL has {length} bytes; {} are allowed", limits.url);
        return Err((ErrorCode::UrlTooLong, why));
    }
    let announced = parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limits.request_body) {
        let why = format!("the body may have {} bytes", limits.request_body);
        return Err((ErrorCode::BodyTooLarge, why));
    }
    let body = Limited::new(body, limits.request_body as usize);
    let body = http_body_util::BodyExt::map_err(body, |error| Error::InternalError(Some(error.to_string())));
    Ok(Request::from_parts(parts, crate::host::http::body(body)))
}

/// Scheme, authority and path: HTTP/1.1 requests have the authority in `Host` alone.
fn absolute(uri: &Uri, headers: &HeaderMap) -> Result<Uri, String> {
    if uri.scheme().is_some() && uri.authority().is_some() {
        return Ok(uri.clone());
    }
    let host = headers.get(HOST).ok_or("the request has no `Host` header")?;
    let mut parts = uri.clone().into_parts();
    parts.scheme = Some(http::uri::Scheme::HTTP);
    parts.authority = Some(host.as_bytes().try_into().map_err(|_| "the `Host` header is no valid host")?);
    parts.path_and_query.get_or_insert_with(|| http::uri::PathAndQuery::from_static("/"));
    Uri::from_parts(parts).map_err(|error| format!("the request's target is not valid: {error}"))
}

impl Known {
    /// Sends a worker's response on; in dev with its cost in the headers.
    async fn respond(
        self,
        site: &Arc<Site>,
        worker: &Arc<Worker>,
        head: Head,
        mut report: oneshot::Receiver<Report>,
    ) -> Response<EdgeBody> {
        let Head { mut response, usage } = head;
        let status = response.status().as_u16();
        if site.mode == Mode::Dev {
            let wait = if response.headers().contains_key(CONTENT_LENGTH) { ACCOUNT_WAIT } else { STREAM_ACCOUNT_WAIT };
            let account = tokio::time::timeout(wait, &mut report).await;
            let (usage, account) = match account {
                Ok(Ok(report)) => (report.usage, Some(report)),
                _ => (usage, None),
            };
            let headers = response.headers_mut();
            headers.insert("server-timing", respond::server_timing(&usage, account.is_some()));
            headers.insert("x-glowplug-version", version_header(worker));
            match account {
                Some(report) => self.log(site, worker, status, &report),
                None => self.log_later(site.clone(), worker.clone(), status, report),
            }
        } else {
            self.log_later(site.clone(), worker.clone(), status, report);
        }
        response.map(Either::Left)
    }

    /// Answers for a worker that did not.
    async fn fail(
        self,
        site: &Arc<Site>,
        worker: &Arc<Worker>,
        report: oneshot::Receiver<Report>,
    ) -> Response<EdgeBody> {
        let Ok(report) = report.await else {
            let details =
                Details { error: "the invocation's task ended without a report".into(), ..Details::default() };
            return self.page(site.mode, ErrorCode::Internal, &details);
        };
        let (code, details) = respond::explain(&report, worker);
        let mut response = self.page(site.mode, code, &details);
        if site.mode == Mode::Dev {
            let headers = response.headers_mut();
            headers.insert("server-timing", respond::server_timing(&report.usage, true));
            headers.insert("x-glowplug-version", version_header(worker));
        }
        self.log(site, worker, code.status().as_u16(), &report);
        response
    }

    fn page(&self, mode: Mode, code: ErrorCode, details: &Details) -> Response<EdgeBody> {
        let shown = (mode == Mode::Dev).then_some(details);
        error_response(code, &self.request_id, &self.headers, shown).map(|body| Either::Right(Full::from(body)))
    }

    fn log_later(self, site: Arc<Site>, worker: Arc<Worker>, status: u16, report: oneshot::Receiver<Report>) {
        tokio::spawn(async move {
            if let Ok(report) = report.await {
                self.log(&site, &worker, status, &report);
            }
        });
    }

    fn log(&self, site: &Site, worker: &Worker, status: u16, report: &Report) {
        (site.requests)(RequestLine {
            request_id: self.request_id.clone(),
            method: self.method.clone(),
            path: self.path.clone(),
            status,
            outcome: report.outcome,
            usage: report.usage,
            problem: respond::problem(report, worker),
        });
    }
}

fn version_header(worker: &Worker) -> HeaderValue {
    HeaderValue::from_str(&worker.version).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
}
