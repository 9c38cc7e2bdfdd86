//! One request and its answer, with the account of what it used.

use super::TrialRequest;
use crate::edge::body::EdgeBody;
use crate::edge::dispatch::{Seed, dispatch};
use crate::edge::{RequestLine, Site};
use crate::host::LogLine;
use crate::meter::profile::Profile;
use crate::meter::{Outcome, Usage};
use anyhow::{Context, Result};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method};
use http_body_util::BodyExt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Bytes of an answer that are kept; one that is longer is broken off, as by a client that leaves.
const LONGEST_BODY: usize = 256 << 20;

/// A request's answer and account.
#[derive(Debug, Clone)]
pub struct Exchange {
    pub status: u16,
    pub headers: HeaderMap,
    /// As far as it came.
    pub body: Bytes,
    pub usage: Usage,
    pub outcome: Outcome,
    /// From sending to the first byte of the body, or to its end when it has none.
    pub first_byte: Duration,
    /// From sending to the body's end.
    pub whole: Duration,
    /// What went wrong: the error and its stack, or how the body broke off.
    pub problem: Option<String>,
    /// Where its fuel went, if the executor is one that profiles.
    pub profile: Option<Profile>,
    /// What it wrote to the console.
    pub console: Vec<LogLine>,
}

impl Exchange {
    /// Why this is no good answer: the program failed, or answered that the server did.
    pub fn failure(&self) -> Option<String> {
        match (self.outcome, &self.problem) {
            (Outcome::Ok, None) if self.status < 500 => None,
            (Outcome::Ok, None) => Some(format!("answered with status {}", self.status)),
            (Outcome::Ok, Some(problem)) => Some(problem.clone()),
            (outcome, Some(problem)) => Some(format!("{outcome}: {problem}")),
            (outcome, None) => Some(outcome.to_string()),
        }
    }
}

/// The request line that is being waited for, and the console lines that came meanwhile.
#[derive(Default)]
pub(super) struct Expected {
    line: Mutex<Option<Awaited>>,
    console: Mutex<Vec<LogLine>>,
}

struct Awaited {
    method: Method,
    path: String,
    sender: oneshot::Sender<RequestLine>,
}

impl Expected {
    fn expect(&self, method: Method, path: String) -> oneshot::Receiver<RequestLine> {
        let (sender, line) = oneshot::channel();
        self.console.lock().unwrap_or_else(PoisonError::into_inner).clear();
        *self.line.lock().unwrap_or_else(PoisonError::into_inner) = Some(Awaited { method, path, sender });
        line
    }

    /// Takes a line if it is the one. A worker that calls itself has lines for that too.
    pub(super) fn came(&self, line: RequestLine) {
        let mut awaited = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |awaited: &mut Awaited| awaited.method == line.method && awaited.path == line.path;
        if let Some(Awaited { sender, .. }) = awaited.take_if(is_it) {
            // Whoever waited may have given up.
            let _ = sender.send(line);
        }
    }

    /// Keeps a line of the console; the limit on an invocation's output bounds them.
    pub(super) fn said(&self, line: LogLine) {
        self.console.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    fn console(&self) -> Vec<LogLine> {
        std::mem::take(&mut *self.console.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Sends `request` and waits for its answer and its account.
pub(super) async fn send(
    site: &Arc<Site>,
    expected: &Expected,
    request: &TrialRequest,
    seed: Option<Seed>,
) -> Result<Exchange> {
    let mut request = request.to_http()?;
    if let Some(seed) = seed {
        request.extensions_mut().insert(seed);
    }
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let line = expected.expect(request.method().clone(), path);
    let started = Instant::now();
    let (head, body) = dispatch(site.clone(), request).await.into_parts();
    let Read { body, first_byte, broken } = read(body, started).await;
    let whole = started.elapsed();
    let line = line.await.context("the request ended without an account")?;
    Ok(Exchange {
        status: head.status.as_u16(),
        headers: head.headers,
        body,
        usage: line.usage,
        outcome: line.outcome,
        first_byte: first_byte.unwrap_or(whole),
        whole,
        problem: line.problem.or(broken),
        profile: line.profile,
        console: expected.console(),
    })
}

/// A body as far as it came.
struct Read {
    body: Bytes,
    first_byte: Option<Duration>,
    broken: Option<String>,
}

async fn read(mut body: EdgeBody, started: Instant) -> Read {
    let (mut bytes, mut first_byte, mut broken) = (BytesMut::new(), None, None);
    while let Some(frame) = body.frame().await {
        let data = match frame {
            Ok(frame) => frame.into_data().unwrap_or_default(),
            Err(error) => {
                broken = Some(error.to_string());
                break;
            }
        };
        if !data.is_empty() {
            first_byte.get_or_insert_with(|| started.elapsed());
        }
        if bytes.len() + data.len() > LONGEST_BODY {
            broken = Some(format!("the answer has more than {LONGEST_BODY} bytes"));
            break;
        }
        bytes.extend_from_slice(&data);
    }
    Read { body: bytes.freeze(), first_byte, broken }
}
