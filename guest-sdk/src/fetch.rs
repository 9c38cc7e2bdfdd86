//! Subrequests.

use std::error::Error as StdError;
use std::fmt;
use std::rc::Rc;

use futures_util::future::{Either, FutureExt, select};
use http::{Method, StatusCode};
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    self as wasi, ErrorCode, FutureIncomingResponse, IncomingResponse, OutgoingBody, OutgoingRequest, RequestOptions,
};

use crate::body::{self, Body, Incoming, Inner, Side};
use crate::reactor::Ready;
use crate::request::IntoRequest;
use crate::{Error, Request, Response, code, executor, headers};

/// Send a request and wait for the response's headers. Redirects are not followed.
///
/// Nothing is sent before the future is polled; [`join`](crate::join) runs several at once, and dropping
/// the future cancels the request. A request body goes on being sent while the response is read.
///
/// ```
/// use glowplug_sdk::{Request, Response, Result, fetch, try_join};
///
/// async fn handle(_request: Request) -> Result<Response> {
///     let (mut user, mut news) = try_join(
///         fetch("https://api.example/user"),
///         fetch(Request::post("https://api.example/news", "latest")?),
///     )
///     .await?;
///     Ok(Response::from_text(format!("{}{}", user.text().await?, news.text().await?)))
/// }
/// ```
pub async fn fetch(request: impl IntoRequest) -> Result<Response, FetchError> {
    let mut request = request.into_request().map_err(FetchError::invalid)?;
    let body = request.take_body();
    let outgoing = to_wasi(&request, &body).map_err(FetchError::invalid)?;
    let options = options(&request);
    let out = outgoing.body().map_err(|()| FetchError::invalid(Error::internal("the request's body is in use")))?;
    let pending = outgoing_handler::handle(outgoing, options).map_err(FetchError::http)?;

    let response = exchange(pending, body, out).await?;
    receive(&response)
}

/// Send the body and wait for the response, whichever comes first.
async fn exchange(
    pending: FutureIncomingResponse,
    body: Body,
    out: OutgoingBody,
) -> Result<IncomingResponse, FetchError> {
    if body.known_length() == Some(0) {
        OutgoingBody::finish(out, None).map_err(FetchError::http)?;
        return response(pending).await;
    }
    let sending = body::send(body, out)
        .map(|sent| {
            if let body::Sent::Failed(reason) = sent {
                crate::log!("a subrequest's body could not be sent: {reason}");
            }
        })
        .boxed_local();
    match select(sending, response(pending).boxed_local()).await {
        Either::Left(((), response)) => response.await,
        // The origin answers while it still reads: go on beside the handler.
        Either::Right((response, sending)) => {
            if response.is_ok() {
                executor::spawn(sending);
            }
            response
        }
    }
}

async fn response(pending: FutureIncomingResponse) -> Result<IncomingResponse, FetchError> {
    loop {
        match pending.get() {
            Some(Ok(outcome)) => return outcome.map_err(FetchError::http),
            Some(Err(())) => {
                let error = Error::internal("the host gave the response to somebody else");
                return Err(FetchError::invalid(error));
            }
            // Dropped before `pending`, its parent, since it lives inside the loop.
            None => Ready::new(Rc::new(pending.subscribe())).await,
        }
    }
}

fn receive(response: &IncomingResponse) -> Result<Response, FetchError> {
    let status = StatusCode::from_u16(response.status()).map_err(|_| FetchError::http(ErrorCode::HttpProtocolError))?;
    let headers = headers::from_wasi(&response.headers());
    let body = response
        .consume()
        .ok()
        .and_then(|body| Incoming::new(body, Side::Origin))
        .map_or(Body::empty(), |incoming| Body(Inner::Incoming(incoming)));
    Ok(Response::received(status, headers, body))
}

fn to_wasi(request: &Request, body: &Body) -> Result<OutgoingRequest, Error> {
    let mut headers = request.headers().clone();
    headers::set_length(&mut headers, body.known_length().filter(|length| *length > 0));

    let outgoing = OutgoingRequest::new(headers::to_wasi(&headers)?);
    let url = request.url();
    let scheme = match url.scheme_str() {
        Some("http") => wasi::Scheme::Http,
        _ => wasi::Scheme::Https,
    };
    let path = url.path_and_query().map(|path| path.as_str());
    let accepted = outgoing
        .set_method(&method(request.method()))
        .and_then(|()| outgoing.set_scheme(Some(&scheme)))
        .and_then(|()| outgoing.set_authority(url.authority().map(|host| host.as_str())))
        .and_then(|()| outgoing.set_path_with_query(path));
    match accepted {
        Ok(()) => Ok(outgoing),
        Err(()) => Err(Error::internal(format!("the host refused to send {} {url}", request.method()))),
    }
}

fn method(method: &Method) -> wasi::Method {
    match method.as_str() {
        "GET" => wasi::Method::Get,
        "HEAD" => wasi::Method::Head,
        "POST" => wasi::Method::Post,
        "PUT" => wasi::Method::Put,
        "DELETE" => wasi::Method::Delete,
        "CONNECT" => wasi::Method::Connect,
        "OPTIONS" => wasi::Method::Options,
        "TRACE" => wasi::Method::Trace,
        "PATCH" => wasi::Method::Patch,
        other => wasi::Method::Other(other.to_owned()),
    }
}

fn options(request: &Request) -> Option<RequestOptions> {
    let timeout = request.timeout?;
    let nanoseconds = u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX);
    let options = RequestOptions::new();
    // A host may not know an option: its own limit holds then.
    let _ = options.set_connect_timeout(Some(nanoseconds));
    let _ = options.set_first_byte_timeout(Some(nanoseconds));
    let _ = options.set_between_bytes_timeout(Some(nanoseconds));
    Some(options)
}

/// A subrequest got no response. With `?` it becomes a 502, or a 504 when the origin was too slow.
pub struct FetchError(Reason);

enum Reason {
    Http(ErrorCode),
    /// The request could not be sent at all.
    Invalid(Error),
}

impl FetchError {
    fn http(code: ErrorCode) -> Self {
        Self(Reason::Http(code))
    }

    pub(crate) fn invalid(error: Error) -> Self {
        Self(Reason::Invalid(error))
    }

    /// What happened, as `wasi:http` names it (`connection-refused`); `None` when the request itself
    /// was not valid.
    pub fn code(&self) -> Option<&'static str> {
        match &self.0 {
            Reason::Http(error) => Some(code::name(error)),
            Reason::Invalid(_) => None,
        }
    }

    /// Whether the origin took too long.
    pub fn is_timeout(&self) -> bool {
        matches!(&self.0, Reason::Http(error) if code::is_timeout(error))
    }

    /// Whether the host does not let this worker talk to that address.
    pub fn is_denied(&self) -> bool {
        matches!(&self.0, Reason::Http(ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited))
    }

    /// The status of the response this error becomes.
    pub fn status(&self) -> StatusCode {
        match &self.0 {
            Reason::Http(error) => code::gateway_status(error),
            Reason::Invalid(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Http(error) => write!(formatter, "fetch failed: {}", code::describe(error)),
            Reason::Invalid(error) => write!(formatter, "fetch failed: {error}"),
        }
    }
}

// Written out: deriving it for `ErrorCode` costs each worker 5 KB.
impl fmt::Debug for FetchError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "FetchError({self})")
    }
}

impl StdError for FetchError {}
