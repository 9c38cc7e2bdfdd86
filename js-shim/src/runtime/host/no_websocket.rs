//! Stand-ins where the host has no WebSockets: there is never one.

use crate::bindings::wasi::http::types::{ErrorCode, IncomingResponse, OutgoingRequest};
use crate::bindings::wasi::io::poll::Pollable;

const NONE: &str = "this worker was built as a portable component, which has no WebSockets";

/// A whole message.
pub enum Message {
    Text(String),
    Binary(Vec<u8>),
}

pub enum Event {
    Message(Message),
    Closed { code: u16, reason: String, clean: bool },
}

pub enum SendError {
    Full(Message),
    TooLarge,
    Closed,
}

/// There is none.
pub enum Socket {}

/// There is none.
pub enum Connecting {}

pub fn accept_websocket() -> Result<Socket, &'static str> {
    Err(NONE)
}

pub fn connect_websocket(_request: OutgoingRequest) -> Result<Connecting, ErrorCode> {
    Err(ErrorCode::InternalError(Some(NONE.to_owned())))
}

impl Connecting {
    pub fn subscribe(&self) -> Pollable {
        match *self {}
    }

    pub fn get(&self) -> Option<Result<(IncomingResponse, Option<Socket>), ErrorCode>> {
        match *self {}
    }
}

impl Socket {
    pub fn forward(self) -> Result<(), &'static str> {
        match self {}
    }

    pub fn readable(&self) -> Pollable {
        match *self {}
    }

    pub fn writable(&self) -> Pollable {
        match *self {}
    }

    pub fn receive(&self) -> Option<Event> {
        match *self {}
    }

    pub fn send(&self, _message: Message) -> Result<(), SendError> {
        match *self {}
    }

    pub fn buffered(&self) -> u64 {
        match *self {}
    }

    pub fn close(&self, _code: u16, _reason: &str) {
        match *self {}
    }

    pub fn extensions(&self) -> String {
        match *self {}
    }
}
