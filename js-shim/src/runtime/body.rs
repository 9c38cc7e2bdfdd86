//! Incoming bodies: the request's, and those of subrequests' responses.

use std::cell::RefCell;
use std::mem;
use std::rc::Rc;

use rquickjs::class::Trace;
use rquickjs::{ArrayBuffer, Class, Ctx, IntoJs, JsLifetime, Promise, Result, TypedArray, Value};

use crate::bindings::wasi::http::types::{IncomingBody, http_error_code};
use crate::bindings::wasi::io::poll::Pollable;
use crate::bindings::wasi::io::streams::{Error as IoError, InputStream, StreamError};

use super::deferred::Deferred;
use super::target;
use super::tasks::{self, Progress, Task, TaskId};

/// The most that one read asks for.
pub const READ_BYTES: u64 = 64 * 1024;

/// The most that is set aside at once for a body that says how long it is: it may lie, but what is not used is not touched.
const MAX_RESERVED_BYTES: u64 = 16 << 20;

/// The open end of an incoming body. The fields are in the order in which the host wants them dropped.
pub struct Reader {
    pub pollable: Pollable,
    pub stream: InputStream,
    _body: IncomingBody,
}

/// Where an incoming body stands.
enum State {
    Unread(IncomingBody),
    Open(Reader),
    Reading(TaskId),
    Ended,
}

/// An incoming body, shared by its JavaScript handle and the task that reads it.
pub struct Body {
    state: RefCell<State>,
    length: Option<u64>,
}

/// An incoming body as JavaScript holds it.
#[derive(Trace, JsLifetime)]
#[rquickjs::class]
pub struct BodyHandle {
    #[qjs(skip_trace)]
    pub body: Rc<Body>,
}

/// What a reading task makes of the bytes.
enum Into {
    Chunk,
    Bytes(Vec<u8>),
    Text(Vec<u8>),
}

/// A read under way.
pub struct Reading {
    pub reader: Reader,
    body: Rc<Body>,
    into: Into,
    deferred: Deferred,
}

impl Body {
    /// A body of which nothing was read; `length` is what its `content-length` says.
    pub fn new(body: IncomingBody, length: Option<u64>) -> Rc<Body> {
        Rc::new(Body { state: RefCell::new(State::Unread(body)), length })
    }

    /// What `content-length` says.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Takes the stream out of JavaScript's hands. `None` if it is being read or has ended.
    pub fn take_reader(&self) -> Option<Reader> {
        match self.state.replace(State::Ended) {
            State::Unread(body) => Reader::open(body),
            State::Open(reader) => Some(reader),
            state @ (State::Reading(_) | State::Ended) => {
                self.state.replace(state);
                None
            }
        }
    }

    /// Closes the stream; what is being read stays unsettled.
    pub fn cancel(&self) {
        if let State::Reading(task) = self.state.replace(State::Ended) {
            tasks::cancel(task);
        }
    }

    fn read<'js>(self: &Rc<Body>, ctx: &Ctx<'js>, into: Into) -> Result<Promise<'js>> {
        let (promise, deferred) = Deferred::new(ctx)?;
        if matches!(*self.state.borrow(), State::Reading(_)) {
            deferred.reject(ctx, "This body is already being read.");
            return Ok(promise);
        }
        match self.take_reader() {
            None => into.finish(ctx, deferred),
            Some(reader) => {
                let body = Rc::clone(self);
                let task = tasks::spawn(Task::Reading(Reading { reader, body, into, deferred }));
                self.state.replace(State::Reading(task));
            }
        }
        Ok(promise)
    }

    fn buffer(&self) -> Vec<u8> {
        let expected = self.length.unwrap_or(0).min(MAX_RESERVED_BYTES);
        let mut buffer = Vec::new();
        // Without so much memory, the body may still be shorter than it says.
        let _ = buffer.try_reserve_exact(expected as usize);
        buffer
    }
}

impl BodyHandle {
    /// Takes the stream out of JavaScript's hands.
    pub fn take_reader(handle: &Class<'_, BodyHandle>) -> Option<Reader> {
        handle.borrow().body.take_reader()
    }
}

