//! A connection's end as JavaScript holds it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use rquickjs::class::Trace;
use rquickjs::{ArrayBuffer, Ctx, Exception, Function, IntoJs, JsLifetime, Persistent, Result, TypedArray, Value};

use crate::bindings::wasi::io::poll::Pollable;

use super::host::{self, Event, Message, SendError, Socket};
use super::tasks::{self, Progress, Task, TaskId};
use super::{engine, payload};

thread_local! {
    /// Connections with clients that go on: the run goes on with them.
    static CLIENTS: Cell<usize> = const { Cell::new(0) };
}

/// Whether a client is connected that the run must wait for.
pub fn has_clients() -> bool {
    CLIENTS.get() > 0
}

/// Who is at the other end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Other {
    Client,
    Server,
}

/// What is shared by JavaScript's handle and the tasks of one connection.
pub struct Connection {
    /// `None` once it was given to the client.
    socket: RefCell<Option<Socket>>,
    other: Other,
    /// Messages that the host has no room for yet.
    waiting: RefCell<VecDeque<Message>>,
    waiting_bytes: Cell<usize>,
    /// The task that waits for room.
    sender: Cell<Option<TaskId>>,
    /// To be sent after what waits.
    close: RefCell<Option<(u16, String)>>,
    closed: Cell<bool>,
}

/// A connection's end as JavaScript holds it.
#[derive(Trace, JsLifetime)]
#[rquickjs::class]
pub struct SocketHandle {
    #[qjs(skip_trace)]
    connection: Rc<Connection>,
}

/// The wait for what comes.
pub struct Receiving {
    pub pollable: Pollable,
    connection: Rc<Connection>,
    callback: Persistent<Function<'static>>,
}

/// The wait for room.
pub struct Sending {
    pub pollable: Pollable,
    connection: Rc<Connection>,
}

/// `native.acceptSocket()`: the client's connection.
pub fn accept(ctx: Ctx<'_>) -> Result<SocketHandle> {
    let socket = host::accept_websocket().map_err(|message| Exception::throw_type(&ctx, message))?;
    Ok(SocketHandle::new(socket, Other::Client))
}

impl SocketHandle {
    /// A connection that the worker asked for.
    pub fn connected(socket: Socket) -> Self {
        Self::new(socket, Other::Server)
    }

    fn new(socket: Socket, other: Other) -> Self {
        let connection = Connection {
            socket: RefCell::new(Some(socket)),
            other,
            waiting: RefCell::default(),
            waiting_bytes: Cell::new(0),
            sender: Cell::new(None),
            close: RefCell::new(None),
            closed: Cell::new(false),
        };
        Self { connection: Rc::new(connection) }
    }
}

#[rquickjs::methods(rename_all = "camelCase")]
impl SocketHandle {
    /// Calls `callback(data)` for each message, and at the end `callback(undefined, code, reason, wasClean)`.
    fn start<'js>(&self, ctx: Ctx<'js>, callback: Function<'js>) {
        let connection = &self.connection;
        let Some(pollable) = connection.with(Socket::readable) else { return };
        if connection.other == Other::Client {
            CLIENTS.set(CLIENTS.get() + 1);
        }
        let callback = Persistent::save(&ctx, callback);
        tasks::spawn(Task::Receiving(Receiving { pollable, connection: Rc::clone(connection), callback }));
    }

    /// Sends a string or a `Uint8Array`. False if it is too large.
    fn send<'js>(&self, ctx: Ctx<'js>, data: Value<'js>) -> Result<bool> {
        let message = match data.as_string() {
            Some(string) => Message::Text(String::from_utf8_lossy(&payload::encode(&ctx, string)?).into_owned()),
            None => Message::Binary(payload::copy(&ctx, &TypedArray::<u8>::from_value(data)?)?),
        };
        Ok(self.connection.send(message))
    }

    /// Sends a close frame after what was sent; 1005 stands for one without a code.
    fn close(&self, code: u16, reason: String) {
        let connection = &self.connection;
        if connection.sender.get().is_some() {
            connection.close.replace(Some((code, reason)));
        } else {
            connection.with(|socket| socket.close(code, &reason));
        }
    }

    /// Bytes that were sent and are still here.
    fn buffered(&self) -> f64 {
        let host = self.connection.with(Socket::buffered).unwrap_or(0);
        (host + self.connection.waiting_bytes.get() as u64) as f64
    }

    fn extensions(&self) -> String {
        self.connection.with(Socket::extensions).unwrap_or_default()
    }

    /// Connects it with the client; nothing can be done with it any more here.
    fn forward(&self, ctx: Ctx<'_>) -> Result<()> {
        match self.connection.socket.take() {
            Some(socket) => socket.forward().map_err(|message| Exception::throw_type(&ctx, message)),
            None => Err(Exception::throw_type(&ctx, "The WebSocket was given to a client before.")),
        }
    }
}

