//! The response of the request at hand, and what still keeps the run going.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rquickjs::{Class, Ctx, Exception, Promise, Result, TypedArray, Value};

use crate::bindings::wasi::http::types::{OutgoingResponse, ResponseOutparam};
use crate::web::headers::HeaderList;

use super::body::BodyHandle;
use super::failure;
use super::sink::{Outlet, Owner, Sink};
use super::{headers, incoming, payload::Payload, pipe, tasks, timers, websocket};

/// How far the response is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Due,
    Streaming,
    /// Written, broken off, or failed.
    Over,
}

thread_local! {
    static STAGE: Cell<Stage> = const { Cell::new(Stage::Due) };
    /// The prelude said that no `waitUntil` promise is left.
    static DONE: Cell<bool> = const { Cell::new(false) };
    /// The client closed the connection before the body's end.
    static CLIENT_LEFT: Cell<bool> = const { Cell::new(false) };
    static OUTPARAM: RefCell<Option<ResponseOutparam>> = const { RefCell::new(None) };
    static OUTLET: RefCell<Option<Rc<Outlet>>> = const { RefCell::new(None) };
}

/// A new request, to be answered through `outparam`.
pub fn begin(outparam: ResponseOutparam) {
    STAGE.set(Stage::Due);
    DONE.set(false);
    CLIENT_LEFT.set(false);
    OUTPARAM.set(Some(outparam));
}

/// An event, which is handled and not answered.
#[cfg(not(feature = "portable"))]
pub fn begin_event() {
    STAGE.set(Stage::Over);
    DONE.set(false);
}

/// The run is over: breaks off what is still under way.
pub fn end() {
    tasks::cancel_all();
    timers::clear_all();
    abort_body();
    drop(take_outparam());
}

/// Whether response and `waitUntil` work are both over, and no client is connected any more.
pub fn run_is_over() -> bool {
    STAGE.get() == Stage::Over && DONE.get() && !websocket::has_clients()
}

/// How far the response is.
pub fn stage() -> Stage {
    STAGE.get()
}

/// The means to answer, if nobody has yet.
pub fn take_outparam() -> Option<ResponseOutparam> {
    OUTPARAM.take()
}

/// The host was told of a failure: if the response was still due, it never comes.
pub fn abandon() {
    if STAGE.get() == Stage::Due {
        STAGE.set(Stage::Over);
    }
}

/// `native.done()`: every `waitUntil` promise has settled.
pub fn done() {
    DONE.set(true);
}

/// The body is written, or nobody wants the rest.
pub fn body_ended() {
    STAGE.set(Stage::Over);
}

/// Nobody is there to take the rest of the body: that is no failure of the worker.
pub fn client_left() {
    CLIENT_LEFT.set(true);
}

/// The response went out damaged: for the log.
pub fn broken(message: &str) {
    failure::fail("Error".to_owned(), message.to_owned(), String::new());
}

/// `native.respond(status, headers, contentType, body)`. False if the client wants no body: the prelude cancels it.
pub fn respond<'js>(
    ctx: Ctx<'js>,
    status: u16,
    list: Option<Class<'js, HeaderList>>,
    content_type: Option<String>,
    body: Value<'js>,
) -> Result<bool> {
    if STAGE.get() != Stage::Due {
        return Err(Exception::throw_type(&ctx, "The response was already given."));
    }
    let mut pairs = list.map_or_else(Vec::new, |list| list.borrow().to_bytes_pairs());
    if let Some(content_type) = content_type {
        pairs.push(("content-type".to_owned(), content_type.into_bytes()));
    }
    let mut payload = Payload::from_js(&ctx, body)?;
    payload.describe(&mut pairs);
    let has_body = !matches!(payload, Payload::None);
    if has_body && incoming::is_head() {
        payload.discard();
        payload = Payload::None;
    }
    if !has_body {
        drop_false_length(&mut pairs, status);
    }
    let fields = headers::outgoing(pairs).map_err(|message| Exception::throw_type(&ctx, &message))?;
    let response = OutgoingResponse::new(fields);
    if status != 200 && response.set_status_code(status).is_err() {
        let message = format!("The host refused the response's status {status}.");
        return Err(Exception::throw_range(&ctx, &message));
    }
    let wants_body = !matches!(payload, Payload::None);
    let sink = match wants_body {
        true => response.body().ok().and_then(Sink::open),
        false => None,
    };
    if let Some(outparam) = take_outparam() {
        ResponseOutparam::set(outparam, Ok(response));
    }
    send(payload, sink);
    Ok(wants_body || !has_body)
}

/// Without a body, only a response to HEAD and a 304 may have the length of one (RFC 9110, 8.6).
fn drop_false_length(pairs: &mut Vec<(String, Vec<u8>)>, status: u16) {
    let is_length = |(name, _): &(String, Vec<u8>)| name == "content-length";
    if status != 304 && pairs.iter().any(is_length) && !incoming::is_head() {
        pairs.retain(|pair| !is_length(pair));
    }
}

fn send(payload: Payload<'_>, sink: Option<Sink>) {
    let Some(sink) = sink else {
        STAGE.set(Stage::Over);
        return;
    };
    STAGE.set(Stage::Streaming);
    match payload {
        Payload::None => {}
        Payload::Bytes(bytes) => sink.send(bytes, Owner::Response),
        Payload::Handle(handle) => match BodyHandle::take_reader(&handle) {
            Some(reader) => {
                pipe::start(reader, sink, Owner::Response);
            }
            None => sink.finish(Owner::Response),
        },
        Payload::Stream => OUTLET.set(Some(Outlet::new(Some(sink), Owner::Response))),
    }
}

/// `native.writeBody(chunk)`.
pub fn write_body<'js>(ctx: Ctx<'js>, chunk: TypedArray<'js, u8>) -> Result<Promise<'js>> {
    let outlet = OUTLET.with_borrow(|outlet| outlet.clone());
    let outlet = outlet.unwrap_or_else(|| Outlet::new(None, Owner::Response));
    outlet.write(&ctx, super::payload::copy(&ctx, &chunk)?)
}

/// `native.endBody()`.
pub fn end_body() {
    if let Some(outlet) = OUTLET.take() {
        outlet.end();
    }
}

/// `native.abortBody(name, message, stack)`: the stream failed, the client sees a body that breaks off.
pub fn fail_body(name: String, message: String, stack: String) {
    abort_body();
    if !CLIENT_LEFT.get() {
        failure::fail(name, message, stack);
    }
}

fn abort_body() {
    if let Some(outlet) = OUTLET.take() {
        outlet.abort();
    }
}
