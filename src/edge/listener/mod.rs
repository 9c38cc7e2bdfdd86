//! Sockets: accept connections, speak HTTP, drain on shutdown.
//!
//! ```text
//! bind      a socket of TCP or Unix, or one that systemd has opened
//! serve     accepts, within `places`
//! drive     one connection: tells HTTP/1.1 from HTTP/2 (`sniff`), answers, ends it in good order
//! ```
//!
//! Each request carries an `Arc<Connection>` as an extension, and what hyper needs for an upgrade.

mod address;
mod bind;
mod body;
mod counts;
mod drive;
mod places;
mod proxy;
mod resets;
mod serve;
mod sniff;
mod socket;
mod sound;
mod stop;
mod strict;
mod systemd;

pub use self::address::Address;
pub use self::bind::{Listening, bind};
pub use self::body::{BodyError, RequestBody};
pub use self::counts::Protocol;
pub use self::places::{Place, Places};
pub use self::proxy::Trusted;
pub use self::serve::{Options, serve};
pub use self::sound::{is_sound, refusal};
pub use self::stop::{Stop, Stopping};
pub use self::systemd::Inherited;

use std::time::Duration;

/// Bounds on what a listener's clients may do.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How long a client may take to send a request's head, or keep a connection without one.
    pub head: Duration,
    /// How long a request's body may let the server wait in all; a second more for each 512 bytes that came.
    pub body: Duration,
    /// How long a client may leave everything unread that it is sent over TCP.
    pub unread: Duration,
    /// Streams that may be open on a connection of HTTP/2 or HTTP/3 at a time.
    pub streams: u32,
    /// How long a connection without a request is kept after the signal to stop, so that a client that is just about
    /// to use it need not notice.
    pub idle_drain: Duration,
    /// How long requests under way may go on after the signal to stop.
    pub drain: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(30),
            body: Duration::from_secs(30),
            unread: Duration::from_secs(60),
            streams: 128,
            idle_drain: Duration::ZERO,
            drain: Duration::from_secs(30),
        }
    }
}
