//! A request, top to bottom.

use super::error_page::{Details, ErrorCode, error_response};
use super::linger::Lingering;
use super::respond::Account;
use super::{Current, Mode, RequestLine, Site, request_id, respond};
use crate::engine::Worker;
use crate::engine::invoke::{Head, Invocation, Report, ResponseBody, Running};
use crate::host::Failure;
use crate::limits::Limits;
use crate::meter::{Outcome, Usage};
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use http_body::Body;
use http_body_util::{Either, Full, Limited};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use wasmtime_wasi_http::Error;

/// Status in the log of a request whose client left before there was a response, as nginx has it.
const CLIENT_LEFT: u16 = 499;

/// A worker's body, or a page of ours.
pub type EdgeBody = Either<ResponseBody, Full<Bytes>>;

/// In dev a head with a known length waits this long for the final account, so that its header can state it.
const ACCOUNT_WAIT: Duration = Duration::from_millis(50);
/// Other bodies may be streams that take their time: their head waits no longer than this.
const STREAM_ACCOUNT_WAIT: Duration = Duration::from_millis(5);

/// What is known of a request, for its log line and its error page.
#[derive(Clone)]
struct Known {
    site: Arc<Site>,
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
        site,
    };
    let worker = match known.site.current() {
        Current::Worker(worker) => worker,
        Current::Broken(details) => return known.refuse(ErrorCode::StartUp, &details),
    };
    let request = match admit(request, &worker.limits) {
        Ok(request) => request,
        Err((code, why)) => return known.refuse(code, &Details { error: why, ..Details::default() }),
    };
    let invocation =
        Invocation { request, request_id: known.request_id.clone(), log: known.site.log.clone(), seed: None };
    let on_end = {
        let (known, worker) = (known.clone(), worker.clone());
        move |report: &Report| known.log(report, &worker)
    };
    let Running { head, failure, report } = known.site.executor.invoke(worker.clone(), invocation, on_end);
    match head.await {
        Some(head) => known.respond(&worker, head, report).await,
        None => known.fail(&worker, failure, report).await,
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
    // HTTP has no other way to say «no body», and `wasi:http` passes none on: guests tell it by the length.
    let bodiless = body.is_end_stream() && !matches!(parts.method, Method::GET | Method::HEAD);
    if bodiless && !parts.headers.contains_key(CONTENT_LENGTH) {
        parts.headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    let body = Limited::new(Lingering::new(body), limits.request_body as usize);
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
    async fn respond(self, worker: &Worker, head: Head, report: oneshot::Receiver<Report>) -> Response<EdgeBody> {
        let Head { mut response, usage } = head;
        if self.site.mode == Mode::Dev {
            let wait = if response.headers().contains_key(CONTENT_LENGTH) { ACCOUNT_WAIT } else { STREAM_ACCOUNT_WAIT };
            let timing = match tokio::time::timeout(wait, report).await {
                Ok(Ok(report)) => respond::server_timing(&report.usage, Account::Final),
                _ => respond::server_timing(&usage, Account::SoFar),
            };
            add_dev_headers(response.headers_mut(), timing, worker);
        }
        response.map(Either::Left)
    }

    /// Answers for a worker that did not.
    async fn fail(
        self,
        worker: &Worker,
        failure: oneshot::Receiver<Failure>,
        report: oneshot::Receiver<Report>,
    ) -> Response<EdgeBody> {
        // The account comes first when there is nothing else to do; `waitUntil` work must not keep the client waiting.
        let (report, account) = tokio::select! {
            biased;
            Ok(report) = report => (report, Account::Final),
            Ok(failure) = failure => (Report::early(failure), Account::SoFar),
            else => {
                let error = "the invocation ended without an account".into();
                return self.refuse(ErrorCode::Internal, &Details { error, ..Details::default() });
            }
        };
        let (code, details) = respond::explain(&report, worker);
        let mut response = self.page(code, &details);
        if self.site.mode == Mode::Dev {
            add_dev_headers(response.headers_mut(), respond::server_timing(&report.usage, account), worker);
        }
        response
    }

    /// Answers a request that reaches no worker.
    fn refuse(&self, code: ErrorCode, details: &Details) -> Response<EdgeBody> {
        self.emit(code.status().as_u16(), Outcome::Exception, Usage::default(), Some(details.error.clone()));
        self.page(code, details)
    }

    fn page(&self, code: ErrorCode, details: &Details) -> Response<EdgeBody> {
        let shown = (self.site.mode == Mode::Dev).then_some(details);
        error_response(code, &self.request_id, &self.headers, shown).map(|body| Either::Right(Full::from(body)))
    }

    fn log(&self, report: &Report, worker: &Worker) {
        let status = match (report.status, report.outcome) {
            (Some(status), _) => status.as_u16(),
            (None, Outcome::Canceled) => CLIENT_LEFT,
            (None, _) => respond::explain(report, worker).0.status().as_u16(),
        };
        self.emit(status, report.outcome, report.usage, respond::problem(report, worker));
    }

    fn emit(&self, status: u16, outcome: Outcome, usage: Usage, problem: Option<String>) {
        (self.site.requests)(RequestLine {
            request_id: self.request_id.clone(),
            method: self.method.clone(),
            path: self.path.clone(),
            status,
            outcome,
            usage,
            problem,
        });
    }
}

fn add_dev_headers(headers: &mut HeaderMap, timing: HeaderValue, worker: &Worker) {
    headers.insert("server-timing", timing);
    headers.insert("x-glowplug-version", version_header(worker));
}

fn version_header(worker: &Worker) -> HeaderValue {
    HeaderValue::from_str(&worker.version).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
}
