//! Subrequests: one hop of `fetch` or of a binding's call, over `wasi:http/outgoing-handler`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rquickjs::class::Trace;
use rquickjs::{Class, Ctx, IntoJs, JsLifetime, Object, Promise, Result, TypedArray, Value};

use crate::bindings::wasi::http::outgoing_handler;
use crate::bindings::wasi::http::types::{
    ErrorCode, FutureIncomingResponse, IncomingResponse, Method, OutgoingRequest,
};
use crate::bindings::wasi::io::poll::Pollable;
use crate::web::headers::HeaderList;

use super::body::{Body, BodyHandle};
use super::deferred::Deferred;
use super::payload::{self, Payload};
use super::sink::{Outlet, Owner, Sink};
use super::target::{Peer, Target};
use super::tasks::{self, Progress, Task, TaskId};
use super::websocket::SocketHandle;
use super::{engine, headers, host, pipe};

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
    future: Future,
    peer: Peer,
    is_head: bool,
    shared: Rc<Shared>,
    deferred: Deferred,
}

/// The answer to come.
enum Future {
    Response(FutureIncomingResponse),
    /// That of a request for a WebSocket.
    Socket(host::Connecting),
}

impl Future {
    fn subscribe(&self) -> Pollable {
        match self {
            Future::Response(future) => future.subscribe(),
            Future::Socket(connecting) => connecting.subscribe(),
        }
    }

    fn get(&self) -> Option<std::result::Result<(IncomingResponse, Option<host::Socket>), ErrorCode>> {
        match self {
            Future::Response(future) => {
                let outcome = future.get()?.unwrap_or(Err(ErrorCode::InternalError(None)));
                Some(outcome.map(|response| (response, None)))
            }
            Future::Socket(connecting) => connecting.get(),
        }
    }
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
    let pairs = list.borrow().to_bytes_pairs();
    begin(&ctx, &method, pairs, body, || {
        let target = Target::parse(&url)?;
        let peer = Peer::Host(target.authority.to_owned());
        Ok((target, peer))
    })
}

/// Begins a subrequest to what `place` gives; its error rejects the promise.
pub fn begin<'js, 'a>(
    ctx: &Ctx<'js>,
    method: &str,
    headers: Vec<(String, Vec<u8>)>,
    body: Value<'js>,
    place: impl FnOnce() -> std::result::Result<(Target<'a>, Peer), String>,
) -> Result<FetchHandle<'js>> {
    let (promise, deferred) = Deferred::new(ctx)?;
    let payload = Payload::from_js(ctx, body)?;
    let shared = Rc::new(Shared::default());
    let started = place().and_then(|(target, peer)| {
        let (future, outlet) = start(method, &target, &peer, headers, payload, &shared)?;
        Ok((future, outlet, peer))
    });
    let outlet = match started {
        Ok((future, outlet, peer)) => {
            let task = tasks::spawn(Task::Subrequest(Subrequest {
                pollable: future.subscribe(),
                future,
                peer,
                is_head: method == "HEAD",
                shared: Rc::clone(&shared),
                deferred,
            }));
            shared.response.set(Some(task));
            outlet
        }
        Err(message) => {
            deferred.reject(ctx, &message);
            None
        }
    };
    Ok(FetchHandle { promise, shared, outlet: outlet.unwrap_or_else(|| Outlet::new(None, Owner::Subrequest)) })
}

type Started = (Future, Option<Rc<Outlet>>);

/// Hands the request to the host, and its body after it.
fn start(
    method: &str,
    target: &Target<'_>,
    peer: &Peer,
    mut pairs: Vec<(String, Vec<u8>)>,
    payload: Payload<'_>,
    shared: &Shared,
) -> std::result::Result<Started, String> {
    payload.describe(&mut pairs);
    let asks_for_socket = method == "GET" && asks_for_socket(&pairs);
    let request = OutgoingRequest::new(headers::outgoing(pairs)?);
    request.set_method(&method_of(method)).map_err(|()| peer.refused("method"))?;
    target.set(&request).map_err(|part| peer.refused(part))?;
    let body = match payload {
        Payload::None => None,
        _ => request.body().ok().and_then(Sink::open),
    };
    let future = match asks_for_socket {
        true => host::connect_websocket(request).map(Future::Socket),
        false => outgoing_handler::handle(request, None).map(Future::Response),
    };
    let future = future.map_err(|error| peer.describe(&error))?;
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

/// Whether the headers say `Upgrade: websocket`.
fn asks_for_socket(pairs: &[(String, Vec<u8>)]) -> bool {
    pairs.iter().any(|(name, value)| name == "upgrade" && value.eq_ignore_ascii_case(b"websocket"))
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
            Some(outcome) => outcome,
        };
        self.shared.response.set(None);
        match outcome {
            Ok((response, socket)) => {
                self.deferred.resolve(ctx, Arrived { response, socket, is_head: self.is_head, shared: self.shared })
            }
            Err(error) => self.deferred.reject(ctx, &self.peer.describe(&error)),
        }
        Progress::Done
    }
}

/// A response that becomes `{status, headers, body}`, with `socket` where a WebSocket was asked for and given.
struct Arrived {
    response: IncomingResponse,
    socket: Option<host::Socket>,
    is_head: bool,
    shared: Rc<Shared>,
}

impl<'js> IntoJs<'js> for Arrived {
    fn into_js(self, ctx: &Ctx<'js>) -> Result<Value<'js>> {
        let Arrived { response, socket, is_head, shared } = self;
        let object = Object::new(ctx.clone())?;
        object.set("status", response.status())?;
        let fields = response.headers();
        object.set("headers", headers::incoming(&fields))?;
        let length = headers::content_length(&fields);
        drop(fields);
        if let Some(socket) = socket {
            object.set("socket", SocketHandle::connected(socket))?;
        }
        let has_none = is_head || matches!(response.status(), 101 | 204 | 205 | 304);
        let body = match response.consume() {
            Ok(body) if !has_none => Some(Body::new(body, length)),
            _ => None,
        };
        shared.body.replace(body.clone());
        object.set("body", body.map(|body| BodyHandle { body }))?;
        Ok(object.into_value())
    }
}
