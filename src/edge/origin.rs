//! The server behind a route: requests are passed on to it as a reverse proxy does (RFC 9110, 7.6).

use super::body::EdgeBody;
use super::dispatch::Client;
use super::error_page::{Details, ErrorCode};
use super::linger::Lingering;
use super::record::Record;
use super::{Site, forward};
use crate::host::http::{self as host_http, ProxyError};
use crate::limits;
use crate::route_options::{Origin, RouteOptions};
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{Method, Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Limited};
use std::time::Duration;
use wasmtime_wasi_http::{Error, WasiBody};

/// How long an origin may take to begin its answer.
const FIRST_BYTE: Duration = Duration::from_secs(100);

/// Why an origin gave no answer.
pub(super) struct Unanswered {
    pub code: ErrorCode,
    pub why: Box<Details>,
}

impl Unanswered {
    fn new(code: ErrorCode, error: String, hint: Option<&str>) -> Self {
        Self { code, why: Box::new(Details { error, hint: hint.map(str::to_owned), ..Details::default() }) }
    }
}

/// Answers a request whose route has no worker; or gives the page that says why there is no answer.
pub(super) async fn pass<B>(
    site: &Site,
    client: &Client,
    record: Record,
    options: &RouteOptions,
    request: Request<B>,
) -> Result<Response<EdgeBody>, Response<EdgeBody>>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let Some(origin) = &options.origin else {
        let error = "the route has neither a worker nor an origin".to_owned();
        return Err(client.refuse(record, ErrorCode::Internal, Details { error, ..Details::default() }));
    };
    let answered = match admit(request) {
        Ok(request) => send(site, origin, request).await,
        Err(refused) => Err(refused),
    };
    match answered {
        Ok(response) => {
            record.finish_with_origin(response.status().as_u16());
            Ok(response.map(EdgeBody::passed))
        }
        Err(Unanswered { code, why }) => Err(client.refuse(record, code, *why)),
    }
}

/// Answers in place of a worker that failed, if the route lets it and the origin does.
pub(super) async fn stand_in<B>(site: &Site, options: &RouteOptions, request: Request<B>) -> Option<Response<EdgeBody>>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let origin = options.origin.as_ref()?;
    match send(site, origin, admit(request).ok()?).await {
        Ok(response) => Some(response.map(EdgeBody::passed)),
        Err(Unanswered { why, .. }) => {
            tracing::warn!(error = why.error, "the origin cannot stand in for a worker that failed");
            None
        }
    }
}

/// Sends `request`, whose URI is the client's, to `origin`.
pub(super) async fn send(
    site: &Site,
    origin: &Origin,
    request: Request<WasiBody>,
) -> Result<Response<WasiBody>, Unanswered> {
    let (mut parts, body) = request.into_parts();
    let place = origin.place(&parts.uri);
    forward::request(&mut parts);
    parts.uri = place.map_err(|error| {
        Unanswered::new(ErrorCode::BadRequest, format!("the origin cannot be asked for this URL: {error}"), None)
    })?;
    let retry = body.is_end_stream() && is_idempotent(&parts.method);
    let again = retry.then(|| parts.clone());
    let client = site.executor.client();
    let mut answer = client.proxy(Request::from_parts(parts, body), FIRST_BYTE).await;
    // A connection that was kept may have been closed by the origin just when it was used again (RFC 9112, 9.3.1).
    let closed = matches!(answer, Err(ProxyError::Closed));
    if let Some(parts) = again.filter(|_| closed) {
        let body = host_http::body(http_body_util::Empty::new());
        answer = client.proxy(Request::from_parts(parts, body), FIRST_BYTE).await;
    }
    match answer {
        Ok(mut response) => {
            forward::response(&mut response);
            Ok(response)
        }
        Err(error) => Err(unanswered(origin, &error)),
    }
}

fn unanswered(origin: &Origin, error: &ProxyError) -> Unanswered {
    let text = format!("the origin `{origin}` gave no answer: {error}");
    match error {
        ProxyError::Timeout => Unanswered::new(ErrorCode::OriginTimeout, text, None),
        ProxyError::Refused => Unanswered::new(
            ErrorCode::OriginUnreachable,
            text,
            Some("start the server with `--private-egress` to let routes lead to private addresses"),
        ),
        ProxyError::Closed | ProxyError::Failed(_) => Unanswered::new(ErrorCode::OriginUnreachable, text, None),
    }
}

/// Methods that may be repeated (RFC 9110, 9.2.2).
fn is_idempotent(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE, Method::PUT, Method::DELETE].contains(method)
}

/// The request with its body bounded.
fn admit<B>(request: Request<B>) -> Result<Request<WasiBody>, Unanswered>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let most = limits::REQUEST_BODY.default;
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > most) {
        return Err(Unanswered::new(ErrorCode::BodyTooLarge, format!("the body may have {most} bytes"), None));
    }
    Ok(request.map(|body| {
        if body.is_end_stream() {
            return host_http::body(http_body_util::Empty::new());
        }
        let body = Limited::new(Lingering::new(body), most as usize);
        host_http::body(body.map_err(|error| Error::InternalError(Some(error.to_string()))))
    }))
}
