//! WebSockets: `glowplug:worker/websocket`.

use crate::bindings::glowplug::worker::websocket::{self as wit, AcceptError};
use crate::bindings::wasi::http::types::{ErrorCode, IncomingResponse, OutgoingRequest};
use crate::bindings::wasi::io::poll::Pollable;

/// A whole message.
pub enum Message {
    Text(String),
    Binary(Vec<u8>),
}

/// What one end has for the other.
pub enum Event {
    Message(Message),
    Closed { code: u16, reason: String, clean: bool },
}

/// Why a message was not taken.
pub enum SendError {
    /// The buffer is full; here it is back.
    Full(Message),
    TooLarge,
    Closed,
}

/// One end of a connection.
pub struct Socket(wit::Websocket);

/// A request for a WebSocket, not answered yet.
pub struct Connecting(wit::Connecting);

/// The incoming request's WebSocket.
pub fn accept_websocket() -> Result<Socket, &'static str> {
    wit::accept().map(Socket).map_err(describe)
}

fn describe(error: AcceptError) -> &'static str {
    match error {
        AcceptError::NoWebsocketRequest => {
            "The request asks for no WebSocket: it has no `Upgrade: websocket` that could be answered with status 101."
        }
        AcceptError::AlreadyAccepted => "The request's WebSocket was accepted before.",
    }
}

/// Sends a request for a WebSocket.
pub fn connect_websocket(request: OutgoingRequest) -> Result<Connecting, ErrorCode> {
    wit::connect(request).map(Connecting)
}

impl Connecting {
    pub fn subscribe(&self) -> Pollable {
        self.0.subscribe()
    }

    /// The answer, and the connection if it accepts.
    pub fn get(&self) -> Option<Result<(IncomingResponse, Option<Socket>), ErrorCode>> {
        let (response, socket) = match self.0.get()? {
            Ok(answer) => answer,
            Err(error) => return Some(Err(error)),
        };
        Some(Ok((response, socket.map(Socket))))
    }
}

impl Socket {
    /// Connects it with the client.
    pub fn forward(self) -> Result<(), &'static str> {
        wit::forward(self.0).map_err(describe)
    }

    pub fn readable(&self) -> Pollable {
        self.0.subscribe_readable()
    }

    pub fn writable(&self) -> Pollable {
        self.0.subscribe_writable()
    }

    pub fn receive(&self) -> Option<Event> {
        Some(match self.0.receive()? {
            wit::Event::Message(wit::Message::Text(text)) => Event::Message(Message::Text(text)),
            wit::Event::Message(wit::Message::Binary(bytes)) => Event::Message(Message::Binary(bytes)),
            wit::Event::Closed(wit::Closing { code, reason, clean }) => Event::Closed { code, reason, clean },
        })
    }

    pub fn send(&self, message: Message) -> Result<(), SendError> {
        let message = match message {
            Message::Text(text) => wit::Message::Text(text),
            Message::Binary(bytes) => wit::Message::Binary(bytes),
        };
        self.0.send(&message).map_err(|error| match error {
            wit::SendError::WouldBlock => SendError::Full(match message {
                wit::Message::Text(text) => Message::Text(text),
                wit::Message::Binary(bytes) => Message::Binary(bytes),
            }),
            wit::SendError::TooLarge => SendError::TooLarge,
            wit::SendError::Closed => SendError::Closed,
        })
    }

    pub fn buffered(&self) -> u64 {
        self.0.buffered()
    }

    /// The prelude has checked both.
    pub fn close(&self, code: u16, reason: &str) {
        let _ = self.0.close(code, reason);
    }

    pub fn extensions(&self) -> String {
        self.0.extensions()
    }
}
