//! WebSockets: frames, compression, the handshake, and the two ends of a connection.
//!
//! [`pair`] makes two ends that pass messages to each other in memory. One is a guest's; the other is another guest's, or
//! [`wire::run`] connects it with a socket.
//!
//! ## Why
//! The frames are read and written here and not by a library, since what the libraries with `permessage-deflate` do for a
//! socket costs memory while it is idle: a compressor of 256 KiB each, and read buffers. Here contexts never outlive a
//! message (both sides agree to `no_context_takeover`), so an idle socket is a task and an empty buffer.

pub mod deflate;
mod end;
mod frame;
pub mod handshake;
mod reader;
pub mod wire;

#[cfg(test)]
mod tests;

pub use self::end::{End, Readable, SendError, Writable, pair};

use bytes::Bytes;

/// A close frame without a code (RFC 6455, 7.1.5).
pub const NO_CODE: u16 = 1005;
/// The connection broke without a close frame.
pub const ABNORMAL: u16 = 1006;
/// The server goes away.
pub const GOING_AWAY: u16 = 1001;
/// Bytes that a close frame's reason may have.
pub const LONGEST_REASON: usize = 123;

/// A whole message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    Text(String),
    Binary(Bytes),
}

impl Message {
    /// Bytes of it.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// How a connection ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// [`NO_CODE`] when a close frame had none, [`ABNORMAL`] when there was no close frame.
    pub code: u16,
    pub reason: String,
    /// There was a close frame.
    pub clean: bool,
}

impl Closing {
    /// A close frame.
    pub fn frame(code: u16, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into(), clean: true }
    }

    /// The connection broke.
    pub fn broken() -> Self {
        Self { code: ABNORMAL, reason: String::new(), clean: false }
    }
}

/// What one end has for the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Message(Message),
    /// The last event.
    Closed(Closing),
}

/// Which side of a connection a socket is on: clients mask their frames, servers do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Client,
    Server,
}

/// What the other side did wrong, and the code that it is told (RFC 6455, 7.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Violation {
    pub code: u16,
    pub why: &'static str,
}

impl Violation {
    const fn protocol(why: &'static str) -> Self {
        Self { code: 1002, why }
    }

    const NOT_UTF8: Self = Self { code: 1007, why: "a text is not UTF-8" };
    const TOO_BIG: Self = Self { code: 1009, why: "a message is too big" };
}

/// Whether a close frame may have this code (RFC 6455, 7.4; the registry of IANA up to 1014).
pub fn is_close_code(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}
