//! A request's body, with a bound on how slowly it may come.

use crate::edge::h3::{Http3Body, Http3BodyError};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// Bytes a second that a client may not stay below for longer than its patience lasts.
const LEAST_RATE: u64 = 512;

/// What reading a body can end with.
#[derive(Debug)]
pub enum BodyError {
    /// The connection was lost, or what came is no body.
    Connection(hyper::Error),
    /// The same in HTTP/3.
    Http3(Http3BodyError),
    /// The client let the server wait too long.
    TooSlow,
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection(error) => error.fmt(f),
            Self::Http3(error) => error.fmt(f),
            Self::TooSlow => f.write_str("the request's body came too slowly"),
        }
    }
}

impl std::error::Error for BodyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Connection(error) => error.source(),
            Self::Http3(_) | Self::TooSlow => None,
        }
    }
}

/// A body that fails when its client lets the server wait too long: `patience` in all, and a second more for each
/// 512 bytes that came.
pub struct RequestBody {
    body: Source,
    patience: Duration,
    received: u64,
    waited: Duration,
    /// Since when and how long there has been nothing to read.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

enum Source {
    Hyper(Incoming),
    Http3(Box<Http3Body>),
}

impl RequestBody {
    pub(super) fn new(body: Incoming, patience: Duration) -> Self {
        Self::from(Source::Hyper(body), patience)
    }

    /// The body of a request of HTTP/3.
    pub fn http3(body: Http3Body, patience: Duration) -> Self {
        Self::from(Source::Http3(Box::new(body)), patience)
    }

    fn from(body: Source, patience: Duration) -> Self {
        Self { body, patience, received: 0, waited: Duration::ZERO, waiting: None }
    }

    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let allowed = self.patience + Duration::from_secs(self.received / LEAST_RATE);
        let left = allowed.saturating_sub(self.waited);
        let (_, sleep) = self.waiting.get_or_insert_with(|| (Instant::now(), Box::pin(tokio::time::sleep(left))));
        sleep.as_mut().poll(cx)
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = match &mut self.body {
            Source::Hyper(body) => Pin::new(body).poll_frame(cx).map_err(BodyError::Connection),
            Source::Http3(body) => Pin::new(body).poll_frame(cx).map_err(BodyError::Http3),
        };
        match frame {
            Poll::Pending => {
                ready!(self.wait(cx));
                Poll::Ready(Some(Err(BodyError::TooSlow)))
            }
            Poll::Ready(frame) => {
                if let Some((since, _)) = self.waiting.take() {
                    self.waited += since.elapsed();
                }
                if let Some(Ok(frame)) = &frame {
                    self.received += frame.data_ref().map_or(0, |data| data.len() as u64);
                }
                Poll::Ready(frame)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.body {
            Source::Hyper(body) => body.is_end_stream(),
            Source::Http3(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Source::Hyper(body) => body.size_hint(),
            Source::Http3(body) => body.size_hint(),
        }
    }
}
