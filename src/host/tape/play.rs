//! Gives a recording's inputs to a run.

use super::body::{Replayed, header_map};
use super::capture::Capture;
use super::fault::to_error;
use super::record::{digest, digest_of};
use crate::digest::Digest;
use crate::host::clock::FrozenClock;
use crate::recording::{Answer, Ended, Event, Recording, Response, Subrequest};
use http_body_util::BodyExt;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinHandle;
use wasmtime::Result;
use wasmtime_wasi_http::{Error, WasiBody};

/// How closely a run must keep to the recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Play {
    /// It must ask for the same in the same order; anything else ends the run.
    Exactly,
    /// Where it asks for something else, it goes its own way from there.
    Loosely,
}

/// Why a run that plays a recording was ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The recording ends here, since the invocation was cut off here.
    Cut,
    /// The run asked for something else than the recorded one.
    Diverged(String),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut => f.write_str("the recorded invocation was cut off here"),
            Self::Diverged(how) => write!(f, "the run is not the recorded one: {how}"),
        }
    }
}

impl std::error::Error for Stop {}

/// What became of a run that played a recording.
#[derive(Debug, Clone, Default)]
pub struct Played {
    pub response: Option<Response>,
    /// What the run asked for otherwise than the recorded one did, a line for each.
    pub differences: Vec<String>,
    /// The run went its own way.
    pub own_way: bool,
}

/// One run's player.
pub struct Player {
    recording: Arc<Recording>,
    /// The event that is due.
    next: usize,
    play: Play,
    own_way: bool,
    clock: FrozenClock,
    pub(super) capture: Capture,
    /// Recorded subrequests that were answered again.
    answered: Vec<bool>,
    /// Milliseconds that answers took which are yet to be waited for.
    latency: u64,
    /// Pollables that are timers, and when they are due, in nanoseconds of the clock.
    timers: HashMap<u32, u64>,
    differences: Arc<Mutex<Vec<String>>>,
    /// Bodies that the run sends, being read.
    bodies: Vec<JoinHandle<()>>,
}

impl Player {
    pub fn new(recording: Arc<Recording>, play: Play) -> Self {
        Self {
            next: 0,
            play,
            own_way: false,
            clock: FrozenClock::at(recording.given.clock),
            capture: Capture::default(),
            answered: vec![false; recording.subrequests.len()],
            latency: 0,
            timers: HashMap::new(),
            differences: Arc::default(),
            bodies: Vec::new(),
            recording,
        }
    }

    pub(super) fn clock(&self) -> FrozenClock {
        self.clock.clone()
    }

    /// Whether the run has left the recording.
    pub fn on_its_own(&self) -> bool {
        self.own_way
    }

    /// The request's body as it came.
    pub fn request_body(&self) -> WasiBody {
        Replayed::new(&self.recording.request.body).boxed_unsync()
    }

    /// What became of the run.
    pub async fn finish(&mut self) -> Played {
        // What was sent to its end is read by now, once its task has had its turn.
        for _ in 0..64 {
            tokio::task::yield_now().await;
        }
        for body in self.bodies.drain(..) {
            body.abort();
        }
        let mut differences = self.differences.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if !self.own_way && self.recording.ended == Ended::Itself && self.next < self.recording.events.len() {
            differences.push("the run ended before the recorded one".to_owned());
        }
        let missing = self.recording.subrequests.iter().zip(&self.answered).filter(|(_, answered)| !**answered);
        differences.extend(missing.map(|(subrequest, _)| format!("not asked for: {}", name(subrequest))));
        Played { response: self.capture.take(), differences, own_way: self.own_way }
    }

    pub(super) fn given(&mut self, call: &str) -> Result<Option<Event>> {
        if self.own_way {
            return Ok(None);
        }
        loop {
            let Some(event) = self.recording.events.get(self.next).cloned() else {
                if matches!(self.recording.ended, Ended::Cut(_)) {
                    return Err(wasmtime::Error::new(Stop::Cut));
                }
                self.differs(&format!("`{call}` after all that was recorded"))?;
                return Ok(None);
            };
            self.next += 1;
            match event {
                Event::Time(ms) => self.clock.set_ms(ms),
                event => return Ok(Some(event)),
            }
        }
    }

    pub(super) fn write_failure(&mut self) -> Option<Event> {
        let due = self.recording.events.get(self.next)?;
        if self.own_way || !matches!(due, Event::WriteClosed | Event::WriteFailed) {
            return None;
        }
        self.next += 1;
        Some(due.clone())
    }

