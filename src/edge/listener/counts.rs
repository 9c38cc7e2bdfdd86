//! What became of connections, counted.

use std::array;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What is spoken on a connection.
#[derive(Debug, Clone, Copy)]
pub enum Protocol {
    Http1,
    Http2,
    Http3,
}

/// In the order of their numbers, as ALPN has them.
const PROTOCOLS: [&str; 3] = ["http/1.1", "h2", "h3"];

/// Why a connection got no place.
#[derive(Debug, Clone, Copy)]
pub enum Refused {
    /// There are as many as may be.
    Full,
    /// Its client has as many as it may.
    Client,
}

/// In the order of their numbers.
const REASONS: [&str; 2] = ["full", "client"];

/// Counts of connections, to be added to from many threads.
#[derive(Debug, Default)]
pub struct Counts {
    spoken: [AtomicU64; PROTOCOLS.len()],
    refused: [AtomicU64; REASONS.len()],
}

impl Counts {
    /// It is known what a connection speaks.
    pub fn speak(&self, protocol: Protocol) {
        self.spoken[protocol as usize].fetch_add(1, Relaxed);
    }

    /// A connection got no place.
    pub fn refuse(&self, why: Refused) {
        self.refused[why as usize].fetch_add(1, Relaxed);
    }

    /// Connections by protocol.
    pub fn spoken(&self) -> [(&'static str, u64); PROTOCOLS.len()] {
        array::from_fn(|at| (PROTOCOLS[at], self.spoken[at].load(Relaxed)))
    }

    /// Connections that got no place, by reason.
    pub fn refused(&self) -> [(&'static str, u64); REASONS.len()] {
        array::from_fn(|at| (REASONS[at], self.refused[at].load(Relaxed)))
    }
}
