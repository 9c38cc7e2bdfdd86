//! Subrequests: one hop of `fetch`, over `wasi:http/outgoing-handler`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rquickjs::class::Trace;
use rquickjs::{Class, Ctx, IntoJs, JsLifetime, Object, Promise, Result, TypedArray, Value};

use crate::bindings::wasi::http::outgoing_handler;
use crate::bindings::wasi::http::types::{
    ErrorCode, FutureIncomingResponse, IncomingResponse, Method, OutgoingRequest, Scheme,
};
use crate::bindings::wasi::io::poll::Pollable;
use crate::web::headers::HeaderList;

use super::body::{Body, BodyHandle};
use super::deferred::Deferred;
use super::payload::{self, Payload};
use super::sink::{Outlet, Owner, Sink};
use super::tasks::{self, Progress, Task, TaskId};
use super::{engine, headers, pipe};

/// What JavaScript and the task of one subrequest share.
#[derive(Default)]
struct Shared {
    /// The task that waits for the response.
    response: Cell<Option<TaskId>>,
    /// The task that passes a body on.
    pipe: Cell<Option<TaskId>>,
    body: RefCell<Option<Rc<Body>>>,
}

/// A subrequest as JavaScript holds it.
#[derive(Trace, JsLifetime)]
#[rquickjs::class]
pub struct FetchHandle<'js> {
    promise: Promise<'js>,
    #[qjs(skip_trace)]
    shared: Rc<Shared>,
    #[qjs(skip_trace)]
    outlet: Rc<Outlet>,
}

/// A subrequest whose response has not come.
pub struct Subrequest {
    pub pollable: Pollable,
    future: FutureIncomingResponse,
    host: String,
    is_head: bool,
    shared: Rc<Shared>,
    deferred: Deferred,
}

/// `native.fetch(method, url, headers, body)`. What is wrong with the request rejects the promise.
pub fn fetch<'js>(
    ctx: Ctx<'js>,
    method: String,
    url: String,
    list: Class<'js, HeaderList>,
    body: Value<'js>,
) -> Result<FetchHandle<'js>> {
    engine::disallow_at_start_up(&ctx, "fetch()")?;
    let (promise, deferred) = Deferred::new(&ctx)?;
    let payload = Payload::from_js(&ctx, body)?;
    let shared = Rc::new(Shared::default());
    let outlet = match start(&method, &url, &list, payload, &shared) {
        Ok((future, outlet)) => {
            let task = tasks::spawn(Task::Subrequest(Subrequest {
                pollable: future.subscribe(),
                future,
                host: host_of(&url).to_owned(),
                is_head: method == "HEAD",
                shared: Rc::clone(&shared),
                deferred,
            }));
            shared.response.set(Some(task));
            outlet
        }
        Err(message) => {
            deferred.reject(&ctx, &message);
            None
        }
    };
    Ok(FetchHandle { promise, shared, outlet: outlet.unwrap_or_else(|| Outlet::new(None, Owner::Subrequest)) })
}

type Started = (FutureIncomingResponse, Option<Rc<Outlet>>);

/// Hands the request to the host, and its body after it.
fn start(
    method: &str,
    url: &str,
    list: &Class<'_, HeaderList>,
    payload: Payload<'_>,
    shared: &Shared,
) -> std::result::Result<Started, String> {
    let mut pairs = list.borrow().to_bytes_pairs();
    payload.describe(&mut pairs);
    let request = OutgoingRequest::new(headers::outgoing(pairs)?);
    set_target(&request, method, url)?;
    let body = match payload {
        Payload::None => None,
        _ => request.body().ok().and_then(Sink::open),
    };
    let future = outgoing_handler::handle(request, None).map_err(|error| describe(&error, host_of(url)))?;
    let Some(sink) = body else {
        return Ok((future, None));
    };
    match payload {
        Payload::None => Ok((future, None)),
        Payload::Stream => Ok((future, Some(Outlet::new(Some(sink), Owner::Subrequest)))),
        Payload::Bytes(bytes) => {
            sink.send(bytes, Owner::Subrequest);
            Ok((future, None))
        }
        Payload::Handle(handle) => {
            match BodyHandle::take_reader(&handle) {
                Some(reader) => shared.pipe.set(Some(pipe::start(reader, sink, Owner::Subrequest))),
                None => sink.finish(Owner::Subrequest),
            }
            Ok((future, None))
        }
    }
}

fn set_target(request: &OutgoingRequest, method: &str, url: &str) -> std::result::Result<(), String> {
    let invalid = |what: &str| format!("fetch failed: the host refused the {what} of `{method} {url}`");
    let (scheme, rest) = url.split_once("://").ok_or_else(|| invalid("URL"))?;
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => return Err(format!("fetch failed: `{other}:` URLs cannot be fetched")),
    };
    let rest = rest.split_once('#').map_or(rest, |(target, _)| target);
    let path_at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(path_at);
    request.set_method(&method_of(method)).map_err(|()| invalid("method"))?;
    request.set_scheme(Some(&scheme)).map_err(|()| invalid("scheme"))?;
    request.set_authority(Some(authority)).map_err(|()| invalid("host"))?;
    request.set_path_with_query(Some(if path.is_empty() { "/" } else { path })).map_err(|()| invalid("path"))
}

