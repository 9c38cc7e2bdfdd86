//! A body that arrives over the network.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use wasip2::http::types::IncomingBody;
use wasip2::io::poll::Pollable;
use wasip2::io::streams::{InputStream, StreamError};

use super::{BodyError, Side};
use crate::reactor::Ready;

/// Bytes asked for at a time: what a host's buffer usually holds, and small beside the memory limit.
const CHUNK: u64 = 64 * 1024;

// The order of the fields is the order of dropping: the host refuses to drop a parent before its child.
pub(crate) struct Incoming {
    waiting: Option<Ready>,
    pollable: Option<Rc<Pollable>>,
    pub(super) stream: InputStream,
    _body: IncomingBody,
    side: Side,
}

impl Incoming {
    /// `None` when somebody took the stream before us.
    pub(crate) fn new(body: IncomingBody, side: Side) -> Option<Self> {
        let stream = body.stream().ok()?;
        Some(Self { waiting: None, pollable: None, stream, _body: body, side })
    }

    pub(crate) fn side(&self) -> Side {
        self.side
    }

    /// The next chunk, or `None` at the end.
    pub(crate) fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, BodyError>> {
        loop {
            if let Some(waiting) = &mut self.waiting {
                ready!(Pin::new(waiting).poll(context));
                self.waiting = None;
            }
            match self.stream.read(CHUNK) {
                Ok(chunk) if chunk.is_empty() => {
                    self.waiting = Some(self.readable());
                }
                Ok(chunk) => return Poll::Ready(Ok(Some(chunk.into()))),
                Err(StreamError::Closed) => return Poll::Ready(Ok(None)),
                Err(StreamError::LastOperationFailed(error)) => {
                    return Poll::Ready(Err(BodyError::broken(self.side, &error)));
                }
            }
        }
    }

    /// Resolves when the stream has bytes or has ended.
    pub(super) fn readable(&mut self) -> Ready {
        let pollable = self.pollable.get_or_insert_with(|| Rc::new(self.stream.subscribe()));
        Ready::new(pollable.clone())
    }
}