    pub(super) fn differs(&mut self, how: &str) -> Result<()> {
        if self.play == Play::Exactly {
            return Err(wasmtime::Error::new(Stop::Diverged(how.to_owned())));
        }
        if !self.own_way {
            self.own_way = true;
            self.note(format!("from event {} on the run goes its own way: {how}", self.next));
        }
        Ok(())
    }

    fn note(&self, difference: String) {
        self.differences.lock().unwrap_or_else(PoisonError::into_inner).push(difference);
    }

    /// The pollable `rep` is a timer that is due at `deadline` nanoseconds of the clock.
    pub(in crate::host) fn timer(&mut self, rep: u32, deadline: u64) {
        self.timers.insert(rep, deadline);
    }

    pub(in crate::host) fn forget(&mut self, rep: u32) {
        self.timers.remove(&rep);
    }

    /// When the pollable is due, if it is a timer.
    pub(in crate::host) fn due(&self, rep: u32) -> Option<u64> {
        self.timers.get(&rep).copied()
    }

    /// Time passes as long as the answers that came took.
    pub(in crate::host) fn pass_latency(&mut self) {
        let passed = std::mem::take(&mut self.latency);
        self.clock.set_ms(self.clock.elapsed_ms() + passed);
    }

    /// Answers a request of the run as it was answered when it was recorded.
    pub(in crate::host) fn answer(
        &mut self,
        binding: Option<String>,
        request: http::Request<WasiBody>,
    ) -> impl Future<Output = Result<http::Response<WasiBody>, Error>> + use<> {
        let found = self.find(binding.as_deref(), &request);
        let answer = match found {
            Some(index) => {
                self.answered[index] = true;
                let subrequest = &self.recording.subrequests[index];
                self.latency = self.latency.max(subrequest.latency);
                let same = subrequest.headers == digest_of(request.headers());
                let (name, answer) = (name(subrequest), subrequest.answer.clone());
                let sent = (subrequest.sent, subrequest.body);
                if !same {
                    self.note(format!("other headers: {name}"));
                }
                self.read_body(request.into_body(), name, sent);
                answer
            }
            None => {
                let asked = format!("{} {}", request.method(), request.uri());
                self.note(format!("not in the recording: {asked}"));
                Answer::Error(crate::recording::Fault {
                    name: "InternalError".to_owned(),
                    text: Some(format!("the recording has no answer to {asked}")),
                })
            }
        };
        async move {
            match answer {
                Answer::None => std::future::pending().await,
                Answer::Error(fault) => Err(to_error(&fault)),
                Answer::Response { status, headers, body } => {
                    let mut response = http::Response::new(Replayed::new(&body).boxed_unsync());
                    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
                    *response.headers_mut() = header_map(&headers);
                    Ok(response)
                }
            }
        }
    }

    /// The first recorded request that is this one and was not made again yet.
    fn find(&self, binding: Option<&str>, request: &http::Request<WasiBody>) -> Option<usize> {
        let path = |url: &str| url.parse::<http::Uri>().ok()?.path_and_query().map(ToString::to_string);
        self.recording.subrequests.iter().zip(&self.answered).position(|(recorded, answered)| {
            let same_url = match binding {
                // Addresses of bindings are drawn anew by a worker whose bindings are others.
                Some(_) => path(&recorded.url) == request.uri().path_and_query().map(ToString::to_string),
                None => request.uri() == recorded.url.as_str(),
            };
            !answered
                && recorded.binding.as_deref() == binding
                && request.method() == recorded.method.as_str()
                && same_url
        })
    }

    /// Reads what the run sends, and notes whether it is what the recorded one sent, as far as anyone took that.
    fn read_body(&mut self, mut body: WasiBody, name: String, (mut length, sent): (u64, Digest)) {
        let differences = self.differences.clone();
        self.bodies.push(tokio::spawn(async move {
            let mut hash = Sha256::new();
            while let Some(Ok(frame)) = body.frame().await {
                if let Some(data) = frame.data_ref() {
                    let part = data.len().min(usize::try_from(length).unwrap_or(usize::MAX));
                    hash.update(&data[..part]);
                    length -= part as u64;
                }
            }
            if digest(&hash) != sent {
                let mut differences = differences.lock().unwrap_or_else(PoisonError::into_inner);
                differences.push(format!("another body: {name}"));
            }
        }));
    }
}

fn name(subrequest: &Subrequest) -> String {
    format!("{} {}", subrequest.method, subrequest.url)
}
