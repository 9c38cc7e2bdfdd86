//! Writes down what an invocation sees.

use super::body::{Tap, header_lines};
use super::capture::Capture;
use super::fault::{recordable, to_fault};
use crate::digest::Digest;
use crate::host::clock::FrozenClock;
use crate::recording::{Answer, Event, Frame, Response, Subrequest};
use http_body_util::BodyExt;
use sha2::{Digest as _, Sha256};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use wasmtime_wasi_http::{Error, WasiBody};

/// Bytes of bodies that one recording may hold.
const MOST_BYTES: usize = 64 << 20;

/// One invocation's recorder. Clones share one: bodies pass in tasks of their own.
#[derive(Clone, Default)]
pub struct Recorder {
    taken: Arc<Mutex<Taken>>,
    clock: FrozenClock,
}

/// What was written down.
#[derive(Default)]
pub struct Taken {
    pub request_body: Vec<Frame>,
    pub subrequests: Vec<Subrequest>,
    pub events: Vec<Event>,
    pub response: Option<Response>,
    /// Why it is no recording: something passed that none holds.
    pub given_up: Option<&'static str>,
    capture: Capture,
    /// What the clock showed last.
    time: u64,
    bytes: usize,
}

impl Recorder {
    pub fn clock(&self) -> FrozenClock {
        self.clock.clone()
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that was written down. What comes later is lost.
    pub fn finish(&self) -> Taken {
        let mut taken = std::mem::take(&mut *self.taken());
        taken.response = taken.capture.take();
        taken
    }

    pub(super) fn note(&self, event: Event) {
        let mut taken = self.taken();
        let now = self.clock.elapsed_ms();
        if now != taken.time {
            taken.time = now;
            taken.events.push(Event::Time(now));
        }
        taken.events.push(event);
    }

    /// What passes cannot be recorded.
    pub(in crate::host) fn give_up(&self, why: &'static str) {
        self.taken().given_up.get_or_insert(why);
    }

    pub(super) fn capture(&self, hear: impl FnOnce(&mut Capture)) {
        hear(&mut self.taken().capture);
    }

    /// Listens to the body of the request.
    pub fn request_body(&self, body: WasiBody) -> WasiBody {
        let recorder = self.clone();
        Tap::new(body, move |frame| recorder.taken().keep(frame, |taken| &mut taken.request_body)).boxed_unsync()
    }

    /// Listens to a request that the worker makes, and to what comes of it.
    pub fn subrequest<F, S>(
        &self,
        binding: Option<String>,
        request: http::Request<WasiBody>,
        send: F,
    ) -> impl Future<Output = Result<http::Response<WasiBody>, Error>> + use<F, S>
    where
        F: FnOnce(http::Request<WasiBody>) -> S,
        S: Future<Output = Result<http::Response<WasiBody>, Error>>,
    {
        let index = self.begin(binding, &request);
        let recorder = self.clone();
        let request = request.map(|body| recorder.subrequest_body(index, body));
        let (sending, started) = (send(request), Instant::now());
        async move {
            let answered = sending.await.map_err(recordable);
            let mut taken = recorder.taken();
            // The recording may have ended meanwhile.
            if let Some(subrequest) = taken.subrequests.get_mut(index) {
                subrequest.latency = started.elapsed().as_millis() as u64;
                subrequest.answer = match &answered {
                    Ok(response) => Answer::Response {
                        status: response.status().as_u16(),
                        headers: header_lines(response.headers()),
                        body: Vec::new(),
                    },
                    Err(error) => Answer::Error(to_fault(error)),
                };
            }
            drop(taken);
            answered.map(|response| response.map(|body| recorder.answer_body(index, body)))
        }
    }

    fn begin(&self, binding: Option<String>, request: &http::Request<WasiBody>) -> usize {
        let mut taken = self.taken();
        taken.subrequests.push(Subrequest {
            binding,
            method: request.method().to_string(),
            url: request.uri().to_string(),
            headers: digest_of(request.headers()),
            sent: 0,
            body: Digest::of(b""),
            latency: 0,
            answer: Answer::None,
        });
        taken.subrequests.len() - 1
    }

    fn subrequest_body(&self, index: usize, body: WasiBody) -> WasiBody {
        let recorder = self.clone();
        let (mut hash, mut sent) = (Sha256::new(), 0);
        let note = move |frame| {
            if let Frame::Data(bytes) = frame {
                hash.update(&bytes.0);
                sent += bytes.0.len() as u64;
            }
            // A client stops at the length that was announced, so the end may never be asked for.
            if let Some(subrequest) = recorder.taken().subrequests.get_mut(index) {
                subrequest.body = digest(&hash);
                subrequest.sent = sent;
            }
        };
        Tap::new(body, note).boxed_unsync()
    }

    fn answer_body(&self, index: usize, body: WasiBody) -> WasiBody {
        let recorder = self.clone();
        let note = move |frame| {
            let mut taken = recorder.taken();
            let kept = taken.fits(&frame);
            if let Some(Subrequest { answer: Answer::Response { body, .. }, .. }) = taken.subrequests.get_mut(index)
                && kept
            {
                body.push(frame);
            }
        };
        Tap::new(body, note).boxed_unsync()
    }
}

impl Taken {
    fn fits(&mut self, frame: &Frame) -> bool {
        if let Frame::Data(bytes) = frame {
            self.bytes = self.bytes.saturating_add(bytes.0.len());
        }
        if self.bytes > MOST_BYTES {
            self.given_up = Some("its bodies are larger than a recording may be");
        }
        self.given_up.is_none()
    }

    fn keep(&mut self, frame: Frame, list: impl FnOnce(&mut Self) -> &mut Vec<Frame>) {
        if self.fits(&frame) {
            list(self).push(frame);
        }
    }
}

/// The digest of what `hash` was given so far.
pub fn digest(hash: &Sha256) -> Digest {
    Digest::from(<[u8; 32]>::from(hash.clone().finalize()))
}

/// SHA-256 of header lines.
pub fn digest_of(headers: &http::HeaderMap) -> Digest {
    let mut text = Vec::new();
    for (name, value) in headers {
        text.extend_from_slice(name.as_str().as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(value.as_bytes());
        text.push(b'\n');
    }
    Digest::of(&text)
}