impl Connection {
    fn with<R>(&self, f: impl FnOnce(&Socket) -> R) -> Option<R> {
        self.socket.borrow().as_ref().map(f)
    }

    fn send(self: &Rc<Self>, message: Message) -> bool {
        let message = match self.sender.get() {
            Some(_) => message,
            None => match self.with(|socket| socket.send(message)) {
                Some(Err(SendError::Full(message))) => message,
                Some(Err(SendError::TooLarge)) => return false,
                Some(Ok(()) | Err(SendError::Closed)) | None => return true,
            },
        };
        self.waiting_bytes.set(self.waiting_bytes.get() + length(&message));
        self.waiting.borrow_mut().push_back(message);
        if self.sender.get().is_none()
            && let Some(pollable) = self.with(Socket::writable)
        {
            let task = tasks::spawn(Task::Sending(Sending { pollable, connection: Rc::clone(self) }));
            self.sender.set(Some(task));
        }
        true
    }

    fn end(&self) {
        if !self.closed.replace(true) && self.other == Other::Client {
            CLIENTS.set(CLIENTS.get().saturating_sub(1));
        }
    }
}

fn length(message: &Message) -> usize {
    match message {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) => bytes.len(),
    }
}

impl Receiving {
    /// Gives JavaScript what came.
    pub fn progress(self, ctx: &Ctx<'_>) -> Progress {
        let event = self.connection.with(Socket::receive).flatten();
        match event {
            None => Progress::Again(Task::Receiving(self)),
            Some(Event::Message(message)) => {
                engine::enter(ctx, || self.callback.clone().restore(ctx)?.call((Data(message),)));
                Progress::Again(Task::Receiving(self))
            }
            Some(Event::Closed { code, reason, clean }) => {
                self.connection.end();
                let nothing = Value::new_undefined(ctx.clone());
                engine::enter(ctx, || self.callback.restore(ctx)?.call((nothing, code, reason, clean)));
                Progress::Done
            }
        }
    }
}

impl Sending {
    /// Hands on what there is room for.
    pub fn progress(self, _ctx: &Ctx<'_>) -> Progress {
        let connection = &self.connection;
        loop {
            let Some(message) = connection.waiting.borrow_mut().pop_front() else { break };
            let size = length(&message);
            if let Some(Err(SendError::Full(message))) = connection.with(|socket| socket.send(message)) {
                connection.waiting.borrow_mut().push_front(message);
                return Progress::Again(Task::Sending(self));
            }
            connection.waiting_bytes.set(connection.waiting_bytes.get() - size);
        }
        connection.sender.set(None);
        if let Some((code, reason)) = connection.close.take() {
            connection.with(|socket| socket.close(code, &reason));
        }
        Progress::Done
    }
}

/// A message as JavaScript gets it: a string or an `ArrayBuffer`.
struct Data(Message);

impl<'js> IntoJs<'js> for Data {
    fn into_js(self, ctx: &Ctx<'js>) -> Result<Value<'js>> {
        match self.0 {
            Message::Text(text) => text.into_js(ctx),
            Message::Binary(bytes) => Ok(ArrayBuffer::new(ctx.clone(), bytes)?.into_value()),
        }
    }
}