#[rquickjs::methods(rename_all = "camelCase")]
impl BodyHandle {
    fn read<'js>(&self, ctx: Ctx<'js>) -> Result<Promise<'js>> {
        self.body.read(&ctx, Into::Chunk)
    }

    fn bytes<'js>(&self, ctx: Ctx<'js>) -> Result<Promise<'js>> {
        let buffer = self.body.buffer();
        self.body.read(&ctx, Into::Bytes(buffer))
    }

    fn text<'js>(&self, ctx: Ctx<'js>) -> Result<Promise<'js>> {
        let buffer = self.body.buffer();
        self.body.read(&ctx, Into::Text(buffer))
    }

    fn cancel(&self) {
        self.body.cancel();
    }

    #[qjs(get)]
    fn content_length(&self) -> f64 {
        self.body.length.map_or(-1.0, |length| length as f64)
    }
}

impl Reader {
    fn open(body: IncomingBody) -> Option<Reader> {
        let stream = body.stream().ok()?;
        Some(Reader { pollable: stream.subscribe(), stream, _body: body })
    }
}

impl Reading {
    /// Takes what has arrived.
    pub fn progress(mut self, ctx: &Ctx<'_>) -> Progress {
        let bytes = match self.reader.stream.read(READ_BYTES) {
            Ok(bytes) if bytes.is_empty() => return Progress::Again(Task::Reading(self)),
            Ok(bytes) => bytes,
            Err(error) => {
                self.body.state.replace(State::Ended);
                // Closed before JavaScript goes on: the end of a body frees the connection.
                drop(self.reader);
                match error {
                    StreamError::Closed => self.into.finish(ctx, self.deferred),
                    StreamError::LastOperationFailed(error) => {
                        self.deferred.reject(ctx, &describe(&error));
                    }
                }
                return Progress::Done;
            }
        };
        match &mut self.into {
            Into::Chunk => {
                self.body.state.replace(State::Open(self.reader));
                self.deferred.resolve(ctx, Chunk(bytes));
                Progress::Done
            }
            Into::Bytes(buffer) | Into::Text(buffer) => {
                if buffer.try_reserve(bytes.len()).is_err() {
                    // Freed first: the error needs memory too.
                    drop(mem::take(buffer));
                    self.body.state.replace(State::Ended);
                    self.deferred.reject_out_of_memory(ctx);
                    return Progress::Done;
                }
                buffer.extend_from_slice(&bytes);
                Progress::Again(Task::Reading(self))
            }
        }
    }
}

impl Into {
    /// The body has ended: gives JavaScript what came.
    fn finish(self, ctx: &Ctx<'_>, deferred: Deferred) {
        match self {
            Into::Chunk => deferred.resolve(ctx, Value::new_null(ctx.clone())),
            Into::Bytes(buffer) => deferred.resolve(ctx, Buffer(buffer)),
            Into::Text(buffer) => {
                let text = buffer.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&buffer);
                // `from_utf8_lossy` would look at each byte by itself
                match std::str::from_utf8(text) {
                    Ok(text) => deferred.resolve(ctx, text),
                    Err(_) => deferred.resolve(ctx, &*String::from_utf8_lossy(text)),
                }
            }
        }
    }
}

/// Bytes that become a `Uint8Array` without a copy.
struct Chunk(Vec<u8>);

impl<'js> IntoJs<'js> for Chunk {
    fn into_js(self, ctx: &Ctx<'js>) -> Result<Value<'js>> {
        Ok(TypedArray::<u8>::new(ctx.clone(), self.0)?.into_value())
    }
}

/// Bytes that become an `ArrayBuffer` without a copy.
struct Buffer(Vec<u8>);

impl<'js> IntoJs<'js> for Buffer {
    fn into_js(self, ctx: &Ctx<'js>) -> Result<Value<'js>> {
        Ok(ArrayBuffer::new(ctx.clone(), self.0)?.into_value())
    }
}

/// What to tell JavaScript of a stream that broke off.
pub fn describe(error: &IoError) -> String {
    match http_error_code(error) {
        Some(code) => target::describe(&code, ""),
        None => "Network connection lost.".to_owned(),
    }
}
