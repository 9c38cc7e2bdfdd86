//! Outgoing bodies: the response's, and those of subrequests.

use std::cell::RefCell;
use std::rc::Rc;

use rquickjs::{Ctx, Promise, Result, Value};

use crate::bindings::wasi::http::types::{ErrorCode, OutgoingBody};
use crate::bindings::wasi::io::poll::Pollable;
use crate::bindings::wasi::io::streams::{OutputStream, StreamError};

use super::deferred::Deferred;
use super::tasks::{self, Progress, Task, TaskId};
use super::{body, response};

/// The open end of an outgoing body. The fields are in the order in which the host wants them dropped.
/// Dropped without [`Sink::finish`], the body is broken off.
pub struct Sink {
    pub stream: OutputStream,
    body: OutgoingBody,
}

/// Whose body it is, to be told of its end.
#[derive(Clone, Copy)]
pub enum Owner {
    Response,
    Subrequest,
    /// The page that says the request failed; only `portable` writes one.
    #[cfg_attr(not(feature = "portable"), expect(dead_code, reason = "the host answers"))]
    Failure,
}

/// What follows once a task has written its bytes.
enum Then {
    /// Give the sink back and let JavaScript write the next chunk.
    Resolve(Deferred, Rc<Outlet>),
    /// That was all.
    Finish(Owner),
}

/// A write under way.
pub struct Writing {
    pollable: Pollable,
    sink: Sink,
    bytes: Vec<u8>,
    written: usize,
    then: Then,
}

/// An outgoing body that JavaScript writes chunk by chunk.
pub struct Outlet {
    owner: Owner,
    state: RefCell<OutletState>,
}

enum OutletState {
    Open(Sink),
    Writing(TaskId),
    Closed,
}

impl Sink {
    /// `None` only if the stream was taken before.
    pub fn open(body: OutgoingBody) -> Option<Sink> {
        let stream = body.write().ok()?;
        Some(Sink { stream, body })
    }

    /// Writes all of `bytes` and ends the body: at once if the host takes them, else as a task.
    pub fn send(self, bytes: Vec<u8>, owner: Owner) {
        match self.stream.check_write() {
            Ok(budget) if bytes.len() as u64 <= budget => {
                // A client that left is not the worker's business any more.
                if bytes.is_empty() || self.stream.write(&bytes).is_ok() {
                    self.finish(owner);
                } else {
                    owner.ended();
                }
            }
            Ok(_) => {
                tasks::spawn(Task::Writing(Writing::new(self, bytes, Then::Finish(owner))));
            }
            Err(_) => owner.ended(),
        }
    }

    /// Ends the body and says so to the owner.
    pub fn finish(self, owner: Owner) {
        let Sink { stream, body } = self;
        drop(stream);
        if let Err(error) = OutgoingBody::finish(body, None) {
            owner.mismatched(&error);
        }
        owner.ended();
    }
}

impl Owner {
    /// The body is written, or nobody wants the rest.
    pub fn ended(self) {
        match self {
            Owner::Response => response::body_ended(),
            Owner::Subrequest | Owner::Failure => {}
        }
    }

    /// The other end of the body is gone.
    fn broke_off(self, error: &StreamError) {
        if let (Owner::Response, StreamError::Closed) = (self, error) {
            response::client_left();
        }
        self.ended();
    }

    /// The body does not have the length its `content-length` promised.
    fn mismatched(self, error: &ErrorCode) {
        if let (Owner::Response, ErrorCode::HttpResponseBodySize(written)) = (self, error) {
            let written = written.unwrap_or(0);
            response::broken(&format!(
                "the response's body has {written} bytes, which is not what its content-length says"
            ));
        }
    }
}

impl Writing {
    fn new(sink: Sink, bytes: Vec<u8>, then: Then) -> Writing {
        Writing { pollable: sink.stream.subscribe(), sink, bytes, written: 0, then }
    }

    /// What the task waits for.
    pub fn pollable(&self) -> &Pollable {
        &self.pollable
    }

    /// Writes as much as the host takes now.
    pub fn progress(mut self, ctx: &Ctx<'_>) -> Progress {
        let rest = &self.bytes[self.written..];
        let outcome = self.sink.stream.check_write().and_then(|budget| {
            let length = rest.len().min(usize::try_from(budget).unwrap_or(usize::MAX));
            if length > 0 {
                self.sink.stream.write(&rest[..length])?;
            }
            Ok(length)
        });
        match outcome {
            Ok(length) => self.written += length,
            Err(error) => {
                self.fail(ctx, error);
                return Progress::Done;
            }
        }
        if self.written < self.bytes.len() {
            return Progress::Again(Task::Writing(self));
        }
        drop(self.pollable);
        match self.then {
            Then::Finish(owner) => self.sink.finish(owner),
            Then::Resolve(deferred, outlet) => {
                outlet.state.replace(OutletState::Open(self.sink));
                deferred.resolve(ctx, Value::new_undefined(ctx.clone()));
            }
        }
        Progress::Done
    }

    fn fail(self, ctx: &Ctx<'_>, error: StreamError) {
        drop(self.pollable);
        drop(self.sink);
        match self.then {
            Then::Finish(owner) => owner.ended(),
            Then::Resolve(deferred, outlet) => {
                outlet.state.replace(OutletState::Closed);
                let message = match &error {
                    StreamError::Closed => outlet.owner.gone().to_owned(),
                    StreamError::LastOperationFailed(error) => body::describe(error),
                };
                outlet.owner.broke_off(&error);
                deferred.reject(ctx, &message);
            }
        }
    }
}

impl Owner {
    fn gone(self) -> &'static str {
        match self {
            Owner::Response | Owner::Failure => "The client closed the connection before the response was complete.",
            Owner::Subrequest => "Network connection lost.",
        }
    }
}

impl Outlet {
    /// An open body; `None` if there is none to write to.
    pub fn new(sink: Option<Sink>, owner: Owner) -> Rc<Outlet> {
        let state = sink.map_or(OutletState::Closed, OutletState::Open);
        Rc::new(Outlet { owner, state: RefCell::new(state) })
    }

    /// Writes a chunk; the promise is fulfilled when the next one is welcome.
    pub fn write<'js>(self: &Rc<Outlet>, ctx: &Ctx<'js>, bytes: Vec<u8>) -> Result<Promise<'js>> {
        let (promise, deferred) = Deferred::new(ctx)?;
        match self.state.replace(OutletState::Closed) {
            OutletState::Open(sink) => {
                let then = Then::Resolve(deferred, Rc::clone(self));
                let task = tasks::spawn(Task::Writing(Writing::new(sink, bytes, then)));
                self.state.replace(OutletState::Writing(task));
            }
            state => {
                let message = match &state {
                    OutletState::Writing(_) => "The previous chunk is still being written.",
                    _ => self.owner.gone(),
                };
                self.state.replace(state);
                deferred.reject(ctx, message);
            }
        }
        Ok(promise)
    }

    /// Ends the body as complete.
    pub fn end(&self) {
        if let OutletState::Open(sink) = self.state.replace(OutletState::Closed) {
            sink.finish(self.owner);
        }
    }

    /// Breaks the body off.
    pub fn abort(&self) {
        match self.state.replace(OutletState::Closed) {
            OutletState::Closed => return,
            OutletState::Open(sink) => drop(sink),
            OutletState::Writing(task) => tasks::cancel(task),
        }
        self.owner.ended();
    }
}