fn method_of(method: &str) -> Method {
    match method {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "CONNECT" => Method::Connect,
        "OPTIONS" => Method::Options,
        "TRACE" => Method::Trace,
        "PATCH" => Method::Patch,
        other => Method::Other(other.to_owned()),
    }
}

fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

#[rquickjs::methods(rename_all = "camelCase")]
impl<'js> FetchHandle<'js> {
    #[qjs(get)]
    fn promise(&self) -> Promise<'js> {
        self.promise.clone()
    }

    /// Drops everything the subrequest holds; a response that is being read ends.
    fn abort(&self) {
        for task in [self.shared.response.take(), self.shared.pipe.take()] {
            if let Some(task) = task {
                tasks::cancel(task);
            }
        }
        self.outlet.abort();
        if let Some(body) = self.shared.body.take() {
            body.cancel();
        }
    }

    fn write(&self, ctx: Ctx<'js>, chunk: TypedArray<'js, u8>) -> Result<Promise<'js>> {
        self.outlet.write(&ctx, payload::copy(&ctx, &chunk)?)
    }

    fn end(&self) {
        self.outlet.end();
    }

    fn fail(&self) {
        self.outlet.abort();
    }
}

impl Subrequest {
    /// Takes the response, or what became of it.
    pub fn progress(self, ctx: &Ctx<'_>) -> Progress {
        let outcome = match self.future.get() {
            None => return Progress::Again(Task::Subrequest(self)),
            Some(Ok(outcome)) => outcome,
            Some(Err(())) => Err(ErrorCode::InternalError(None)),
        };
        self.shared.response.set(None);
        match outcome {
            Ok(response) => {
                self.deferred.resolve(ctx, Arrived { response, is_head: self.is_head, shared: self.shared })
            }
            Err(error) => self.deferred.reject(ctx, &describe(&error, &self.host)),
        }
        Progress::Done
    }
}

/// A response that becomes `{status, headers, body}`.
struct Arrived {
    response: IncomingResponse,
    is_head: bool,
    shared: Rc<Shared>,
}

impl<'js> IntoJs<'js> for Arrived {
    fn into_js(self, ctx: &Ctx<'js>) -> Result<Value<'js>> {
        let Arrived { response, is_head, shared } = self;
        let object = Object::new(ctx.clone())?;
        object.set("status", response.status())?;
        let fields = response.headers();
        object.set("headers", headers::incoming(&fields))?;
        let length = headers::content_length(&fields);
        drop(fields);
        let has_none = is_head || matches!(response.status(), 204 | 205 | 304);
        let body = match response.consume() {
            Ok(body) if !has_none => Some(Body::new(body, length)),
            _ => None,
        };
        shared.body.replace(body.clone());
        object.set("body", body.map(|body| BodyHandle { body }))?;
        Ok(object.into_value())
    }
}

/// What to tell JavaScript of a subrequest that failed.
pub fn describe(error: &ErrorCode, host: &str) -> String {
    let reason = match error {
        ErrorCode::ConnectionTerminated | ErrorCode::HttpResponseIncomplete | ErrorCode::HttpProtocolError => {
            return "Network connection lost.".to_owned();
        }
        ErrorCode::DnsTimeout => "DNS lookup timed out".to_owned(),
        ErrorCode::DnsError(payload) => {
            let rcode = payload.rcode.as_deref().unwrap_or("no address found");
            format!("DNS lookup failed ({rcode})")
        }
        ErrorCode::DestinationNotFound => "the host was not found".to_owned(),
        ErrorCode::DestinationUnavailable | ErrorCode::DestinationIpUnroutable => {
            "the host cannot be reached".to_owned()
        }
        ErrorCode::DestinationIpProhibited | ErrorCode::HttpRequestDenied => {
            "requests to this address are not allowed".to_owned()
        }
        ErrorCode::ConnectionRefused => "connection refused".to_owned(),
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => "timed out".to_owned(),
        ErrorCode::ConnectionLimitReached => "too many subrequests or connections".to_owned(),
        ErrorCode::TlsProtocolError => "TLS handshake failed".to_owned(),
        ErrorCode::TlsCertificateError => "the TLS certificate is not valid".to_owned(),
        ErrorCode::LoopDetected => "the request came back to this worker".to_owned(),
        ErrorCode::InternalError(Some(text)) => text.clone(),
        other => other.to_string(),
    };
    match host {
        "" => format!("fetch failed: {reason}"),
        host => format!("fetch failed: {reason}: {host}"),
    }
}
