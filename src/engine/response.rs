//! The response's body on its way out of the sandbox.

use super::deadline::{Delivery, ResponseEnd};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use wasmtime_wasi_http::{Error, WasiBody};

/// A body that tells the sandbox's side how it ended.
pub struct ResponseBody {
    inner: WasiBody,
    end: Arc<ResponseEnd>,
    /// Bytes handed on so far.
    sent: u64,
    /// Bytes after which the server stops asking, since it knows the length.
    expected: Option<u64>,
}

/// Why a body broke off.
#[derive(Debug)]
pub enum BodyError {
    /// The worker was stopped, or gave up, before its body was complete.
    Incomplete,
    /// What the worker passes on from elsewhere broke off.
    Source(Error),
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete => f.write_str("the worker ended before its response body was complete"),
            Self::Source(error) => write!(f, "the response body broke off: {error}"),
        }
    }
}

impl std::error::Error for BodyError {}

impl ResponseBody {
    /// `expected` is the length that the response's head states, 0 where the request wants no body.
    pub(super) fn new(inner: WasiBody, end: Arc<ResponseEnd>, expected: Option<u64>) -> Self {
        Self { inner, end, sent: 0, expected }
    }

    fn has_all(&self) -> bool {
        self.expected.is_some_and(|expected| self.sent >= expected)
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = std::task::ready!(Pin::new(&mut self.inner).poll_frame(cx));
        Poll::Ready(match frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.sent += data.len() as u64;
                }
                Some(Ok(frame))
            }
            Some(Err(error)) => {
                self.end.end(Delivery::Complete);
                Some(Err(BodyError::Source(error)))
            }
            None if self.end.is_broken() && !self.has_all() => Some(Err(BodyError::Incomplete)),
            None => {
                self.end.end(Delivery::Complete);
                None
            }
        })
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for ResponseBody {
    fn drop(&mut self) {
        // A body of known length is dropped by the server once its bytes are written, before its end is polled.
        self.end.end(if self.has_all() { Delivery::Complete } else { Delivery::ClientLeft });
    }
}
