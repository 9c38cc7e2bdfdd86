//! Recording an invocation's inputs, and giving a recording's inputs to another run.
//!
//! ## Why
//! What a worker sees of the world comes through few functions: bodies and answers arrive in pieces, `poll` says which of
//! them are there, the clock moves when a wait is over. Each of these asks the [`Tape`] first. Recording, the tape notes
//! what was seen; playing, it says what is to be seen. Everything else a guest can call gives the same for the same
//! calls, so it runs as ever, and a run that is given the same answers takes the same way, to the last unit of fuel.
//!
//! A changed worker may ask something else than the recorded one did. Playing [`Play::Loosely`], the tape then stops
//! saying what happens when: recorded answers still come to the requests that they belong to, and time passes only
//! while nothing else can happen.

mod body;
mod capture;
mod fault;
mod play;
mod record;

pub use self::body::header_lines;
pub use self::play::{Play, Played, Player, Stop};
pub use self::record::{Recorder, Taken};

use super::clock::FrozenClock;
use crate::recording::Event;
use wasmtime::Result;

/// What an invocation does with the tape.
#[derive(Default)]
pub enum Tape {
    #[default]
    Off,
    Record(Recorder),
    Play(Box<Player>),
}

impl Tape {
    /// What the host call `call` is to tell; none if that is for the real thing to say.
    pub(super) fn given(&mut self, call: &str) -> Result<Option<Event>> {
        match self {
            Self::Play(player) => player.given(call),
            Self::Off | Self::Record(_) => Ok(None),
        }
    }

    /// The host call `call` cannot tell `event`. An error, unless the run may go its own way from here.
    pub(super) fn differs(&mut self, call: &str, event: &Event) -> Result<()> {
        match self {
            Self::Play(player) => player.differs(&format!("`{call}` instead of {event:?}")),
            Self::Off | Self::Record(_) => Ok(()),
        }
    }

    /// Notes what a host call told, if recording.
    pub(super) fn note(&mut self, event: impl FnOnce() -> Event) {
        if let Self::Record(recorder) = self {
            recorder.note(event());
        }
    }

    /// The failure that a write to a stream is to meet with, if there is one.
    pub(super) fn write_failure(&mut self) -> Option<Event> {
        match self {
            Self::Play(player) => player.write_failure(),
            Self::Off | Self::Record(_) => None,
        }
    }

    /// The player, when a recording is played.
    pub(super) fn player(&mut self) -> Option<&mut Player> {
        match self {
            Self::Play(player) => Some(player),
            Self::Off | Self::Record(_) => None,
        }
    }

    /// What the run's clock shows.
    pub fn clock(&self) -> FrozenClock {
        match self {
            Self::Play(player) => player.clock(),
            Self::Record(recorder) => recorder.clock(),
            Self::Off => FrozenClock::new(),
        }
    }

    /// The head of the response is known.
    pub(super) fn head(&mut self, status: u16, headers: &http::HeaderMap) {
        match self {
            Self::Off => {}
            Self::Record(recorder) => recorder.capture(|capture| capture.head(status, headers)),
            Self::Play(player) => player.capture.head(status, headers),
        }
    }

    /// A part of the response's body was written.
    pub(super) fn written(&mut self, bytes: &[u8]) {
        match self {
            Self::Off => {}
            Self::Record(recorder) => recorder.capture(|capture| capture.body(bytes)),
            Self::Play(player) => player.capture.body(bytes),
        }
    }
}
